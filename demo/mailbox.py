"""Stores caught mails in an SQLite file."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from pathlib import Path

MAX_HEADER_SHOWN = 1000
"""The number of characters shown; the source has the rest."""
_SCHEMA = """
create table if not exists mail (
  id integer primary key,
  caught_at text not null, sender text not null, recipient text not null, subject text not null);
create table if not exists source (id integer primary key, bytes blob not null);
"""


@dataclass(frozen=True, slots=True)
class Caught:
    """A mail as received: the envelope and the bytes."""

    caught_at: datetime
    sender: str
    recipients: tuple[str, ...]
    source: bytes


@dataclass(frozen=True, slots=True)
class Line:
    """A mail in the list."""

    id: int
    caught_at: datetime
    sender: str
    recipient: str
    subject: str


@dataclass(frozen=True, slots=True)
class Mail:
    """A parsed mail: headers in order, text and HTML if it has them."""

    line: Line
    headers: Sequence[tuple[str, str]]
    text: str | None
    html: str | None
    source: bytes


class Mailbox:
    """Not thread-safe. A power cut may lose mails, which is acceptable for a demo."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, check_same_thread=False)
        self._db.executescript("pragma journal_mode = wal; pragma synchronous = off;" + _SCHEMA)

    def close(self) -> None:
        self._db.close()

    def add(self, mails: Sequence[Caught]) -> None:
        """Adds all of them in one transaction."""
        with self._db:
            for mail in mails:
                envelope = [_text(mail.sender), _text(", ".join(mail.recipients))]
                row = (mail.caught_at.isoformat(), *envelope, _subject(mail.source))
                done = self._db.execute(
                    "insert into mail (caught_at, sender, recipient, subject) values (?, ?, ?, ?)", row
                )
                self._db.execute("insert into source (id, bytes) values (?, ?)", (done.lastrowid, mail.source))

    def clear(self) -> None:
        with self._db:
            self._db.execute("delete from mail")
            self._db.execute("delete from source")

    def count(self, recipient: str = "") -> int:
        (number,) = self._db.execute(
            "select count(*) from mail where recipient like ? escape '\\'", (_like(recipient),)
        ).fetchone()
        return int(number)

    def newest(self, recipient: str = "", *, before: int | None = None, limit: int = 50) -> list[Line]:
        """Newest first, older than `before`, with `recipient` as a part of the recipient's address."""
        rows = self._db.execute(
            "select id, caught_at, sender, recipient, subject from mail "
            "where recipient like ? escape '\\' and (? is null or id < ?) order by id desc limit ?",
            (_like(recipient), before, before, limit),
        )
        return [_line(row) for row in rows]

    def mail(self, key: int) -> Mail | None:
        row = self._db.execute(
            "select m.id, caught_at, sender, recipient, subject, bytes from mail m join source s on s.id = m.id "
            "where m.id = ?",
            (key,),
        ).fetchone()
        return _read(_line(row[:5]), row[5]) if row else None


def _like(part: str) -> str:
    escaped = part.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _line(row: tuple[int, str, str, str, str]) -> Line:
    key, caught_at, sender, recipient, subject = row
    return Line(key, datetime.fromisoformat(caught_at).astimezone(UTC), sender, recipient, subject)


def _subject(source: bytes) -> str:
    """Parses only the headers, since most mails are never opened."""
    head = source.partition(b"\r\n\r\n")[0]
    return _shown(BytesHeaderParser().parsebytes(head).get("Subject", ""))


def _read(line: Line, source: bytes) -> Mail:
    """Uses the older parser, which accepts anything; the newer one raises for some malformed headers."""
    message = message_from_bytes(source)
    headers = [(_text(name), _shown(value)) for name, value in message.items()]
    return Mail(line, headers, _part(message, "plain"), _part(message, "html"), source)


def _shown(value: object) -> str:
    """A header with its encoded words decoded if possible."""
    whole = str(value)
    cut = whole if len(whole) <= MAX_HEADER_SHOWN else whole[:MAX_HEADER_SHOWN] + "…"
    try:
        return _text(str(make_header(decode_header(cut))))
    except (HeaderParseError, LookupError, ValueError):
        return _text(cut)


def _text(raw: str) -> str:
    """Replaces what cannot be shown or stored: lone surrogates and control characters."""
    whole = raw.encode("utf-8", "replace").decode()
    return "".join(char if char.isprintable() else " " if char in "\r\n\t" else "�" for char in whole)


def _part(message: Message, kind: str) -> str | None:
    """The first part of this kind that isn't an attachment."""
    for part in message.walk():
        if part.get_content_type() == f"text/{kind}" and part.get_content_disposition() != "attachment":
            body = part.get_payload(decode=True)
            return _decoded(body, part.get_content_charset()) if isinstance(body, bytes) else None
    return None


def _decoded(body: bytes, charset: str | None) -> str:
    """Reads unknown charsets as UTF-8, and marks invalid bytes."""
    try:
        text = body.decode(charset or "utf-8", "replace")
    except (LookupError, ValueError):
        text = body.decode("utf-8", "replace")
    return text.encode("utf-8", "replace").decode()
