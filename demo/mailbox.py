"""The caught mails, kept in one SQLite file."""

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

LONGEST_SHOWN = 1000
"""Characters of a header; more of it is in the source."""
_SHAPE = """
create table if not exists mail (
  id integer primary key,
  caught_at text not null, sender text not null, recipient text not null, subject text not null);
create table if not exists source (id integer primary key, bytes blob not null);
"""


@dataclass(frozen=True, slots=True)
class Caught:
    """A mail as it came in: the envelope and the bytes."""

    caught_at: datetime
    sender: str
    recipients: tuple[str, ...]
    source: bytes


@dataclass(frozen=True, slots=True)
class Line:
    """A mail as the list shows it."""

    id: int
    caught_at: datetime
    sender: str
    recipient: str
    subject: str


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail, read: headers in their order, and its texts where it has any."""

    line: Line
    headers: Sequence[tuple[str, str]]
    text: str | None
    html: str | None
    source: bytes


class Mailbox:
    """One thread at a time. What is lost in a power cut is no loss: this is for looking."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, check_same_thread=False)
        self._db.executescript("pragma journal_mode = wal; pragma synchronous = off;" + _SHAPE)

    def close(self) -> None:
        self._db.close()

    def add(self, mails: Sequence[Caught]) -> None:
        """All of them in one transaction."""
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

    def newest(self, recipient: str = "", *, before: int | None = None, most: int = 50) -> list[Line]:
        """The latest first; `recipient`: a part of the address; `before`: older than this one."""
        rows = self._db.execute(
            "select id, caught_at, sender, recipient, subject from mail "
            "where recipient like ? escape '\\' and (? is null or id < ?) order by id desc limit ?",
            (_like(recipient), before, before, most),
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
    """Headers alone are parsed: most mails are never opened."""
    head = source.partition(b"\r\n\r\n")[0]
    return _shown(BytesHeaderParser().parsebytes(head).get("Subject", ""))


def _read(line: Line, source: bytes) -> Mail:
    """By the older parser, which takes whatever comes: the newer one raises for some headers that are malformed."""
    message = message_from_bytes(source)
    headers = [(_text(name), _shown(value)) for name, value in message.items()]
    return Mail(line, headers, _part(message, "plain"), _part(message, "html"), source)


def _shown(value: object) -> str:
    """A header with its encoded words decoded; as it is where they cannot be."""
    whole = str(value)
    cut = whole if len(whole) <= LONGEST_SHOWN else whole[:LONGEST_SHOWN] + "…"
    try:
        return _text(str(make_header(decode_header(cut))))
    except (HeaderParseError, LookupError, ValueError):
        return _text(cut)


def _text(raw: str) -> str:
    """Without what cannot be shown or stored: lone surrogates and control characters."""
    whole = raw.encode("utf-8", "replace").decode()
    return "".join(sign if sign.isprintable() else " " if sign in "\r\n\t" else "�" for sign in whole)


def _part(message: Message, kind: str) -> str | None:
    """The first text of this kind that is no attachment."""
    for part in message.walk():
        if part.get_content_type() == f"text/{kind}" and part.get_content_disposition() != "attachment":
            body = part.get_payload(decode=True)
            return _decoded(body, part.get_content_charset()) if isinstance(body, bytes) else None
    return None


def _decoded(body: bytes, charset: str | None) -> str:
    """A charset that nobody knows is read as UTF-8; what does not fit is marked."""
    try:
        text = body.decode(charset or "utf-8", "replace")
    except (LookupError, ValueError):
        text = body.decode("utf-8", "replace")
    return text.encode("utf-8", "replace").decode()
