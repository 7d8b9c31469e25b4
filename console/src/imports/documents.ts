/** The operations on imports. What they return of an import is the same everywhere, so that the cache keeps it complete. */
import { graphql, type ResultOf, type VariablesOf } from "../graph/graphql";

const PROGRESS = graphql(`
  fragment Progress on ImportProgress {
    seq state totalRows processedRows invitedRows skippedRows invalidRows
    percent rowsPerSecond estimatedFinishAt sentMessages error
  }
`);
const FIELDS = graphql(
  `
  fragment ImportFields on BulkImport {
    id name channels dryRun createdBy createdAt errorReportUrl
    sendSpeed { perHour spreadOverDays }
    location { id name timeZone }
    warnings { code column count rows }
    progress { ...Progress }
    forecast {
      estimatedFinishAt
      cycles { invitations usage { totalInvited allowance reserved remaining cycleStartsOn resetsOn buyMoreUrl } }
    }
  }
`,
  [PROGRESS],
);

export const GATE = graphql(`
  query ImportsGate($account: ID!) {
    account(id: $account) {
      id name timeZone
      can { bulkImport { allowed code reason requiredRoles requiredPlans } }
      locations(first: 100) { edges { node { id name timeZone } } }
    }
  }
`);
export const LISTS = graphql(
  `
  query BulkImports($account: ID!, $search: String, $first: Int, $after: String) {
    account(id: $account) {
      id
      bulkImports(search: $search, first: $first, after: $after) {
        totalCount
        pageInfo { hasNextPage endCursor }
        edges { node { id name dryRun createdBy createdAt location { id name timeZone } progress { ...Progress } } }
      }
    }
  }
`,
  [PROGRESS],
);
export const IMPORT = graphql(
  `
  query BulkImport($account: ID!, $id: ID!) {
    account(id: $account) { id bulkImport(id: $id) { ...ImportFields } }
  }
`,
  [FIELDS],
);
export const FOLLOW = graphql(
  `
  subscription ImportProgress($id: ID!, $after: Int) {
    importProgress(bulkImportId: $id, afterSeq: $after) { seq bulkImport { ...ImportFields } }
  }
`,
  [FIELDS],
);
export const ROW_ERRORS = graphql(`
  query ImportRowErrors($account: ID!, $id: ID!, $first: Int, $after: String) {
    account(id: $account) {
      id
      bulkImport(id: $id) {
        id
        rowErrors(first: $first, after: $after) {
          totalCount
          pageInfo { hasNextPage endCursor }
          edges { node { row column value code message } }
        }
      }
    }
  }
`);
export const PREVIEW = graphql(`
  mutation PreviewBulkImport($upload: ID!) {
    previewBulkImport(input: { uploadId: $upload }) {
      preview {
        uploadId encoding delimiter columns { name samples suggestedField } warnings { code message }
      }
      userErrors { field code message }
    }
  }
`);
export const CHECK = graphql(
  `
  mutation CheckBulkImport($input: BulkImportInput!) {
    bulkImport(input: $input) { bulkImport { ...ImportFields } userErrors { field code message } }
  }
`,
  [FIELDS],
);
export const START = graphql(
  `
  mutation StartBulkImport($input: StartBulkImportInput!) {
    startBulkImport(input: $input) { bulkImport { ...ImportFields } userErrors { field code message } }
  }
`,
  [FIELDS],
);
export const PAUSE = graphql(
  `
  mutation PauseBulkImport($id: ID!) {
    pauseBulkImport(input: { bulkImportId: $id }) { bulkImport { ...ImportFields } userErrors { field code message } }
  }
`,
  [FIELDS],
);
export const RESUME = graphql(
  `
  mutation ResumeBulkImport($id: ID!) {
    resumeBulkImport(input: { bulkImportId: $id }) { bulkImport { ...ImportFields } userErrors { field code message } }
  }
`,
  [FIELDS],
);
export const CANCEL = graphql(
  `
  mutation CancelBulkImport($id: ID!) {
    cancelBulkImport(input: { bulkImportId: $id }) { bulkImport { ...ImportFields } userErrors { field code message } }
  }
`,
  [FIELDS],
);

export type BulkImport = ResultOf<typeof FIELDS>;
export type Progress = ResultOf<typeof PROGRESS>;
export type State = Progress["state"];
export type Channel = BulkImport["channels"][number];
export type CheckInput = VariablesOf<typeof CHECK>["input"];
export type Field = CheckInput["mapping"][number]["field"];
export type Preview = NonNullable<NonNullable<ResultOf<typeof PREVIEW>["previewBulkImport"]>["preview"]>;
export type Column = Preview["columns"][number];
export type RowErrors = NonNullable<
  NonNullable<NonNullable<ResultOf<typeof ROW_ERRORS>["account"]>["bulkImport"]>["rowErrors"]
>;
export type Location = NonNullable<ResultOf<typeof GATE>["account"]>["locations"]["edges"][number]["node"];
export type ListRow = NonNullable<
  NonNullable<ResultOf<typeof LISTS>["account"]>["bulkImports"]
>["edges"][number]["node"];
