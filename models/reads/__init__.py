"""Queries: one per function, without writes."""
