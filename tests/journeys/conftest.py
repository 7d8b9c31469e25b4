"""One running Plaudit for all journeys: a gateway and a worker, as processes."""

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
    """Its tokens are named after the members."""
    folder: Path = tmp_path_factory.mktemp("plaudit")
    name = f"plaudit_journeys_{worker_id}_{request.param}"
    async with processes(name, folder, PLAUDIT_ROW_SECURITY=request.param) as running:
        await running.start("worker")
        yield running.world
