"""URLs in settings: how they are parsed, and the messages for invalid ones."""

import pytest

from plaudit.addresses import (
    DatabaseAddress,
    RelayAddress,
    ResolverAddress,
    Tls,
    base_url,
    database_address,
    is_loopback,
    origin,
    relay_address,
    resolver_address,
)

ESCAPES = "write # as %23, / as %2F, \\? as %3F, @ as %40, % as %25"


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("smtp://host", RelayAddress("host", 25, None, None, Tls.STARTTLS)),
        ("smtp://host/", RelayAddress("host", 25, None, None, Tls.STARTTLS)),
        ("smtp://host?tls=required", RelayAddress("host", 465, None, None, Tls.REQUIRED)),
        ("smtp://[::1]:2525?tls=none", RelayAddress("::1", 2525, None, None, Tls.NONE)),
        ("smtp://a%40b:p%2Fw@host:2525?tls=none", RelayAddress("host", 2525, "a@b", "p/w", Tls.NONE)),
        ("smtp://me:p%25%23%3F:w@host", RelayAddress("host", 25, "me", "p%#?:w", Tls.STARTTLS)),
    ],
)
def test_a_relay_url_is_parsed(url: str, address: RelayAddress) -> None:
    assert relay_address(url) == address


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "write smtp://"),
        ("host:25", "write smtp://"),
        ("https://host", "write smtp://"),
        ("smtp://host?tls=yes", "unknown tls; write smtp://"),
        ("smtp://host:port", "invalid host or port; write smtp://"),
        ("smtp://host:0", "invalid host or port"),
        ("smtp://host:70000", "invalid host or port"),
        ("smtp://host/mail", "write smtp://"),
        ("smtp://host#tls=none", "write smtp://"),
        ("smtp://ho st", "contains a space or control character; write smtp://"),
        ("smtp://host?starttls=yes", "unknown option starttls after the question mark; use tls"),
        ("smtp://relay.bäckerei.example", "write relay.xn--bckerei-5wa.example instead"),
    ],
)
def test_an_invalid_relay_url_is_refused_with_what_to_write(url: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        relay_address(url)


@pytest.mark.parametrize(
    "password", ["pa#ss", "pa/ss", "pa?ss", "p@ss", "p@s/s", "100%", "p%zz", "p%41ss", "p[ss", "%E4"]
)
def test_an_unescaped_character_is_refused_with_its_escape(password: str) -> None:
    for read, url in (
        (relay_address, f"smtp://user:{password}@host:587?tls=required"),
        (database_address, f"postgresql://user:{password}@host:5432/name"),
    ):
        with pytest.raises(ValueError, match=ESCAPES) as refused:
            read(url)
        assert password not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("postgresql://me:pw@host/name", DatabaseAddress("host", 5432, "me", "pw", "name")),
        ("postgres://me:p%40w@[::1]:6432/my%20db", DatabaseAddress("::1", 6432, "me", "p@w", "my db")),
        (
            "postgresql://host/name?sslmode=verify-full&sslrootcert=/etc/ca.pem",
            DatabaseAddress("host", 5432, "", "", "name"),
        ),
    ],
)
def test_a_database_url_is_parsed(url: str, address: DatabaseAddress) -> None:
    assert database_address(url) == address


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://me@host/name", "write postgresql://"),
        ("postgresql://me@host", "write postgresql://"),
        ("postgresql:///name", "write postgresql://"),
        ("postgresql://me@host:x/name", "invalid host or port"),
        ("postgresql://me@host/name?ssl=true", "write sslmode=require"),
        (
            "postgresql://me@host/name?sslmode=yes",
            "write one of disable, allow, prefer, require, verify-ca, verify-full",
        ),
        ("postgresql://me@host/name?pgbouncer=true", "unknown option pgbouncer .*use sslmode, sslrootcert"),
    ],
)
def test_an_invalid_database_url_is_refused_with_what_to_write(url: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        database_address(url)


def test_an_address_is_printed_without_its_password() -> None:
    assert str(database_address("postgresql://me:hunter2@[::1]:6432/name")) == "[::1]:6432/name"
    assert str(relay_address("smtp://me:hunter2@host?tls=required")) == "host:465 (tls=required)"


@pytest.mark.parametrize(
    ("url", "tells"),
    [
        ("smtp://me:pw@relay.example.com?tls=none", True),
        ("smtp://me:pw@relay.example.com?tls=starttls", False),
        ("smtp://relay.example.com?tls=none", False),
        ("smtp://me:pw@127.0.0.1?tls=none", False),
        ("smtp://me:pw@localhost?tls=none", False),
    ],
)
def test_a_relay_exposes_password_over_a_network_without_tls(url: str, tells: bool) -> None:
    assert relay_address(url).exposes_password is tells


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://reviews.example.com", "https://reviews.example.com"),
        ("https://reviews.example.com/", "https://reviews.example.com"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://xn--bckerei-5wa.example", "https://xn--bckerei-5wa.example"),
    ],
)
def test_a_base_url_loses_its_trailing_slash(url: str, kept: str) -> None:
    assert base_url(url) == kept


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("plaudit", "must begin with https://"),
        ("ftp://example.com", "must begin with https://"),
        ("https://", "must begin with https://"),
        ("https://example.com/reviews", "write only https://example.com"),
        ("https://example.com?x=y", "write only https://example.com"),
        ("https://example.com/#", "write only https://example.com"),
        ("https://me:pw@example.com", "remove them"),
        ("https://exa mple.com", "contains a space"),
        ("https://exa_mple!.com", "invalid host or port"),
        ("https://example.com:https", "invalid host or port"),
        ("https://bäckerei.example:8443", "write xn--bckerei-5wa.example instead of bäckerei.example"),
        ("https://straße.example", "write xn--strae-oqa.example"),
        ("https://\u2488.example", "invalid host"),
    ],
)
def test_an_invalid_base_url_is_refused_with_what_to_write(url: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        base_url(url)


@pytest.mark.parametrize("text", ["https://example.com", "http://localhost:3000", "https://app.example.com:8443"])
def test_an_origin_that_browsers_send_is_accepted(text: str) -> None:
    assert origin(text) == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("https://example.com/", "write https://example.com$"),
        ("https://example.com/app", "write https://example.com$"),
        ("example.com", "write https://example.com$"),
        ("example.com:8443", "write https://example.com:8443$"),
        ("https://Example.com", "write https://example.com$"),
        ("https://example.com:443", "write https://example.com$"),
        ("http://example.com:80", "write http://example.com$"),
        ("https://bäckerei.example", "write xn--bckerei-5wa.example"),
        ("null", "write https://null"),
        ("ws://example.com", "must begin with https://"),
    ],
)
def test_an_invalid_origin_is_refused_with_what_to_write(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        origin(text)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("10.0.0.1", False),
        ("a.de", False),
    ],
)
def test_loopback_hosts_are_recognized(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


@pytest.mark.parametrize(
    ("text", "address", "shown"),
    [
        ("192.0.2.53", ResolverAddress("192.0.2.53", 53), "192.0.2.53:53"),
        ("127.0.0.1:5353", ResolverAddress("127.0.0.1", 5353), "127.0.0.1:5353"),
        ("2001:DB8::53", ResolverAddress("2001:db8::53", 53), "[2001:db8::53]:53"),
        ("[::1]", ResolverAddress("::1", 53), "[::1]:53"),
        ("[::1]:5353", ResolverAddress("::1", 5353), "[::1]:5353"),
    ],
)
def test_the_address_of_a_resolver_is_parsed(text: str, address: ResolverAddress, shown: str) -> None:
    assert resolver_address(text) == address
    assert str(address) == shown


@pytest.mark.parametrize(
    "text",
    ["dns.example.com", "localhost:53", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:70000", "127.0.0.1:x", "me@127.0.0.1",
     "127.0.0.1/x", "127.0.0.1?", "dns://127.0.0.1", "", ":53", "127.0.0.1 ", "[::1", "::1]:53", "1.2.3:53"],
)  # fmt: skip
def test_what_is_no_ip_address_and_port_is_refused_for_a_resolver(text: str) -> None:
    with pytest.raises(ValueError, match="write an IP address, and its port"):
        resolver_address(text)
