"""The PLAUDIT_* settings: name, type, default and description of each; reports all errors at once."""

import difflib
import os
from collections.abc import Callable, Mapping, Sequence
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

from delivery.bounces import check_mailbox
from delivery.dkim import read_keys
from models.rules.email import normalize_email
from models.rules.errors import InvalidEmail
from plaudit import addresses
from plaudit.addresses import RelayAddress, ResolverAddress, relay_address, resolver_address
from plaudit.strength import weakness

PREFIX = "PLAUDIT_"
ENV_FILE = ".env"
MAX_PROCESSES = 64
_OTHERS = ("PLAUDIT_TOKEN_", "PLAUDIT_TEST_DATABASE_URL")
"""Names in the environment that are not settings: the demo's tokens and the tests' database."""
_LOCAL_RELAY = "smtp://127.0.0.1:25?tls=none"
_TRIAL = "for a local trial set PLAUDIT_ENV=development"
_GENERATE = "generate one with: openssl rand -hex 32"


class Environment(StrEnum):
    DEMO = "demo"
    DEVELOPMENT = "development"
    PRODUCTION = "production"


class SettingsError(ValueError):
    """The settings are invalid; the message has one sentence per line."""


def _parts(value: Any) -> Any:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _checked_by(check: Callable[[str], object]) -> AfterValidator:
    """Validates with `check`, without changing the text."""

    def keep(value: str) -> str:
        check(value)
        return value

    return AfterValidator(keep)


Parts = Annotated[tuple[str, ...], BeforeValidator(_parts)]
"""A list separated by commas."""
DatabaseUrl = Annotated[str, _checked_by(addresses.database_address)]
Resolver = Annotated[str, _checked_by(resolver_address)]


