"""Lookups against a real DNS server: what it answers, and what happens when it doesn't."""

import asyncio
import socket

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plaudit.addresses import ResolverAddress
from plaudit.dns_lookups import AT_ONCE, Lookups, UnansweredError
from plaudit.dns_records import Answer
from tests.plaudit.scripted_dns import GARBAGE, SERVFAIL, SILENT, ScriptedDns, mx, txt

D = "bakery.example.com"


async def test_the_strings_of_a_record_are_joined_and_hosts_are_written_out() -> None:
    zone = {D: [txt("v=spf1 " + "x" * 300), mx("mail.example.com."), mx(".")]}
    async with ScriptedDns(zone).running() as server:
        lookups = Lookups(server.at)
        assert (await lookups.txt(D)).records == [b"v=spf1 " + b"x" * 300]
        assert sorted((await lookups.mx(D)).records) == [b".", b"mail.example.com."]


async def test_a_name_without_such_records_exists_and_an_unknown_one_does_not() -> None:
    async with ScriptedDns({f"below.{D}": [txt("x")]}).running() as server:
        lookups = Lookups(server.at)
        assert await lookups.txt(D) == Answer([], exists=True)
        assert await lookups.txt("other.example.com") == Answer(exists=False)


async def test_an_answer_that_is_too_large_for_udp_is_read_by_tcp() -> None:
    async with ScriptedDns({D: [txt("x" * 60_000)]}).running() as server:
        assert (await Lookups(server.at).txt(D)).records == [b"x" * 60_000]
        assert server.by_tcp == [D]


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=60, unique=True))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_texts_are_read_whatever_they_contain(texts: list[bytes]) -> None:
    async with ScriptedDns({D: [txt(text) for text in texts]}).running() as server:
        assert sorted((await Lookups(server.at).txt(D)).records) == sorted(texts)


async def test_a_name_is_asked_for_once() -> None:
    async with ScriptedDns({D: [txt("x")]}).running() as server:
        lookups = Lookups(server.at)
        await asyncio.gather(*(lookups.txt(D) for _ in range(20)))
    assert server.asked == [D]


async def test_only_ten_questions_are_open_at_once() -> None:
    async with ScriptedDns(delay=0.05).running() as server:
        lookups = Lookups(server.at)
        await asyncio.gather(*(lookups.txt(f"{number}.{D}") for number in range(3 * AT_ONCE)))
    assert 1 < server.most_at_once <= AT_ONCE


async def unanswered(lookups: Lookups, name: str = D) -> str:
    with pytest.raises(UnansweredError) as error:
        await lookups.txt(name)
    assert lookups.unanswered == {f"{name} TXT": str(error.value)}
    return str(error.value)


async def test_a_server_that_fails_or_is_silent_or_makes_no_sense_is_told_apart() -> None:
    silent, garbled = f"silent.{D}", f"garbled.{D}"
    zone = {garbled: [txt("x" * 2000)]}  # asked for by TCP
    async with ScriptedDns(zone, {D: SERVFAIL, silent: SILENT, garbled: GARBAGE}).running() as server:
        assert await unanswered(Lookups(server.at)) == "SERVFAIL"
        assert await unanswered(Lookups(server.at, 0.3), silent) == "no answer within 0.3 seconds"
        assert await unanswered(Lookups(server.at), garbled) == "ShortHeader"


async def test_a_port_without_a_server_gives_no_answer() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    assert await unanswered(Lookups(ResolverAddress("127.0.0.1", port), 0.3)) == "no answer within 0.3 seconds"


async def test_an_impossible_name_is_not_answered() -> None:
    async with ScriptedDns().running() as server:
        assert await unanswered(Lookups(server.at), f"{'x' * 64}.example.com") == "LabelTooLong"
        assert await unanswered(Lookups(server.at), "a..example.com") == "EmptyLabel"


async def test_all_lookups_together_have_a_time_limit() -> None:
    async with ScriptedDns(faults={"": SILENT}).running() as server:
        lookups = Lookups(server.at, lookup_seconds=0.4, total_seconds=0.6)
        names = [f"{number}.{D}" for number in range(5 * AT_ONCE)]
        await asyncio.gather(*map(lookups.txt, names), return_exceptions=True)
    assert len(lookups.unanswered) == 5 * AT_ONCE
    assert AT_ONCE <= len(set(server.asked)) <= 2 * AT_ONCE
    assert "no answer within 0.6 seconds" in lookups.unanswered.values()
