"""The command line: what cannot be done ends in a sentence and status 1."""

import asyncio
import os
import socket
import sys
from asyncio.subprocess import PIPE

import pytest

from tests.gateway import SECRET


async def ran(*command: str, **settings: str) -> tuple[int | None, str]:
    """Its status, and what it wrote to standard error."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "plaudit",
        *command,
        env={"PATH": os.environ["PATH"], **settings},
        stdout=PIPE,
        stderr=PIPE,
    )
    _, said = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, said.decode()


async def test_wrong_settings_are_reported_line_by_line() -> None:
    status, said = await ran("serve", PLAUDIT_SMTP_ULR="x")
    names = [line.split()[0] for line in said.splitlines()]
    assert (status, names) == (
        1,
        [f"PLAUDIT_{one}" for one in ("SMTP_ULR", "DATABASE_URL", "BASE_URL", "SECRET", "JWT_SECRET", "SMTP_URL")],
    )


@pytest.mark.parametrize("command", ["migrate", "serve", "worker"])
async def test_a_demo_s_environment_on_another_database_ends_in_a_sentence(db: str, command: str) -> None:
    given = {"PLAUDIT_ENV": "demo", "PLAUDIT_DATABASE_URL": db, "PLAUDIT_SECRET": SECRET, "PLAUDIT_JWT_SECRET": SECRET}
    if command == "serve":
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            given["PLAUDIT_PORT"] = str(probe.getsockname()[1])
    status, said = await ran(command, **given)
    assert status == 1
    assert "Unset PLAUDIT_ENV" in said.splitlines()[-1]
    assert "Traceback" not in said
