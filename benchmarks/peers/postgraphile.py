"""Our operations in the schema that PostGraphile makes of the tables, and its answers in the shape of ours."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from benchmarks.load import Dialect, Variables
from benchmarks.operations import CLIENTS, DEEP, DETAIL, PAGE
from benchmarks.peers import postgraphile_detail
from benchmarks.peers.postgraphile_detail import moment, public

_CUSTOMERS = """accountByRowId(rowId: $id) {
    rowId
    accountUsagesByAccountId(condition: { cycleStartsOn: $cycle }) { nodes { invited } }
    customersByAccountId(%s, orderBy: [INVITED_ON_DESC, ROW_ID_DESC]) {
      edges { cursor node {
        rowId firstName lastName email phone source invitedOn npsScore rating
        locationByLocationId { name }
        latestInvitation { rowId state }
        latestReview { rating reviewPlatformByPlatformId { name } text }
      } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }"""
_PAGE = f"query CustomersPage($id: UUID!, $first: Int!, $cycle: Date!) {{ {_CUSTOMERS % 'first: $first'} }}"
_DEEP = f"""query CustomersAfter($id: UUID!, $first: Int!, $cycle: Date!, $after: Cursor!) {{
  {_CUSTOMERS % "first: $first, after: $after"}
}}"""
_CLIENTS = """query ClientsPage($id: UUID!, $first: Int!, $cycle: Date!) {
  accountByRowId(rowId: $id) {
    name
    agencyClientsByAgencyId(first: $first, orderBy: [NAME_KEY_ASC, ACCOUNT_ID_ASC]) {
      edges { cursor node {
        allowance resetsAt
        accountByAccountId {
          rowId name plan
          accountUsagesByAccountId(condition: { cycleStartsOn: $cycle }) { nodes { invited reserved } }
          locationUsagesByAccountId(condition: { cycleStartsOn: $cycle }) { nodes { invited } }
        }
      } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
}"""
NTH = """query Nth($id: UUID!, $offset: Int!) { accountByRowId(rowId: $id) {
  customersByAccountId(first: 1, offset: $offset, orderBy: [INVITED_ON_DESC, ROW_ID_DESC]) { pageInfo { endCursor } } } }"""
"""The customer after this many; only PostGraphile can make its cursor."""
SAME = ("firstName", "lastName", "email", "phone", "source", "npsScore", "rating")


def _variables(ours: Variables) -> dict[str, object]:
    cycle = datetime.now(UTC).date().replace(day=1)
    return {**ours, "id": str(UUID(str(ours["id"]).partition("_")[2])), "cycle": cycle.isoformat()}


def _customer(node: Any) -> dict[str, object]:
    invitation, review = node["latestInvitation"], node["latestReview"]
    return {
        "id": public("cus", node["rowId"]),
        **{name: node[name] for name in SAME},
        "invitedOn": moment(node["invitedOn"]),
        "location": node["locationByLocationId"],
        "invitation": {"id": public("inv", invitation["rowId"]), "state": invitation["state"]},
        "linkedReview": review
        and {"rating": review["rating"], "platform": review["reviewPlatformByPlatformId"], "text": review["text"]},
    }


def _customers(answer: Any) -> Any:
    account = answer["data"]["accountByRowId"]
    found = account["customersByAccountId"]
    edges = [{"cursor": edge["cursor"], "node": _customer(edge["node"])} for edge in found["edges"]]
    invited = sum(one["invited"] for one in account["accountUsagesByAccountId"]["nodes"])
    ours = {
        "id": public("acc", account["rowId"]),
        "usage": {"invitedThisCycle": invited},
        "customers": {"edges": edges, "pageInfo": found["pageInfo"]},
    }
    return {"data": {"account": ours}}


def _client(node: Any) -> dict[str, object]:
    account, allowance = node["accountByAccountId"], node["allowance"]
    cycles = account["accountUsagesByAccountId"]["nodes"]
    invited, reserved = (sum(one[name] for one in cycles) for name in ("invited", "reserved"))
    usage = {
        "totalInvited": invited,
        "allowance": allowance,
        "remaining": max(allowance - invited - reserved, 0),
        "invitedThisCycle": sum(one["invited"] for one in account["locationUsagesByAccountId"]["nodes"]),
        "resetsOn": datetime.fromisoformat(node["resetsAt"]).astimezone(UTC).date().isoformat(),
    }
    return {
        "account": {"id": public("acc", account["rowId"]), "name": account["name"], "plan": account["plan"]},
        "usage": usage,
    }


def _clients(answer: Any) -> Any:
    account = answer["data"]["accountByRowId"]
    found = account["agencyClientsByAgencyId"]
    edges = [{"cursor": edge["cursor"], "node": _client(edge["node"])} for edge in found["edges"]]
    return {"data": {"agency": {"name": account["name"], "clients": {"edges": edges, "pageInfo": found["pageInfo"]}}}}


DIALECTS = {
    PAGE: Dialect(_PAGE, _variables, _customers, lacks=frozenset({"canStop"})),
    DEEP: Dialect(_DEEP, _variables, _customers, lacks=frozenset({"canStop", "hasPreviousPage"})),
    DETAIL: postgraphile_detail.DIALECT,
    CLIENTS: Dialect(_CLIENTS, _variables, _clients),
}
