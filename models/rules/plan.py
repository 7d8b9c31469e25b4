"""What each plan includes, and an account's overrides."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from models.rules.enums import PlanTier


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """Limits of a plan. `invitations`: per billing cycle. `invitations_per_day`: how many can be created, and as many
    restarted. `locations` None: unlimited. `upload_megabytes`: of 10^6 bytes. `cost_per_minute`: in points."""

    invitations: int
    invitations_per_day: int
    steps: int
    sms: bool
    bulk_import: bool
    boosts: bool
    locations: int | None
    upload_megabytes: int
    upload_rows: int
    cost_per_minute: int


DAYS_WORTH = 10
"""The daily limit is at least this many times a cycle's invitations, since those stopped before sending are refunded."""

PLANS: Mapping[PlanTier, PlanFacts] = {
    PlanTier.FREE: PlanFacts(20, 1_000, 1, False, False, False, 1, 0, 0, 20_000),
    PlanTier.FREE_TRIAL: PlanFacts(50, 1_000, 4, False, False, False, 3, 0, 0, 20_000),
    PlanTier.STARTER: PlanFacts(200, 2_000, 4, True, True, False, 3, 5, 10_000, 60_000),
    PlanTier.PROFESSIONAL: PlanFacts(5_000, 50_000, 8, True, True, True, 25, 10, 50_000, 240_000),
    PlanTier.ENTERPRISE: PlanFacts(100_000, 1_000_000, 8, True, True, True, None, 50, 500_000, 600_000),
}

FIGURES = tuple(field.name for field in fields(PlanFacts))
"""Names that an account can override."""


def facts_of(plan: PlanTier, overrides: Mapping[str, object] | None = None) -> PlanFacts:
    """The plan's facts with overrides applied. A higher allowance raises the daily limit unless that is overridden too."""
    given = overrides or {}
    facts = replace(PLANS[plan], **given)  # type: ignore[arg-type] # validated when stored
    if "invitations_per_day" in given:
        return facts
    return replace(facts, invitations_per_day=max(facts.invitations_per_day, DAYS_WORTH * facts.invitations))
