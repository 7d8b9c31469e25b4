"""Parts of the contract that the schema does not have yet; remove a line when its part is built."""

TYPES = {
    "ImportColumn",
    "ImportPreview",
    "PreviewBulkImportInput",
    "PreviewBulkImportPayload",
}
FIELDS = {
    "Mutation.previewBulkImport",
    "Subscription.customerActivity",
}