class Settings(BaseModel):
    """The settings of a process. Does not read the environment; `load` does."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    env: Environment = Field(
        Environment.PRODUCTION,
        description="production, development or demo. Production rejects settings that are only good enough for a trial: weak "
        "or equal secrets, links without https, a missing relay, a relay password sent unencrypted, `*` as an origin.",
    )
    database_url: DatabaseUrl = Field(
        description="The PostgreSQL database, for example postgresql://user:password@host:5432/name. Supports libpq's options "
        "sslmode, sslrootcert, sslcert and sslkey. With a pooler in transaction mode, the pooler's address."
    )
    direct_database_url: DatabaseUrl | None = Field(
        None, description="With a pooler, PostgreSQL's own address, for LISTEN, jobs and migrations."
    )
    host: str = Field("127.0.0.1", description="The address that the gateway listens on.")
    port: int = Field(8000, ge=1, le=65535, description="The port that the gateway listens on.")
    processes: int = Field(
        1,
        ge=1,
        le=MAX_PROCESSES,
        description="How many processes `plaudit serve` runs on that port, each of which uses one CPU core.",
    )
    base_url: str = Field(
        "",
        validate_default=True,
        description="The beginning of links in messages: https:// and a host (in development and demo, http:// is allowed).",
        json_schema_extra={"default": "required; in development `http://` with `PLAUDIT_HOST` and `PLAUDIT_PORT`"},
    )
    secret: Parts = Field(
        description="At least 32 characters. Keys for links and cursors are derived from it. Older secrets, after commas, are "
        "still accepted."
    )
    jwt_secret: Parts = Field(
        description="At least 32 characters. Signs HS256 tokens. Older secrets, after commas, are still accepted. Must differ "
        "from PLAUDIT_SECRET."
    )
    jwt_audience: str | None = Field(
        None,
        description="The audience that tokens must name in their aud claim. If not set, aud is ignored.",
    )
    account_claim: str = Field("account", description="The token claim that holds the acting account's id.")
    smtp_url: str = Field(
        "",
        validate_default=True,
        description="The mail relay: smtp://user:password@host:port?tls=required|starttls|none (default starttls).",
        json_schema_extra={"default": f"required; in development `{_LOCAL_RELAY}`"},
    )
    smtp_connections: int = Field(4, ge=1, le=50, description="How many connections a worker opens to the relay.")
    bounce_address: str | None = Field(
        None,
        description="The mailbox to which undeliverable messages return, for example bounces@example.org. Each message then "
        "has its own return address, bounces+<key>@example.org, which the mailbox must accept. If not set, they return to the "
        "location's sender.",
    )
    dkim_keys: Parts = Field(
        (),
        description="Private keys for DKIM, separated by commas, each as domain:selector:path, for example "
        "example.org:mail:/etc/plaudit/example.org.pem: RSA with at least 2048 bits, or Ed25519, in PEM. Mail from a domain "
        "without a key is left for the relay to sign.",
    )
    resolver: Resolver | None = Field(
        None,
        description="The DNS resolver that `plaudit check` asks: an IP address, and its port if it is not 53, for example "
        "192.0.2.53 or 127.0.0.1:5353. If not set, the system's.",
    )
    sign_in_from: str | None = Field(
        None,
        description="The address from which members receive sign-in links, for example plaudit@example.org. If not set, they "
        "cannot ask for one by mail.",
    )
    oidc_issuer: str | None = Field(
        None,
        description="An OpenID Connect provider with which members sign in, for example https://id.example.org: what its "
        "/.well-known/openid-configuration names as issuer. Its redirect address is `PLAUDIT_BASE_URL` with /sign-in/return.",
    )
    oidc_client_id: str | None = Field(
        None, validate_default=True, description="The id under which the provider knows Plaudit."
    )
    oidc_client_secret: str | None = Field(
        None, description="The secret that the provider gave with it. If not set, Plaudit is a public client."
    )
    oidc_name: str = Field("OpenID Connect", description="What members call the provider; on the sign-in page.")
    allowed_origins: Parts = Field(
        (),
        description="Origins of frontends on other hosts, for example https://app.example.com, separated by commas.",
    )
    introspection: Literal["on", "off"] | None = Field(
        None,
        description="on or off: whether clients can introspect the schema. If not set, off in production and on elsewhere.",
    )
    row_security: bool = Field(
        False,
        description="on or off: whether row-level security shows the gateway only rows of accounts that the request has "
        "opened, as a second lock (docs/decisions/0006). Does not work with a pooler.",
    )
    compile_queries: bool = Field(
        True,
        description="on or off: whether queries that are executed again are planned and compiled, which is several times as fast. "
        "Answers are the same; off helps to find out whether that is the cause of a wrong one.",
    )
    buy_more_url: str | None = Field(
        None, description="Where boosts can be bought, for example https://example.com/boost; shown to Owner and Admin."
    )
    worker_lease_seconds: float = Field(
        60.0, ge=1, le=600, description="How long a worker may hold a message before another worker can claim it."
    )

    @field_validator("base_url")
    @classmethod
    def _base_url(cls, value: str, info: ValidationInfo) -> str:
        if not value and not _in_production(info):
            return addresses.local_url(info.data.get("host", "127.0.0.1"), info.data.get("port", 8000))
        if not value:
            raise ValueError(f"is not set; write https:// and the host for links, or {_TRIAL}")
        value = addresses.base_url(value)
        if _in_production(info) and not value.startswith("https://"):
            raise ValueError(f"must begin with https:// in production; {_TRIAL}")
        return value

    @field_validator("buy_more_url")
    @classmethod
    def _link(cls, value: str | None) -> str | None:
        return value and addresses.link(value)

    @field_validator("secret", "jwt_secret")
    @classmethod
    def _strong(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if not value or any(len(secret) < 32 for secret in value):
            raise ValueError(f"must have at least 32 characters; {_GENERATE}")
        weak = next(filter(None, map(weakness, value)), None)
        if weak and _in_production(info):
            raise ValueError(f"is easy to guess: {weak}; {_GENERATE}")
        return value

    @field_validator("jwt_secret")
    @classmethod
    def _differs_from_secret(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if _in_production(info) and set(value) & set(info.data.get("secret", ())):
            raise ValueError(f"must differ from PLAUDIT_SECRET; {_GENERATE}")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _smtp(cls, value: str, info: ValidationInfo) -> str:
        if not value and not _in_production(info):
            return _LOCAL_RELAY
        if not value:
            raise ValueError(f"is not set; {addresses.RELAY_FORM}, or {_TRIAL}")
        if relay_address(value).exposes_password and _in_production(info):
            raise ValueError("would send its password unencrypted; write tls=starttls or tls=required")
        return value

    @field_validator("bounce_address")
    @classmethod
    def _bounces(cls, value: str | None) -> str | None:
        if value is None:
            return None
        address = _mailbox(value)
        check_mailbox(address)
        return address

    @field_validator("sign_in_from")
    @classmethod
    def _sender(cls, value: str | None) -> str | None:
        return None if value is None else _mailbox(value)

    @field_validator("oidc_issuer")
    @classmethod
    def _issuer(cls, value: str | None, info: ValidationInfo) -> str | None:
        return None if value is None else addresses.issuer(value, may_be_local=not _in_production(info))

    @field_validator("oidc_client_id")
    @classmethod
    def _client(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None and info.data.get("oidc_issuer"):
            raise ValueError(
                "is not set; write the id that the provider of PLAUDIT_OIDC_ISSUER gave, or remove that setting"
            )
        return value

    @field_validator("dkim_keys")
    @classmethod
    def _dkim(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        read_keys(value)
        return value

    @field_validator("allowed_origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if "*" in value and _in_production(info):
            raise ValueError("must not be * in production; list each origin, for example https://app.example.com")
        for origin in value:
            if origin != "*":
                addresses.origin(origin)
        return value

    @field_validator("row_security")
    @classmethod
    def _without_pooler(cls, value: bool, info: ValidationInfo) -> bool:
        if value and info.data.get("direct_database_url"):
            raise ValueError(
                "must be off with a pooler, which drops the role that it depends on; set it to off, or remove "
                "PLAUDIT_DIRECT_DATABASE_URL"
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
        """For the log; without passwords."""
        at = addresses.database_address(self.database_url)
        return f"{self.env}; database {at}; mail relay {self.relay}; links to {self.base_url}"

    @property
    def dns(self) -> ResolverAddress | None:
        """None: the system's resolver."""
        return resolver_address(self.resolver) if self.resolver else None

    @property
    def relay(self) -> RelayAddress:
        return relay_address(self.smtp_url)


