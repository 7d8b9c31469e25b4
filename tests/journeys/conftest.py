"""A gateway process and a worker process for all journeys."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.journeys.world import World
from tests.processes import processes


@pytest.fixture(
    scope="session", params=["off", pytest.param("on", marks=pytest.mark.long)], ids="row-security-{}".format
)
async def plaudit(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> AsyncIterator[World]:
    """A running Plaudit with a token for each member, by name."""
    folder: Path = tmp_path_factory.mktemp("plaudit")
    name = f"plaudit_journeys_{worker_id}_{request.param}"
    async with processes(name, folder, PLAUDIT_ROW_SECURITY=request.param) as running:
        await running.start("worker")
        yield running.world
