"""The demo's folder: its files, which only its user can read, and its lock."""

import fcntl
import json
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from plaudit.postgres import EmbeddedPostgres, PostgresError

_PREFIXES = ("demo.", "mail.sqlite3", "postgres", "tokens.env")
"""The names of all files in a demo's folder begin with one of these."""
_STATE, _LOCK = "demo.json", "demo.lock"


@dataclass(frozen=True, slots=True)
class DemoPaths:
    """The demo's folder, tokens file and port."""

    data_dir: Path
    tokens_file: Path
    port: int


def _secret() -> str:
    return secrets.token_hex(32)


@dataclass(frozen=True, slots=True)
class DemoState:
    """What the next start needs, in demo.json. `seeded` if the demo data is complete."""

    secret: str = field(default_factory=_secret)
    jwt_secret: str = field(default_factory=_secret)
    mail_password: str = field(default_factory=_secret)
    mail_port: int = 0
    seeded: bool = False

    @classmethod
    def read(cls, folder: Path) -> "DemoState":
        file = folder / _STATE
        return cls(**json.loads(file.read_text("utf-8"))) if file.exists() else cls()

    def write(self, folder: Path) -> None:
        write_private(folder / _STATE, json.dumps(asdict(self)))


def make_private(folder: Path) -> None:
    """Restricts a folder that holds only a demo to its owner. Other folders keep their mode; the umask protects the files
    in them."""
    folder.mkdir(parents=True, exist_ok=True)
    ours = all(entry.name.startswith(_PREFIXES) for entry in folder.iterdir())
    if ours and not folder.stat().st_mode & stat.S_ISVTX:
        with suppress(PermissionError):  # owned by another user
            folder.chmod(0o711 if _holds_cluster(folder) else 0o700)


def _holds_cluster(folder: Path) -> bool:
    """Whether the files of PostgreSQL's system user are in this folder, when run by root."""
    return not os.geteuid() and EmbeddedPostgres(folder).lies_inside


def write_private(file: Path, text: str) -> None:
    """Writes a file that only its owner can read, completely or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_name(f"{file.name}.new")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as handle:
        handle.write(text)
    half.replace(file)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Locks the folder, since the first of two demos to end would stop the other's database. The lock ends with the process.
    Raises PostgresError if another demo runs in it."""
    with (folder / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            message = (
                f"A demo is already running in {folder.resolve()}; stop it, or choose another folder with --data-dir."
            )
            raise PostgresError(message) from taken
        yield
