"""What the contract has and the schema has not yet; a line goes when its part is built."""

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
