"""What the contract has and the schema has not yet; a line goes when its part is built."""

TYPES = {
    "Agency",
    "AgencyClient",
    "AgencyClientConnection",
    "AgencyClientEdge",
    "AgencyClientOrder",
    "AgencyClientOrderField",
    "AgencyTotals",
    "BulkImportControlInput",
    "ImportColumn",
    "ImportPreview",
    "InvitationFunnel",
    "PreviewBulkImportInput",
    "PreviewBulkImportPayload",
    "StartBulkImportInput",
}
FIELDS = {
    "Account.funnel",
    "BulkImport.errorReportUrl",
    "BulkImportInput.dryRun",
    "Mutation.cancelBulkImport",
    "Mutation.pauseBulkImport",
    "Mutation.previewBulkImport",
    "Mutation.resumeBulkImport",
    "Mutation.startBulkImport",
    "Query.agency",
    "Subscription.customerActivity",
}
