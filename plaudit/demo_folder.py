"""What the demo keeps in its folder, for the eyes of its user alone."""

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

_FILES = ("demo.", "mail.sqlite3", "postgres", "tokens.env")
"""How the names begin of all that a demo keeps."""
_KEPT, _LOCK = "demo.json", "demo.lock"


@dataclass(frozen=True, slots=True)
class DemoPaths:
    """Where the demo keeps what it keeps, and where it answers."""

    data_dir: Path
    tokens_file: Path
    port: int


def _secret() -> str:
    return secrets.token_hex(32)


@dataclass(frozen=True, slots=True)
class Kept:
    """What has to be the same at the next start, in demo.json. `seeded`: the demo data is there, whole."""

    secret: str = field(default_factory=_secret)
    jwt_secret: str = field(default_factory=_secret)
    mail_password: str = field(default_factory=_secret)
    mail_port: int = 0
    seeded: bool = False

    @classmethod
    def read(cls, folder: Path) -> "Kept":
        file = folder / _KEPT
        return cls(**json.loads(file.read_text("utf-8"))) if file.exists() else cls()

    def write(self, folder: Path) -> None:
        write_private(folder / _KEPT, json.dumps(asdict(self)))


def make_private(folder: Path) -> None:
    """Closes a folder in which nothing but a demo lies. Another one keeps its mode, as it is not ours to close; what is
    put into it is closed by the umask."""
    folder.mkdir(parents=True, exist_ok=True)
    ours = all(entry.name.startswith(_FILES) for entry in folder.iterdir())
    if ours and not folder.stat().st_mode & stat.S_ISVTX:
        with suppress(PermissionError):  # somebody else's, lent to us
            folder.chmod(0o711 if _others_pass_through(folder) else 0o700)


def _others_pass_through(folder: Path) -> bool:
    """Whether the system user that root lends to PostgreSQL has its files in here."""
    return not os.geteuid() and EmbeddedPostgres(folder).lies_inside


def write_private(file: Path, text: str) -> None:
    """For our eyes alone from the first byte on; whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_name(f"{file.name}.new")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as handle:
        handle.write(text)
    half.replace(file)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """The first of two to end would take the database from the other. A lock goes with its process, however that ends."""
    with (folder / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            words = f"A demo runs in {folder.resolve()} already; end it, or name another folder with --data-dir."
            raise PostgresError(words) from taken
        yield
