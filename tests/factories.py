"""Builders with sensible defaults, one per aggregate; every test creates its own accounts."""

import itertools
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import models
from models.clock import clock
from models.commands.activity import Actor
from models.commands.intake import Person
from models.commands.invite import Request, invite
from models.commands.outcomes import Outcome, settle
from models.connection import WORK, execute, fetch_one, pool, transaction
from models.rules.cycle import cycle_at
from models.rules.enums import AccountKind, ActorKind, Channel, Goal, MessageState, PlanTier, Role, SuppressionReason
from models.rules.ids import uuid7
from models.rules.scope import Scope

_numbers = itertools.count(1)
MEMBER = Actor(ActorKind.MEMBER, "Mia Member")
DAY = 24 * 3600


def unique(prefix: str) -> str:
    return f"{prefix}-{next(_numbers)}-{uuid7().hex[-6:]}"


async def account(**given: Any) -> models.Account:
    """A business in Berlin on PROFESSIONAL; its cycle starts on the 1st."""
    key = unique("account")
    defaults: dict[str, Any] = {
        "key": key,
        "name": f"Account {key}",
        "kind": AccountKind.BUSINESS,
        "plan": PlanTier.PROFESSIONAL,
        "time_zone": "Europe/Berlin",
        "anchor_day": 1,
        "country": "DE",
        "language": "en",
        "created_at": clock.now(),
    }
    async with transaction(WORK) as tx:
        return await models.Account.create(using_db=tx, **defaults | given)


async def location(of: models.Account, *, steps: tuple[float, ...] = (0, 3, 7, 14), **given: Any) -> models.Location:
    """A location that sends e-mail at any hour, at once and after 3, 7 and 14 days; it has two platforms."""
    key = unique("location")
    defaults: dict[str, Any] = {
        "account_id": of.id,
        "key": key,
        "name": f"Location {key}",
        "time_zone": of.time_zone,
        "country": of.country,
        "language": of.language,
        "postal_address": "1 High Street, 10115 Berlin",
        "sender_name": "The Bakery",
        "sender_email": "hello@bakery.example.com",
        "email_from_hour": 0,
        "email_until_hour": 24,
        "sms_from_hour": 0,
        "sms_until_hour": 24,
        "goals": [Goal.REVIEWED, Goal.NPS_GIVEN, Goal.PLATFORM_CHOSEN],
        "created_at": clock.now(),
    }
    async with transaction(WORK) as tx:
        made = await models.Location.create(using_db=tx, **defaults | given)
        await _platforms(tx, made)
        await _sequence(tx, made, steps)
    return made


async def _platforms(tx: Any, of: models.Location) -> None:
    for position, (key, name) in enumerate((("google", "Google"), ("tripadvisor", "Tripadvisor"))):
        await models.ReviewPlatform.create(
            using_db=tx,
            account_id=of.account_id,
            location_id=of.id,
            key=key,
            name=name,
            url=f"https://{key}.example.com/{of.key}",
            position=position,
        )


async def _sequence(tx: Any, of: models.Location, days: tuple[float, ...]) -> None:
    template = await models.Template.create(
        using_db=tx,
        account_id=of.account_id,
        location_id=of.id,
        key="ask",
        version=1,
        subject="How was {{ location }}?",
        text="Hello {{ first_name }}, how was it? {{ review_url }}",
        html='<p>Hello {{ first_name }}, <a href="{{ review_url }}">how was it?</a></p>',
        created_at=clock.now(),
    )
    for number, after in enumerate(days, 1):
        await models.SequenceStep.create(
            using_db=tx,
            account_id=of.account_id,
            location_id=of.id,
            number=number,
            channel=Channel.EMAIL,
            after_seconds=int(after * DAY),
            template_id=template.id,
        )


def scope(of: models.Account, *locations: models.Location) -> Scope:
    """A scope of these locations, or of all of the account's if none are given."""
    return Scope(of.id, not locations, tuple(one.id for one in locations))


async def member(of: models.Account, role: Role = Role.OWNER, **given: Any) -> models.User:
    """A user with a membership; the issuer is "tests"."""
    subject = unique("user")
    async with transaction(WORK) as tx:
        user = await models.User.create(
            using_db=tx, issuer="tests", subject=subject, name=f"Member {subject}", email=f"{subject}@example.com"
        )
        await models.Membership.create(
            using_db=tx, account_id=of.id, user_id=user.id, role=role, created_at=clock.now(), **given
        )
    return user


