"""One running Plaudit for all journeys: a gateway and a worker, as processes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.journeys.world import World
from tests.processes import processes


@pytest.fixture(scope="session")
async def plaudit(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> AsyncIterator[World]:
    """Its tokens are named after the members."""
    folder: Path = tmp_path_factory.mktemp("plaudit")
    async with processes(f"plaudit_journeys_{worker_id}", folder) as running:
        await running.start("worker")
        yield running.world
