"""The console's document and files, and the page where it is not built."""

import re
from pathlib import Path

import pytest

from plaudit import console
from tests.gateway import Api

DOCUMENT = '<script src="/console/app-1a2b.js" nonce="PLAUDIT_NONCE"></script><meta property="csp-nonce" nonce="PLAUDIT_NONCE">'


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a built console."""
    (tmp_path / "console").mkdir()
    (tmp_path / "index.html").write_text(DOCUMENT)
    (tmp_path / "console" / "app-1a2b.js").write_text("start()")
    (tmp_path / "console" / ".hidden").write_text("no")
    monkeypatch.setattr(console, "_PLACES", (tmp_path,))
    return tmp_path


@pytest.fixture
def nothing_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "_PLACES", ())


@pytest.mark.usefixtures("nothing_built")
async def test_without_a_console_the_page_says_how_to_build_it(api: Api) -> None:
    answer = await api.client.get("/")
    assert answer.status_code == 200
    assert "make console" in answer.text
    assert "<script" not in answer.text
    assert (await api.client.get("/console/app-1a2b.js")).status_code == 404


@pytest.mark.usefixtures("nothing_built")
async def test_the_page_says_nothing_about_who_runs_it(api: Api, db: str) -> None:
    text = (await api.client.get("/")).text
    assert not [word for word in ("127.0.0.1", "postgres", "development", "example", "tokens") if word in text]


@pytest.mark.usefixtures("files")
async def test_head_returns_no_body(api: Api) -> None:
    answer = await api.client.head("/")
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.usefixtures("files")
async def test_the_document_is_never_stored_and_has_a_nonce_of_its_own(api: Api) -> None:
    answers = [await api.client.get("/") for _ in range(2)]
    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}
    nonces = [set(re.findall(r'nonce="([^"]+)"', answer.text)) for answer in answers]
    assert [len(found) for found in nonces] == [1, 1]
    assert nonces[0] != nonces[1]
    for answer, found in zip(answers, nonces, strict=True):
        assert f"style-src 'self' 'nonce-{found.pop()}'" in answer.headers["content-security-policy"]


@pytest.mark.usefixtures("files")
async def test_the_policy_allows_only_scripts_of_its_own_files(api: Api) -> None:
    policy = (await api.client.get("/")).headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy


@pytest.mark.usefixtures("files")
async def test_its_files_are_cached_for_a_year(api: Api) -> None:
    answer = await api.client.get("/console/app-1a2b.js")
    assert (answer.status_code, answer.text) == (200, "start()")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith("text/javascript")


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    "name", ["other.js", ".hidden", "..%2findex.html", "%2e%2e%2findex.html", "a%00b", "%2fetc%2fpasswd", "a" * 300]
)
async def test_other_files_are_not_served(api: Api, name: str) -> None:
    assert (await api.client.get(f"/console/{name}")).status_code == 404


async def test_a_console_that_is_built_while_the_server_runs_is_served(api: Api, files: Path) -> None:
    (files / "index.html").unlink()
    assert "make console" in (await api.client.get("/")).text
    (files / "index.html").write_text(DOCUMENT)
    assert "csp-nonce" in (await api.client.get("/")).text
