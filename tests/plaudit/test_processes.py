"""The parent of several processes: how it goes on when they die, and how it ends."""

import asyncio
import os
import re
import sys
from asyncio.subprocess import PIPE
from signal import SIGTERM

HEAD = """
import logging, os, signal, sys, time
from plaudit import processes
from plaudit.processes import Role, supervise

logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(message)s")

def live(parent):
    parent.started()
    os.read(parent.lifeline, 1)

def deaf(parent):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    logging.info("deaf")
    time.sleep(600)

"""
WAIT_SECONDS = 30.0


async def started(script: str) -> asyncio.subprocess.Process:
    environment = {"PATH": os.environ["PATH"]}
    return await asyncio.create_subprocess_exec(sys.executable, "-c", HEAD + script, env=environment, stderr=PIPE)


async def line_with(process: asyncio.subprocess.Process, part: str) -> str:
    """The next line on standard error with this part."""
    assert process.stderr is not None
    async with asyncio.timeout(WAIT_SECONDS):
        while part not in (line := (await process.stderr.readline()).decode()):
            assert line, "it has ended"
    return line


async def ended(process: asyncio.subprocess.Process) -> tuple[int, str]:
    """Its status, and the rest of its standard error."""
    _, errors = await asyncio.wait_for(process.communicate(), WAIT_SECONDS)
    assert process.returncode is not None
    return process.returncode, errors.decode()


async def test_pauses_grow_while_a_process_dies_at_once() -> None:
    process = await started('supervise([Role("first", live), Role("second", lambda _: os._exit(3))])')
    lines = [await line_with(process, "second (process") for _ in range(3)]
    assert [re.sub(r"\d+\)", "N)", line).strip() for line in lines] == [
        f"second (process N) ended with status 3; the next one starts in {pause} s" for pause in (0.5, 1.0, 2.0)
    ]
    process.send_signal(SIGTERM)
    assert await ended(process) == (0, "")


async def test_a_process_that_does_not_stop_is_killed() -> None:
    process = await started('processes._KILL_SECONDS = 0.5; supervise([Role("first", live), Role("second", deaf)])')
    await line_with(process, "deaf")
    process.send_signal(SIGTERM)
    status, errors = await ended(process)
    assert status == 0
    assert "second did not stop within" in errors


async def test_the_first_process_that_ends_before_it_has_started_ends_all() -> None:
    process = await started('supervise([Role("first", lambda _: os._exit(4)), Role("second", live)])')
    status, errors = await ended(process)
    assert status == 4
    assert "first ended with status 4 before it had started" in errors
    assert "second" not in errors


async def test_a_refusal_later_ends_all_with_its_message() -> None:
    script = 'supervise([Role("first", live), Role("second", lambda _: "The reason.")])'
    status, errors = await ended(await started(script))
    assert status == 1
    assert errors.splitlines()[-1] == "plaudit.processes.ProcessRefusedError: The reason."


async def test_a_process_that_forks_has_one_thread_whatever_it_imports() -> None:
    script = "import os, plaudit.cli; sys.exit(len(os.listdir('/proc/self/task')) - 1)"
    assert (await ended(await started(script)))[0] == 0
