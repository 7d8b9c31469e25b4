"""The demo's history: eight weeks of invitations, lists, answers and reviews, created by the product's own code."""

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
from demo.lists import CustomerList, import_list
from demo.people import EMPLOYEES, SERVICES, people
from demo.simulation import Simulation
from models.clock import clock
from models.commands.activity import Actor
from models.commands.intake import Person
from models.commands.invite import MANUAL_ENTRY, Request, invite
from models.connection import WORK, transaction
from models.rules.enums import ActorKind, Channel, Role
from provisioning import apply

SEED = 2026
DAYS = 56
CUSTOMERS = 2_000
FIRST = "kornblume"
_SMALL = 8
"""The number of customers of each location of the other accounts."""
_SOURCES = (MANUAL_ENTRY, MANUAL_ENTRY, "Till", "Till", "Website", "CRM")
_OFF_DAY = DAYS - 10
"""A day without a worker, so that some invitations are held as overdue."""

_HELD = 12
_LISTS = (
    # day, location, name, share of imported customers, days over which first messages are spread
    (3, "mitte", "Stammkunden", 0.08, None),
    (14, "altona", "Backkurs Frühjahr", 0.12, None),
    (24, "brooklyn", "Newsletter", 0.2, None),
    (38, "mitte", "Kasse Oktober", 0.2, None),
    (49, "altona", "Kasse November", 0.2, None),
    (54, "brooklyn", "Holiday orders", 0.12, None),
    (55, "mitte", "Adventsmarkt", 0.08, 10),
)

Action = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Branch:
    """A location, and the member who invites its customers."""

    account: str
    key: str
    account_id: UUID
    id: UUID
    actor: Actor


async def seed(sender: Sender, run_upkeep: Action, customers: int = CUSTOMERS) -> None:
    """Fills an empty, migrated database. `sender` delivers the mails; `run_upkeep` runs a worker's upkeep once. Sets the
    clock, and resets it at the end."""
    until = clock.now()
    clock.set(until - timedelta(days=DAYS, hours=1))
    try:
        await apply(demo_file(max(0, customers - CUSTOMERS)))
        await _simulate(sender, run_upkeep, await _branches(), customers, until)
    finally:
        clock.reset()


async def _branches() -> list[Branch]:
    """All locations, each with the account's first manager or else first member; clients without members use the agency's."""
    branches = []
    for location in await models.Location.all().prefetch_related("account").order_by("account__key", "key"):
        owner = location.account.agency_id or location.account_id
        members = await models.Membership.filter(account_id=owner).prefetch_related("user").order_by("role", "id")
        name = next((one.user.name for one in members if one.role is Role.MANAGER), members[0].user.name)
        actor = Actor(ActorKind.MEMBER, name)
        branches.append(Branch(location.account.key, location.key, location.account_id, location.id, actor))
    return branches


async def _simulate(
    sender: Sender, run_upkeep: Action, branches: list[Branch], customers: int, until: datetime
) -> None:
    random = Random(SEED)
    staff = {branch.id: branch.actor for branch in branches}
    simulation = Simulation(sender, random, lambda sent: staff[sent.location_id])
    plan = _Plan(branches, random)
    plan.first_account(customers)
    plan.other_accounts()
    for day in range(DAYS):
        begins = until - timedelta(days=DAYS - day)
        if day == _OFF_DAY:
            # Far from all other due times, so that only these are held.
            await simulation.at(begins, *plan.overdue())
            continue
        morning = begins + timedelta(hours=8, minutes=random.randint(0, 110))
        await simulation.at(morning, run_upkeep, *plan.days[day])
        await simulation.at(morning + timedelta(hours=6, minutes=random.randint(0, 80)))
    await simulation.at(until - timedelta(minutes=10), run_upkeep)


class _Plan:
    """Who is invited on which day."""

    def __init__(self, branches: list[Branch], random: Random) -> None:
        self.random = random
        self.days: dict[int, list[Action]] = {day: [] for day in range(DAYS)}
        self._first = {branch.key: branch for branch in branches if branch.account == FIRST}
        self._others = [branch for branch in branches if branch.account != FIRST]
        self._people = people(random, "example.com")

    def first_account(self, customers: int) -> None:
        """Invites an eighth individually and the rest by list; customers beyond the usual number are in an additional list."""
        usual = min(customers, CUSTOMERS)
        singles = usual // 8
        rest = usual - singles - _HELD
        for _ in range(singles):
            self._one(self.random.choice(list(self._first.values())), self._people)
        for day, location, name, share, over_days in _LISTS:
            self._list(day, location, name, int(rest * share), over_days)
        if customers > usual:
            self._list(DAYS - 4, "mitte", "Kundenkartei", customers - usual, None)

    def _list(self, day: int, location: str, name: str, number: int, over_days: int | None) -> None:
        branch = self._first[location]
        wanted = CustomerList(
            account_id=branch.account_id,
            location_id=branch.id,
            name=name,
            created_by=branch.actor.name or "",
            people=list(islice(self._people, number)),
            over_days=over_days,
        )
        self.days[_working_day(day)].append(partial(import_list, wanted, self.random))

    def _one(self, branch: Branch, source: Iterator[Person], send_in: timedelta | None = None) -> None:
        day = _working_day(self.random.randrange(DAYS))
        self.days[day].append(partial(_invite, branch, next(source), self.random, send_in))

    def other_accounts(self) -> None:
        """Uses one source of people per account, so that nobody is invited by two of its locations."""
        sources = {branch.account: people(self.random, f"{branch.account}.example.com") for branch in self._others}
        for branch in self._others:
            for _ in range(_SMALL):
                self._one(branch, sources[branch.account])

    def overdue(self) -> list[Action]:
        """Invitations due in ten minutes, on a day without a worker."""
        branch = self._first["brooklyn"]
        ten = timedelta(minutes=10)
        return [partial(_invite, branch, next(self._people), self.random, ten) for _ in range(_HELD)]


def _working_day(day: int) -> int:
    return day - 1 if day == _OFF_DAY else day


async def _invite(branch: Branch, person: Person, random: Random, send_in: timedelta | None) -> None:
    wanted = Request(
        account_id=branch.account_id,
        location_id=branch.id,
        person=person,
        channels=[Channel.EMAIL],
        actor=branch.actor,
        employee=random.choice((None, *EMPLOYEES)),
        service=random.choice((None, *SERVICES)),
        source=random.choice(_SOURCES),
        send_at=clock.now() + send_in if send_in else None,
    )
    async with transaction(WORK) as tx:
        await invite(tx, wanted, clock.now())
