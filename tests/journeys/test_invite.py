"""An invitation, from inviteCustomer to the score in the table, and what members can do with it."""

import asyncio
from email.message import EmailMessage

import httpx

from models.rules.ids import uuid7
from tests.journeys.documents import DETAIL, HERE, INVITE, PAGE, RESTART, STOP
from tests.journeys.world import WAIT_SECONDS, Json, World, review_link, unsubscribe_link

BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


def new_address() -> str:
    return f"ann-{uuid7().hex[-10:]}@example.org"


async def location_of(plaudit: World, member: str = "owner") -> str:
    here = await plaudit.data(member, HERE)
    return str(here["account"]["locations"]["edges"][0]["node"]["id"])


async def invite(plaudit: World, email: str, member: str = "owner", **values: object) -> Json:
    defaults = {"locationId": await location_of(plaudit), "firstName": "Ann", "email": email, "channels": ["EMAIL"]}
    answer: Json = (await plaudit.data(member, INVITE, input=defaults | values))["inviteCustomer"]
    return answer


async def row_of(plaudit: World, email: str, member: str = "owner") -> Json:
    page = await plaudit.data(member, PAGE, search=email)
    (edge,) = page["account"]["customers"]["edges"]
    node: Json = edge["node"]
    return node


async def sent_mail(plaudit: World, email: str) -> EmailMessage:
    """Waits until the row shows that the e-mail was sent, and returns it."""
    mail = await plaudit.mail_to(email)
    async with asyncio.timeout(WAIT_SECONDS):
        while (await row_of(plaudit, email))["invitation"]["state"] != "ACTIVE":
            await asyncio.sleep(0.02)
    return mail


async def test_the_table_shows_the_score_of_an_invited_customer(plaudit: World) -> None:
    email = new_address()
    await invite(plaudit, email)
    link = review_link(await plaudit.mail_to(email))
    async with httpx.AsyncClient(headers=BROWSER) as browser:
        assert "How likely" in (await browser.get(link)).text
        await browser.post(link, data={"score": "9"})
        chosen = await browser.post(link, data={"platform": "google"})
    assert (chosen.status_code, chosen.headers["location"]) == (303, "https://google.example.com/bakery")
    row = await row_of(plaudit, email)
    assert (row["npsScore"], row["invitation"]["state"], row["invitation"]["stateReason"]) == (
        9,
        "COMPLETED",
        "NPS_GIVEN",
    )


async def test_the_timeline_shows_every_step_newest_first(plaudit: World) -> None:
    email = new_address()
    await invite(plaudit, email)
    link = review_link(await plaudit.mail_to(email))
    async with httpx.AsyncClient(headers=BROWSER) as browser:
        await asyncio.sleep(1.1)  # a click within a second of sending counts as a scanner's
        await browser.get(link)
        await browser.post(link, data={"score": "3"})
        await browser.post(link, data={"note": "Too salty, but kind people."})
    detail = await plaudit.data("owner", DETAIL, id=(await row_of(plaudit, email))["id"])
    (day,) = detail["account"]["customer"]["activityByDay"]
    shown = [(event["kind"], event["actorKind"]) for event in day["events"]]
    assert shown == [
        ("FEEDBACK_SUBMITTED", "HUMAN"),
        ("COMPLETED", "SYSTEM"),
        ("NPS_SUBMITTED", "HUMAN"),
        ("LINK_CLICKED", "HUMAN"),
        ("SENT", "SYSTEM"),
        ("INVITED", "MEMBER"),
    ]


async def test_every_score_is_offered_the_same_platforms(plaudit: World) -> None:
    email = new_address()
    await invite(plaudit, email)
    link = review_link(await plaudit.mail_to(email))
    async with httpx.AsyncClient() as browser:
        pages = []
        for score in ("0", "10"):
            pages.append((await browser.post(link, data={"score": score}, follow_redirects=True)).text)
    assert [page.count('name="platform"') for page in pages] == [2, 2]


async def test_unsubscribing_asks_for_confirmation_on_get_and_unsubscribes_on_post(plaudit: World) -> None:
    email = new_address()
    await invite(plaudit, email)
    link = unsubscribe_link(await sent_mail(plaudit, email))
    async with httpx.AsyncClient() as browser:
        await browser.get(link)
        assert (await row_of(plaudit, email))["invitation"]["state"] == "ACTIVE"
        await browser.post(link, data={"List-Unsubscribe": "One-Click"})
    row = await row_of(plaudit, email)
    assert (row["invitation"]["state"], row["invitation"]["stateReason"]) == ("SUPPRESSED", "UNSUBSCRIBED")
    again = await invite(plaudit, email)
    assert [error["code"] for error in again["userErrors"]] == ["SUPPRESSED"]


