"""Recognizes files that are no list by their first bytes, and refuses them in words."""

from models.rules.errors import UnreadableFile

_OTHERS = [
    (b"%PDF", "a PDF"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook (XLS) or one with a password"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"SQLite format 3\x00", "a database"),
    (b"PAR1", "a Parquet file"),
    (b"{\\rtf", "a text document"),
    (b"BEGIN:VCARD", "a vCard file"),
    (b"<", "a web page or XML"),
]


def refuse_other_formats(head: bytes) -> None:
    """Raises UnreadableFile if the file begins like a file of another format."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \r\n\t")
    for mark, what in _OTHERS:
        if start.startswith(mark):
            raise UnreadableFile(
                f"This is {what}, not a list; save the list as XLSX, ODS or CSV UTF-8 and upload it again.",
                ["uploadId"],
            )
