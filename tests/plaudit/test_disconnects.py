"""Operations whose client disconnects, or that end early: queries and their statements are cancelled, mutations go on."""

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

import models
from plaudit.graphql import Gateway
from plaudit.masking import Coded
from resolvers.context import Shared
from resolvers.cursors import CursorBox
from resolvers.live import Live
from schema import root
from tests import factories as make
from tests.gateway import SECRET, Api, send, serving, settings, subscribe
from tests.resolvers.test_commands import STOP, invited

WAIT_SECONDS = 3.0
"""Shorter than the time limits of the database."""
MESSAGES = "{ account { customers { edges { node { invitation { messages { state } } } } } } }"
_WAITING = "select count(*) from pg_locks where relation = $1::text::regclass and not granted"


@asynccontextmanager
async def locked(url: str, table: str) -> AsyncIterator[Callable[[int], Awaitable[None]]]:
    """Makes statements on this table wait; yields a function that waits until this many do."""
    connection = await asyncpg.connect(url)

    async def wait_until(number: int) -> None:
        async with asyncio.timeout(WAIT_SECONDS):
            while await connection.fetchval(_WAITING, table) != number:
                await asyncio.sleep(0.01)

    try:
        async with connection.transaction():
            await connection.execute(f"lock table {table}")
            yield wait_until
    finally:
        await connection.close()


async def invited_owner() -> models.User:
    location = await make.location(await make.account())
    await make.invited(location)
    return await make.member(await models.Account.get(id=location.account_id))


@asynccontextmanager
async def gateway(db: str, *, row_security: bool, seconds: float) -> AsyncIterator[Api]:
    shared = Shared(CursorBox((SECRET,)), Live(db), row_security=row_security, max_operation_seconds=seconds)
    app = Starlette(routes=[Route("/graphql", Gateway(root.build(Coded), settings(db), shared))])
    async with serving(app) as api:
        yield api


async def disconnect(asking: asyncio.Task[object]) -> None:
    asking.cancel()
    await asyncio.wait([asking])


async def test_query_of_a_disconnected_client_and_its_statement_are_cancelled(api: Api, db: str) -> None:
    owner = await invited_owner()
    async with locked(db, "message") as wait_until:
        asking: asyncio.Task[object] = asyncio.create_task(api.ask(owner, MESSAGES))
        await wait_until(1)
        await disconnect(asking)
        await wait_until(0)


async def test_mutation_of_a_disconnected_client_goes_on(api: Api, db: str) -> None:
    location = await make.location(await make.account())
    invitation = await invited(location)
    owner = await make.member(await models.Account.get(id=location.account_id))
    async with locked(db, "message") as wait_until:
        asking: asyncio.Task[object] = asyncio.create_task(api.ask(owner, STOP, input={"invitationId": invitation}))
        await wait_until(1)
        await disconnect(asking)
    async with asyncio.timeout(WAIT_SECONDS):
        while not await models.Invitation.filter(location_id=location.id, state="STOPPED").exists():
            await asyncio.sleep(0.01)


LEAKING = f"""{{ account {{ u: usage(locationId: "loc_{"0" * 32}") {{ invitedThisCycle }}
  {" ".join(f"l{n}: locations {{ totalCount edges {{ cursor }} }}" for n in range(20))} }} }}"""
"""A failing non-null field, which cancels the reads of its siblings while they run."""


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")  # resolvers that had not begun
async def test_operations_that_fail_and_end_early_leave_no_connection_behind(api: Api) -> None:
    owner = await make.member(await make.account())
    async with api.connected(owner) as socket:
        for number in range(30):
            await subscribe(socket, LEAKING, str(number))
            await asyncio.sleep(0.002 * (number % 10))
            await send(socket, type="complete", id=str(number))
    for number in range(30):
        asking: asyncio.Task[object] = asyncio.create_task(api.ask(owner, LEAKING))
        await asyncio.sleep(0.002 * (number % 15))
        await disconnect(asking)
    assert (await api.data(owner, "{ account { name } }"))["account"]
    gc.collect()  # while the warning is ignored


async def test_requests_that_are_aborted_at_once_do_not_delay_other_members(api: Api) -> None:
    greedy, other = await make.member(await make.account()), await make.member(await make.account())
    asking: list[asyncio.Task[object]] = [asyncio.create_task(api.ask(greedy, "{ __typename }")) for _ in range(60)]
    await asyncio.sleep(0.05)
    for one in asking:
        one.cancel()
    assert (await api.data(other, "{ account { name } }"))["account"]
    await asyncio.wait(asking)


@pytest.mark.parametrize("row_security", [False, True])
async def test_statement_of_an_operation_that_takes_too_long_is_cancelled(db: str, row_security: bool) -> None:
    owner = await invited_owner()
    async with locked(db, "message") as wait_until, gateway(db, row_security=row_security, seconds=0.5) as api:
        (error,) = (await api.ask(owner, MESSAGES))["errors"]
        assert error["extensions"]["code"] == "TIMEOUT"
        await wait_until(0)


ACTIVITY = "{ account { customers { edges { node { activity { edges { node { id } } } } } } } }"


@pytest.mark.parametrize("row_security", [False, True])
@pytest.mark.parametrize("times_before", [0, 3])
async def test_a_loader_that_reads_when_the_time_is_up_ends_with_its_operation(
    db: str, row_security: bool, times_before: int
) -> None:
    """By graphql-core and, when the query was executed before, by a plan."""
    owner, document = await invited_owner(), f"{ACTIVITY} # {make.unique('document')}"
    async with gateway(db, row_security=row_security, seconds=0.6) as api:
        for _ in range(times_before):
            assert "errors" not in await api.ask(owner, document)
        async with locked(db, "activity_event") as wait_until:
            answer = await api.post(owner, {"query": document})
            assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (504, "TIMEOUT")
            await wait_until(0)
        assert "errors" not in await api.ask(owner, document)


@pytest.mark.parametrize("row_security", [False, True])
async def test_a_planned_answer_survives_the_loss_of_the_connection_that_it_was_read_from(
    db: str, row_security: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, document = await invited_owner(), f"{ACTIVITY} # {make.unique('document')}"
    answer_planned = Gateway._answer_planned
    server = await asyncpg.connect(os.environ["PLAUDIT_TEST_DATABASE_URL"])

    async def then_lose(gateway: Gateway, *given: Any) -> Any:
        found = await answer_planned(gateway, *given)
        assert await server.fetchval(_END_OTHERS)
        return found

    async with gateway(db, row_security=row_security, seconds=10) as api:
        first = await api.ask(owner, document)
        for _ in range(2):
            await api.ask(owner, document)
        with monkeypatch.context() as patched:
            patched.setattr(Gateway, "_answer_planned", then_lose)
            assert await api.ask(owner, document) == first
        assert await api.ask(owner, document) == first
    await server.close()


_END_OTHERS = """
select count(pg_terminate_backend(pid)) from pg_stat_activity
where pid <> pg_backend_pid() and query like '%k.key as owner, events%' and state like 'idle%'
"""
