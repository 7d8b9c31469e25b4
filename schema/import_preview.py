"""The mutation that shows how an uploaded file is understood before it is imported."""

import strawberry

from models.rules.enums import ImportField, ImportPreviewWarningCode
from resolvers import import_previews
from schema.connection import Info
from schema.errors import UserError, returns_user_errors, user_errors


@strawberry.type(description="A column of the file.")
class ImportColumn:
    name: str = strawberry.field(description="Its name in the file's header, to use in ColumnMappingInput.")
    samples: list[str] = strawberry.field(
        description="Its first cells that are not empty, at most 5, each truncated to 200 characters."
    )
    suggested_field: ImportField | None = strawberry.field(
        description="The field that it probably contains, judged by its name and cells. No field is suggested twice, and "
        "FULL_NAME never together with FIRST_NAME or LAST_NAME."
    )


@strawberry.type(description="Something that seems to be wrong with a file that can be read.")
class ImportPreviewWarning:
    code: ImportPreviewWarningCode = strawberry.field(description="A stable code.")
    message: str = strawberry.field(description="What it is and how to correct it.")


@strawberry.type(description="How the beginning of an uploaded file is understood.")
class ImportPreview:
    upload_id: strawberry.ID = strawberry.field(description="The upload.")
    encoding: str = strawberry.field(
        description="UTF-8, UTF-16LE, UTF-16BE, windows-1252 or another code page, by its IANA name; XLSX or ODS for a spreadsheet."
    )
    delimiter: str = strawberry.field(description="The character between cells; empty for a spreadsheet.")
    columns: list[ImportColumn] = strawberry.field(description="The columns, in the order of the file.")
    warnings: list[ImportPreviewWarning] = strawberry.field(
        description="What seems to be wrong with the file, although it can be read."
    )


@strawberry.input(description="Which file to preview.")
class PreviewBulkImportInput:
    upload_id: strawberry.ID = strawberry.field(description="The uploadId that POST /uploads returned.")


@strawberry.type(description="The preview, or the errors to correct.")
class PreviewBulkImportPayload:
    preview: ImportPreview | None = strawberry.field(default=None, description="The preview.")
    user_errors: list[UserError] = user_errors()


@strawberry.type
class ImportPreviewMutations:
    @strawberry.mutation(
        description="Shows how an uploaded file is understood, and suggests a mapping for bulkImport. A mutation, although it "
        "changes nothing, so that what must be corrected is a user error, as in bulkImport."
    )
    @returns_user_errors(PreviewBulkImportPayload)
    async def preview_bulk_import(self, info: Info, input: PreviewBulkImportInput) -> PreviewBulkImportPayload | None:
        found = await import_previews.preview(info.context, input.upload_id)
        shown = ImportPreview(
            upload_id=input.upload_id,
            encoding=found.encoding,
            delimiter=found.delimiter,
            columns=[
                ImportColumn(name=column.name, samples=column.samples, suggested_field=column.suggested)
                for column in found.columns
            ],
            warnings=[ImportPreviewWarning(code=one.code, message=one.message) for one in found.warnings],
        )
        return PreviewBulkImportPayload(preview=shown)
