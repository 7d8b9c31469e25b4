"""What each plan includes, and what an account has after its own overrides."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from models.rules.enums import PlanTier


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """Figures of a plan. `locations` None: any number. Uploads in megabytes (10^6 bytes) and rows; cost in points a
    minute."""

    invitations: int
    steps: int
    sms: bool
    bulk_import: bool
    boosts: bool
    locations: int | None
    upload_megabytes: int
    upload_rows: int
    cost_per_minute: int


PLANS: Mapping[PlanTier, PlanFacts] = {
    PlanTier.FREE: PlanFacts(20, 1, False, False, False, 1, 0, 0, 20_000),
    PlanTier.FREE_TRIAL: PlanFacts(50, 4, False, False, False, 3, 0, 0, 20_000),
    PlanTier.STARTER: PlanFacts(200, 4, True, True, False, 3, 5, 10_000, 60_000),
    PlanTier.PROFESSIONAL: PlanFacts(5_000, 8, True, True, True, 25, 10, 50_000, 240_000),
    PlanTier.ENTERPRISE: PlanFacts(100_000, 8, True, True, True, None, 50, 500_000, 600_000),
}

FIGURES = tuple(field.name for field in fields(PlanFacts))
"""The names that an account's overrides can use."""


def facts_of(plan: PlanTier, overrides: Mapping[str, object] | None = None) -> PlanFacts:
    return replace(PLANS[plan], **(overrides or {}))  # type: ignore[arg-type] # checked when they were stored
