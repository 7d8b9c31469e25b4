"""Encodings: those that are read, those that are refused by name, and files that are damaged."""

from collections.abc import Iterator

import pytest

from bulk_import.csv_file import CsvFile
from bulk_import.encoding import HEAD, SAMPLE
from models.rules.errors import UnreadableFile

TEXT = "Name;E-Mail\nJürgen Müller;j@example.org\nZoë;z@example.org\n"
READ = [
    ("utf-8", b"", "UTF-8"),
    ("utf-8", b"\xef\xbb\xbf", "UTF-8"),
    ("utf-8", b"\xef\xbb\xbf" * 2, "UTF-8"),
    ("utf-16-le", b"", "UTF-16LE"),
    ("utf-16-be", b"", "UTF-16BE"),
    ("utf-16-le", b"\xff\xfe", "UTF-16LE"),
    ("utf-16-be", b"\xfe\xff", "UTF-16BE"),
    ("utf-16-le", b"\xff\xfe\xff\xfe", "UTF-16LE"),
    ("windows-1252", b"", "windows-1252"),
]


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


def names(file: CsvFile) -> list[str]:
    return [record.cells[0] for record in file]


@pytest.mark.parametrize(("codec", "mark", "name"), READ)
@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_an_encoding_is_read_however_the_file_is_split(codec: str, mark: bytes, name: str, size: int) -> None:
    file = CsvFile(pieces(mark + TEXT.encode(codec), size))
    assert (file.header, names(file), file.encoding) == (["Name", "E-Mail"], ["Jürgen Müller", "Zoë"], name)


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_of_another_script_is_read_without_a_mark(codec: str) -> None:
    text = "Имя;E-Mail\n" + "Иван;ivan@example.org\n" * 20
    assert names(CsvFile([text.encode(codec)])) == ["Иван"] * 20


@pytest.mark.parametrize("codec", ["utf-32", "utf-32-le", "utf-32-be"])
def test_utf_32_is_refused_by_its_name(codec: str) -> None:
    with pytest.raises(UnreadableFile, match="UTF-32; save it as CSV UTF-8"):
        CsvFile([TEXT.encode(codec)])


@pytest.mark.parametrize(
    ("mark", "name"), [(b"+/v8-", "UTF-7"), (b"\xdd\x73\x66\x73", "UTF-EBCDIC"), (b"\x84\x31\x95\x33", "GB18030")]
)
def test_other_marked_encodings_are_refused_by_their_names(mark: bytes, name: str) -> None:
    with pytest.raises(UnreadableFile, match=name):
        CsvFile([mark + b"Name;E-Mail\n"])


