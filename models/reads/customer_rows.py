"""Customers as plain rows, each with its location, latest invitation and linked review."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import asyncpg

from models.rules.enums import Channel, InvitationState, ReviewMatch, Sentiment


@dataclass(slots=True)
class PlatformRow:
    id: UUID
    key: str
    name: str
    url: str


@dataclass(slots=True)
class LocationRow:
    id: UUID
    account_id: UUID
    name: str
    time_zone: str


@dataclass(slots=True)
class InvitationRow:
    """`state` and `state_reason` as shown: an open invitation is HELD while its next message's lane is. `state_detail`: the
    relay's words, if the lane waits for the relay.

    `suppressed`: stopped and impossible to restart, because all of its addresses are suppressed.
    """

    id: UUID
    account_id: UUID
    location_id: UUID
    customer_id: UUID
    bulk_import_id: UUID | None
    state: InvitationState
    state_reason: str | None
    state_detail: str | None
    state_changed_at: datetime
    stored_state: InvitationState
    channels: list[Channel]
    invited_on: datetime
    first_sent_at: datetime | None
    reserved_cycle: date | None
    employee: str | None
    service: str | None
    source: str
    import_name: str | None
    next_message_at: datetime | None
    suppressed: bool


@dataclass(slots=True)
class ReviewRow:
    id: UUID
    account_id: UUID
    location_id: UUID
    customer_id: UUID | None
    reviewer_name: str
    reviewed_on: datetime
    nps_score: int | None
    rating: float | None
    text: str | None
    sentiment: Sentiment | None
    reply_url: str | None
    platform: PlatformRow
    matched_by: ReviewMatch | None


@dataclass(slots=True)
class CustomerRow:
    """`order_value` is the value of the page's order, for cursors."""

    id: UUID
    account_id: UUID
    location: LocationRow
    first_name: str | None
    last_name: str | None
    email: str | None
    phone: str | None
    source: str
    invited_on: datetime
    nps_score: int | None
    rating: float | None
    invitation: InvitationRow
    review: ReviewRow | None
    order_value: datetime | str | float | int | None = None


INVITATION_COLUMNS = """
  i.id as i_id, i.account_id as i_account_id, i.location_id as i_location_id, i.customer_id as i_customer_id,
  i.bulk_import_id as i_bulk_import_id, i.state as i_state, i.state_reason as i_state_reason,
  i.state_changed_at as i_state_changed_at, i.channels as i_channels, i.invited_on as i_invited_on,
  i.first_sent_at as i_first_sent_at, i.reserved_cycle as i_reserved_cycle, i.employee as i_employee,
  i.service as i_service, i.source as i_source, i.import_name as i_import_name,
  case when i.state = 'STOPPED' then not exists (
    select 1 from unnest(i.channels) as used (channel) where not exists (
      select 1 from customer ic join suppression s on s.account_id = ic.account_id and s.channel = used.channel
        and s.address_key = any(public.plaudit_address_keys(case used.channel when 'EMAIL' then ic.email else ic.phone end))
      where ic.id = i.customer_id)
  ) else false end as i_suppressed,
  n.due_at as n_due_at, n.held_by as n_held_by, n.held_since as n_held_since, n.reply as n_reply
"""

NEXT_MESSAGE = """
  left join lateral (
    select m.due_at, la.held_by, la.held_since, la.reply from message m join lane la on la.id = m.lane_id
    where m.invitation_id = i.id and m.state in ('SCHEDULED', 'CLAIMED', 'DEFERRED')
    order by m.step limit 1
  ) n on i.state in ('QUEUED', 'ACTIVE')
"""
"""Joins the next message of invitation `i`, and what holds its lane."""

