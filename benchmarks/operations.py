"""The operations that are measured."""

PAGE = """query CustomersPage($id: ID!, $first: Int!) {
  account(id: $id) {
    id
    usage { invitedThisCycle }
    customers(first: $first) {
      edges { cursor node {
        id firstName lastName email phone source invitedOn npsScore rating
        location { name }
        invitation { id state canStop { allowed } }
        linkedReview { rating platform { name } text }
      } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
}"""
