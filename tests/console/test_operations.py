"""The manifest of the console's operations."""

import hashlib
import json
from pathlib import Path

from playwright.async_api import Request

from tests.console.looking import Console

MANIFEST = Path(__file__).parents[2] / "console" / "dist" / "operations.json"


async def test_what_the_console_asks_is_in_its_manifest(console: Console) -> None:
    asked: set[str] = set()

    def note(request: Request) -> None:
        if request.url.endswith("/graphql") and request.post_data:
            asked.add(json.loads(request.post_data)["query"])

    console.page.on("request", note)
    page = await console.sign_in("owner")
    await page.get_by_role("button", name="Activity of").first.click()
    await page.locator(".timeline li").first.wait_for()
    manifest = json.loads(MANIFEST.read_text())
    assert len(asked) >= 4  # who it is, the page, a customer, and the live timeline
    assert asked <= set(manifest.values())


def test_operations_are_named_and_found_by_their_hash() -> None:
    manifest = json.loads(MANIFEST.read_text())
    assert all(key == f"sha256:{hashlib.sha256(text.encode()).hexdigest()}" for key, text in manifest.items())
    names = [text.partition("(")[0].partition("{")[0].split() for text in manifest.values()]
    assert all(len(name) == 2 for name in names), names
    assert len({name for _, name in names}) == len(manifest)