REVIEW_COLUMNS = """
  r.id as r_id, r.account_id as r_account_id, r.location_id as r_location_id, r.customer_id as r_customer_id,
  r.reviewer_name as r_reviewer_name, r.reviewed_on as r_reviewed_on, r.rating as r_rating, r.text as r_text,
  r.sentiment as r_sentiment, r.reply_url as r_reply_url, r.matched_by as r_matched_by,
  p.id as p_id, p.key as p_key, p.name as p_name, p.url as p_url
"""

CUSTOMER_COLUMNS = f"""
  c.id, c.account_id, c.location_id, c.first_name, c.last_name, c.email, c.phone, c.source, c.invited_on, c.nps_score,
  c.rating,
  l.name as l_name, l.time_zone as l_time_zone, {INVITATION_COLUMNS}, {REVIEW_COLUMNS}
"""

CUSTOMER_JOINS = f"""
  join location l on l.id = c.location_id
  join invitation i on i.id = c.latest_invitation_id
  {NEXT_MESSAGE}
  left join review r on r.id = c.latest_review_id
  left join review_platform p on p.id = r.platform_id
"""


_STATES = {str(one): one for one in InvitationState}
_CHANNELS = {str(one): one for one in Channel}
_SENTIMENTS = {str(one): one for one in Sentiment}
_MATCHES = {str(one): one for one in ReviewMatch}
"""Faster than calling the enums, for every row."""


def invitation_of(row: asyncpg.Record) -> InvitationRow:
    stored = _STATES[row["i_state"]]
    held = row["n_held_by"] is not None
    return InvitationRow(
        id=row["i_id"],
        account_id=row["i_account_id"],
        location_id=row["i_location_id"],
        customer_id=row["i_customer_id"],
        bulk_import_id=row["i_bulk_import_id"],
        state=InvitationState.HELD if held else stored,
        state_reason=row["n_held_by"] if held else row["i_state_reason"],
        state_detail=row["n_reply"] if held else None,
        state_changed_at=max(row["i_state_changed_at"], row["n_held_since"]) if held else row["i_state_changed_at"],
        stored_state=stored,
        channels=[_CHANNELS[channel] for channel in row["i_channels"]],
        invited_on=row["i_invited_on"],
        first_sent_at=row["i_first_sent_at"],
        reserved_cycle=row["i_reserved_cycle"],
        employee=row["i_employee"],
        service=row["i_service"],
        source=row["i_source"],
        import_name=row["i_import_name"],
        next_message_at=row["n_due_at"],
        suppressed=row["i_suppressed"],
    )


def review_of(row: asyncpg.Record, nps_score: int | None = None) -> ReviewRow | None:
    if row["r_id"] is None:
        return None
    return ReviewRow(
        id=row["r_id"],
        account_id=row["r_account_id"],
        location_id=row["r_location_id"],
        customer_id=row["r_customer_id"],
        reviewer_name=row["r_reviewer_name"],
        reviewed_on=row["r_reviewed_on"],
        nps_score=nps_score,
        rating=row["r_rating"],
        text=row["r_text"],
        sentiment=_SENTIMENTS[row["r_sentiment"]] if row["r_sentiment"] else None,
        reply_url=row["r_reply_url"],
        platform=PlatformRow(row["p_id"], row["p_key"], row["p_name"], row["p_url"]),
        matched_by=_MATCHES[row["r_matched_by"]] if row["r_matched_by"] else None,
    )


def customer_of(row: asyncpg.Record) -> CustomerRow:
    return CustomerRow(
        id=row["id"],
        account_id=row["account_id"],
        location=LocationRow(row["location_id"], row["account_id"], row["l_name"], row["l_time_zone"]),
        first_name=row["first_name"],
        last_name=row["last_name"],
        email=row["email"],
        phone=row["phone"],
        source=row["source"],
        invited_on=row["invited_on"],
        nps_score=row["nps_score"],
        rating=row["rating"],
        invitation=invitation_of(row),
        review=review_of(row, row["nps_score"]),
        order_value=row["order_value"] if "order_value" in row.keys() else None,  # noqa: SIM118 - a Record, not a dict
    )
