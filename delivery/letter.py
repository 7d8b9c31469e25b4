"""Builds the bytes of an e-mail (RFC 5322, RFC 2045 to 2047) without the standard library's object tree.

That tree costs some milliseconds per message and would be the slowest step of sending; a test reads every letter back
with it.
"""

import base64
import re
from collections.abc import Sequence
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from functools import lru_cache

LONGEST_LINE = 998
_END = "\r\n"
_PLAIN = re.compile(r"(?:(?!=\?)[\x20-\x7e])*")
"""Printable ASCII without anything that looks like the beginning of an encoded word."""
_SPECIAL = re.compile(r'(["\\])')
_HIDDEN = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Controls, and those of bidirectional text, with which a name can be made to look like another one; lone surrogates."""


def one_line(value: str) -> str:
    """A value on one line, without control characters."""
    return " ".join(_HIDDEN.sub("", value).split())


def header(name: str, value: str) -> bytes:
    """One header. A value that is not plain, or too long for a line, is folded into encoded words; no line break gets
    in."""
    text = one_line(value)
    if not _PLAIN.fullmatch(text) or len(name) + len(text) + 2 > LONGEST_LINE:
        text = _encoded(name, text)
    return f"{name}: {text}\r\n".encode("ascii")


@lru_cache(maxsize=512)
def _encoded(name: str, text: str) -> str:
    return Header(text, "utf-8", header_name=name).encode(linesep=_END)


@lru_cache(maxsize=512)
def mailbox(name: str, address: str) -> str:
    """A display name with its address."""
    text = one_line(name)
    if not text:
        return address
    if _PLAIN.fullmatch(text):
        quoted = _SPECIAL.sub(r"\\\1", text)
        return f'"{quoted}" <{address}>'
    # As if in a header with a long name, so that the first line is short enough for any.
    return f"{_encoded('Reply-To', text)} <{address}>"


def address_header(name: str, display: str, address: str) -> bytes:
    """A From, To or Reply-To header. The address is ASCII without spaces."""
    return f"{name}: {mailbox(display, address)}\r\n".encode("ascii")


def _part(kind: str, text: str) -> bytes:
    """A text part, in 7bit if it is ASCII with short lines, otherwise in base64."""
    lines = text.splitlines() or [""]
    if text.isascii() and max(map(len, lines)) <= LONGEST_LINE and "\x00" not in text:
        encoding, body = "7bit", "\r\n".join(lines).encode("ascii") + b"\r\n"
    else:
        joined = "\r\n".join(lines).encode("utf-8") + b"\r\n"
        encoding, body = "base64", base64.encodebytes(joined).replace(b"\n", b"\r\n")
    head = f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode("ascii") + body


def letter(headers: Sequence[bytes], sent_at: datetime, boundary: str, text: str, html: str) -> bytes:
    """Text and HTML as multipart/alternative; `boundary` must not occur in them."""
    mark = f"--{boundary}".encode("ascii")
    head = (
        f"Date: {format_datetime(sent_at)}\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'
    )
    parts = b"".join(mark + b"\r\n" + part for part in (_part("plain", text), _part("html", html)))
    return b"".join(headers) + head.encode("ascii") + parts + mark + b"--\r\n"


def plain_letter(headers: Sequence[bytes], sent_at: datetime, text: str) -> bytes:
    """Text alone."""
    head = f"Date: {format_datetime(sent_at)}\r\nMIME-Version: 1.0\r\n"
    return b"".join(headers) + head.encode("ascii") + _part("plain", text)
