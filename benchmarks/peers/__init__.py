"""Well-known GraphQL servers that answer the gateway's operations, to be measured beside it."""
