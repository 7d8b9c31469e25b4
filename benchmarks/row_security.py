"""The cost of row-level security: the same operations on two gateways and one database, with and without it."""

import asyncio

from benchmarks import filled
from benchmarks.harness import Operation, fresh_database, gateways, medians, print_table
from models.clock import clock
from models.commands import agency_clients
from models.connection import WORK, transaction
from models.rules.enums import AccountKind
from tests import factories as make

LARGE, SMALL = 200_000, 4_000
PAGE = """query ($search: String) { account { usage { totalInvited allowance invitedThisCycle resetsOn }
  customers(first: 25, search: $search) { pageInfo { hasNextPage endCursor } edges { cursor node {
    id firstName lastName email phone source invitedOn npsScore rating location { id name }
    invitation { id state nextMessageAt canStop { allowed } } linkedReview { rating } } } } } }"""
INVITE = """mutation ($here: ID!) { inviteCustomer(input: {locationId: $here, channels: [EMAIL]}) { userErrors { code } } }"""
BOARD = """{ agency { clients(first: 50) { edges { node { account { name } usage { totalInvited } funnel { invited } } } }
  totals { clients funnel { invited } } } }"""


async def main() -> None:
    async with fresh_database() as url:
        large, small = await make.account(), await make.account()
        owners = {"large": await make.member(large), "small": await make.member(small)}
        await filled.customers_at(url, await make.location(large), LARGE)
        await filled.customers_at(url, await make.location(small), SMALL)
        agency = await make.account(kind=AccountKind.AGENCY)
        clients = [await make.account(kind=AccountKind.AGENCY_CLIENT, agency_id=agency.id) for _ in range(50)]
        async with transaction(WORK) as tx:
            await agency_clients.refresh(tx, [client.id for client in clients], clock.now())
        owners["agency"] = await make.member(agency)
        operations: dict[str, tuple[str, Operation]] = {
            f"page of {SMALL:,}": ("small", (PAGE, {})),
            f"page of {LARGE:,}": ("large", (PAGE, {})),
            f"search of {LARGE:,}, many hits": ("large", (PAGE, {"search": "example"})),
            f"search of {SMALL:,}, one hit": ("small", (PAGE, {"search": "person3999"})),
            f"search of {LARGE:,}, one old hit": ("large", (PAGE, {"search": "person199999"})),
            "refused mutation": ("small", (INVITE, {"here": "loc_none"})),
            "board of 50 clients": ("agency", (BOARD, {})),
        }
        rows: list[list[object]] = []
        async with gateways(url, {"off": {}, "on": {"PLAUDIT_ROW_SECURITY": "on"}}) as running:
            for name, (who, operation) in operations.items():
                found = await medians({key: (client, owners[who], operation) for key, client in running.items()})
                rows.append([name, found["off"], found["on"], found["on"] / found["off"]])
    print_table("Row-level security, over HTTP, one operation at a time", ["median ms", "off", "on", "ratio"], rows)


if __name__ == "__main__":
    asyncio.run(main())
