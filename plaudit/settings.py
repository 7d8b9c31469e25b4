"""Every PLAUDIT_* setting: name, type, default and a line of help; everything that is wrong is reported at once."""

import difflib
import os
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal

from dotenv import dotenv_values
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic.fields import FieldInfo

from plaudit import addresses
from plaudit.addresses import RelayAddress, relay_address
from plaudit.strength import weakness

PREFIX = "PLAUDIT_"
ENV_FILE = ".env"
_OTHERS = ("PLAUDIT_TOKEN_", "PLAUDIT_TEST_DATABASE_URL")
"""Names that may be in the environment without being settings: the demo's tokens, the tests' database."""
_LOCAL_URL, _LOCAL_RELAY = "http://127.0.0.1:8000", "smtp://127.0.0.1:25?tls=none"
_TRIAL = "for a local trial set PLAUDIT_ENV=development"
_GENERATE = "make one with: openssl rand -hex 32"


class Environment(StrEnum):
    DEMO = "demo"
    DEVELOPMENT = "development"
    PRODUCTION = "production"


class SettingsError(ValueError):
    """What is wrong with the settings, one sentence a line."""


def _parts(value: Any) -> Any:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _checked_by(check: Callable[[str], object]) -> AfterValidator:
    """Refuses what `check` refuses, and keeps the text."""

    def keep(value: str) -> str:
        check(value)
        return value

    return AfterValidator(keep)


Parts = Annotated[tuple[str, ...], BeforeValidator(_parts)]
"""Written with commas between them."""
DatabaseUrl = Annotated[str, _checked_by(addresses.database_address)]


