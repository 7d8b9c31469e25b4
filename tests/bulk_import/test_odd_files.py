"""Odd and hostile files: each has its rows or its sentence, in bounded time and memory."""

import bz2
import hashlib
import lzma
import struct
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import pytest

from bulk_import.preview import preview
from bulk_import.reader import open_list
from models.rules.errors import UnreadableFile
from tests.bulk_import.sheets import ods, ods_row, ods_text, packed, text_rows, xlsx

PIECE = 1_000_000
SECONDS, MEMORY = 5.0, 60_000_000
"""For reading a whole file, in seconds of the processor: the slowest takes 1.5 if nothing else runs. For a preview, in bytes."""
ANN, BEN = ["Ann", "a@example.org"], ["Ben", "b@example.org"]
HEAD = "Name,Mail\n"
STRANGE = "A\x0c\x0b\x1c\x85\u2028nn"
LINES = "Ann,a@example.org\nBen,b@example.org\n"


@dataclass(frozen=True)
class Odd:
    """`data` is made when it is needed. `rows`: all rows, or their number; None if the file is refused with `words`."""

    what: str
    data: Callable[[], bytes]
    rows: list[list[str]] | int | None = None
    words: str = ""


def text(
    what: str, content: str, rows: list[list[str]] | int | None = None, words: str = "", codec: str = "utf-8"
) -> Odd:
    return Odd(what, lambda: content.encode(codec), rows, words)


def raw(what: str, data: bytes, words: str) -> Odd:
    return Odd(what, lambda: data, None, words)


