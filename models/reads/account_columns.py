"""The columns of an account that every request needs."""

ACCOUNT_COLUMNS = """
  a.id as account_id, a.name as account_name, a.kind, a.plan, a.overrides::text as overrides, a.time_zone,
  a.anchor_day, a.country, a.language, a.agency_id
"""
"""Select list for an account `a`."""
