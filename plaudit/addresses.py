"""Parses the URLs in settings, with errors that say what to write instead and never contain passwords."""

import re
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import idna

RELAY_FORM = "write smtp://user:password@host:port?tls=required|starttls|none"
DATABASE_FORM = "write postgresql://user:password@host:5432/name"
RESOLVER_FORM = "write an IP address, and its port if it is not 53, for example 192.0.2.53 or 127.0.0.1:5353"
DATABASE_OPTIONS = ("sslmode", "sslrootcert", "sslcert", "sslkey")
SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_ESCAPES = {"#": "%23", "/": "%2F", "?": "%3F", "@": "%40", "%": "%25", "[": "%5B", "]": "%5D"}
_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
_HOST = re.compile(r"[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - not bound here


class Tls(StrEnum):
    """REQUIRED encrypts from the first byte, STARTTLS after the greeting, NONE never."""

    REQUIRED = "required"
    STARTTLS = "starttls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class RelayAddress:
    """A mail relay and its credentials."""

    host: str
    port: int
    username: str | None
    password: str | None
    tls: Tls

    def __str__(self) -> str:
        """Without the password."""
        return f"{with_port(self.host, self.port)} (tls={self.tls})"

    @property
    def exposes_password(self) -> bool:
        """Whether the password is sent unencrypted over a network."""
        return self.password is not None and self.tls is Tls.NONE and not is_loopback(self.host)


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """A PostgreSQL database and its credentials."""

    host: str
    port: int
    user: str
    password: str
    name: str

    def __str__(self) -> str:
        """Without the password."""
        return f"{with_port(self.host, self.port)}/{self.name}"

    @property
    def server(self) -> str:
        return with_port(self.host, self.port)


@dataclass(frozen=True, slots=True)
class ResolverAddress:
    """A DNS resolver. Its host is an IP address, since a name would have to be resolved first."""

    host: str
    port: int = 53

    def __str__(self) -> str:
        return with_port(self.host, self.port)


def relay_address(url: str) -> RelayAddress:
    """Raises ValueError with what to write instead."""
    at = _split(url, RELAY_FORM)
    if at.scheme != "smtp" or not at.hostname or at.path not in ("", "/") or at.fragment:
        raise ValueError(f"is not the URL of a mail relay; {RELAY_FORM}")
    options = _options(at, ("tls",))
    tls = options.get("tls", "starttls")
    if tls not in set(Tls):
        raise ValueError(f"has an unknown tls; {RELAY_FORM}")
    username = unquote(at.username) if at.username else None
    password = unquote(at.password) if at.password else None
    return RelayAddress(at.hostname, at.port or (465 if tls == Tls.REQUIRED else 25), username, password, Tls(tls))


def database_address(url: str) -> DatabaseAddress:
    """Raises ValueError with what to write instead."""
    at = _split(url, DATABASE_FORM)
    name = unquote(at.path[1:])
    if at.scheme not in ("postgresql", "postgres") or not at.hostname or not name or "/" in name or at.fragment:
        raise ValueError(f"is not the URL of a database; {DATABASE_FORM}")
    options = _options(at, DATABASE_OPTIONS)
    if options.get("sslmode", "prefer") not in SSL_MODES:
        raise ValueError(f"has an unknown sslmode; write one of {', '.join(SSL_MODES)}")
    return DatabaseAddress(at.hostname, at.port or 5432, unquote(at.username or ""), unquote(at.password or ""), name)


def resolver_address(text: str) -> ResolverAddress:
    """Raises ValueError with what to write instead."""
    bare = f"[{text}]" if text.count(":") > 1 and "[" not in text else text
    at = _split(f"//{bare}", RESOLVER_FORM)
    host = at.hostname or ""
    if not _is_ip(host) or bare.lower() != with_port(host, at.port):
        raise ValueError(f"is not the address of a resolver; {RESOLVER_FORM}")
    return ResolverAddress(host, at.port or 53)


def base_url(url: str) -> str:
    """Removes the trailing slash. Raises ValueError with what to write instead."""
    at = _split_http(url)
    if "@" in at.netloc:
        raise ValueError("has a user or password, which every link would show; remove them")
    if at.path not in ("", "/") or "?" in url or "#" in url:
        raise ValueError(f"has a path, query or fragment; write only {at.scheme}://{at.netloc}")
    return url.removesuffix("/")


def link(url: str) -> str:
    """Checks that this is the address of a page, which browsers open. Raises ValueError with what to write instead."""
    _split_http(url)
    return url


def local_url(host: str, port: int) -> str:
    """The URL of a gateway on this machine that listens on this address."""
    return f"http://{with_port(_LOOPBACK.get(host, host), port)}"


def origin(text: str) -> str:
    """Checks that browsers would send this origin. Raises ValueError with what to write instead."""
    at = _split_http(text if "://" in text else f"https://{text}")
    host = (at.hostname or "").lower()
    port = None if at.port == _DEFAULT_PORTS[at.scheme] else at.port
    canonical = f"{at.scheme}://{with_port(host, port)}"
    if text != canonical:
        raise ValueError(f"has an origin that browsers do not send; write {canonical}")
    return text


def issuer(url: str, *, may_be_local: bool) -> str:
    """The issuer of an OpenID Connect provider, exactly as given: it may have a path, also an empty one. Raises ValueError with
    what to write instead."""
    at = _split_http(url)
    if "@" in at.netloc or "?" in url or "#" in url:
        raise ValueError("has a user, query or fragment; write the issuer alone, as https://id.example.org")
    if at.scheme != "https" and not may_be_local:
        raise ValueError("must begin with https:// in production")
    return url


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _split_http(url: str) -> SplitResult:
    at = _split(url, "write https://host")
    if at.scheme not in ("http", "https") or not at.hostname:
        raise ValueError("must begin with https:// (or http://) and a host")
    return at


def _split(url: str, form: str) -> SplitResult:
    """Splits a URL and checks its user, password, host and port."""
    if re.search(r"[\s\x00-\x1f\x7f]", url):
        raise ValueError(f"contains a space or control character; {form}")
    _refuse_unescaped(url)
    try:
        at = urlsplit(url)
        at.port  # noqa: B018 - raises if it is not a number
    except ValueError as error:
        raise ValueError(f"has an invalid host or port; {form}") from error
    if at.port == 0:
        raise ValueError(f"has an invalid host or port; {form}")
    _refuse_host(at.hostname or "", form)
    return at


def _refuse_unescaped(url: str) -> None:
    """Treats everything before the last @ as user and password."""
    credentials = url.partition("://")[2].rpartition("@")[0]
    raw = set(_ESCAPED.sub("", credentials)) & set(_ESCAPES)
    needless = any(re.match("[0-9A-Za-z]", chr(int(code, 16))) for code in _ESCAPED.findall(credentials))
    if raw or needless or "\ufffd" in unquote(credentials):
        escapes = ", ".join(f"{character} as {escape}" for character, escape in _ESCAPES.items())
        raise ValueError(f"has a character in its user or password that must be escaped; write {escapes}")


def _refuse_host(host: str, form: str) -> None:
    if not host.isascii():
        try:
            encoded = idna.encode(host, uts46=True).decode()
        except (idna.IDNAError, UnicodeError):
            raise ValueError(f"has an invalid host; {form}") from None
        raise ValueError(f"has a non-ASCII host; write {encoded} instead of {host}")
    if host and ":" not in host and not _HOST.fullmatch(host):
        raise ValueError(f"has an invalid host or port; {form}")


def _options(at: SplitResult, known: tuple[str, ...]) -> dict[str, str]:
    given = dict(parse_qsl(at.query, keep_blank_values=True))
    if "ssl" in given and "sslmode" in known:
        raise ValueError("has the unknown option ssl; write sslmode=require instead")
    for name in given:
        if name not in known:
            shown = f" {name}" if re.fullmatch(r"\w{1,40}", name) else ""
            raise ValueError(f"has the unknown option{shown} after the question mark; use {', '.join(known)}")
    return given


def with_port(host: str, port: int | None) -> str:
    """`host:port`, with IPv6 addresses in brackets."""
    host = f"[{host}]" if ":" in host else host
    return host if port is None else f"{host}:{port}"