GOOD = [ANN, BEN]
READ = [
    text("LF", HEAD + LINES, GOOD),
    text("CR LF", (HEAD + LINES).replace("\n", "\r\n"), GOOD),
    text("CR", (HEAD + LINES).replace("\n", "\r"), GOOD),
    text("mixed line endings", "Name,Mail\r\nAnn,a@example.org\nBen,b@example.org\r", GOOD),
    text("CR CR LF, as converted twice", (HEAD + LINES).replace("\n", "\r\r\n"), GOOD),
    text("no last line ending", (HEAD + LINES).rstrip(), GOOD),
    text("semicolons", (HEAD + LINES).replace(",", ";"), GOOD),
    text("tabs", (HEAD + LINES).replace(",", "\t"), GOOD),
    text("bars", (HEAD + LINES).replace(",", "|"), GOOD),
    text("sep= and CR LF", "sep=;\r\n" + (HEAD + LINES).replace(",", ";"), GOOD),
    text("sep= after a mark", "\ufeffsep=\t\n" + (HEAD + LINES).replace(",", "\t"), GOOD),
    text("everything quoted", '"Name","Mail"\n"Ann","a@example.org"\n"Ben","b@example.org"', GOOD),
    text("a quoted header after a mark", '\ufeff"Name","Mail"\n' + LINES, GOOD),
    text("two marks", "\ufeff\ufeff" + HEAD + LINES, GOOD),
    text("blank lines everywhere", "\n\n" + (HEAD + LINES).replace("\n", "\n\n"), GOOD),
    text("empty records everywhere", ",\n" + (HEAD + LINES).replace("\n", "\n , \n"), GOOD),
    text("Ctrl-Z", HEAD + LINES + "\x1a", GOOD),
    text("a trailing delimiter in each line", (HEAD + LINES).replace("\n", ",\n"), [[*ANN, ""], [*BEN, ""]]),
    text("a trailing delimiter in the rows", HEAD + LINES.replace("\n", ",\n"), GOOD),
    text("UTF-16LE with a mark", "\ufeff" + HEAD + LINES, GOOD, codec="utf-16-le"),
    text("UTF-16BE with a mark", "\ufeff" + HEAD + LINES, GOOD, codec="utf-16-be"),
    text("UTF-16LE without a mark", HEAD + LINES, GOOD, codec="utf-16-le"),
    text("UTF-16BE without a mark", HEAD + LINES, GOOD, codec="utf-16-be"),
    text("windows-1252", "Name,Mail\n€ Zoë “x”,z@example.org\n", [["€ Zoë “x”", "z@example.org"]], codec="cp1252"),
    text("emoji and right-to-left text", "Name,Mail\n👩‍👩‍👧 דנה,d@example.org\n", [["👩‍👩‍👧 דנה", "d@example.org"]]),
    text("a byte order mark in a cell", "Name,Mail\n\ufeffAnn,a@example.org\n", [["\ufeffAnn", "a@example.org"]]),
    text("form feeds and other separators", f"Name,Mail\n{STRANGE},a@example.org\n", [[STRANGE, "a@example.org"]]),
    text("control characters", "Name,Mail\nA\x01\x1b[31mnn,a@example.org\n", [["A\x01\x1b[31mnn", "a@example.org"]]),
    text("formulas", 'Name,Mail\n"=cmd|\'/c calc\'!A1",a@example.org\n', [["=cmd|'/c calc'!A1", "a@example.org"]]),
    text("quotation marks within cells", 'Name,Mail\nAnn "Annie" Lee,a@example.org\n', [['Ann "Annie" Lee', "a@example.org"]]),
    text("a doubled quotation mark", 'Name,Mail\n"Ann ""A"" Lee",a@example.org\n', [['Ann "A" Lee', "a@example.org"]]),
    text("a backslash before a quotation mark", 'Name,Mail\n"Ann \\",a@example.org\n', [["Ann \\", "a@example.org"]]),
    text("apostrophes as quotation marks", "Name,Mail\n'Ann',a@example.org\n", [["'Ann'", "a@example.org"]]),
    text("a column called ID before one called PLZ", "ID;PLZ;Name\n1;10115;Ann\n", [["1", "10115", "Ann"]]),
    text("names in brackets", "[Name],[Mail]\n" + LINES, GOOD),
    text("a header only", HEAD, []),
    text("a header without a line ending", "Name,Mail", []),
    text("ragged rows and a footer", f"{HEAD}Ann\n{LINES}a,b,c\nTotal: 2\n", 5),
    text("many short rows, every other of them empty", HEAD + "a,b\n,\n" * 20_000, 20_000),
    text("long lines below a name", "x;y\n" + ("a," * 499_000 + "\n") * 10 + ("abc;" * 240_000 + "\n") * 10, 20),
    text("200 columns", ",".join(f"c{n}" for n in range(200)) + "\n" + "," * 199 + "x\n", 1),
    Odd("a sheet with a far cell", lambda: xlsx(text_rows([["Name"]]) + '<row><c r="A1048576"><v>7</v></c></row>'), [["7"]]),
    Odd("a workbook of 5,000 rows", lambda: xlsx(text_rows([["Name", "Mail"], *[ANN] * 5_000])), 5_000),
    Odd("an ODS with a million empty rows", lambda: ods(ods_row(ods_text("Name")) + ods_row(ods_text(), repeated=1_048_575)), []),
    Odd("an empty shared string", lambda: xlsx(text_rows([["Name"]]) + '<row><c t="s"><v>0</v></c></row>', [""]), []),
]  # fmt: skip


