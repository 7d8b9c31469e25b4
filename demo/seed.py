"""The demo's past: some weeks of invitations, lists, answers and reviews, made day by day by the product's own code."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from random import Random
from uuid import UUID

import models
from delivery.sender import Sender
from demo.accounts import demo_file
from demo.lists import List, take_in
from demo.people import EMPLOYEES, SERVICES, people
from demo.simulation import Simulation
from models.clock import clock
from models.commands.activity import Actor
from models.commands.invite import MANUAL_ENTRY, Person, Request, invite
from models.connection import WORK, transaction
from models.rules.enums import ActorKind, Channel, Role
from provisioning import apply

SEED = 2026
DAYS = 56
CUSTOMERS = 2_000
FIRST = "kornblume"
_SMALL = 8
"""Customers of every other account."""
_SOURCES = (MANUAL_ENTRY, MANUAL_ENTRY, "Till", "Till", "Website", "CRM")
_OFF_DAY = DAYS - 10
"""A day on which no worker ran, so that some invitations were held as overdue."""

_HELD = 12
_LISTS = (
    # day, location, name, share of the customers who come by list, first messages spread over days
    (3, "mitte", "Stammkunden", 0.08, None),
    (14, "altona", "Backkurs Frühjahr", 0.12, None),
    (24, "brooklyn", "Newsletter", 0.2, None),
    (38, "mitte", "Kasse Oktober", 0.2, None),
    (49, "altona", "Kasse November", 0.2, None),
    (54, "brooklyn", "Holiday orders", 0.12, None),
    (55, "mitte", "Adventsmarkt", 0.08, 10),
)

Happening = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Branch:
    """A location, and who invites there."""

    account: str
    key: str
    account_id: UUID
    id: UUID
    actor: Actor


async def seed(sender: Sender, look_after: Happening, customers: int = CUSTOMERS) -> None:
    """Fills an empty, migrated database. `sender` delivers the mails, `look_after` is one turn of a worker's upkeep. The
    clock is real again afterwards."""
    until = clock.now()
    clock.set(until - timedelta(days=DAYS, hours=1))
    try:
        await apply(demo_file(max(0, customers - CUSTOMERS)))
        await _live(sender, look_after, await _places(), customers, until)
    finally:
        clock.reset()


async def _places() -> list[Branch]:
    """Staff is the account's first manager, or whoever comes first; an agency's for clients without members."""
    places = []
    for location in await models.Location.all().prefetch_related("account").order_by("account__key", "key"):
        owner = location.account.agency_id or location.account_id
        members = await models.Membership.filter(account_id=owner).prefetch_related("user").order_by("role", "id")
        name = next((one.user.name for one in members if one.role is Role.MANAGER), members[0].user.name)
        actor = Actor(ActorKind.MEMBER, name)
        places.append(Branch(location.account.key, location.key, location.account_id, location.id, actor))
    return places


async def _live(sender: Sender, look_after: Happening, places: list[Branch], customers: int, until: datetime) -> None:
    random = Random(SEED)
    staff = {place.id: place.actor for place in places}
    simulation = Simulation(sender, random, lambda sent: staff[sent.location_id])
    plan = _Plan(places, random)
    plan.first_account(customers)
    plan.others()
    try:
        for day in range(DAYS):
            begins = until - timedelta(days=DAYS - day)
            if day == _OFF_DAY:
                # Far from the hours at which all the others are due, so that only these are held.
                await simulation.at(begins, *plan.overdue())
                continue
            morning = begins + timedelta(hours=8, minutes=random.randint(0, 110))
            await simulation.at(morning, look_after, *plan.days[day])
            await simulation.at(morning + timedelta(hours=6, minutes=random.randint(0, 80)))
        await simulation.at(until - timedelta(minutes=10), look_after)
    finally:
        await sender.transport.close()


class _Plan:
    """Who is invited on which day."""

    def __init__(self, places: list[Branch], random: Random) -> None:
        self.random = random
        self.days: dict[int, list[Happening]] = {day: [] for day in range(DAYS)}
        self._first = {place.key: place for place in places if place.account == FIRST}
        self._others = [place for place in places if place.account != FIRST]
        self._crowd = people(random, "example.com")

    def first_account(self, customers: int) -> None:
        """An eighth comes one by one, the rest by list; what is asked for beyond the usual comes by one more list."""
        usual = min(customers, CUSTOMERS)
        singles = usual // 8
        rest = usual - singles - _HELD
        for _ in range(singles):
            self._one(self.random.choice(list(self._first.values())), self._crowd)
        for day, location, name, share, over_days in _LISTS:
            self._list(day, location, name, int(rest * share), over_days)
        if customers > usual:
            self._list(DAYS - 4, "mitte", "Kundenkartei", customers - usual, None)

    def _list(self, day: int, location: str, name: str, number: int, over_days: int | None) -> None:
        place = self._first[location]
        wanted = List(
            account_id=place.account_id,
            location_id=place.id,
            name=name,
            created_by=place.actor.name or "",
            people=list(islice(self._crowd, number)),
            over_days=over_days,
        )
        self.days[_working(day)].append(partial(take_in, wanted, self.random))

    def _one(self, place: Branch, crowd: Iterator[Person], send_in: timedelta | None = None) -> None:
        day = _working(self.random.randrange(DAYS))
        self.days[day].append(partial(_invite, place, next(crowd), self.random, send_in))

    def others(self) -> None:
        """An account's people are of one crowd, so that none is invited from two of its locations."""
        crowds = {place.account: people(self.random, f"{place.account}.example.com") for place in self._others}
        for place in self._others:
            for _ in range(_SMALL):
                self._one(place, crowds[place.account])

    def overdue(self) -> list[Happening]:
        """Due in ten minutes, on a day on which nobody sends."""
        place = self._first["brooklyn"]
        ten = timedelta(minutes=10)
        return [partial(_invite, place, next(self._crowd), self.random, ten) for _ in range(_HELD)]


def _working(day: int) -> int:
    return day - 1 if day == _OFF_DAY else day


async def _invite(place: Branch, person: Person, random: Random, send_in: timedelta | None) -> None:
    wanted = Request(
        account_id=place.account_id,
        location_id=place.id,
        person=person,
        channels=[Channel.EMAIL],
        actor=place.actor,
        employee=random.choice((None, *EMPLOYEES)),
        service=random.choice((None, *SERVICES)),
        source=random.choice(_SOURCES),
        send_at=clock.now() + send_in if send_in else None,
    )
    async with transaction(WORK) as tx:
        await invite(tx, wanted, clock.now())
