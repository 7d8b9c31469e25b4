"""Workbooks written by code, as spreadsheets' programs write them, or wrong in one place."""

import io
import zipfile
from collections.abc import Sequence

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
FORMATS = {1: 14, 2: 164, 3: 165, 4: 22, 5: 46, 6: 166}
"""The styles of cells in `xlsx`: built-in dates, dd.mm.yyyy, 00000000000, date and time, a duration, and 0.00."""
STYLES = f"""<styleSheet {MAIN}><numFmts count="3"><numFmt numFmtId="164" formatCode="dd\\.mm\\.yyyy"/>
<numFmt numFmtId="165" formatCode="00000000000"/><numFmt numFmtId="166" formatCode="[$EUR] 0.00 &quot;days&quot;"/></numFmts>
<cellStyleXfs count="1"><xf numFmtId="14"/></cellStyleXfs>
<cellXfs count="7"><xf numFmtId="0"/>{"".join(f'<xf numFmtId="{number}"/>' for number in FORMATS.values())}</cellXfs>
</styleSheet>"""
ODS_NAMES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0"' for prefix in ("office", "table", "text")
)


def packed(files: dict[str, str | bytes]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in files.items():
            written.writestr(name, content)
    return archive.getvalue()


def sheet(rows: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>'


def text_cell(text: str) -> str:
    return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def text_rows(rows: Sequence[Sequence[str]]) -> str:
    return "".join(f"<row>{''.join(map(text_cell, row))}</row>" for row in rows)


def xlsx(rows: str, strings: Sequence[str] = (), **further: str | bytes) -> bytes:
    """A workbook with one sheet of these rows. `further`: other files by path, or other contents for these."""
    shared = "".join(f"<si>{one}</si>" for one in strings)
    files: dict[str, str | bytes] = {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{RELATIONS}"><sheets>'
        '<sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{RELATIONS}/worksheet" '
        'Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet(rows),
        "xl/sharedStrings.xml": f"<sst {MAIN}>{shared}</sst>",
        "xl/styles.xml": STYLES,
    }
    return packed(files | further)


def ods(table: str, **further: str | bytes) -> bytes:
    content: str | bytes = (
        f"<office:document-content {ODS_NAMES}><office:body><office:spreadsheet>"
        f'<table:table table:name="A">{table}</table:table><table:table table:name="B"/>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    mimetype: str | bytes = "application/vnd.oasis.opendocument.spreadsheet"
    return packed({"mimetype": mimetype, "content.xml": content} | further)


def ods_row(*cells: str, repeated: int = 1) -> str:
    return f'<table:table-row table:number-rows-repeated="{repeated}">{"".join(cells)}</table:table-row>'


def ods_text(text: str = "", repeated: int = 1) -> str:
    given = f'table:number-columns-repeated="{repeated}"'
    if not text:
        return f"<table:table-cell {given}/>"
    return f'<table:table-cell {given} office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
