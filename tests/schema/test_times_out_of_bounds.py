"""Every DateTime of an input is refused if its year is out of bounds: PostgreSQL stores the first and last as infinite."""

import pytest
from graphql import GraphQLInputObjectType, get_named_type

from schema.root import build
from tests.gateway import Api, Json
from tests.resolvers.test_commands import INVITE, RECORD, ann, codes, place
from tests.resolvers.test_customers import PAGE
from tests.resolvers.test_reviews import review

YEARS = ["0001-01-01T00:00:00Z", "1899-12-31T23:59:59Z", "9999-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"]
FILTERED, SENT, REVIEWED = ("invitedSince", "invitedUntil"), "sendAt", "reviewedOn"


def test_these_are_all_times_of_inputs() -> None:
    core = build().core
    inputs = [kind for kind in core.type_map.values() if isinstance(kind, GraphQLInputObjectType)]
    fields = [
        name for kind in inputs for name, one in kind.fields.items() if get_named_type(one.type).name == "DateTime"
    ]
    assert sorted(fields) == sorted([*FILTERED, SENT, REVIEWED])


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("name", FILTERED)
async def test_filter_is_refused(api: Api, name: str, year: str) -> None:
    owner, _, _ = await place()
    (error,) = (await api.ask(owner, PAGE, filter={name: year}))["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["message"] == f"{name} must be from the year 1900 to the year 9998."


async def refused(api: Api, document: str, name: str, year: str) -> list[tuple[str, list[str] | None]]:
    owner, _, location = await place()
    given: Json = ann(location) if document == INVITE else review(location)
    (payload,) = (await api.data(owner, document, input=given | {name: year})).values()
    return codes(payload)


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize(("document", "name"), [(INVITE, SENT), (RECORD, REVIEWED)], ids=[SENT, REVIEWED])
async def test_mutation_answers_with_a_user_error(api: Api, document: str, name: str, year: str) -> None:
    assert await refused(api, document, name, year) == [("INVALID", [name])]
