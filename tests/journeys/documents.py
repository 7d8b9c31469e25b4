"""The journeys' GraphQL operations."""

HERE = "{ account { id locations { edges { node { id name } } } } }"

INVITE = """mutation ($input: InviteCustomerInput!) { inviteCustomer(input: $input) {
  invitation { id state customer { id email } } userErrors { code field message } } }"""

STOP = """mutation ($id: ID!, $reason: StopReason) { stopInvitation(input: {invitationId: $id, reason: $reason}) {
  invitation { id state stateReason canRestart { allowed code } } userErrors { code } } }"""

RESTART = """mutation ($id: ID!) { restartInvitation(input: {invitationId: $id}) {
  invitation { id state } userErrors { code } } }"""

PAGE = """query ($search: String) { account {
  usage { totalInvited allowance reserved remaining invitedThisCycle resetsOn buyMoreUrl }
  customers(search: $search) { edges { cursor node {
    id firstName lastName email phone source invitedOn npsScore rating location { name }
    invitation { id state stateReason importName canStop { allowed code reason } canRestart { allowed code } }
    linkedReview { reviewerName rating sentiment platform { name } }
  } } pageInfo { hasNextPage endCursor } totalCount { value exact } } } }"""

DETAIL = """query ($id: ID!) { account { customer(id: $id) { email npsScore
  invitation { state stateReason messages { step state sentAt } }
  activityByDay { date events { kind actorKind npsScore feedback platform { key } } } } } }"""

IMPORT = """mutation ($input: BulkImportInput!) { bulkImport(input: $input) {
  bulkImport { id progress { state seq } } userErrors { code field message } } }"""

PROGRESS = """subscription ($id: ID!, $after: Int) { importProgress(bulkImportId: $id, afterSeq: $after) {
  seq state totalRows processedRows invitedRows skippedRows invalidRows percent } }"""
