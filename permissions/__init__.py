"""Roles, plans and scope: who may see and do what."""
