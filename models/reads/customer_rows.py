"""Customers as rows, each with its location, latest invitation and linked review."""

from datetime import datetime
from functools import lru_cache
from uuid import UUID

from models.reads.keyset import Value
from models.reads.records import Row, column, columns_of, member_of, part, selected
from models.rules.enums import Channel, InvitationState, ReviewMatch, Sentiment

_state, _channel = member_of(InvitationState), member_of(Channel)


class PlatformRow(Row):
    id: UUID = column("p_id")
    key: str = column("p_key")
    name: str = column("p_name")
    url: str = column("p_url")


class LocationRow(Row):
    id: UUID = column("l_id")
    account_id: UUID = column("l_account_id")
    name: str = column("l_name")
    time_zone: str = column("l_time_zone")


def shown_state(stored: str, held_by: str | None) -> InvitationState:
    state: InvitationState = InvitationState.HELD if held_by is not None else _state(stored)
    return state


def _changed_at(stored: datetime, held_by: str | None, held_since: datetime) -> datetime:
    return stored if held_by is None else max(stored, held_since)


class InvitationRow(Row):
    """`state` and `state_reason` as shown: an open invitation is HELD while its next message's lane is. `state_detail`: the
    relay's words, if the lane waits for the relay.

    `suppressed`: stopped and impossible to restart, because all of its addresses are suppressed.
    """

    id: UUID = column("i_id")
    account_id: UUID = column("i_account_id")
    location_id: UUID = column("i_location_id")
    customer_id: UUID = column("i_customer_id")
    bulk_import_id: UUID | None = column("i_bulk_import_id")
    state: InvitationState = column("i_state", "n_held_by", by=shown_state)
    state_reason: str | None = column("i_state_reason", "n_held_by", by=lambda stored, held_by: held_by or stored)
    state_detail: str | None = column("n_held_by", "n_reply", by=lambda held_by, reply: held_by and reply)
    state_changed_at: datetime = column("i_state_changed_at", "n_held_by", "n_held_since", by=_changed_at)
    channels: list[Channel] = column("i_channels", by=lambda names: [_channel(name) for name in names])
    invited_on: datetime = column("i_invited_on")
    employee: str | None = column("i_employee")
    service: str | None = column("i_service")
    source: str = column("i_source")
    import_name: str | None = column("i_import_name")
    next_message_at: datetime | None = column("n_due_at")
    suppressed: bool = column("i_suppressed")


class ReviewRow(Row):
    id: UUID = column("r_id")
    account_id: UUID = column("r_account_id")
    location_id: UUID = column("r_location_id")
    customer_id: UUID | None = column("r_customer_id")
    reviewer_name: str = column("r_reviewer_name")
    reviewed_on: datetime = column("r_reviewed_on")
    nps_score: int | None = column("c_nps_score")
    rating: float | None = column("r_rating")
    text: str | None = column("r_text")
    sentiment: Sentiment | None = column("r_sentiment", by=member_of(Sentiment))
    reply_url: str | None = column("r_reply_url")
    platform: PlatformRow = part(PlatformRow)
    matched_by: ReviewMatch | None = column("r_matched_by", by=member_of(ReviewMatch))


class CustomerRow(Row):
    id: UUID = column("c_id")
    account_id: UUID = column("c_account_id")
    location: LocationRow = part(LocationRow)
    first_name: str | None = column("c_first_name")
    last_name: str | None = column("c_last_name")
    email: str | None = column("c_email")
    phone: str | None = column("c_phone")
    source: str = column("c_source")
    invited_on: datetime = column("c_invited_on")
    nps_score: int | None = column("c_nps_score")
    rating: float | None = column("c_rating")
    invitation: InvitationRow = part(InvitationRow)
    linked_review: ReviewRow | None = part(ReviewRow, unless_null="r_id")

    @property
    def position(self) -> tuple[Value, UUID]:
        """The value of a page's order and the key, for cursors."""
        return self.record["order_value"], self.record["c_id"]


_MADE = {
    "i_suppressed": """case when i.state = 'STOPPED' then not exists (
      select 1 from unnest(i.channels) as used (channel) where not exists (
        select 1 from customer ic join suppression s on s.account_id = ic.account_id and s.channel = used.channel
          and s.address_key = any(public.plaudit_address_keys(case used.channel when 'EMAIL' then ic.email else ic.phone end))
        where ic.id = i.customer_id)
    ) else false end"""
}

_NEXT_MESSAGE = """
  left join lateral (
    select m.due_at, la.held_by, la.held_since, la.reply from message m join lane la on la.id = m.lane_id
    where i.state in ('QUEUED', 'ACTIVE') and m.invitation_id = i.id and m.state in ('SCHEDULED', 'CLAIMED', 'DEFERRED') {only}
    order by m.step limit 1
  ) n on true
"""
NEXT_MESSAGE = _NEXT_MESSAGE.format(only="")
"""Joins the next message of invitation `i`, and what holds its lane."""
_ONLY_IF_HELD = "and exists (select 1 from lane where lane.account_id = {account} and lane.held_by is not null)"
"""Held lanes are rare: an account seldom has any, and its messages are then not read."""

_JOINS = (
    ("l", "join location l on l.id = c.location_id"),
    ("in", "join invitation i on i.id = c.latest_invitation_id"),
    ("n", _NEXT_MESSAGE),
    ("rp", "left join review r on r.id = c.latest_review_id"),
    ("p", "left join review_platform p on p.id = r.platform_id"),
)
"""What a customer is joined to, and the tables whose columns need it."""

LOCATION_COLUMNS = selected([*columns_of(LocationRow)], {})
PLATFORM_COLUMNS = selected([*columns_of(PlatformRow)], {})
INVITATION_COLUMNS = selected([*columns_of(InvitationRow)], _MADE)
REVIEW_COLUMNS = selected([*columns_of(ReviewRow)], {})
_ALL = frozenset(columns_of(CustomerRow))
_ALWAYS = frozenset({"c_id", "c_account_id"})


@lru_cache(maxsize=500)
def customer_columns(columns: frozenset[str] | None) -> str:
    """These columns of customers and of what they are joined to, and their keys; all if None."""
    return selected(_ALL if columns is None else _ALWAYS.union(columns), _MADE)


@lru_cache(maxsize=500)
def customer_joins(columns: frozenset[str] | None, account: str | None = None) -> str:
    """The joins that these columns need. `account`: the parameter that has the account of all these customers, if they are of
    one."""
    needed = _ALL if columns is None else columns
    tables = {one[0] for one in needed}
    only = "" if account is None or "n_due_at" in needed else _ONLY_IF_HELD.format(account=account)
    joins = [join for needed_by, join in _JOINS if not tables.isdisjoint(needed_by)]
    return "\n".join(joins).format(only=only)
