"""Keys of these tests are plain words, so each test leaves none behind."""

from collections.abc import AsyncIterator

import pytest

from models.connection import WORK, execute, pool


@pytest.fixture(autouse=True)
async def clean(db: str) -> AsyncIterator[None]:
    yield
    await execute(pool(WORK), "truncate account, app_user cascade")
