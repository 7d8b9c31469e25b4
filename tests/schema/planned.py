"""Parts of the contract that the schema does not have yet; remove a line when its part is built."""

TYPES = {
    "BulkImportControlInput",
    "ImportColumn",
    "ImportPreview",
    "PreviewBulkImportInput",
    "PreviewBulkImportPayload",
    "StartBulkImportInput",
}
FIELDS = {
    "BulkImport.errorReportUrl",
    "BulkImportInput.dryRun",
    "Mutation.cancelBulkImport",
    "Mutation.pauseBulkImport",
    "Mutation.previewBulkImport",
    "Mutation.resumeBulkImport",
    "Mutation.startBulkImport",
    "Subscription.customerActivity",
}
