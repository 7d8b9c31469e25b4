"""The operations that are measured: pages of customers, and of an agency's clients with their usage cards."""

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
