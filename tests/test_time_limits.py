"""A hanging test fails, whatever it waits for, and the next test on the same loop passes."""

import re
import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE
from pathlib import Path

ROOT = Path(__file__).parent.parent
HANGS = """
import asyncio, threading
import pytest

async def block():
    threading.Event().wait()

async def stay_busy():
    while True:
        sum(range(10_000))
        await asyncio.sleep(0)

@pytest.fixture
async def never():
    await asyncio.Event().wait()

async def test_event_that_never_comes():
    await asyncio.Event().wait()

async def test_blocked_loop():
    await block()

@pytest.mark.parametrize("other", [block, stay_busy])
async def test_other_task(other):
    await asyncio.gather(other(), return_exceptions=True)
    await asyncio.Event().wait()

async def test_fixture(never):
    pass

def test_thread():
    threading.Event().wait()

async def test_next():
    await asyncio.sleep(0)
"""


async def test_hanging_tests_fail_and_the_next_test_passes(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(HANGS)
    command = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), f"--rootdir={tmp_path}"]
    options = ["-p", "tests.time_limits", "-p", "no:cacheprovider", "-o", "timeout=1", "-v", "--tb=no"]
    run = await create_subprocess_exec(*command, *options, str(tmp_path), cwd=ROOT, stdout=PIPE)
    try:
        output = (await run.communicate())[0].decode()
    finally:
        if run.returncode is None:
            run.kill()
    assert dict(re.findall(r"::test_(\S+) (\w+)", output)) == {
        "event_that_never_comes": "FAILED",
        "blocked_loop": "FAILED",
        "other_task[block]": "FAILED",
        "other_task[stay_busy]": "FAILED",
        "fixture": "ERROR",
        "thread": "FAILED",
        "next": "PASSED",
    }, output
