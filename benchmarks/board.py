"""The time an agency's board takes by number of clients; it must not grow with them."""

import asyncio
import random
from datetime import date, timedelta

import asyncpg

import models
from benchmarks.harness import fresh_database, gateways, medians, print_table
from models.clock import clock
from models.commands import agency_clients
from models.connection import WORK, transaction
from models.rules.enums import AccountKind
from tests import factories as make

SIZES = (10, 100, 1000)
DAYS, LOCATIONS = 90, 3
BOARD = """query ($since: Date, $until: Date, $first: Int, $order: AgencyClientOrder) { agency { name
    clients(first: $first, orderBy: $order) { totalCount pageInfo { hasNextPage endCursor } edges { node {
      account { id name plan } usage { totalInvited allowance remaining invitedThisCycle resetsOn }
      funnel(since: $since, until: $until) { ...stages } } } }
    totals(since: $since, until: $until) { clients invitedThisCycle funnel { ...stages } } } }
  fragment stages on InvitationFunnel { invited delivered opened clicked platformChosen npsSubmitted reviewed
    npsAverage npsNet ratingAverage }"""

FILL = """
with days as (
  select c.account_id, l.id as location_id, $2::date - d as day from agency_client c join location l on l.account_id = c.account_id
  cross join generate_series(0, $3::int - 1) d where c.agency_id = $1
)
insert into funnel_day select account_id, day, location_id, 9, 9, 5, 4, 2, 3, 24, 2, 1, 1, 1, 4.5 from days
"""
SUM_CLIENTS = """
insert into funnel_day
select $1, day, null, sum(d.invited), sum(delivered), sum(opened), sum(clicked), sum(platform_chosen), sum(d.nps_submitted),
  sum(nps_sum), sum(d.promoters), sum(d.detractors), sum(reviewed), sum(d.rated), sum(d.rating_sum)
from funnel_day d join agency_client c on c.account_id = d.account_id where c.agency_id = $1 group by day
"""


async def agency(url: str, clients: int) -> models.User:
    """Creates an agency with three months of history; its owner."""
    account = await make.account(kind=AccountKind.AGENCY)
    made = []
    for _ in range(clients):
        client = await make.account(kind=AccountKind.AGENCY_CLIENT, agency_id=account.id)
        for _ in range(LOCATIONS):
            await make.location(client)
        made.append(client.id)
    async with transaction(WORK) as tx:
        await agency_clients.refresh(tx, made, clock.now())
    connection = await asyncpg.connect(url)
    await connection.execute(FILL, account.id, date.today(), DAYS)  # noqa: DTZ011 - any day is fine
    await connection.execute(SUM_CLIENTS, account.id)
    for key in made:
        await connection.execute(
            "update agency_client set invited = $2 where account_id = $1", key, random.randrange(500)
        )
    await connection.execute("vacuum analyze")
    await connection.close()
    return await make.member(account)


async def main() -> None:
    random.seed(1)
    today = date.today()  # noqa: DTZ011
    variables: dict[str, object] = {"since": (today - timedelta(days=30)).isoformat(), "until": today.isoformat()}
    async with fresh_database() as url:
        owners = {size: await agency(url, size) for size in SIZES}
        async with gateways(url, {"gateway": {}}) as running:
            client = running["gateway"]
            rows: list[list[object]] = []
            for name, first, order in (
                ("10 clients per page, by name", 10, None),
                ("10 clients per page, by invitations", 10, {"field": "INVITED_THIS_CYCLE", "direction": "DESC"}),
                ("50 clients per page, by name", 50, None),
            ):
                asked = variables | {"first": first, "order": order}
                sizes = [size for size in SIZES if size >= first]
                found = await medians({str(size): (client, owners[size], (BOARD, asked)) for size in sizes})
                rows.append(
                    [name, *(found.get(str(size), "-") for size in SIZES), found["1000"] / found[str(sizes[0])]]
                )
    columns = ["median ms", *(f"{size} clients" for size in SIZES), "1,000 : smallest"]
    print_table(
        f"Board with cards, 30-day funnels and totals; {LOCATIONS} locations per client, {DAYS} days of history",
        columns,
        rows,
    )


if __name__ == "__main__":
    asyncio.run(main())
