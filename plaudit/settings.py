"""Every PLAUDIT_* setting: name, type, default and a line of help; wrong and unknown ones are told all at once."""

import difflib
import os
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from dotenv import dotenv_values
from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "PLAUDIT_"
ENV_FILE = ".env"
_OTHERS = ("PLAUDIT_TOKEN_", "PLAUDIT_TEST_DATABASE_URL")
"""Names that may stand in the environment without being settings: the demo's tokens, the tests' database."""


class Environment(StrEnum):
    DEMO = "demo"
    DEVELOPMENT = "development"
    PRODUCTION = "production"


class Tls(StrEnum):
    """required: from the first byte; starttls: after the greeting, or not at all; none: never."""

    REQUIRED = "required"
    STARTTLS = "starttls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class RelayAddress:
    """Where mail is handed over, and as whom."""

    host: str
    port: int
    username: str | None
    password: str | None
    tls: Tls


class SettingsError(ValueError):
    """What is wrong with the settings, one sentence a line."""


class Settings(BaseSettings):
    """The settings of a process."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=ENV_FILE, extra="ignore", frozen=True)

    env: Environment = Field(Environment.DEVELOPMENT, description="demo, development or production.")
    database_url: str = Field(
        description="The PostgreSQL to use, as in postgresql://user:password@host:5432/name. "
        "With a pooler in transaction mode: the pooler's address."
    )
    direct_database_url: str | None = Field(
        None, description="Beside a pooler: PostgreSQL's own address, for LISTEN, jobs and migrations."
    )
    base_url: str = Field(
        "http://127.0.0.1:8000", description="What links in messages begin with; no slash at its end."
    )
    secret: Annotated[tuple[str, ...], NoDecode] = Field(
        description="At least 32 characters, from which the keys for links and cursors are derived; after a comma older ones, "
        "which are still accepted."
    )
    jwt_secret: str = Field(min_length=32, description="At least 32 characters, with which HS256 tokens are signed.")
    account_claim: str = Field("account", description="The claim of a token that names the acting account's id.")
    smtp_url: str = Field(
        "smtp://127.0.0.1:25?tls=none",
        description="The relay that takes mail: smtp://user:password@host:port?tls=required|starttls|none "
        "(starttls when left out).",
    )
    smtp_connections: int = Field(4, ge=1, le=50, description="How many connections to the relay a worker keeps.")
    host: str = Field("127.0.0.1", description="The address that the gateway listens on.")
    port: int = Field(8000, ge=1, le=65535, description="The port that the gateway listens on.")
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Origins of frontends on other hosts, with commas between them."
    )
    introspection: Literal["on", "off"] | None = Field(
        None,
        description="on or off: whether the schema is told to whoever asks it. Left out: off in production, else on.",
    )
    row_security: bool = Field(
        False,
        description="on or off: whether the database itself shows the gateway the rows of those accounts alone that a "
        "request has opened, as a second lock (docs/decisions/0006). Not behind a pooler.",
    )
    buy_more_url: str | None = Field(None, description="Where a boost can be bought; shown to Owner and Admin.")
    worker_lease_seconds: float = Field(
        60.0, ge=1, le=600, description="How long a worker may keep a message before another one looks after it."
    )

    @field_validator("secret", "allowed_origins", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("secret")
    @classmethod
    def _long_enough(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value or any(len(secret) < 32 for secret in value):
            raise ValueError("must have at least 32 characters; make one with: openssl rand -hex 32")
        return value

    @field_validator("database_url", "direct_database_url")
    @classmethod
    def _postgresql(cls, value: str | None) -> str | None:
        if value is not None and not _is_postgresql(urlsplit(value)):
            raise ValueError("must be written as postgresql://user:password@host:5432/name")
        return value

    @field_validator("base_url")
    @classmethod
    def _http(cls, value: str) -> str:
        if urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).netloc:
            raise ValueError("must begin with https:// (or http://) and a host")
        return value.rstrip("/")

    @field_validator("smtp_url")
    @classmethod
    def _smtp(cls, value: str) -> str:
        relay_address(value)
        return value

    @model_validator(mode="after")
    def _wall_without_pooler(self) -> "Settings":
        if self.row_security and self.pooler:
            raise ValueError(
                "PLAUDIT_ROW_SECURITY=on needs PostgreSQL's own address: a pooler drops the role that it goes by; "
                "set it to off, or leave PLAUDIT_DIRECT_DATABASE_URL out."
            )
        return self

    @property
    def direct_url(self) -> str:
        return self.direct_database_url or self.database_url

    @property
    def introspects(self) -> bool:
        return self.introspection == "on" or (self.introspection is None and self.env is not Environment.PRODUCTION)

    @property
    def pooler(self) -> bool:
        return self.direct_database_url is not None

    @property
    def relay(self) -> RelayAddress:
        return relay_address(self.smtp_url)


def relay_address(url: str) -> RelayAddress:
    """Raises ValueError with what to write instead."""
    form = "write smtp://user:password@host:port?tls=required|starttls|none"
    at = urlsplit(url)
    if at.scheme != "smtp" or not at.hostname or not _has_good_port(at):
        raise ValueError(f"is no address of a relay; {form}")
    tls = parse_qs(at.query).get("tls", ["starttls"])[-1]
    if tls not in set(Tls):
        raise ValueError(f"tls={tls} is not known; {form}")
    username = unquote(at.username) if at.username else None
    password = unquote(at.password) if at.password else None
    return RelayAddress(at.hostname, at.port or (465 if tls == Tls.REQUIRED else 25), username, password, Tls(tls))


def _is_postgresql(at: SplitResult) -> bool:
    return at.scheme in ("postgresql", "postgres") and bool(at.hostname and at.path[1:]) and _has_good_port(at)


def _has_good_port(at: SplitResult) -> bool:
    try:
        return at.port != 0
    except ValueError:
        return False


def load(**given: Any) -> Settings:
    """The settings of this environment and of `.env`; `given` stands before it. Raises SettingsError with all that is wrong."""
    names = {name.upper() for name in (*os.environ, *dotenv_values(ENV_FILE))}
    wrong = [_unknown(name) for name in sorted(names) if _is_unknown(name)]
    try:
        settings = Settings(**given)
    except ValidationError as error:
        wrong += [_sentence(one) for one in error.errors()]
        settings = None
    if wrong or settings is None:
        raise SettingsError("\n".join(wrong))
    return settings


def _is_unknown(name: str) -> bool:
    if not name.startswith(PREFIX) or name.startswith(_OTHERS):
        return False
    return name.removeprefix(PREFIX).lower() not in Settings.model_fields


def _unknown(name: str) -> str:
    known = [f"{PREFIX}{field.upper()}" for field in Settings.model_fields]
    near = difflib.get_close_matches(name, known, n=1)
    return f"{name} is no setting" + (f"; did you mean {near[0]}?" if near else "; see docs/settings.md.")


def _sentence(error: Any) -> str:
    if not error["loc"]:  # of several settings together
        return str(error["msg"].removeprefix("Value error, "))
    name = f"{PREFIX}{str(error['loc'][0]).upper()}"
    if error["type"] == "missing":
        return f"{name} is not set. {Settings.model_fields[error['loc'][0]].description}"
    return f"{name} {error['msg'].removeprefix('Value error, ')}"


def documented() -> str:
    """docs/settings.md."""
    lines = [
        "# Settings",
        "",
        "Printed from `plaudit/settings.py` by `make settings`. Each is an environment variable, or a line of a file `.env`.",
        "Unknown or wrong ones are refused at the start, all at once, with what to write instead.",
        "",
        "| name | default | what it is |",
        "| --- | --- | --- |",
    ]
    for name, field in Settings.model_fields.items():
        default = "must be set" if field.is_required() else _shown(field.default)
        lines.append(
            f"| `{PREFIX}{name.upper()}` | {default} | {field.description} |".replace("|none", "\\|none").replace(
                "|starttls", "\\|starttls"
            )
        )
    return "\n".join(lines) + "\n"


def _shown(value: object) -> str:
    if value is False:
        return "`off`"
    return f"`{value}`" if value not in (None, ()) else "none"


if __name__ == "__main__":
    print(documented(), end="")