def bomb(size: int) -> bytes:
    """An archive whose sheet unpacks to this many bytes."""
    return xlsx("<row/>" * (size // 6))


def varied(number: int) -> list[str]:
    """Strings that do not pack as well as those of a bomb."""
    return [f"<t>{hashlib.sha256(b'%d' % n).hexdigest()}</t>" for n in range(number)]


def lying(data: bytes) -> bytes:
    """An archive whose directory states that its files have one byte."""
    found, start = bytearray(data), 0
    while (start := data.find(b"PK\x01\x02", start)) >= 0:
        found[start + 24 : start + 28] = struct.pack("<I", 1)
        start += 4
    return bytes(found)


def encrypted(data: bytes) -> bytes:
    found, start = bytearray(data), 0
    while (start := data.find(b"PK\x01\x02", start)) >= 0:
        found[start + 8] |= 1
        start += 4
    return bytes(found)


REFUSED = [
    raw("an empty file", b"", "empty"),
    raw("blank lines", b"\n\r\n \n", "empty"),
    raw("a mark only", b"\xef\xbb\xbf", "empty"),
    raw("a UTF-16 mark only", b"\xff\xfe", "empty"),
    raw("NUL bytes", b"\x00" * 5_000, "UTF-32"),
    raw("three NUL bytes", b"\x00\x00\x00", "NUL bytes"),
    raw("a NUL byte in the header", b"Na\x00me,Mail\n", "NUL bytes"),
    raw("no header", b"Ann,a@example.org\n", "column names"),
    raw("delimiters only", b";;;;\n;;;;\n", "empty"),
    raw("a header twice", b"Name,Mail,NAME\n", "Two columns"),
    raw("201 columns", b",".join(b"c%d" % n for n in range(201)), "201 columns"),
    raw("20 lines of half a million cells", (b"a," * 499_000 + b"\n") * 20, "499001 columns"),
    raw("UTF-32", HEAD.encode("utf-32"), "UTF-32"),
    raw("UTF-32 without a mark", (HEAD + LINES).encode("utf-32-be"), "UTF-32"),
    raw("UTF-7", b"+/v8-Name,Mail\n", "UTF-7"),
    raw("half a character", "Name,Mail\nZoë,z\nZoë".encode()[:-1], "Line 3"),
    raw("code page 850", b"Name,Mail\nJ\x81rgen,j@example.org\n", "Line 2"),
    raw("UTF-8 and windows-1252", "Name,Mail\nZoë,z\nMüller,m\n".encode() + b"Zo\xeb,z\n", "Line 4"),
    raw("an odd number of bytes in UTF-16", (HEAD + LINES).encode("utf-16") + b"x", "Line 4"),
    raw("an open quotation mark", b'Name,Mail\n"Ann,a@example.org\n' + LINES.encode() * 10_000, "line 2"),
    raw("an open quotation mark in the header", b'"Name,Mail\n' + LINES.encode() * 10_000, "line 1"),
    raw("a stray quotation mark closed later", b'Name,Mail\n"Ann,a@example.org\nBen,"b@example.org\n', "line 2"),
    raw("a line without end", b"Name,Mail\n" + b"x" * 20_000_000, "Line 2 has more than"),
    raw("a first line without end", b"x" * 20_000_000, "Line 1 has more than"),
    raw("a record without end", b"Name,Mail\n" + (b'"' + b"x" * 100 + b'\n",') * 12_000, "1,000,000 characters"),
    raw("a PDF", b"%PDF-1.7\n" + b"\x00\xff" * 5_000, "a PDF"),
    raw("a picture", b"\x89PNG\r\n\x1a\n" + b"\x00\xff" * 5_000, "a picture"),
    raw("an XLS", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 5_000, "XLSX without a password"),
    raw("a bzip2 archive", bz2.compress(b"x"), "a bzip2 archive, not a list; unpack it"),
    raw("an XZ archive", lzma.compress(b"x"), "an XZ archive, not a list; unpack it"),
    raw("a Zstandard archive", b"\x28\xb5\x2f\xfd\x04\x00", "a Zstandard archive"),
    raw("a TAR archive", b"list.csv".ljust(257, b"\x00") + b"ustar\x00" + b"\x00" * 1_000, "a TAR archive"),
    raw("a ZIP archive with a list", packed({"list.csv": HEAD + LINES}), "a ZIP archive, not a list; unpack it"),
    raw("an ODS with a password", packed({"mimetype": "x", "encrypted-package": "x"}), "with a password"),
    raw("a table in HTML in UTF-16", "<html><table>".encode("utf-16"), "a web page or XML"),
    raw("a web archive", b"MIME-Version: 1.0\nContent-Type: multipart/related\n", "a web archive"),
    raw("a vCard in lower case", b"begin:vcard\nfn:Ann\nend:vcard\n", "export the contacts as CSV UTF-8"),
    raw("an LDIF file", b"dn: cn=Ann,mail=a@example.org\nmail: a@example.org\n", "an LDIF file"),
    raw("JSON", b'[\n  {"name": "Ann", "mail": "a@example.org"}\n]', "a JSON file"),
    raw("lines of JSON", b'{"name": "Ann"}\n{"name": "Ben"}\n', "a JSON file"),
    raw("an SQL script", b"-- MySQL dump 10.13\nINSERT INTO x VALUES (1);\n", "an SQL script"),
    raw("a SYLK file", b"ID;PWXL;N;E\r\nP;PGeneral\r\n", "a SYLK file"),
    raw("a DIF file", b'TABLE\r\n0,1\r\n"EXCEL"\r\n', "a DIF file"),
    raw("a table in HTML", b"<html><table><tr><td>Name</td></tr></table></html>", "a web page or XML"),
    raw("a vCard", b"BEGIN:VCARD\nFN:Ann\nEND:VCARD\n", "a vCard"),
    raw("a gzip archive", zlib.compress(b"x", wbits=31), "a gzip"),
    raw("an empty ZIP archive", packed({}), "an empty ZIP"),
    raw("a cut workbook", xlsx(text_rows([["Name"]]))[:-5], "not a complete ZIP"),
    raw("a beginning only", b"PK\x03\x04", "not a complete ZIP"),
    raw("a workbook with a password", encrypted(xlsx(text_rows([["Name"]]))), "password"),
    raw("a workbook that states wrong sizes", lying(xlsx(text_rows([["Name"]]))), "cannot be read"),
    Odd("a header far behind", lambda: xlsx('<row><c t="s"><v>999999</v></c></row>', varied(125_000)), None, "10 MB"),
    Odd("many empty cells", lambda: xlsx("<row>" + "<c/>" * 410_000), None, "400,000 XML elements"),
    raw("a document of another program", packed({"word/document.xml": "<x/>"}), "Word"),
    raw("a path out of the archive", packed({"../../xl/workbook.bin": "x"}), "ZIP archive"),
    Odd("a bomb", lambda: bomb(12_000_000), None, "too large when unpacked"),
    Odd("a bomb of strings", lambda: xlsx('<row><c t="s"><v>999999</v></c></row>', ["<t/>"] * 1_200_000), None, "too large"),
    Odd("a bomb in an ODS", lambda: ods("<a/>" * 3_000_000), None, "too large when unpacked"),
    Odd("a million names", lambda: xlsx("".join(f"<x{n}/>" for n in range(100_000))), None, "not that of a spreadsheet"),
    Odd("deep XML", lambda: xlsx("<a>" * 300_000), None, "nested too deeply"),
    Odd("a long attribute", lambda: xlsx(f'<row a="{"x" * 1_500_000}">'), None, "not that of a spreadsheet"),
    Odd("a column that does not exist", lambda: xlsx('<row><c r="ZZZ1"><v>1</v></c></row>'), None, "first sheet is empty"),
    Odd("a repeated full row", lambda: ods(ods_row(ods_text("a", 16_384), repeated=1_048_576)), None, "201 columns"),
]  # fmt: skip


def pieces(data: bytes) -> Iterator[bytes]:
    return (data[start : start + PIECE] for start in range(0, len(data), PIECE))


def read(data: bytes) -> list[list[str]]:
    return [record.cells for record in open_list(pieces(data))]


@contextmanager
def within_limits() -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < MEMORY
    finally:
        tracemalloc.stop()


@contextmanager
def in_time() -> Iterator[None]:
    began = time.process_time()
    yield
    assert time.process_time() - began < SECONDS


@pytest.mark.parametrize("odd", READ, ids=lambda odd: odd.what)
def test_an_odd_file_is_read(odd: Odd) -> None:
    data = odd.data()
    with in_time():
        found = read(data)
    assert (len(found) if isinstance(odd.rows, int) else found) == odd.rows
    with in_time(), within_limits():
        assert preview(pieces(data)).columns


@pytest.mark.parametrize("odd", REFUSED, ids=lambda odd: odd.what)
def test_a_hostile_file_is_refused_in_words(odd: Odd) -> None:
    data = odd.data()
    with in_time(), pytest.raises(UnreadableFile, match=odd.words) as refused:
        read(data)
    assert refused.value.message.endswith((".", "?"))
    assert len(refused.value.message) < 400
    with within_limits(), suppress(UnreadableFile):
        preview(pieces(data))
