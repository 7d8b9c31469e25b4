"""The command line: failures end with a message and status 1."""

import asyncio
import os
import socket
import sys
from asyncio.subprocess import PIPE

import pytest

from tests.gateway import SECRET


async def run(*command: str, **settings: str) -> tuple[int | None, str]:
    """Runs a command; returns its status and standard error."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "plaudit",
        *command,
        env={"PATH": os.environ["PATH"], **settings},
        stdout=PIPE,
        stderr=PIPE,
    )
    _, errors = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, errors.decode()


async def test_invalid_settings_are_reported_line_by_line() -> None:
    status, errors = await run("serve", PLAUDIT_SMTP_ULR="x")
    names = [line.split()[0] for line in errors.splitlines()]
    assert (status, names) == (
        1,
        [f"PLAUDIT_{one}" for one in ("SMTP_ULR", "DATABASE_URL", "BASE_URL", "SECRET", "JWT_SECRET", "SMTP_URL")],
    )


@pytest.mark.parametrize("command", ["serve", "demo"])
async def test_invalid_port_is_reported_as_the_option(command: str) -> None:
    status, errors = await run(command, "--port", "65536")
    assert status == 2
    assert 'Invalid value "65536" for --port. Must be <= 65535.' in errors


@pytest.mark.parametrize("command", ["migrate", "serve", "serve --processes 3 --with-worker", "worker"])
async def test_the_demos_environment_on_another_database_ends_with_a_message(db: str, command: str) -> None:
    given = {"PLAUDIT_ENV": "demo", "PLAUDIT_DATABASE_URL": db, "PLAUDIT_SECRET": SECRET, "PLAUDIT_JWT_SECRET": SECRET}
    if command.startswith("serve"):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            given["PLAUDIT_PORT"] = str(probe.getsockname()[1])
    status, errors = await run(*command.split(), **given)
    assert status == 1
    assert "Unset PLAUDIT_ENV" in errors.splitlines()[-1]
    assert errors.count("Unset PLAUDIT_ENV") == 1
    assert "Traceback" not in errors