def ascii_lines(size: int) -> bytes:
    line = b"Ben;ben@example.org\n"
    return line * (size // len(line))


@pytest.mark.parametrize("size", [50, HEAD - 10, HEAD + 10])
@pytest.mark.parametrize("codec", ["utf-8", "windows-1252"])
def test_the_first_bytes_that_are_not_ascii_decide_wherever_they_are(size: int, codec: str) -> None:
    before = ascii_lines(size)
    data = b"Name;E-Mail\n" + before + "Zoë Müller;z@example.org\n".encode(codec) + before
    file = CsvFile(pieces(data, 1_000_000))
    assert "Zoë Müller" in names(file)
    assert file.encoding.lower() == codec


@pytest.mark.parametrize("shift", range(4))
def test_a_character_cut_where_the_sample_ends_is_no_fault(shift: int) -> None:
    data = b"Name;E-Mail\n" + b"x" * shift + "ë€𝄞".encode() * (SAMPLE // 9) + b";z@example.org\n"
    file = CsvFile(pieces(data, SAMPLE // 2 + 1))
    assert (len(names(file)), file.encoding) == (1, "UTF-8")


def test_a_cut_character_does_not_outweigh_a_single_other_one() -> None:
    data = b"Name;E-Mail\n" + "ë".encode() + b"x" * (SAMPLE - 4) + "€".encode() + b";z@example.org\n"
    assert CsvFile([data]).encoding == "UTF-8"


GERMAN = "Vorname;Name\nJörg;Müller\nZoë;Groß\nÄnne;Größe\n"
FRENCH = "Prénom;Nom\nZoë;Lefèvre\nFrançois;Gérôme\n"
SPANISH = "Nombre;Móvil\nÁngel;García\nMaría José;Núñez\n"
POLISH = "Imię;Nazwisko\nŁukasz;Żółty\nŚwięta;Gęś\n"
CZECH = "Jméno;Příjmení\nŘehoř;Šťastný\n"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (GERMAN, "windows-1252"),
        (GERMAN, "macintosh"),
        (GERMAN, "IBM850"),
        (FRENCH, "windows-1252"),
        (FRENCH, "macintosh"),
        (SPANISH, "windows-1252"),
        (SPANISH, "macintosh"),
        (POLISH, "windows-1250"),
        (POLISH, "ISO-8859-2"),
        (CZECH, "windows-1250"),
        (CZECH, "ISO-8859-2"),
    ],
)
@pytest.mark.parametrize("end", ["\r", "\r\n"])
def test_an_encoding_with_one_byte_for_each_character_is_recognized_by_its_words(
    text: str, name: str, end: str
) -> None:
    file = CsvFile(pieces(text.replace("\n", end).encode(name), 7))
    header, *records = (line.split(";") for line in text.splitlines())
    assert (file.header, [record.cells for record in file], file.encoding) == (header, records, name)


@pytest.mark.parametrize(
    "text",
    [
        "“Don’t” said O’Neil – “gut”, „gut“ and so on…",
        "FIRMA® and Firma™, £20, 5 €, 3 m³, ½ or ¾, n° 5, Mª José, 1º",
        "¿Qué? ¡Sí!",
        "Tomaš, Miloš",
        "Müller, 4 m³, £5",
        "a·b·c • d",
    ],
)
def test_signs_and_a_single_strange_letter_do_not_change_the_encoding(text: str) -> None:
    file = CsvFile([f"Name;Note\nx;{text}\n".encode("windows-1252")])
    assert ([record.cells[1] for record in file], file.encoding) == ([text], "windows-1252")


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("Имя;Фамилия\nИван;Иванов\n", "windows-1251"),
        ("Имя;Фамилия\nИван;Иванов\n", "koi8-r"),
        ("Όνομα;Επώνυμο\nΓιώργος;Παπάς\n", "windows-1253"),
        ("姓名;邮箱\n李小龙;x\n", "gb18030"),
    ],
)
def test_another_script_in_an_unknown_encoding_is_refused_rather_than_read_as_western_letters(
    text: str, codec: str
) -> None:
    with pytest.raises(UnreadableFile, match="cannot be recognized; save it as CSV UTF-8"):
        CsvFile([text.encode(codec)])


def line_of(data: bytes) -> str:
    with pytest.raises(UnreadableFile) as refused:
        names(CsvFile(pieces(data, 1000)))
    return refused.value.message.partition(";")[0]


def test_a_damaged_line_is_reported_with_its_number_and_never_read_with_wrong_letters() -> None:
    line = "Zoë;z@example.org\n"
    utf_8 = b"Name;E-Mail\n" + line.encode() * 100_000 + line.encode("windows-1252") + line.encode()
    assert line_of(utf_8) == "Line 100002 is not valid UTF-8"


def test_a_few_damaged_bytes_do_not_turn_a_file_into_windows_1252() -> None:
    assert line_of(b"Name;E-Mail\n" + "Zoë;z@example.org\n".encode() * 5 + b"Zo\xeb;x\n") == "Line 7 is not valid UTF-8"


def test_a_byte_without_a_meaning_in_windows_1252_is_reported() -> None:
    assert line_of(b"Name;E-Mail\nJ\xfcrgen;x\nJ\x81rgen;x\n") == "Line 3 is not valid windows-1252"


@pytest.mark.parametrize("tail", [b"x", b"\x00\xd8;\x00"])
def test_half_a_character_in_utf_16_is_reported(tail: bytes) -> None:
    assert line_of("Name;E-Mail\nBen;b\n".encode("utf-16-le") + tail) == "Line 3 is not valid UTF-16LE"


def test_a_file_that_is_cut_within_a_character_is_reported() -> None:
    assert line_of("Name;E-Mail\nZoë;z\nZoë".encode()[:-1]) == "Line 3 is not valid UTF-8"
