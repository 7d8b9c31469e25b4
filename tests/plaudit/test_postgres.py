"""The embedded PostgreSQL: started, killed, taken over, and in folders that its user cannot enter."""

import os
import pwd
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import pytest

from plaudit.postgres import BINARIES, SYSTEM_FOLDER, EmbeddedPostgres

OWNER = """
import sys, time
from pathlib import Path
from plaudit.postgres import EmbeddedPostgres
print(EmbeddedPostgres(Path(sys.argv[1])).start(), flush=True)
time.sleep(60)
"""
Start = Callable[[Path], EmbeddedPostgres]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts servers, and destroys them at the end."""
    started: list[EmbeddedPostgres] = []

    def one(folder: Path) -> EmbeddedPostgres:
        server = EmbeddedPostgres(folder)
        server.start()
        started.append(server)
        return server

    yield one
    for server in started:
        server.destroy()


async def run(url: str, *statements: str) -> object:
    """Runs statements, and returns the value of the last one."""
    connection = await asyncpg.connect(url, timeout=5)
    try:
        for statement in statements[:-1]:
            await connection.execute(statement)
        return await connection.fetchval(statements[-1])
    finally:
        await connection.close()


def _killed_owner(folder: Path) -> str:
    """The URL of a server whose owner was killed with SIGKILL."""
    command = [sys.executable, "-c", OWNER, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:  # noqa: S603 - our own code
        assert owner.stdout
        url = owner.stdout.readline().strip()
        owner.kill()
    return url


def postmaster(server: EmbeddedPostgres) -> int:
    return int((server.cluster / "postmaster.pid").read_text().splitlines()[0])


async def test_it_starts_within_seconds_and_keeps_its_data(start: Start, tmp_path: Path) -> None:
    before = time.monotonic()
    server = start(tmp_path)
    assert time.monotonic() - before < 10
    await run(server.url, "create table kept as select 7 as it", "select 1")
    url = server.url
    server.stop()
    assert start(tmp_path).url == url
    assert await run(url, "select it from kept") == 7


async def test_it_is_version_18_on_loopback_with_a_password_and_no_socket(start: Start, tmp_path: Path) -> None:
    server = start(tmp_path)
    assert str(await run(server.url, "show server_version")).startswith("18")
    assert await run(server.url, "show listen_addresses") == "127.0.0.1"
    assert await run(server.url, "show unix_socket_directories") == ""
    with pytest.raises(asyncpg.InvalidPasswordError):
        await run(server.url.replace(server.url.split(":")[2].split("@")[0], "guess"), "select 1")


def test_password_files_are_only_readable_by_their_owner(start: Start, tmp_path: Path) -> None:
    start(tmp_path)
    assert (tmp_path / "postgres.password").stat().st_mode & 0o077 == 0
    assert not list(tmp_path.glob("*.pw"))


def test_control_c_in_the_terminal_does_not_stop_it(start: Start, tmp_path: Path) -> None:
    assert os.getsid(postmaster(start(tmp_path))) != os.getsid(0)


async def test_it_works_in_a_folder_with_a_long_path(start: Start, tmp_path: Path) -> None:
    server = start(tmp_path / ("a long name " * 8) / ("ünd another " * 8))
    assert await run(server.url, "select 1") == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends a user")
def test_a_cluster_outside_an_inaccessible_folder_is_found_again(start: Start, tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o700)
    server = start(tmp_path / "closed" / "data")
    assert server.cluster.parent == SYSTEM_FOLDER
    for folder in (tmp_path / "closed", tmp_path):  # accessible now; choosing again would appear to lose the data
        folder.chmod(0o755)
    server.stop()
    assert start(tmp_path / "closed" / "data").cluster == server.cluster


async def test_two_servers_run_side_by_side(start: Start, tmp_path: Path) -> None:
    one, other = start(tmp_path / "one"), start(tmp_path / "other")
    assert one.url != other.url
    await run(one.url, "create table kept ()", "select 1")
    assert await run(other.url, "select to_regclass('kept')") is None


async def test_concurrent_starts_in_one_folder_share_one_server(start: Start, tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as both:
        one, other = both.map(start, (tmp_path, tmp_path))
    assert one.url == other.url
    assert (one.child is None) != (other.child is None)


async def test_a_server_that_outlived_its_owner_is_taken_over(start: Start, tmp_path: Path) -> None:
    url = _killed_owner(tmp_path)
    server = start(tmp_path)
    assert (server.url, server.child) == (url, None)
    assert await run(url, "select 1") == 1


async def test_a_killed_postmaster_restarts_with_all_committed_data(start: Start, tmp_path: Path) -> None:
    server = start(tmp_path)
    await run(server.url, "create table kept as select 7 as it", "select 1")
    os.kill(postmaster(server), signal.SIGKILL)
    assert server.child
    server.child.wait(5)
    assert await run(start(tmp_path).url, "select it from kept") == 7


async def test_another_port_is_used_if_the_previous_one_is_taken(start: Start, tmp_path: Path) -> None:
    server = start(tmp_path)
    old = int((tmp_path / "postgres.port").read_text())
    server.stop()
    with socket.create_server(("127.0.0.1", old)):
        assert f":{old}/" not in start(tmp_path).url
        assert await run(server.url, "select 1") == 1


def test_an_interrupted_start_leaves_no_half_created_cluster(start: Start, tmp_path: Path) -> None:
    first = start(tmp_path)
    first.destroy()
    half = first.cluster.with_suffix(".new")
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    start(tmp_path)
    assert not half.exists()


def test_sigterm_stops_it(start: Start, tmp_path: Path) -> None:
    server = start(tmp_path)
    os.kill(postmaster(server), signal.SIGTERM)
    assert server.child
    assert server.child.wait(10) == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests run as an ordinary user already")
def test_for_an_ordinary_user_the_cluster_is_in_the_folder(tmp_path: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    for folder in (tmp_path, *tmp_path.parents):
        if folder.owner() == "root" and Path(tempfile.gettempdir()) in folder.parents:
            folder.chmod(0o755)
    os.chown(tmp_path, nobody.pw_uid, nobody.pw_gid)
    if subprocess.run(["/usr/bin/test", "-x", BINARIES], user="nobody", check=False).returncode:  # noqa: S603 - our own
        pytest.skip("nobody may not enter the folder of the binaries")
    child = os.fork()
    if child == 0:
        try:
            os._exit(_as(nobody, tmp_path))
        finally:
            os._exit(2)  # an error must not continue the test run in this copy of the process
    assert os.waitpid(child, 0)[1] == 0


def _as(user: pwd.struct_passwd, folder: Path) -> int:
    """Starts a server as this user in a separate process; returns 0 on success."""
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    server = EmbeddedPostgres(folder / "data")
    server.start()
    inside = server.cluster == folder / "data" / "postgres" and server.cluster.owner() == user.pw_name
    server.destroy()
    return 0 if inside else 1
