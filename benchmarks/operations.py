"""The operations that are measured: pages of customers, one customer in detail, and pages of an agency's clients."""

_CUSTOMERS = """account(id: $id) {
    id
    usage { invitedThisCycle }
    customers(%s) {
      edges { cursor node {
        id firstName lastName email phone source invitedOn npsScore rating
        location { name }
        invitation { id state canStop { allowed } }
        linkedReview { rating platform { name } text }
      } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }"""
PAGE = f"""query CustomersPage($id: ID!, $first: Int!) {{
  {_CUSTOMERS % "first: $first"}
}}"""
DEEP = f"""query CustomersAfter($id: ID!, $first: Int!, $after: String!) {{
  {_CUSTOMERS % "first: $first, after: $after"}
}}"""
SEARCH = f"""query CustomersFound($id: ID!, $first: Int!, $search: String!) {{
  {_CUSTOMERS % "first: $first, search: $search"}
}}"""
CLIENTS = """query ClientsPage($id: ID!, $first: Int!) {
  agency(id: $id) {
    name
    clients(first: $first) {
      edges { cursor node {
        account { id name plan }
        usage { totalInvited allowance remaining invitedThisCycle resetsOn }
      } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
}"""
DETAIL = """query CustomerDetail($account: ID!, $customer: ID!) {
  account(id: $account) {
    id timeZone
    customer(id: $customer) {
      id firstName lastName email phone invitedOn source
      location { id name timeZone }
      linkedReview {
        id reviewerName reviewedOn npsScore rating text sentiment replyUrl
        platform { key name }
      }
      invitation {
        id state stateDetail nextMessageAt employee service importName
        messages { id step channel state dueAt sentAt reply }
      }
      activityByDay(first: 100) {
        date
        events { id kind occurredAt channel npsScore feedback actor actorKind platform { key name } }
      }
    }
  }
}"""
"""As the console asks for it (console/src/customers/detail-panel.tsx)."""
