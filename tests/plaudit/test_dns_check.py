"""Which domains are looked at, and what is said about them, with a real DNS server."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from models.connection import WORK, pool
from models.reads import sender_domains
from plaudit.dns_check import MOST_DOMAINS, DnsState, dns_state
from plaudit.dns_lookups import Lookups
from plaudit.settings import Settings, checked
from tests import factories as make
from tests.plaudit.scripted_dns import SERVFAIL, ScriptedDns, complete, mx, txt

A, B = "bakery.example.com", "florist.example.net"


def settings_of(**given: Any) -> Settings:
    defaults = {
        "database_url": "postgresql://me:pass@127.0.0.1/plaudit",
        "secret": "8f1d3c9a04be72655e0f7ac1d29b83e6",
        "jwt_secret": "c27be4905ad1f83660947e2bd83fa51c",
        "base_url": "https://reviews.example.com",
        "smtp_url": "smtp://relay.example.com",
    }
    return checked(defaults | given)


async def state_of(server: ScriptedDns, senders: Sequence[str], **given: Any) -> DnsState:
    return await dns_state(settings_of(resolver=str(server.at), **given), senders, Lookups(server.at))


async def test_domains_with_all_records_are_counted() -> None:
    async with ScriptedDns(complete(A) | complete(B)).running() as server:
        assert await state_of(server, [A, B]) == DnsState(2, [], [])


async def test_everything_that_is_missing_is_said_for_each_domain() -> None:
    async with ScriptedDns({A: [txt("x")], f"www.{B}": [txt("x")]}).running() as server:
        wrong = (await state_of(server, [A, B])).wrong
    assert [line.split(". ")[0].split(",")[0] for line in wrong] == [
        f"{domain} has no {record} record" for domain in (A, B) for record in ("SPF", "MX", "DMARC")
    ]


async def test_a_domain_that_does_not_exist_is_one_sentence() -> None:
    async with ScriptedDns(complete(A)).running() as server:
        state = await state_of(server, [A, B])
    assert state.complete == 1
    assert [line.partition(".")[0] for line in state.wrong] == ["The domain florist"]


async def test_a_dmarc_record_of_a_parent_counts_and_its_fault_is_said_once() -> None:
    children = [f"{name}.{A}" for name in ("a", "b")]
    spf_and_mx = {child: complete(child)[child] for child in children}
    async with ScriptedDns(spf_and_mx | {f"_dmarc.{A}": [txt("v=DMARC1; p=none")]}).running() as server:
        assert await state_of(server, children) == DnsState(2, [], [])
    async with ScriptedDns(spf_and_mx | {f"_dmarc.{A}": [txt("v=DMARC1; p=all")]}).running() as server:
        (sentence,) = (await state_of(server, children)).wrong
    assert sentence.startswith(f"_dmarc.{A} has the unknown policy")


async def test_the_domain_of_returned_mail_needs_spf_and_mx_but_no_dmarc() -> None:
    async with ScriptedDns({B: [txt("v=spf1 -all"), mx("mail.example.net.")]}).running() as server:
        assert (await state_of(server, [], bounce_address=f"bounces@{B}")).wrong == []
        assert f"_dmarc.{B}" not in server.asked
    async with ScriptedDns({B: [txt("x")]}).running() as server:
        wrong = (await state_of(server, [], bounce_address=f"bounces@{B}")).wrong
    assert [line.split(" record")[0] for line in wrong] == [f"{B} has no SPF", f"{B} has no MX"]


async def test_the_sender_of_sign_in_links_needs_what_other_senders_need() -> None:
    async with ScriptedDns(complete(A)).running() as server:
        assert await state_of(server, [], sign_in_from=f"plaudit@{A}") == DnsState(1, [], [])
    async with ScriptedDns({A: [txt("x")]}).running() as server:
        assert len((await state_of(server, [], sign_in_from=f"plaudit@{A}")).wrong) == 3


async def test_the_record_of_each_key_is_compared_with_the_key(tmp_path: Path) -> None:
    key, other = ed25519.Ed25519PrivateKey.generate(), ed25519.Ed25519PrivateKey.generate()
    file = tmp_path / "key.pem"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    place, keys = f"s1._domainkey.{A}", f"{A}:s1:{file}"
    for published, says in ((key, None), (other, "has another public key"), (None, "has no DKIM record")):
        public = base64.b64encode(published.public_key().public_bytes_raw()).decode() if published else ""
        zone = complete(A) | ({place: [txt(f"v=DKIM1; k=ed25519; p={public}")]} if published else {})
        async with ScriptedDns(zone).running() as server:
            wrong = (await state_of(server, [A], dkim_keys=keys)).wrong
        assert [says in line for line in wrong if says] == [True] * bool(says)
        assert len(wrong) == bool(says)


async def test_reserved_names_are_looked_at_only_in_production() -> None:
    senders = ["a.example.com", "b.test", "c.example", "bakery.berlin"]
    async with ScriptedDns(complete("bakery.berlin")).running() as server:
        trial = await state_of(server, senders, env="development", bounce_address="bounces@d.example.org")
        assert trial == DnsState(1, [], [])
        assert {name.removeprefix("_dmarc.") for name in server.asked} == {"bakery.berlin"}
        assert len((await state_of(server, senders)).wrong) == 3


async def test_domains_beyond_the_limit_are_counted_but_not_looked_at() -> None:
    senders = [f"{number}.{A}" for number in range(MOST_DOMAINS + 7)]
    async with ScriptedDns().running() as server:
        state = await state_of(server, [*senders, "192.0.2.1", "[192.0.2.1]", ""])
    assert len(state.wrong) == MOST_DOMAINS
    assert set(server.asked) == set(senders[:MOST_DOMAINS])
    assert state.unknown == ["The DNS records of 7 more domains were not looked at."]


async def test_no_answer_is_wrong_only_if_there_was_none_at_all() -> None:
    async with ScriptedDns(complete(A) | complete(B), {f"_dmarc.{B}": SERVFAIL}).running() as server:
        state = await state_of(server, [A, B])
    assert (state.complete, state.wrong) == (1, [])
    assert state.unknown == [
        f"DNS could not be asked about 1 of 6 records (for example _dmarc.{B} TXT: SERVFAIL); run plaudit check again."
    ]
    async with ScriptedDns(faults={"": SERVFAIL}).running() as server:
        state = await state_of(server, [A, B])
    assert state.wrong == [f"DNS could not be asked (the resolver {server.at}: SERVFAIL); correct PLAUDIT_RESOLVER."]
    assert (state.complete, state.unknown) == (0, [])


async def test_what_is_known_to_be_wrong_is_said_even_if_not_everything_was_answered() -> None:
    async with ScriptedDns(complete(A) | {A: [txt("x"), mx(".")]}, {f"_dmarc.{A}": SERVFAIL}).running() as server:
        state = await state_of(server, [A])
    assert [line.split(" record")[0] for line in state.wrong] == [f"{A} has no SPF", f"{A} has a null MX"]


async def test_without_domains_nothing_is_asked_or_said() -> None:
    async with ScriptedDns(faults={"": SERVFAIL}).running() as server:
        assert await state_of(server, []) == DnsState(0, [], [])


@pytest.mark.usefixtures("db")
async def test_domains_of_more_locations_come_first_in_lower_case() -> None:
    account = await make.account()
    one, two = (f"{make.unique(name)}.example.com" for name in ("one", "two"))
    for sender in (f"a@{one}", f"a@{two}", f"b@{two.upper()}", None, ""):
        await make.location(account, sender_email=sender)
    found = await sender_domains.of_all(pool(WORK))
    assert found.index(two) < found.index(one)
    assert (found.count(two), None in found, "" in found) == (1, False, False)