async def test_a_stopped_invitation_can_be_restarted_and_sends_no_step_twice(plaudit: World) -> None:
    email = new_address()
    await invite(plaudit, email)
    await sent_mail(plaudit, email)
    key = (await row_of(plaudit, email))["invitation"]["id"]
    stopped = (await plaudit.data("manager", STOP, id=key, reason="OTHER"))["stopInvitation"]
    assert (stopped["invitation"]["state"], stopped["invitation"]["canRestart"]["allowed"]) == ("STOPPED", True)
    again = (await plaudit.data("manager", STOP, id=key, reason="OTHER"))["stopInvitation"]
    assert (again["invitation"]["state"], again["userErrors"]) == ("STOPPED", [])
    restarted = (await plaudit.data("manager", RESTART, id=key))["restartInvitation"]
    assert restarted["invitation"]["state"] == "ACTIVE"
    assert len(plaudit.mails(email)) == 1


async def test_an_invitation_stopped_at_the_customers_request_cannot_be_restarted(plaudit: World) -> None:
    email = new_address()
    key = (await invite(plaudit, email))["invitation"]["id"]
    await plaudit.mail_to(email)
    stopped = (await plaudit.data("owner", STOP, id=key, reason="CUSTOMER_ASKED"))["stopInvitation"]
    assert stopped["invitation"]["canRestart"] == {"allowed": False, "code": "SUPPRESSED"}
    restarted = (await plaudit.data("owner", RESTART, id=key))["restartInvitation"]
    assert [error["code"] for error in restarted["userErrors"]] == ["SUPPRESSED"]


async def test_a_stop_during_sending_leaves_each_message_either_sent_or_stopped(plaudit: World) -> None:
    emails = [new_address() for _ in range(12)]
    keys = [(await invite(plaudit, email))["invitation"]["id"] for email in emails]
    await asyncio.gather(*(plaudit.data("owner", STOP, id=key, reason="OTHER") for key in keys))
    async with asyncio.timeout(WAIT_SECONDS):
        for email in emails:
            while (row := await row_of(plaudit, email))["invitation"]["state"] != "STOPPED":
                await asyncio.sleep(0.05)
            detail = await plaudit.data("owner", DETAIL, id=row["id"])
            sent = [message["state"] for message in detail["account"]["customer"]["invitation"]["messages"]].count(
                "SENT"
            )
            assert sent == len(plaudit.mails(email))


async def test_a_viewer_sees_the_page_but_cannot_stop_invitations(plaudit: World) -> None:
    email = new_address()
    await invite(plaudit, email)
    row = await row_of(plaudit, email, member="viewer")
    assert row["invitation"]["canStop"]["code"] == "ROLE"
    denied = await plaudit.ask("viewer", STOP, id=row["invitation"]["id"], reason="OTHER")
    (error,) = denied["errors"]
    assert denied["data"] == {"stopInvitation": None}
    assert error["extensions"]["code"] == "FORBIDDEN"
    assert error["extensions"]["coordinate"] == "Mutation.stopInvitation"
    assert error["extensions"]["requires"] == {"roles": ["OWNER", "ADMIN", "MANAGER"]}


async def test_another_accounts_ids_are_not_found(plaudit: World) -> None:
    email = new_address()
    key = (await invite(plaudit, email))["invitation"]["id"]
    stopped = (await plaudit.data("stranger", STOP, id=key, reason="OTHER"))["stopInvitation"]
    assert [error["code"] for error in stopped["userErrors"]] == ["NOT_FOUND"]
    assert (await plaudit.data("stranger", "query ($id: ID!) { node(id: $id) { id } }", id=key))["node"] is None


async def test_the_same_idempotency_key_invites_once(plaudit: World) -> None:
    email, key = new_address(), uuid7().hex
    answers = await asyncio.gather(*(invite(plaudit, email, idempotencyKey=key) for _ in range(4)))
    assert len({answer["invitation"]["id"] for answer in answers}) == 1
    other = await invite(plaudit, new_address(), idempotencyKey=key)
    assert [error["code"] for error in other["userErrors"]] == ["IDEMPOTENCY_CONFLICT"]


async def test_an_agencys_client_does_not_see_the_accounts_usage(plaudit: World) -> None:
    page = await plaudit.data("client", PAGE)
    usage = page["account"]["usage"]
    assert [usage[name] for name in ("totalInvited", "allowance", "reserved", "remaining", "buyMoreUrl")] == [None] * 5
    assert usage["invitedThisCycle"] == 0


async def test_requests_without_a_token_are_refused(plaudit: World) -> None:
    async with httpx.AsyncClient(base_url=plaudit.url) as client:
        response = await client.post("/graphql", json={"query": HERE})
    assert response.status_code == 401
    assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


SEND_TEST = """mutation ($input: SendTestMessageInput!) { sendTestMessage(input: $input) {
  recipient userErrors { code message } } }"""


async def test_a_member_receives_a_test_message(plaudit: World) -> None:
    given = {"locationId": await location_of(plaudit), "step": 1}
    answer = await plaudit.data("manager", SEND_TEST, input=given)
    assert answer["sendTestMessage"] == {"recipient": "manager@example.com", "userErrors": []}
    mail = await plaudit.mail_to("manager@example.com")
    assert str(mail["Subject"]).startswith("Test: ")
    async with httpx.AsyncClient(headers=BROWSER) as browser:
        assert "This is a test message" in (await browser.get(review_link(mail))).text
