"""Keys of these tests are plain words, so each test starts and ends without any account."""

from collections.abc import AsyncIterator

import pytest

from tests.databases import empty


@pytest.fixture(autouse=True)
async def clean(db: str) -> AsyncIterator[None]:
    await empty()
    yield
    await empty()
