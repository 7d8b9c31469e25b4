"""The time of one member's small query while another member sends eight heavy documents at once."""

import asyncio
import time
from itertools import count
from statistics import median

import asyncpg
import httpx

import models
from benchmarks import filled
from benchmarks.harness import Operation, fresh_database, gateways, print_table, time_operation
from tests import factories as make
from tests.gateway import token

AT_ONCE, ROUNDS = 8, 20
SMALL: Operation = ("{ account { name usage { remaining } } }", {})
EVENTS = "edges { cursor node { id kind occurredAt channel npsScore feedback actor actorKind platform { key name } } }"
PAGE = f"""query {{ account {{ customers(first: 100) {{ edges {{ cursor node {{ id firstName lastName email phone source
  a: activity(first: 25) {{ {EVENTS} }} invitation {{ id state b: activity(first: 25) {{ {EVENTS} }} }} }} }} }} }} }}"""
DOUBLED = " ".join(
    f"fragment F{n} on Customer {{ a: invitation {{ customer {{ ...F{n - 1} }} }} b: invitation {{ customer {{ ...F{n - 1} }} }} }}"
    for n in range(1, 21)
)
HEAVY = {
    "largest page": PAGE,
    "fragments that double, 20 levels": f'{{ node(id: "x") {{ ...F20 }} }} fragment F0 on Customer {{ id }} {DOUBLED}',
    "one object 480 times": f"{{ account {{ {'usage { allowance } ' * 480} }} }}",
    "fields that do not exist": f"{{ account {{ {' '.join(f'customer{n}' for n in range(900))} }} }}",
}
HISTORY = """
insert into activity_event (account_id, location_id, customer_id, invitation_id, kind, occurred_at, actor_kind)
select c.account_id, c.location_id, c.id, c.latest_invitation_id, 'OPENED', c.invited_on + n * interval '1 hour', 'UNKNOWN'
from customer c, generate_series(1, 25) n where c.location_id = $1
"""


async def flood(client: httpx.AsyncClient, who: models.User, document: str) -> None:
    """Sends the document repeatedly, each time with a different comment so that it is not cached."""
    headers = {"authorization": f"Bearer {token(who)}"}
    for number in count():
        await client.post("/graphql", json={"query": f"{document} #{id(headers)} {number}"}, headers=headers)


async def small(client: httpx.AsyncClient, who: models.User) -> list[float]:
    """The sorted times of consecutive small queries, in milliseconds."""
    return sorted([await time_operation(client, who, SMALL) for _ in range(ROUNDS)])


async def during(client: httpx.AsyncClient, greedy: models.User, other: models.User, document: str) -> list[float]:
    floods = [asyncio.create_task(flood(client, greedy, document)) for _ in range(AT_ONCE)]
    try:
        await asyncio.sleep(1)
        return await small(client, other)
    finally:
        for task in floods:
            task.cancel()
        await asyncio.wait(floods)


async def main() -> None:
    async with fresh_database() as url:
        account = await make.account()
        location = await make.location(account)
        await filled.customers_at(url, location, 200)
        connection = await asyncpg.connect(url)
        await connection.execute(HISTORY, location.id)
        await connection.close()
        greedy, other = await make.member(account), await make.member(await make.account())
        rows: list[list[object]] = []
        async with gateways(url, {"gateway": {}}) as running:
            client = running["gateway"]
            for name, document in HEAVY.items():
                heavy = median([await any_answer(client, greedy, document) for _ in range(3)])
                alone = await small(client, other)
                crowded = await during(client, greedy, other, document)
                ratios = [one / median(alone) for one in (heavy, median(crowded), crowded[-1])]
                rows.append([name, median(alone), *ratios])
    columns = [
        "document, sent eight times at once",
        "small query alone, ms",
        "heavy alone, ratio",
        "small during flood, ratio",
        "slowest, ratio",
    ]
    print_table("A small query of one member while another member floods the gateway", columns, rows)


async def any_answer(client: httpx.AsyncClient, who: models.User, document: str) -> float:
    """The time until a response or an error, in milliseconds."""
    started = time.perf_counter()
    await client.post("/graphql", json={"query": document}, headers={"authorization": f"Bearer {token(who)}"})
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    asyncio.run(main())
