"""What the documents show works as shown."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.routing import Route, WebSocketRoute

from models.connection import WORK, execute, pool
from plaudit.app import create_app
from plaudit.settings import Settings
from provisioning import apply
from tests.gateway import settings

ROOT = Path(__file__).parents[2]
OPERATING = ROOT / "docs/operating.md"


@pytest.fixture
async def clean(db: str) -> AsyncIterator[None]:
    yield
    await execute(pool(WORK), "truncate account, app_user cascade")


@pytest.mark.usefixtures("clean")
async def test_the_example_of_the_file_of_accounts_applies_and_then_changes_nothing() -> None:
    example = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/apply.md").read_text("utf-8"), re.DOTALL)[0]
    assert any("my-business" in change for change in (await apply(example)).made)
    assert (await apply(example)).made == []


def test_every_link_between_documents_leads_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    links = [(page, link) for page in pages for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8"))]
    assert links
    assert [str(link) for page, link in links if not (page.parent / link).exists()] == []


def test_the_operators_guide_names_real_settings_only() -> None:
    named = set(re.findall(r"PLAUDIT_[A-Z_]+[A-Z]", OPERATING.read_text("utf-8")))
    assert named - {f"PLAUDIT_{field.upper()}" for field in Settings.model_fields} == set()
    assert {"PLAUDIT_DATABASE_URL", "PLAUDIT_SECRET", "PLAUDIT_BASE_URL"} <= named


def test_the_operators_proxy_forwards_the_gateways_routes_and_not_readyz(db: str) -> None:
    routes = {route.path for route in create_app(settings(db)).routes if isinstance(route, Route | WebSocketRoute)}
    locations = re.findall(r"^ +location (=|~) (\S+)", OPERATING.read_text("utf-8"), re.MULTILINE)
    forwarded = {path for path in routes for kind, place in locations if _matches(kind, place, path)}
    assert forwarded == routes - {"/readyz"}
    assert all(any(_matches(kind, place, path) for path in routes) for kind, place in locations)


def _matches(kind: str, place: str, path: str) -> bool:
    return path == place if kind == "=" else re.search(place, path) is not None
