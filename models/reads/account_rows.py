"""Accounts as rows, with what every request needs of them."""

from functools import lru_cache
from uuid import UUID

import orjson

from models.reads.records import Row, column, columns_of, member_of, selected
from models.rules.enums import AccountKind, PlanTier
from models.rules.plan import PlanFacts, facts_of


@lru_cache(maxsize=1_000)
def _facts(plan: str, overrides: str) -> PlanFacts:
    return facts_of(PlanTier(plan), orjson.loads(overrides))


class AccountRow(Row):
    id: UUID = column("a_id")
    name: str = column("a_name")
    kind: AccountKind = column("a_kind", by=member_of(AccountKind))
    plan: PlanTier = column("a_plan", by=member_of(PlanTier))
    facts: PlanFacts = column("a_plan", "a_overrides", by=_facts)
    time_zone: str = column("a_time_zone")
    anchor_day: int = column("a_anchor_day")
    country: str = column("a_country")
    language: str = column("a_language")
    agency_id: UUID | None = column("a_agency_id")


ACCOUNT_COLUMNS = selected([*columns_of(AccountRow)], {"a_overrides": "a.overrides::text"})
"""Select list for an account `a`."""
