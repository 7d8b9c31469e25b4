"""Settings: all errors are reported at once, with what to write instead."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from plaudit.settings import Environment, Settings, SettingsError, checked, documented, load

ONE = "8f1d3c9a04be72655e0f7ac1d29b83e6"
TWO = "c27be4905ad1f83660947e2bd83fa51c"
GOOD = {
    "DATABASE_URL": "postgresql://me:pass@db.example.com/plaudit",
    "SECRET": ONE,
    "JWT_SECRET": TWO,
    "BASE_URL": "https://reviews.example.com",
    "SMTP_URL": "smtp://me:pass@relay.example.com:587",
}


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """An environment that is valid in production, in a folder without `.env`."""
    monkeypatch.chdir(tmp_path)
    for name, value in GOOD.items():
        monkeypatch.setenv(f"PLAUDIT_{name}", value)
    return monkeypatch


def refused(given: pytest.MonkeyPatch, **settings: str) -> str:
    """What is message of these settings, added to the good ones."""
    for name, value in settings.items():
        given.setenv(f"PLAUDIT_{name}", value)
    with pytest.raises(SettingsError) as error:
        load()
    return str(error.value)


def test_production_is_the_default_environment(given: pytest.MonkeyPatch) -> None:
    assert load().env is Environment.PRODUCTION
    given.setenv("PLAUDIT_ENV", "development")
    assert load().env is Environment.DEVELOPMENT


def test_without_a_pooler_the_direct_url_is_the_database_url(given: pytest.MonkeyPatch) -> None:
    settings = load()
    assert settings.direct_url == settings.database_url
    assert not settings.pooler


def test_all_errors_are_reported_at_once(given: pytest.MonkeyPatch) -> None:
    given.delenv("PLAUDIT_JWT_SECRET")
    message = refused(
        given, SMTP_ULR="x", BASE_URL="plaudit", SECRET="short", ENV="prod", PORT="http", ROW_SECURITY="maybe"
    ).splitlines()
    assert len(message) == 7
    assert "PLAUDIT_SMTP_ULR is not a setting; did you mean PLAUDIT_SMTP_URL?" in message
    assert "PLAUDIT_ENV must be 'demo', 'development' or 'production'." in message
    assert "PLAUDIT_JWT_SECRET is not set; generate one with: openssl rand -hex 32." in message
    assert any("openssl rand" in line for line in message)


def test_all_errors_of_production_are_reported_at_once(given: pytest.MonkeyPatch) -> None:
    given.delenv("PLAUDIT_SMTP_URL")
    message = refused(
        given, BASE_URL="http://127.0.0.1:8000", SECRET="changeme" * 4, JWT_SECRET="changeme" * 4, ALLOWED_ORIGINS="*"
    )
    assert [line.split()[0].removeprefix("PLAUDIT_") for line in message.splitlines()] == [
        "BASE_URL", "SECRET", "JWT_SECRET", "SMTP_URL", "ALLOWED_ORIGINS",
    ]  # fmt: skip


def test_development_requires_no_base_url_relay_or_strong_secrets(given: pytest.MonkeyPatch) -> None:
    for name in ("BASE_URL", "SMTP_URL"):
        given.delenv(f"PLAUDIT_{name}")
    for name, value in {
        "ENV": "development",
        "SECRET": "s" * 32,
        "JWT_SECRET": "s" * 32,
        "ALLOWED_ORIGINS": "*",
    }.items():
        given.setenv(f"PLAUDIT_{name}", value)
    settings = load()
    assert (settings.base_url, settings.smtp_url) == ("http://127.0.0.1:8000", "smtp://127.0.0.1:25?tls=none")


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("localhost", "http://localhost:8123"),
        ("0.0.0.0", "http://127.0.0.1:8123"),  # noqa: S104 - nothing binds it
        ("::", "http://[::1]:8123"),
        ("::1", "http://[::1]:8123"),
    ],
)
def test_in_development_links_follow_the_gateways_host_and_port(given: pytest.MonkeyPatch, host: str, url: str) -> None:
    given.delenv("PLAUDIT_BASE_URL")
    given.setenv("PLAUDIT_ENV", "development")
    assert load(host=host, port=8123).base_url == url


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("BASE_URL", "http://reviews.example.com", "must begin with https:// in production"),
        ("BASE_URL", "http://127.0.0.1:8000", "for a local trial set PLAUDIT_ENV=development"),
        ("BASE_URL", "", "is not set"),
        ("SMTP_URL", "", "is not set; write smtp://"),
        ("SMTP_URL", "smtp://me:pass@relay.example.com?tls=none", "write tls=starttls or tls=required"),
        ("SECRET", "a" * 64, "different characters"),
        ("SECRET", "0123456789abcdef" * 2, "repeats itself"),
        ("SECRET", "abcdefghijklmnopqrstuvwxyz123456", "counts up or down"),
        ("SECRET", "changeme-9f8e7d6c5b4a39281706f5e4", "the word changeme"),
        ("SECRET", f"{ONE},{'b' * 32}", "different characters"),
        ("JWT_SECRET", "please-replace-this-8f1d3c9a04be7", "the word replace"),
        ("JWT_SECRET", ONE, "must differ from PLAUDIT_SECRET"),
        ("JWT_SECRET", f"{TWO},{ONE}", "must differ from PLAUDIT_SECRET"),
        ("ALLOWED_ORIGINS", "https://app.example.com,*", "list each origin"),
    ],
)
def test_production_refuses(given: pytest.MonkeyPatch, name: str, value: str, says: str) -> None:
    message = refused(given, **{name: value})
    assert message.startswith(f"PLAUDIT_{name} ")
    assert says in message
    given.setenv("PLAUDIT_ENV", "development")
    load()


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("DATABASE_URL", "postgresql://me:pa#ss@host/plaudit", "# as %23"),
        ("DATABASE_URL", "postgresql://host/plaudit?ssl=true", "write sslmode=require"),
        ("DIRECT_DATABASE_URL", "postgresql://host/plaudit?sslmode=on", "write one of disable, allow"),
        ("SMTP_URL", "smtp://me:pa/ss@host", "/ as %2F"),
        ("RESOLVER", "dns.example.com", "is not the address of a resolver; write an IP address"),
        ("BASE_URL", "https://bewertung.bäckerei.example", "write bewertung.xn--bckerei-5wa.example"),
        ("ALLOWED_ORIGINS", "https://example.com,https://app.example.com/", "write https://app.example.com"),
        ("BUY_MORE_URL", "javascript:alert(1)", "must begin with https://"),
        ("SECRET", "", "is not set"),
        ("SECRET", " , ", "at least 32 characters"),
        ("JWT_SECRET", f"{TWO},short", "at least 32 characters"),
    ],
)
@pytest.mark.parametrize("env", ["production", "development"])
def test_every_environment_refuses(given: pytest.MonkeyPatch, env: str, name: str, value: str, says: str) -> None:
    message = refused(given, ENV=env, **{name: value})
    assert message.startswith(f"PLAUDIT_{name} ")
    assert says in message


def test_secrets_are_never_in_the_message(given: pytest.MonkeyPatch) -> None:
    for password in ("hunter2", "hunt#er2", "hunter%", "hu@nter2"):
        message = refused(
            given,
            SECRET="hunter2",
            SMTP_URL=f"smtp://me:{password}@host?tls=maybe",
            DATABASE_URL=f"mysql://me:{password}@host/x",
            BASE_URL=f"https://me:{password}@host",
        )
        assert len(message.splitlines()) == 4
        assert "hunt" not in message
        assert "hu@" not in message


def test_row_security_with_a_pooler_is_refused(given: pytest.MonkeyPatch) -> None:
    message = refused(given, ROW_SECURITY="on", DIRECT_DATABASE_URL=GOOD["DATABASE_URL"])
    assert message.startswith("PLAUDIT_ROW_SECURITY must be off with a pooler")


def test_an_empty_setting_counts_as_not_set(given: pytest.MonkeyPatch) -> None:
    given.setenv("PLAUDIT_DIRECT_DATABASE_URL", "")
    given.setenv("PLAUDIT_PORT", "")
    assert (load().direct_database_url, load().port) == (None, 8000)


def test_the_demos_tokens_and_the_tests_database_are_not_settings(given: pytest.MonkeyPatch) -> None:
    given.setenv("PLAUDIT_TOKEN_OWNER", "x")
    given.setenv("PLAUDIT_TEST_DATABASE_URL", "x")
    assert load()


@pytest.mark.parametrize(
    ("env", "introspection", "revealed"),
    [("production", None, False), ("production", "on", True), ("demo", None, True), ("development", "off", False)],
)
def test_introspection_is_off_by_default_only_in_production(
    given: pytest.MonkeyPatch, env: str, introspection: str | None, revealed: bool
) -> None:
    given.setenv("PLAUDIT_ENV", env)
    if introspection:
        given.setenv("PLAUDIT_INTROSPECTION", introspection)
    assert load().introspects is revealed


def test_the_env_file_is_read_and_its_unknown_names_are_refused(given: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PLAUDIT_PORT=8123\nOTHERS=1\n")
    assert load().port == 8123
    (tmp_path / ".env").write_text("PLAUDIT_PROT=8123\n")
    with pytest.raises(SettingsError, match="did you mean PLAUDIT_PORT"):
        load()


def test_the_environment_overrides_the_env_file(given: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PLAUDIT_PORT=8123\n")
    given.setenv("PLAUDIT_PORT", "8124")
    assert load().port == 8124


def test_an_env_file_that_is_not_utf_8_is_refused(given: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("PLAUDIT_HOST=bäckerei".encode("latin-1"))
    with pytest.raises(SettingsError, match=r"\.env cannot be read"):
        load()


def test_older_secrets_follow_after_commas(given: pytest.MonkeyPatch) -> None:
    given.setenv("PLAUDIT_SECRET", f"{ONE}, 0{ONE}")
    given.setenv("PLAUDIT_JWT_SECRET", f"{TWO},0{TWO}")
    assert (load().secret, load().jwt_secret) == ((ONE, f"0{ONE}"), (TWO, f"0{TWO}"))


def test_given_settings_need_no_environment(given: pytest.MonkeyPatch) -> None:
    given.setenv("PLAUDIT_PORT", "1234")
    settings = checked({name.lower(): value for name, value in GOOD.items()})
    assert settings.port == 8000


def test_settings_are_frozen(given: pytest.MonkeyPatch) -> None:
    settings = load()
    with pytest.raises(ValidationError):
        settings.port = 1  # type: ignore[misc]


def test_docs_settings_is_up_to_date() -> None:
    kept = Path(__file__).parents[2] / "docs" / "settings.md"
    assert kept.read_text() == documented(), "run: make settings"


def test_every_setting_has_a_description() -> None:
    assert all(field.description for field in Settings.model_fields.values())


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("bounces", "is not an e-mail address: "),
        ("bounces+all@example.org", "no + before the @"),
        ("undeliverable@example.org", "has up to 11 characters"),
    ],
)
def test_a_bounce_address_without_room_for_the_key_is_refused(
    given: pytest.MonkeyPatch, address: str, words: str
) -> None:
    message = refused(given, BOUNCE_ADDRESS=address)
    assert (message.startswith("PLAUDIT_BOUNCE_ADDRESS "), words in message) == (True, True)


def test_a_key_for_dkim_that_cannot_be_read_is_refused(given: pytest.MonkeyPatch) -> None:
    assert refused(given, DKIM_KEYS="example.org:mail:/nowhere.pem") == (
        "PLAUDIT_DKIM_KEYS has a key that cannot be read: /nowhere.pem: No such file or directory."
    )


def test_the_sender_of_sign_in_links_is_stored_as_an_address(given: pytest.MonkeyPatch) -> None:
    assert refused(given, SIGN_IN_FROM="plaudit").startswith("PLAUDIT_SIGN_IN_FROM is not an e-mail address: ")
    given.setenv("PLAUDIT_SIGN_IN_FROM", "Plaudit@Example.org")
    assert load().sign_in_from == "plaudit@example.org"


@pytest.mark.parametrize(
    ("issuer", "words"),
    [
        ("http://id.example.org", "must begin with https:// in production."),
        ("id.example.org", "must begin with https:// (or http://) and a host."),
        (
            "https://me@id.example.org",
            "has a user, query or fragment; write the issuer alone, as https://id.example.org.",
        ),
        (
            "https://id.example.org/?x",
            "has a user, query or fragment; write the issuer alone, as https://id.example.org.",
        ),
    ],
)
def test_an_issuer_that_cannot_be_one_is_refused(given: pytest.MonkeyPatch, issuer: str, words: str) -> None:
    assert refused(given, OIDC_ISSUER=issuer, OIDC_CLIENT_ID="plaudit") == f"PLAUDIT_OIDC_ISSUER {words}"


def test_an_issuer_needs_the_clients_id_and_keeps_its_slash(given: pytest.MonkeyPatch) -> None:
    assert refused(given, OIDC_ISSUER="https://id.example.org/").startswith("PLAUDIT_OIDC_CLIENT_ID is not set; ")
    given.setenv("PLAUDIT_OIDC_CLIENT_ID", "plaudit")
    given.setenv("PLAUDIT_OIDC_ISSUER", "https://id.example.org/")
    assert load().oidc_issuer == "https://id.example.org/"
