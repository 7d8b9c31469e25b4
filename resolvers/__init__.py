"""What fields do: scope, pages, loaders and errors; returns rows and knows no GraphQL types."""