async def assign(who: models.User, *locations: models.Location) -> None:
    """Assigns locations to a member whose `all_locations` is false."""
    text = (
        "insert into membership_location (membership_id, location_id) select id, $2 from membership where user_id = $1"
    )
    for one in locations:
        await execute(pool(WORK), text, who.id, one.id)


async def assign_clients(who: models.User, *clients: models.Account) -> None:
    """Assigns clients to an agency's member whose `all_clients` is false."""
    text = "insert into membership_client (membership_id, account_id) select id, $2 from membership where user_id = $1"
    for one in clients:
        await execute(pool(WORK), text, who.id, one.id)


async def linked_review(of: models.Location, **given: Any) -> models.Review:
    """A review on the location's first platform, linked to all of its customers."""
    platform = await models.ReviewPlatform.filter(location_id=of.id).first()
    assert platform
    review = await models.Review.create(
        account_id=of.account_id, location_id=of.id, platform_id=platform.id, external_id=unique("review"),
        reviewer_name="A. Reviewer", reviewed_on=clock.now(), created_at=clock.now(), **given,
    )  # fmt: skip
    await models.Customer.filter(location_id=of.id).update(latest_review_id=review.id)
    return review


def person(**given: Any) -> Person:
    return Person(**{"first_name": "Ann", "last_name": "Smith", "email": f"{unique('ann')}@example.com"} | given)


async def invited(of: models.Location, whom: Person | None = None, **given: Any) -> UUID:
    """The key of a new invitation, created now."""
    async with transaction(WORK) as tx:
        return await invite(tx, request(of, whom, **given), clock.now())


async def sent(invitation: UUID) -> UUID:
    """Records the invitation's next message as sent; the message's key."""
    message = (
        await models.Message.filter(invitation_id=invitation, state=MessageState.SCHEDULED).order_by("step").first()
    )
    assert message is not None
    await execute(pool(WORK), "update message set state = 'SENDING' where id = $1", message.id)
    async with transaction(WORK) as tx:
        await settle(tx, [Outcome(message.id, MessageState.SENT, clock.now())])
    return message.id


async def suppressed(of: models.Account, address: str | None, channel: Channel = Channel.EMAIL) -> None:
    """An address that must not be written to, without looking for its invitations: as a transaction writes it that does
    not see them yet."""
    reason = SuppressionReason.UNSUBSCRIBED
    await execute(pool(WORK), _SUPPRESSION, of.id, str(channel), address, str(reason), clock.now())


_SUPPRESSION = """
insert into suppression (account_id, channel, address_key, hint, reason, created_at)
values ($1, $2, public.plaudit_address_key($3), $3, $4, $5)
"""


def request(of: models.Location, whom: Person | None = None, **given: Any) -> Request:
    defaults: dict[str, Any] = {"channels": [Channel.EMAIL], "actor": MEMBER}
    return Request(account_id=of.account_id, location_id=of.id, person=whom or person(), **defaults | given)


async def bulk_import(of: models.Location, **given: Any) -> UUID:
    """The key of a RUNNING import without a job."""
    now = clock.now()
    async with transaction(WORK) as tx:
        upload = await models.Upload.create(
            using_db=tx, account_id=of.account_id, size=1, created_at=now, keep_until=now
        )
        defaults: dict[str, Any] = {
            "account_id": of.account_id,
            "location_id": of.id,
            "upload_id": upload.id,
            "name": "List",
            "mapping": [],
            "channels": ["EMAIL"],
            "created_by": "Mia",
            "created_at": now,
            "state": "RUNNING",
        }
        return (await models.BulkImport.create(using_db=tx, **defaults | given)).id


@dataclass(frozen=True)
class Usage:
    invited: int
    reserved: int


async def usage(of: models.Account, at: datetime | None = None) -> Usage:
    """The account's counters in the cycle at a moment, by default now."""
    cycle = cycle_at(at or clock.now(), of.time_zone, of.anchor_day)
    row = await fetch_one(
        pool(WORK),
        "select invited, reserved from account_usage where account_id = $1 and cycle_starts_on = $2",
        of.id,
        cycle.starts_on,
    )
    return Usage(row["invited"], row["reserved"]) if row else Usage(0, 0)


async def forget_events(customer_id: UUID) -> None:
    """As if nothing had happened with this customer; the database itself refuses to remove events."""
    async with transaction(WORK) as tx:
        await execute(tx, "alter table activity_event disable trigger only_added")
        await execute(tx, "delete from activity_event where customer_id = $1", customer_id)
        await execute(tx, "alter table activity_event enable trigger only_added")
