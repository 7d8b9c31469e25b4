"""Whether response times reveal that an object exists: ids of another tenant, unknown ids and malformed ids compared."""

import asyncio

import models
from benchmarks.harness import Operation, fresh_database, gateways, medians, print_table
from models.rules import ids
from models.rules.enums import AccountKind
from models.rules.ids import uuid7
from tests import factories as make

DOCUMENTS = {
    "node": "query ($id: ID!) { node(id: $id) { id } }",
    "account.customer": "query ($id: ID!) { account { customer(id: $id) { id } } }",
    "account.location": "query ($id: ID!) { account { location(id: $id) { id } } }",
    "account": "query ($id: ID!) { account(id: $id) { id } }",
    "agency": "query ($id: ID!) { agency(id: $id) { id } }",
    "stopInvitation": "mutation ($id: ID!) { stopInvitation(input: {invitationId: $id}) { userErrors { code } } }",
}


async def object_ids(location: models.Location) -> dict[str, str]:
    invitation = await models.Invitation.get(id=await make.invited(location))
    return {
        "node": ids.public_id(ids.INVITATION, invitation.id),
        "account.customer": ids.public_id(ids.CUSTOMER, invitation.customer_id),
        "account.location": ids.public_id(ids.LOCATION, location.id),
        "account": ids.public_id(ids.ACCOUNT, location.account_id),
        "agency": ids.public_id(ids.AGENCY, location.account_id),
        "stopInvitation": ids.public_id(ids.INVITATION, invitation.id),
    }


async def main() -> None:
    async with fresh_database() as url:
        other = await make.account(kind=AccountKind.AGENCY)
        there = await object_ids(await make.location(other))
        who = await make.member(await make.account())
        rows: list[list[object]] = []
        async with gateways(url, {"gateway": {}}) as running:
            client = running["gateway"]
            for name, document in DOCUMENTS.items():
                wanted = {
                    "another tenant's": there[name],
                    "unknown": f"{there[name][:4]}{uuid7().hex}",
                    "malformed": there[name][:-3],
                }
                operations: dict[str, Operation] = {kind: (document, {"id": key}) for kind, key in wanted.items()}
                found = await medians({kind: (client, who, operation) for kind, operation in operations.items()})
                rows.append([name, *found.values(), max(found.values()) / min(found.values())])
    columns = ["median ms", "another tenant's", "unknown", "malformed", "largest : smallest"]
    print_table("Ids of another tenant, unknown ids and malformed ids", columns, rows)


if __name__ == "__main__":
    asyncio.run(main())
