"""`plaudit check` says what is wrong with an installation, and exits with 1 if anything is."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from uuid import uuid4

from models.clock import clock
from models.commands import heartbeat
from models.connection import WORK, execute, pool
from models.reads.delivery_state import RelayState
from tests import factories as make
from tests.delivery.scripted_smtp import ScriptedSmtp
from tests.gateway import SECRET
from tests.plaudit.provider import CLIENT, Provider
from tests.plaudit.scripted_dns import SILENT, ScriptedDns, complete


async def check(db: str, port: int, **more: str) -> tuple[int | None, list[str], list[str]]:
    """The status, what is fine and what is wrong, with these further settings."""
    given = {
        "PLAUDIT_ENV": "development",
        "PLAUDIT_DATABASE_URL": db,
        "PLAUDIT_SECRET": SECRET,
        "PLAUDIT_JWT_SECRET": SECRET,
        "PLAUDIT_SMTP_URL": f"smtp://127.0.0.1:{port}?tls=none",
        **{f"PLAUDIT_{name.upper()}": value for name, value in more.items()},
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "plaudit", "check", env={"PATH": os.environ["PATH"], **given}, stdout=PIPE, stderr=PIPE
    )
    printed, _ = await asyncio.wait_for(process.communicate(), 60)
    lines = printed.decode().splitlines()
    return (
        process.returncode,
        [line.removeprefix("ok     ") for line in lines if line.startswith("ok")],
        [line.removeprefix("wrong  ") for line in lines if line.startswith("wrong")],
    )


async def test_an_installation_that_works(db: str) -> None:
    await execute(pool(WORK), "update lane set flag = null, quiet_since = null")
    await execute(pool(WORK), "update invitation set state_reason = 'ALLOWANCE' where state_reason = 'OVERDUE'")
    await heartbeat.beat(pool(WORK), uuid4(), clock.now(), clock.now(), RelayState.UP)
    async with ScriptedSmtp().running() as relay:
        status, fine, wrong = await check(db, relay.port)
    assert (status, wrong) == (0, [])
    assert len(fine) == 4


async def test_everything_that_is_wrong_is_said_at_once(db: str) -> None:
    location = await make.location(await make.account(), steps=(0,))
    await make.invited(location)
    await execute(pool(WORK), "delete from worker_heartbeat")
    await execute(
        pool(WORK),
        "update lane set quiet_since = $2, reply = '550 no' where location_id = $1",
        location.id,
        clock.now(),
    )
    async with ScriptedSmtp({"connect": "554 5.7.1 not you"}).running() as relay:
        status, _, wrong = await check(db, relay.port)
    assert status == 1
    assert wrong[0].startswith("No worker has been active")
    assert any(f"/{location.key} wait" in line and "TRANSPORT_QUIET (550 no); they are tried" in line for line in wrong)
    assert "refuses the connection (554 5.7.1 not you)" in wrong[-1]


async def test_the_sign_in_provider_is_looked_at(db: str) -> None:
    async with ScriptedSmtp().running() as relay, Provider().running() as provider:
        given = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT}
        assert f"members can sign in at {provider.issuer}" in (await check(db, relay.port, **given))[1]
        provider.answers = {"/keys": 500}
        status, _, wrong = await check(db, relay.port, **given)
    sentence = f"Nobody can sign in at {provider.issuer}: {provider.issuer}/keys answered 500"
    assert (status, wrong[-1]) == (1, sentence)


async def test_a_database_that_cannot_be_reached(db: str) -> None:
    async with ScriptedSmtp().running() as relay:
        status, _, wrong = await check("postgresql://plaudit@127.0.0.1:1/plaudit", relay.port)
    assert status == 1
    assert "127.0.0.1:1" in wrong[0]
    assert len(wrong) == 1


async def test_a_relay_that_demands_a_login_is_wrong_without_one(db: str) -> None:
    async with ScriptedSmtp({"MAIL": "530 5.7.0 authentication required"}).running() as relay:
        status, _, wrong = await check(db, relay.port)
    assert status == 1
    assert any("refuses every message (530 5.7.0 authentication required)" in line for line in wrong)


async def dns_check(db: str, dns: ScriptedDns, domain: str) -> tuple[list[str], list[str]]:
    """What is fine and what is wrong about the DNS if all locations send from this domain."""
    await make.location(await make.account())
    await execute(pool(WORK), "update location set sender_email = 'hello@' || $1", domain)
    async with ScriptedSmtp().running() as relay, dns.running() as server:
        _, fine, wrong = await check(db, relay.port, resolver=str(server.at))
    return [line for line in fine if "DNS" in line], [line for line in wrong if domain in line or "DNS" in line]


async def test_the_records_of_locations_senders_are_looked_at(db: str) -> None:
    fine, wrong = await dns_check(db, ScriptedDns(complete("bakery.berlin")), "bakery.berlin")
    assert (fine, wrong) == (["DNS has all records of 1 domain"], [])
    zone = complete("bakery.berlin") | {"_dmarc.bakery.berlin": []}
    fine, wrong = await dns_check(db, ScriptedDns(zone), "bakery.berlin")
    assert fine == []
    assert [line.partition(",")[0] for line in wrong] == ["bakery.berlin has no DMARC record"]


async def test_reserved_names_of_a_trial_are_not_looked_up(db: str) -> None:
    dns = ScriptedDns()
    assert await dns_check(db, dns, "bakery.example.com") == ([], [])
    assert dns.asked == []


async def test_a_resolver_that_does_not_answer_is_one_sentence(db: str) -> None:
    fine, (sentence,) = await dns_check(db, ScriptedDns(faults={"": SILENT}), "bakery.berlin")
    assert fine == []
    assert sentence.startswith("DNS could not be asked (the resolver 127.0.0.1:")
    assert sentence.endswith(": no answer within 5 seconds); correct PLAUDIT_RESOLVER.")
