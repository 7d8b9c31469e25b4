"""Keys of these tests are plain words, so each test leaves none behind."""

from collections.abc import AsyncIterator

import pytest

from tests.databases import empty


@pytest.fixture(autouse=True)
async def clean(db: str) -> AsyncIterator[None]:
    yield
    await empty()