def _mailbox(value: str) -> str:
    try:
        return normalize_email(value)
    except InvalidEmail as error:
        raise ValueError(f"is not an e-mail address: {error.message.removesuffix('.')}") from error


def _in_production(info: ValidationInfo) -> bool:
    """An invalid PLAUDIT_ENV counts as production, so that all errors are reported at once."""
    return info.data.get("env", Environment.PRODUCTION) is Environment.PRODUCTION


def load(**given: Any) -> Settings:
    """The settings of the environment and `.env`, overridden by `given`. Raises SettingsError with all errors."""
    named = _environment()
    errors = [_unknown(name) for name in sorted(named) if _is_unknown(name)]
    values = {name.removeprefix(PREFIX).lower(): value for name, value in named.items()}
    return checked({name: value for name, value in values.items() if name in Settings.model_fields} | given, errors)


def checked(values: Mapping[str, Any], errors: Sequence[str] = ()) -> Settings:
    """Settings from these values alone. Raises SettingsError with all errors, including `errors`."""
    try:
        settings = Settings(**values)
    except ValidationError as invalid:
        raise SettingsError("\n".join([*errors, *map(_sentence, invalid.errors())])) from None
    if errors:
        raise SettingsError("\n".join(errors))
    return settings


def _environment() -> dict[str, str]:
    """The PLAUDIT_* variables of the process and `.env`; the process takes precedence. Empty ones count as not set."""
    try:
        both = dotenv_values(ENV_FILE) | dict(os.environ)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{ENV_FILE} cannot be read: {error}. Make it readable and UTF-8, or remove it.") from error
    return {name.upper(): value for name, value in both.items() if name.upper().startswith(PREFIX) and value}


def _is_unknown(name: str) -> bool:
    return not name.startswith(_OTHERS) and name.removeprefix(PREFIX).lower() not in Settings.model_fields


def _unknown(name: str) -> str:
    known = [f"{PREFIX}{field.upper()}" for field in Settings.model_fields]
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.75)
    return f"{name} is not a setting" + (f"; did you mean {near[0]}?" if near else "; see docs/settings.md.")


def _sentence(error: Any) -> str:
    """The message of a validation error, without the value, which may be a secret."""
    name = f"{PREFIX}{str(error['loc'][0]).upper()}"
    if error["type"] == "missing":
        return f"{name} is not set; {_MISSING[error['loc'][0]]}."
    words = _WORDS.get(error["type"]) or error["msg"].removeprefix("Value error, ").replace(
        "Input should be", "must be"
    )
    return f"{name} {words}."


_MISSING = {
    "database_url": "write postgresql://user:password@host:5432/name",
    "secret": _GENERATE,
    "jwt_secret": _GENERATE,
}
"""What to write for each required setting."""
_WORDS = {"int_parsing": "must be a whole number", "bool_parsing": "must be on or off"}
"""Messages by the type of pydantic's error."""


def documented() -> str:
    """The text of docs/settings.md."""
    lines = [
        "# Settings",
        "",
        "Generated from `plaudit/settings.py` by `make settings`. Each setting is an environment variable or a line in `.env`;",
        "empty ones count as not set. At startup, all invalid settings are reported at once, with what to write instead.",
        "",
        "In passwords in URLs, write `#` as `%23`, `/` as `%2F`, `?` as `%3F`, `@` as `%40`, and `%` as `%25`. A secret can have",
        "several values, separated by commas: the first signs, all are accepted. [operating.md](operating.md#replace-secrets) says",
        "how to replace one without interruption.",
        "",
        "| name | default | description |",
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
        return "required"
    if field.default is False:
        return "`off`"
    return f"`{field.default}`" if field.default not in (None, ()) else "none"


if __name__ == "__main__":
    print(documented(), end="")
