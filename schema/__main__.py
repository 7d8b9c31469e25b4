"""`python -m schema` prints the contents of schema/schema.graphql."""

from schema.root import build

print(build().as_str())
