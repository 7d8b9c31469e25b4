"""Our operations in the schema that PostGraphile makes of the tables, and its answers in the shape of ours."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from benchmarks.load import Dialect, Variables
from benchmarks.operations import PAGE

_PAGE = """query CustomersPage($id: UUID!, $first: Int!, $cycle: Date!) {
  accountByRowId(rowId: $id) {
    rowId
    accountUsagesByAccountId(condition: { cycleStartsOn: $cycle }) { nodes { invited } }
    customersByAccountId(first: $first, orderBy: [INVITED_ON_DESC, ROW_ID_DESC]) {
      edges { cursor node {
        rowId firstName lastName email phone source invitedOn npsScore rating
        locationByLocationId { name }
        latestInvitation { rowId state }
        latestReview { rating reviewPlatformByPlatformId { name } text }
      } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
}"""
SAME = ("firstName", "lastName", "email", "phone", "source", "npsScore", "rating")


def _page_variables(ours: Variables) -> dict[str, object]:
    cycle = datetime.now(UTC).date().replace(day=1)
    return {**ours, "id": str(UUID(str(ours["id"]).partition("_")[2])), "cycle": cycle.isoformat()}


def _public(prefix: str, key: str) -> str:
    return f"{prefix}_{UUID(key).hex}"


def _moment(text: str) -> str:
    """With all digits of the microseconds, of which PostgreSQL leaves out the last zeros."""
    return datetime.fromisoformat(text).isoformat().replace("+00:00", "Z")


def _customer(node: Any) -> dict[str, object]:
    invitation, review = node["latestInvitation"], node["latestReview"]
    return {
        "id": _public("cus", node["rowId"]),
        **{name: node[name] for name in SAME},
        "invitedOn": _moment(node["invitedOn"]),
        "location": node["locationByLocationId"],
        "invitation": {"id": _public("inv", invitation["rowId"]), "state": invitation["state"]},
        "linkedReview": review
        and {"rating": review["rating"], "platform": review["reviewPlatformByPlatformId"], "text": review["text"]},
    }


def _page_answer(answer: Any) -> Any:
    account = answer["data"]["accountByRowId"]
    found = account["customersByAccountId"]
    edges = [{"cursor": edge["cursor"], "node": _customer(edge["node"])} for edge in found["edges"]]
    invited = sum(one["invited"] for one in account["accountUsagesByAccountId"]["nodes"])
    ours = {
        "id": _public("acc", account["rowId"]),
        "usage": {"invitedThisCycle": invited},
        "customers": {"edges": edges, "pageInfo": found["pageInfo"]},
    }
    return {"data": {"account": ours}}


DIALECTS = {PAGE: Dialect(_PAGE, _page_variables, _page_answer, lacks=frozenset({"canStop"}))}
