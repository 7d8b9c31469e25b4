"""`python -m schema`: prints the schema as schema/schema.graphql has it."""

from schema.root import build

print(build().as_str())
