"""The last OWNER of an account: never taken away in silence."""

import models
from models.rules.enums import Role
from provisioning import apply
from tests.provisioning.bakery import BAKERY, changed, wrong

DEMOTED = changed("role: OWNER", "role: ADMIN")
MIA = next(line for line in BAKERY.splitlines(keepends=True) if "subject: mia" in line)
REFUSED = (
    "this would leave bakery without an OWNER; so far it has Mia (mia). Name an OWNER, or add withoutOwner: true to the "
    "account."
)
ALLOWED = "    withoutOwner: true\n    members:\n"


async def roles() -> list[Role]:
    return sorted([row.role for row in await models.Membership.all()])


async def test_the_last_owner_is_not_demoted() -> None:
    await apply(BAKERY)
    assert await wrong(DEMOTED) == [(12, REFUSED)]
    assert await roles() == [Role.MANAGER, Role.OWNER]


async def test_the_last_owner_is_not_removed() -> None:
    await apply(BAKERY)
    assert await wrong(changed(MIA, "")) == [(12, REFUSED)]


async def test_an_empty_list_of_members_does_not_remove_the_last_owner() -> None:
    await apply(BAKERY)
    before, _, rest = BAKERY.partition("    members:\n")
    text = before + "    members: []\n    locations:\n" + rest.partition("    locations:\n")[2]
    assert await wrong(text) == [(12, REFUSED)]


async def test_the_last_owner_goes_if_the_file_says_so() -> None:
    await apply(BAKERY)
    applied = await apply(changed("    members:\n", ALLOWED, DEMOTED))
    assert applied.made == ["account bakery, member mia: role OWNER → ADMIN"]
    assert await roles() == [Role.ADMIN, Role.MANAGER]


async def test_an_owner_may_hand_over() -> None:
    await apply(BAKERY)
    await apply(changed("role: MANAGER, locations: [mitte]", "role: OWNER", DEMOTED))
    assert await roles() == [Role.ADMIN, Role.OWNER]


async def test_an_account_that_has_no_owner_needs_none() -> None:
    await apply(DEMOTED)
    assert (await apply(DEMOTED)).made == []


async def test_what_allows_it_does_not_stay_beside_an_owner() -> None:
    assert await wrong(changed("    members:\n", ALLOWED)) == [(12, "members has an OWNER; leave withoutOwner out.")]


async def test_it_is_reported_beside_all_other_problems() -> None:
    await apply(BAKERY)
    found = await wrong(changed("anchorDay: 31", "anchorDay: 30", changed("2026-11-30", "2026-10-30", DEMOTED)))
    assert [line for line, _ in found] == [6, 12]
