"""Queries: one question per function, no writes."""
