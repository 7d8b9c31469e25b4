"""Examples and links in the documents work."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from plaudit.settings import Settings
from provisioning import apply
from tests.databases import empty

ROOT = Path(__file__).parents[2]
OPERATING = ROOT / "docs/operating.md"


@pytest.fixture
async def clean(db: str) -> AsyncIterator[None]:
    yield
    await empty()


@pytest.mark.usefixtures("clean")
async def test_the_example_of_the_file_of_accounts_applies_and_then_changes_nothing() -> None:
    example = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/apply.md").read_text("utf-8"), re.DOTALL)[0]
    assert any("my-business" in change for change in (await apply(example)).made)
    assert (await apply(example)).made == []


def test_every_link_between_documents_resolves() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    links = [(page, link) for page in pages for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8"))]
    assert links
    assert [str(link) for page, link in links if not (page.parent / link).exists()] == []


def test_the_operators_guide_names_real_settings_only() -> None:
    named = set(re.findall(r"PLAUDIT_[A-Z_]+[A-Z]", OPERATING.read_text("utf-8")))
    assert named - {f"PLAUDIT_{field.upper()}" for field in Settings.model_fields} == set()
    assert {"PLAUDIT_DATABASE_URL", "PLAUDIT_SECRET", "PLAUDIT_BASE_URL"} <= named


def test_the_operators_guide_quotes_what_the_code_says() -> None:
    packages = ("plaudit", "models", "delivery", "bulk_import")
    said = "".join(path.read_text("utf-8") for name in packages for path in (ROOT / name).rglob("*.py"))
    rows = OPERATING.read_text("utf-8").partition("## Troubleshoot")[2].splitlines()
    symptoms = [row.split("|")[1] for row in rows if row.startswith("|") and "Too many open files" not in row]
    quoted = [part.strip() for cell in symptoms for quote in re.findall(r"`(.+?)`", cell) for part in quote.split("…")]
    assert len(quoted) > 30
    assert [part for part in quoted if part not in said] == []
