"""How requests without a token are counted by the address that they come from."""

import copy

import pytest
from starlette.requests import Request

from plaudit import peers
from plaudit.peers import PeerLimit
from wire.counts import SharedCounts


def of(host: str | None) -> Request:
    return Request({"type": "http", "headers": [], "client": None if host is None else (host, 1)})


def test_a_peer_is_told_how_long_to_wait_when_it_has_asked_too_often() -> None:
    limit = PeerLimit(2)
    assert [limit.wait_of(of("192.0.2.1")) for _ in range(2)] == [None, None]
    wait = limit.wait_of(of("192.0.2.1"))
    assert wait is not None
    assert 0 < wait <= peers.SECONDS
    assert limit.wait_of(of("192.0.2.2")) is None


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("no address", "no address", True),
    ],
)
def test_addresses_of_one_network_are_one_peer(one: str, other: str, is_same: bool) -> None:
    limit = PeerLimit(1)
    limit.wait_of(of(one))
    assert (limit.wait_of(of(other)) is not None) == is_same


def test_processes_of_one_gateway_count_a_peer_together() -> None:
    shared = SharedCounts(2)
    limits = [PeerLimit(2, "mails", copy.copy(shared)) for _ in range(2)]
    other = PeerLimit(2, "returns", shared)
    waits = [limit.wait_of(of("192.0.2.1")) for limit in (*limits, other, *limits)]
    assert waits[:3] == [None] * 3
    assert all(wait is not None and 0 < wait <= peers.SECONDS for wait in waits[3:])


def test_clients_without_an_address_are_one_peer() -> None:
    limit = PeerLimit(1)
    assert [limit.wait_of(of(None)) is None for _ in range(2)] == [True, False]
