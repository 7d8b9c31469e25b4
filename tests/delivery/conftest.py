"""A scripted relay for these tests."""

from collections.abc import AsyncIterator

import pytest

from tests.delivery.scripted_smtp import ScriptedSmtp


@pytest.fixture
async def relay() -> AsyncIterator[ScriptedSmtp]:
    async with ScriptedSmtp().running() as server:
        yield server
