"""What a field does: scope, pages, loaders, error answers; returns rows and knows no GraphQL type."""
