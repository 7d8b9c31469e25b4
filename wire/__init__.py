"""Shared by several entry points: signed tokens, bounded request bodies, weighted preferences, counts of what clients hold."""
