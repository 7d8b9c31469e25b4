"""Explains errors of PostgreSQL and mail relays, and says how to fix them."""

import socket
import ssl
from collections.abc import Callable, Iterator

import aiosmtplib
import asyncpg

from delivery.health import RefusedError
from models.faults import LOST
from plaudit.addresses import DatabaseAddress, RelayAddress
from plaudit.grants import ROLES

_Sentence = Callable[[BaseException, DatabaseAddress, str], str]
"""Takes the error, the address, and the name of the setting with the address."""
_MISSING = (
    asyncpg.UndefinedTableError,
    asyncpg.UndefinedColumnError,
    asyncpg.UndefinedFunctionError,
    asyncpg.InvalidSchemaNameError,
)


def of_database(error: BaseException, at: DatabaseAddress, setting: str = "PLAUDIT_DATABASE_URL") -> str | None:
    """None if the error is not about the state of the database."""
    for cause in _causes(error):
        for kinds, sentence in _DATABASE:
            if isinstance(cause, kinds):
                return sentence(cause, at, setting)
    return None


def of_relay(error: BaseException, at: RelayAddress) -> str:
    """Why the relay accepts no mail."""
    where = f"The mail relay {at}"
    if isinstance(error, RefusedError):
        return f"{where} refuses every message ({_line(error)}); ask its administrator, or correct PLAUDIT_SMTP_URL."
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return f"{where} rejects the user or password ({error.code} {_line(error.message)}); correct PLAUDIT_SMTP_URL."
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"{where} refuses the connection ({error.code} {_line(error.message)}); ask its administrator."
    for cause in _causes(error):
        if isinstance(cause, socket.gaierror):
            return f"The mail relay's host {at.host} cannot be found; correct PLAUDIT_SMTP_URL."
        if isinstance(cause, ssl.SSLError):
            return f"{where} does not accept TLS ({_line(cause)}); fix its certificate, or tls in PLAUDIT_SMTP_URL."
    if "AUTH extension" in str(error):
        return f"{where} offers no login; remove the user and password from PLAUDIT_SMTP_URL, or use the port that offers one."
    if "STARTTLS" in str(error):
        return f"{where} does not offer STARTTLS; write tls=required or tls=none in PLAUDIT_SMTP_URL."
    return f"{where} does not respond ({type(error).__name__}); start it, or correct PLAUDIT_SMTP_URL. No mail is lost meanwhile."


def not_migrated(at: DatabaseAddress) -> str:
    return f"The database {at} is not migrated to this version of Plaudit; run: plaudit migrate"


def newer(at: DatabaseAddress, migration: str) -> str:
    return f"The database {at} was migrated by a newer version of Plaudit ({migration}); install that version here."


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and its causes, innermost first."""
    if error.__cause__ is not None:
        yield from _causes(error.__cause__)
    yield error


def _line(text: object) -> str:
    return str(text).partition("\n")[0].rstrip(".")[:200]


def _wrong_password(_error: BaseException, at: DatabaseAddress, setting: str) -> str:
    if not at.user:
        return f"{setting} has no user; write postgresql://user:password@host:5432/name."
    return f"PostgreSQL at {at.server} rejects the password of user {at.user}; correct {setting}."


def _wrong_user(error: BaseException, at: DatabaseAddress, setting: str) -> str:
    return f"PostgreSQL at {at.server} rejects user {at.user} ({_line(error)}); create the user, or correct {setting}."


def _no_database(_error: BaseException, at: DatabaseAddress, setting: str) -> str:
    return (
        f'PostgreSQL at {at.server} has no database {at.name}; run: create database "{at.name}", or correct {setting}.'
    )


def _no_connection_left(_error: BaseException, at: DatabaseAddress, _setting: str) -> str:
    return f"PostgreSQL at {at.server} has no connections left; raise its max_connections, or run fewer processes."


def _no_rights(error: BaseException, at: DatabaseAddress, _setting: str) -> str:
    return (
        f"User {at.user} lacks a privilege in the database {at} ({_line(error)}). Run plaudit migrate as its owner; "
        f'to make {at.user} the owner, an administrator runs: alter database "{at.name}" owner to "{at.user}"'
    )


def _no_role(error: BaseException, at: DatabaseAddress, setting: str) -> str:
    if any(role in str(error) for role in ROLES):
        return not_migrated(at)
    return _unreachable(error, at, setting)


def _missing(_error: BaseException, at: DatabaseAddress, _setting: str) -> str:
    return not_migrated(at)


def _no_file(error: BaseException, at: DatabaseAddress, setting: str) -> str:
    return f"Cannot read a certificate for the database {at} ({_line(error)}); correct sslrootcert, sslcert or sslkey in {setting}."


def _no_tls(error: BaseException, at: DatabaseAddress, setting: str) -> str:
    return f"TLS with PostgreSQL at {at.server} failed ({_line(error)}); correct sslmode in {setting}."


def _no_host(_error: BaseException, at: DatabaseAddress, setting: str) -> str:
    return f"The database's host {at.host} cannot be found; correct {setting}."


def _no_answer(_error: BaseException, at: DatabaseAddress, setting: str) -> str:
    return f"PostgreSQL at {at.server} does not respond in time; check it and the network, or correct {setting}."


def _starting(_error: BaseException, at: DatabaseAddress, _setting: str) -> str:
    return f"PostgreSQL at {at.server} is starting up or shutting down; wait for it, or start it."


def _unreachable(error: BaseException, at: DatabaseAddress, setting: str) -> str:
    if "SSL" in str(error):
        return _no_tls(error, at, setting)
    if "unsupported startup parameter" in str(error):
        return f"{at.server} is a connection pooler; set PLAUDIT_DIRECT_DATABASE_URL too, to PostgreSQL's own address."
    if isinstance(error, PermissionError) and error.filename:  # certificates are looked for in the home directory
        return (
            f"{error.filename} cannot be read to connect to the database {at}; allow it, or correct HOME or {setting}."
        )
    return f"PostgreSQL at {at.server} cannot be reached; start it, or correct {setting}."


_DATABASE: tuple[tuple[tuple[type[BaseException], ...], _Sentence], ...] = (
    ((asyncpg.InvalidPasswordError,), _wrong_password),
    ((asyncpg.InvalidAuthorizationSpecificationError,), _wrong_user),
    ((asyncpg.InvalidCatalogNameError,), _no_database),
    ((asyncpg.TooManyConnectionsError,), _no_connection_left),
    ((asyncpg.InsufficientPrivilegeError,), _no_rights),
    ((asyncpg.CannotConnectNowError, asyncpg.AdminShutdownError, asyncpg.CrashShutdownError), _starting),
    ((asyncpg.InvalidParameterValueError,), _no_role),
    (_MISSING, _missing),
    ((asyncpg.exceptions.ClientConfigurationError, FileNotFoundError), _no_file),
    ((ssl.SSLError,), _no_tls),
    ((socket.gaierror,), _no_host),
    ((TimeoutError,), _no_answer),
    (LOST, _unreachable),
)
"""The first match applies, so narrower errors come first."""
