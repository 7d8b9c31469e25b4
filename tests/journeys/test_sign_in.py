"""Signing in by mail, with real processes: a gateway, a worker and a relay."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.journeys.world import World
from tests.processes import processes


@pytest.fixture(
    scope="module", params=["off", pytest.param("on", marks=pytest.mark.long)], ids="row-security-{}".format
)
async def plaudit(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> AsyncIterator[World]:
    folder: Path = tmp_path_factory.mktemp("sign-in")
    name = f"plaudit_sign_in_{worker_id}_{request.param}"
    given = {"PLAUDIT_SIGN_IN_FROM": "plaudit@example.org", "PLAUDIT_ROW_SECURITY": request.param}
    async with processes(name, folder, **given) as running:
        await running.start("worker")
        yield running.world


async def test_a_member_signs_in_with_a_link_by_mail(plaudit: World) -> None:
    browser = "b" * 43
    async with httpx.AsyncClient(base_url=plaudit.url, timeout=30) as client:
        asked = await client.post("/sign-in/mail", json={"email": "Owner@Example.com", "browser": browser})
        assert asked.status_code == 202
        mail = await plaudit.mail_to("owner@example.com")
        found = re.search(rf"{plaudit.url}/#sign-in=(\S+)", mail.get_content())
        assert found is not None
        session = (await client.post("/sign-in/link", json={"token": found[1], "browser": browser})).json()
    plaudit.tokens["signed in"] = session["token"]
    assert (await plaudit.data("signed in", "{ account { name } }"))["account"] == {"name": "The bakery"}
