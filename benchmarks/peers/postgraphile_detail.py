"""The operation for one customer in detail in PostGraphile's schema, and its answer in the shape of ours."""

from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from benchmarks.load import Dialect, Variables

_DETAIL = """query CustomerDetail($account: UUID!, $customer: UUID!) {
  accountByRowId(rowId: $account) {
    rowId timeZone
    customersByAccountId(condition: { rowId: $customer }, first: 1) { nodes {
      rowId firstName lastName email phone invitedOn source npsScore
      locationByLocationId { rowId name timeZone }
      latestReview {
        rowId reviewerName reviewedOn rating text sentiment replyUrl
        reviewPlatformByPlatformId { key name }
      }
      latestInvitation {
        rowId state employee service importName
        messagesByInvitationId(orderBy: [STEP_ASC]) { nodes { rowId step channel state dueAt sentAt reply } }
      }
      activityEventsByCustomerId(orderBy: [OCCURRED_AT_DESC, ROW_ID_DESC]) { nodes {
        rowId kind occurredAt channel npsScore feedback actor actorKind
        eventVerdictByEventId { actorKind }
        platform { key name }
      } }
    } }
  }
}"""


def public(prefix: str, key: str) -> str:
    return f"{prefix}_{UUID(key).hex}"


def moment(text: str | None) -> str | None:
    """With all digits of the microseconds, of which PostgreSQL leaves out the last zeros."""
    return text and datetime.fromisoformat(text).isoformat().replace("+00:00", "Z")


def _taken(node: Any, *names: str) -> dict[str, object]:
    return {name: node[name] for name in names}


def _variables(ours: Variables) -> dict[str, object]:
    return {name: str(UUID(str(one).partition("_")[2])) for name, one in ours.items()}


def _review(node: Any, nps_score: int | None) -> dict[str, object]:
    return {
        "id": public("rev", node["rowId"]),
        "reviewedOn": moment(node["reviewedOn"]),
        "npsScore": nps_score,
        "platform": node["reviewPlatformByPlatformId"],
        **_taken(node, "reviewerName", "rating", "text", "sentiment", "replyUrl"),
    }


def _message(node: Any) -> dict[str, object]:
    moments = {"dueAt": moment(node["dueAt"]), "sentAt": moment(node["sentAt"])}
    return {"id": public("msg", node["rowId"]), **moments, **_taken(node, "step", "channel", "state", "reply")}


def _invitation(node: Any) -> dict[str, object]:
    messages = [_message(one) for one in node["messagesByInvitationId"]["nodes"]]
    own = _taken(node, "state", "employee", "service", "importName")
    return {"id": public("inv", node["rowId"]), "messages": messages, **own}


def _event(node: Any) -> dict[str, object]:
    verdict = node["eventVerdictByEventId"]
    return {
        "id": public("evt", node["rowId"]),
        "occurredAt": moment(node["occurredAt"]),
        "actorKind": (verdict or node)["actorKind"],
        **_taken(node, "kind", "channel", "npsScore", "feedback", "actor", "platform"),
    }


def _day(event: Any) -> str:
    return datetime.fromisoformat(event["occurredAt"]).astimezone(UTC).date().isoformat()


def _answer(answer: Any) -> Any:
    account = answer["data"]["accountByRowId"]
    [node] = account["customersByAccountId"]["nodes"]
    location, review = node["locationByLocationId"], node["latestReview"]
    days = groupby(node["activityEventsByCustomerId"]["nodes"], _day)
    customer = {
        "id": public("cus", node["rowId"]),
        "invitedOn": moment(node["invitedOn"]),
        "location": {"id": public("loc", location["rowId"]), **_taken(location, "name", "timeZone")},
        "linkedReview": review and _review(review, node["npsScore"]),
        "invitation": _invitation(node["latestInvitation"]),
        "activityByDay": [{"date": date, "events": [_event(one) for one in events]} for date, events in days],
        **_taken(node, "firstName", "lastName", "email", "phone", "source"),
    }
    ours = {"id": public("acc", account["rowId"]), "timeZone": account["timeZone"], "customer": customer}
    return {"data": {"account": ours}}


DIALECT = Dialect(_DETAIL, _variables, _answer, lacks=frozenset({"stateDetail", "nextMessageAt"}))
"""What an invitation waits for cannot be asked for."""