class Settings(BaseModel):
    """The settings of a process. Reads no environment; `load` does."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    env: Environment = Field(
        Environment.PRODUCTION,
        description="production, development or demo. Production refuses what is only good enough for a trial: weak or equal "
        "secrets, links without https, a relay that is not named or gets its password unencrypted, `*` as an origin.",
    )
    database_url: DatabaseUrl = Field(
        description="The PostgreSQL to use, as in postgresql://user:password@host:5432/name, with the options sslmode, "
        "sslrootcert, sslcert and sslkey of libpq. With a pooler in transaction mode: the pooler's address."
    )
    direct_database_url: DatabaseUrl | None = Field(
        None, description="Beside a pooler: PostgreSQL's own address, for LISTEN, jobs and migrations."
    )
    base_url: str = Field(
        "",
        validate_default=True,
        description="What links in messages begin with: https:// and a host (in development and demo, http:// too).",
        json_schema_extra={"default": f"must be set; in development `{_LOCAL_URL}`"},
    )
    secret: Parts = Field(
        description="At least 32 characters, from which the keys for links and cursors are derived; after a comma older ones, "
        "which are still accepted."
    )
    jwt_secret: Parts = Field(
        description="At least 32 characters, with which HS256 tokens are signed; after a comma older ones, which are still "
        "accepted. Not PLAUDIT_SECRET."
    )
    jwt_audience: str | None = Field(
        None,
        description="The audience that a token must name in its claim aud. Left out: aud is not looked at.",
    )
    account_claim: str = Field("account", description="The claim of a token that names the acting account's id.")
    smtp_url: str = Field(
        "",
        validate_default=True,
        description="The relay that takes mail: smtp://user:password@host:port?tls=required|starttls|none "
        "(starttls when left out).",
        json_schema_extra={"default": f"must be set; in development `{_LOCAL_RELAY}`"},
    )
    smtp_connections: int = Field(4, ge=1, le=50, description="How many connections to the relay a worker keeps.")
    host: str = Field("127.0.0.1", description="The address that the gateway listens on.")
    port: int = Field(8000, ge=1, le=65535, description="The port that the gateway listens on.")
    allowed_origins: Parts = Field(
        (),
        description="Origins of frontends on other hosts, as in https://app.example.com, with commas between them.",
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

    @field_validator("base_url")
    @classmethod
    def _base_url(cls, value: str, info: ValidationInfo) -> str:
        if not value and not _in_production(info):
            return _LOCAL_URL
        if not value:
            raise ValueError(f"is not set; write https:// and the host of your links, or {_TRIAL}")
        value = addresses.base_url(value)
        if _in_production(info) and not value.startswith("https://"):
            raise ValueError(f"must begin with https:// in production; {_TRIAL}")
        return value

    @field_validator("secret", "jwt_secret")
    @classmethod
    def _strong(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if not value or any(len(secret) < 32 for secret in value):
            raise ValueError(f"must have at least 32 characters; {_GENERATE}")
        weak = next(filter(None, map(weakness, value)), None)
        if weak and _in_production(info):
            raise ValueError(f"is easily guessed: {weak}; {_GENERATE}")
        return value

    @field_validator("jwt_secret")
    @classmethod
    def _of_its_own(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if _in_production(info) and set(value) & set(info.data.get("secret", ())):
            raise ValueError(f"must not be one of PLAUDIT_SECRET; {_GENERATE}")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _smtp(cls, value: str, info: ValidationInfo) -> str:
        if not value and not _in_production(info):
            return _LOCAL_RELAY
        if not value:
            raise ValueError(f"is not set; {addresses.RELAY_FORM}, or {_TRIAL}")
        if relay_address(value).tells_its_password and _in_production(info):
            raise ValueError("would send its password unencrypted; write tls=starttls or tls=required")
        return value

    @field_validator("allowed_origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if "*" in value and _in_production(info):
            raise ValueError("must not be * in production; write each origin, as in https://app.example.com")
        for one in value:
            if one != "*":
                addresses.origin(one)
        return value

    @field_validator("row_security")
    @classmethod
    def _without_pooler(cls, value: bool, info: ValidationInfo) -> bool:
        if value and info.data.get("direct_database_url"):
            raise ValueError(
                "must be off behind a pooler, which drops the role that it goes by; set it to off, or leave "
                "PLAUDIT_DIRECT_DATABASE_URL out"
            )
        return value

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
    def summary(self) -> str:
        """For the log; without a password."""
        at = addresses.database_address(self.database_url)
        return f"{self.env}; database {at}; mail relay {self.relay}; links to {self.base_url}"

    @property
    def relay(self) -> RelayAddress:
        return relay_address(self.smtp_url)


def _in_production(info: ValidationInfo) -> bool:
    """A wrong PLAUDIT_ENV counts as production, so that all that is wrong is reported at once."""
    return info.data.get("env", Environment.PRODUCTION) is Environment.PRODUCTION


def load(**given: Any) -> Settings:
    """The settings of this environment and of `.env`, after `given`. Raises SettingsError with all that is wrong."""
    named = _environment()
    wrong = [_unknown(name) for name in sorted(named) if _is_unknown(name)]
    values = {name.removeprefix(PREFIX).lower(): value for name, value in named.items()}
    return checked({name: value for name, value in values.items() if name in Settings.model_fields} | given, wrong)


def checked(values: Mapping[str, Any], wrong: list[str] | None = None) -> Settings:
    """These settings, without any environment. Raises SettingsError with all that is wrong, and with `wrong`."""
    try:
        settings = Settings(**values)
    except ValidationError as error:
        raise SettingsError("\n".join([*(wrong or []), *map(_sentence, error.errors())])) from None
    if wrong:
        raise SettingsError("\n".join(wrong))
    return settings


def _environment() -> dict[str, str]:
    """The PLAUDIT_* of `.env`, and over them those of the process; an empty one counts as not set."""
    try:
        both = dotenv_values(ENV_FILE) | dict(os.environ)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{ENV_FILE} cannot be read: {error}. Make it a readable UTF-8 file, or remove it."
        ) from error
    return {name.upper(): value for name, value in both.items() if name.upper().startswith(PREFIX) and value}


def _is_unknown(name: str) -> bool:
    return not name.startswith(_OTHERS) and name.removeprefix(PREFIX).lower() not in Settings.model_fields


def _unknown(name: str) -> str:
    known = [f"{PREFIX}{field.upper()}" for field in Settings.model_fields]
    near = difflib.get_close_matches(name, known, n=1)
    return f"{name} is not a setting" + (f"; did you mean {near[0]}?" if near else "; see docs/settings.md.")


def _sentence(error: Any) -> str:
    """Without the value, which may be a secret."""
    name = f"{PREFIX}{str(error['loc'][0]).upper()}"
    if error["type"] == "missing":
        return f"{name} is not set. {Settings.model_fields[error['loc'][0]].description}"
    words = error["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    return f"{name} {words}."


def documented() -> str:
    """docs/settings.md."""
    lines = [
        "# Settings",
        "",
        "Printed from `plaudit/settings.py` by `make settings`. Each is an environment variable, or a line of a file `.env`; an",
        "empty one counts as not set. Unknown or wrong ones are refused at the start, all at once, with what to write instead.",
        "",
        "In the password of an address write `#` as `%23`, `/` as `%2F`, `?` as `%3F`, `@` as `%40`, `%` as `%25`. How a secret is",
        "changed without logging anybody out: put the new one first and the old one behind a comma, restart, and remove the old",
        "one once no token or link of its time is in use (links live 180 days).",
        "",
        "| name | default | what it is |",
        "| --- | --- | --- |",
    ]
    for name, field in Settings.model_fields.items():
        default = _default(field)
        lines.append(
            f"| `{PREFIX}{name.upper()}` | {default} | {field.description} |".replace("|none", "\\|none").replace(
                "|starttls", "\\|starttls"
            )
        )
    return "\n".join(lines) + "\n"


def _default(field: FieldInfo) -> str:
    if isinstance(field.json_schema_extra, dict):
        return str(field.json_schema_extra["default"])
    if field.is_required():
        return "must be set"
    if field.default is False:
        return "`off`"
    return f"`{field.default}`" if field.default not in (None, ()) else "none"


if __name__ == "__main__":
    print(documented(), end="")
