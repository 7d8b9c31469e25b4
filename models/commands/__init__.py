"""Commands: each runs in one transaction."""
