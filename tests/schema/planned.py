"""Parts of the contract that the schema does not have yet; remove a line when its part is built."""

TYPES: set[str] = set()
FIELDS: set[str] = set()
