"""Recognizes files that are no list by their first bytes, and refuses them in words."""

import codecs
import re

from models.rules.errors import UnreadableFile

SAVE = "save the list as XLSX, ODS or CSV UTF-8 and upload it again"
UNPACK = "unpack it and upload the list in it"
_EXPORT = "export the contacts as CSV UTF-8 and upload that file"
_OTHERS = [
    (rb"%PDF", "a PDF", SAVE),
    (
        rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an old Excel workbook (XLS) or one with a password",
        "save the list as XLSX without a password, ODS or CSV UTF-8 and upload it again",
    ),
    (rb"PK\x05\x06", "an empty ZIP archive", SAVE),
    (rb"\x1f\x8b", "a gzip archive", UNPACK),
    (rb"BZh[1-9]1AY", "a bzip2 archive", UNPACK),
    (rb"\xfd7zXZ", "an XZ archive", UNPACK),
    (rb"\x28\xb5\x2f\xfd", "a Zstandard archive", UNPACK),
    (rb"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", UNPACK),
    (rb"Rar!", "a RAR archive", UNPACK),
    (rb"(?s:.{257})ustar", "a TAR archive", UNPACK),
    (rb"\x89PNG|\xff\xd8\xff|GIF8", "a picture", SAVE),
    (rb"SQLite format 3\x00", "a database", SAVE),
    (rb"PAR1", "a Parquet file", SAVE),
    (rb"\{\\rtf", "a text document", SAVE),
    (rb"(?i:BEGIN:VCARD)", "a vCard file", _EXPORT),
    (rb"(?:version: 1\s+)?dn::? ", "an LDIF file", _EXPORT),
    (rb'[\[{]\s*[\[{"]', "a JSON file", SAVE),
    (rb"-- |/\*|INSERT INTO |CREATE TABLE ", "an SQL script", SAVE),
    (rb"ID;P\w+(?:;[NE])*\r?\n(?:P;P|[BC];[XY]|F;|O;L)", "a SYLK file", SAVE),
    (rb"TABLE\r?\n0,1\r?\n", "a DIF file", SAVE),
    (rb"MIME-Version:", "a web archive", SAVE),
    (rb"<", "a web page or XML", SAVE),
]
_PATTERNS = [(re.compile(mark), what, how) for mark, what, how in _OTHERS]
_BLANKS = b" \r\n\t"


def refuse_other_formats(head: bytes) -> None:
    """Raises UnreadableFile if the file begins like a file of another format."""
    start = _in_utf_8(head).removeprefix(codecs.BOM_UTF8).lstrip(_BLANKS)
    for pattern, what, how in _PATTERNS:
        if pattern.match(start):
            raise other_format(what, how)


def other_format(what: str, how: str = SAVE) -> UnreadableFile:
    return UnreadableFile(f"This is {what}, not a list; {how}.", ["uploadId"])


def _in_utf_8(head: bytes) -> bytes:
    for mark, codec in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if head.startswith(mark):
            return head[2:].decode(codec, "ignore").encode("utf-8", "ignore")
    return head
