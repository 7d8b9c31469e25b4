"""Workers that lose an import at a chosen moment: `python -m tests.faults.dying_importer DATABASE_URL`.

Each line of standard input is a JSON list of a command of `COMMANDS` and its arguments, which a forked process runs. For each line,
"killed", "stopped", "ended" or "failed" is printed. `continue` lets a stopped process go on; there is at most one.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import models
from bulk_import import runner, tasks
from bulk_import.start import Restart, start_again
from models.clock import clock
from models.commands import import_control, jobs
from models.connection import WORK, Db, execute, fetch_one, pool, transaction
from models.rules.enums import InvitationState
from plaudit import database
from tests import factories as make
from tests.bulk_import.imports import create_import
from tests.faults.dying_loop import dying, fate, fork

ALLOWANCE = 100
"""Less than the lists need, so that their last records are skipped."""
SUPPRESSED, OPEN, RECENT, KNOWN = (f"{what}@example.org" for what in ("suppressed", "open", "recent", "known"))
"""Addresses that every account of these imports knows already."""
CHUNK, SLICE, AT_ONCE = 60, 2, 30
"""Small, so that short lists have several of each."""


async def prepare(name: str, number: int, records: Sequence[str], options: dict[str, Any]) -> None:
    """Enqueues so many imports of this list, each in an account of its own: `<name> 0` and so on."""
    await asyncio.gather(*(_prepare(f"{name} {index}", records, options) for index in range(number)))


async def _prepare(name: str, records: Sequence[str], options: dict[str, Any]) -> None:
    key = await create_import(await _location(), *records, name=name, **options)
    async with transaction(WORK) as tx:
        await runner.enqueue(tx, key, "first")


async def _location() -> models.Location:
    account = await make.account(overrides={"invitations": ALLOWANCE})
    location = await make.location(account, steps=(0, 3))
    await make.suppressed(account, SUPPRESSED)
    await make.invited(location, make.person(email=OPEN))
    await _customer(location, KNOWN)
    await _invited_yesterday(await _customer(location, RECENT))
    return location


async def _customer(of: models.Location, email: str) -> models.Customer:
    """A customer without a name."""
    place: dict[str, Any] = {"account_id": of.account_id, "location_id": of.id}
    return await models.Customer.create(
        **place, email=email, source="api", invited_on=clock.now(), created_at=clock.now()
    )


async def _invited_yesterday(who: models.Customer) -> None:
    """An invitation that has ended, as far as rules about new ones read it."""
    place: dict[str, Any] = {"account_id": who.account_id, "location_id": who.location_id, "customer_id": who.id}
    yesterday = clock.now() - timedelta(days=1)
    moments: dict[str, Any] = dict.fromkeys(
        ("state_changed_at", "taken_in_at", "first_sent_at", "invited_on"), yesterday
    )
    await models.Invitation.create(
        **place, **moments, state=InvitationState.COMPLETED, channels=["EMAIL"], source="api"
    )


_NEXT = """
select id, entrypoint, convert_from(payload, 'utf8') as key from jobs.pgqueuer
where $1::text is null or convert_from(payload, 'utf8') = $1 order by id limit 1
"""


async def _run_jobs(of: str | None) -> bool:
    """Runs the jobs of this import, or of all, until none is left; returns whether there were any. As in the job engine, the job of
    a lost worker runs again, and one that fails is deleted."""
    found = False
    while job := await fetch_one(pool(WORK), _NEXT, of):
        found = True
        try:
            await jobs.HANDLERS[job["entrypoint"]](job["key"])
        finally:
            await execute(pool(WORK), "delete from jobs.pgqueuer where id = $1", job["id"])
    return found


async def work(key: str, callback: int) -> None:
    """Runs the jobs of this import, and is killed at this callback."""
    await dying(_run_jobs(key), callback)


async def stop(key: str, callback: int) -> None:
    """Runs the jobs of this import, and is suspended at this callback."""
    await dying(_run_jobs(key), callback, signal.SIGSTOP)


async def enqueue_again() -> None:
    """Gives imports without a job a new one, as upkeep does."""
    await runner.resume_idle()


async def finish() -> None:
    """Does what workers that were lost have left, as upkeep and the job engine do, until nothing is left."""
    found = True
    while found:
        await runner.resume_idle()
        await tasks.finish_changes()
        found = await _run_jobs(None)


async def control(what: str, *keys: str) -> None:
    """Starts, pauses, resumes or cancels imports, as the API does."""
    for key in keys:
        async with transaction(WORK) as tx:
            await CONTROLS[what](tx, UUID(hex=key))


async def _start(tx: Db, key: UUID) -> None:
    await start_again(tx, key, Restart(None, None, None, "Mia"), clock.now())
    await runner.enqueue(tx, key, "started")


async def _pause(tx: Db, key: UUID) -> None:
    await import_control.pause(tx, key, clock.now())


async def _resume(tx: Db, key: UUID) -> None:
    await import_control.resume(tx, key, clock.now())
    await tasks.enqueue_change(tx, key)


async def _cancel(tx: Db, key: UUID) -> None:
    await import_control.cancel(tx, key, clock.now())
    await tasks.enqueue_change(tx, key)


CONTROLS: dict[str, Callable[[Db, UUID], Awaitable[None]]] = {
    "start": _start,
    "pause": _pause,
    "resume": _resume,
    "cancel": _cancel,
}
COMMANDS: dict[str, Callable[..., Coroutine[Any, Any, None]]] = {
    "prepare": prepare,
    "work": work,
    "stop": stop,
    "enqueue again": enqueue_again,
    "finish": finish,
    "control": control,
}


async def _run(url: str, command: str, *given: Any) -> None:
    async with database.opened(url):
        await COMMANDS[command](*given)


def main(url: str) -> None:
    runner.CHUNK, import_control.AT_ONCE = CHUNK, AT_ONCE
    runner.run_slice.__defaults__ = (SLICE,)
    stopped = 0
    for line in sys.stdin:
        command, *given = json.loads(line)
        if command == "continue":
            os.kill(stopped, signal.SIGCONT)
            found = fate(stopped)
        else:
            child = fork(partial(_run, url, command, *given))
            found = fate(child)
            stopped = child if found == "stopped" else stopped
        sys.stdout.write(f"{found}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
