"""Settings: wrong ones are told all at once, with what to write instead."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from plaudit.settings import RelayAddress, Settings, SettingsError, Tls, documented, load, relay_address

LONG = "a secret of the tests that is long enough"
GOOD = {"DATABASE_URL": "postgresql://me:pass@db.example.com/plaudit", "SECRET": LONG, "JWT_SECRET": LONG}


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """An environment with what must be set, in a folder without `.env`."""
    monkeypatch.chdir(tmp_path)
    for name, value in GOOD.items():
        monkeypatch.setenv(f"PLAUDIT_{name}", value)
    return monkeypatch


def test_what_must_be_set_is_enough(given: pytest.MonkeyPatch) -> None:
    settings = load()
    assert settings.direct_url == settings.database_url
    assert not settings.pooler


def test_everything_that_is_wrong_is_told_at_once(given: pytest.MonkeyPatch) -> None:
    given.delenv("PLAUDIT_JWT_SECRET")
    for name, value in {"SMTP_ULR": "x", "BASE_URL": "plaudit", "SECRET": "short", "ENV": "prod"}.items():
        given.setenv(f"PLAUDIT_{name}", value)
    with pytest.raises(SettingsError) as refused:
        load()
    told = str(refused.value).splitlines()
    assert len(told) == 5
    assert "PLAUDIT_SMTP_ULR is no setting; did you mean PLAUDIT_SMTP_URL?" in told
    assert any(line.startswith("PLAUDIT_JWT_SECRET is not set.") for line in told)
    assert any("openssl rand" in line for line in told)
    assert any("production" in line for line in told)


def test_a_secret_is_not_repeated_in_what_is_told(given: pytest.MonkeyPatch) -> None:
    given.setenv("PLAUDIT_SECRET", "hunter2")
    given.setenv("PLAUDIT_SMTP_URL", "smtp://me:hunter2@host?tls=maybe")
    given.setenv("PLAUDIT_DATABASE_URL", "mysql://me:hunter2@host/x")
    with pytest.raises(SettingsError) as refused:
        load()
    assert "hunter2" not in str(refused.value)


def test_the_demo_s_tokens_and_the_tests_database_are_no_settings(given: pytest.MonkeyPatch) -> None:
    given.setenv("PLAUDIT_TOKEN_OWNER", "x")
    given.setenv("PLAUDIT_TEST_DATABASE_URL", "x")
    assert load()


@pytest.mark.parametrize(
    ("env", "introspection", "told"),
    [("production", None, False), ("production", "on", True), ("demo", None, True), ("development", "off", False)],
)
def test_the_schema_is_told_but_for_production_unless_something_else_is_asked_for(
    given: pytest.MonkeyPatch, env: str, introspection: str | None, told: bool
) -> None:
    given.setenv("PLAUDIT_ENV", env)
    if introspection:
        given.setenv("PLAUDIT_INTROSPECTION", introspection)
    assert load().introspects is told


def test_a_file_is_read_and_its_unknown_names_are_refused(given: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PLAUDIT_PORT=8123\nOTHERS=1\n")
    assert load().port == 8123
    (tmp_path / ".env").write_text("PLAUDIT_PROT=8123\n")
    with pytest.raises(SettingsError, match="did you mean PLAUDIT_PORT"):
        load()


def test_older_secrets_stand_behind_the_first(given: pytest.MonkeyPatch) -> None:
    given.setenv("PLAUDIT_SECRET", f"{LONG}1, {LONG}2")
    assert load().secret == (f"{LONG}1", f"{LONG}2")


def test_settings_are_frozen(given: pytest.MonkeyPatch) -> None:
    settings = load()
    with pytest.raises(ValidationError):
        settings.port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("smtp://host", RelayAddress("host", 25, None, None, Tls.STARTTLS)),
        ("smtp://host?tls=required", RelayAddress("host", 465, None, None, Tls.REQUIRED)),
        ("smtp://a%40b:p%2Fw@host:2525?tls=none", RelayAddress("host", 2525, "a@b", "p/w", Tls.NONE)),
    ],
)
def test_a_relay_s_address_is_read(url: str, address: RelayAddress) -> None:
    assert relay_address(url) == address


@pytest.mark.parametrize("url", ["", "host:25", "https://host", "smtp://host?tls=yes", "smtp://host:port"])
def test_what_is_no_relay_s_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"write smtp://"):
        relay_address(url)


def test_the_document_is_fresh() -> None:
    kept = Path(__file__).parents[2] / "docs" / "settings.md"
    assert kept.read_text() == documented(), "run: make settings"


def test_every_setting_has_a_line_of_help() -> None:
    assert all(field.description for field in Settings.model_fields.values())
