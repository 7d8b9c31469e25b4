"""Sign-in links by mail: asking for one tells nobody who is a member, and the mail goes around all queues."""

import asyncio
import itertools
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from uuid import UUID

import httpx
import pytest

import models
from delivery.health import Health
from delivery.sign_in_links import SignInLinks
from delivery.sign_in_mail import SendSignInMails, SignInWriter
from delivery.smtp import Relay
from models.clock import clock
from models.commands import jobs, sign_in_requests
from models.connection import WORK, execute, fetch, fetch_one, pool, transaction
from models.rules.quota import LINKS_OF_AN_ADDRESS
from plaudit.sign_in import MAILS_OF_A_PEER
from tests import factories as make
from tests.delivery.scripted_smtp import DROP, HANG, ScriptedSmtp
from tests.gateway import SECRET, Api, Json, running, settings

BASE, SENDER = "https://reviews.example.com", "plaudit@example.org"
BROWSER = "a" * 43
PEERS = itertools.count(1)
LINKS = SignInLinks(BASE, (SECRET,))


@pytest.fixture(scope="module")
async def shared(db: str) -> AsyncIterator[Api]:
    async with running(settings(db, sign_in_from=SENDER, base_url=BASE)) as api:
        yield api


@pytest.fixture
def gateway(shared: Api) -> Api:
    """Each test is another peer, since requests are counted by peer."""
    shared.client.headers["x-forwarded-for"] = f"192.0.2.{next(PEERS)}"
    return shared


@pytest.fixture
async def relay() -> AsyncIterator[ScriptedSmtp]:
    async with ScriptedSmtp().running() as server:
        yield server


async def ask(api: Api, email: str, browser: str = BROWSER, **headers: str) -> httpx.Response:
    return await api.client.post("/sign-in/mail", json={"email": email, "browser": browser}, headers=headers)


async def key_of(email: str) -> UUID:
    """The key of the latest request for this address."""
    query = "select id from sign_in_request where address_hash = $1 order by created_at desc, id desc limit 1"
    row = await fetch_one(pool(WORK), query, LINKS.hashes.of("address", email))
    assert row is not None
    return UUID(str(row["id"]))


async def work(relay: ScriptedSmtp, key: UUID, health: Health | None = None, **given: object) -> None:
    """Does what the worker does with the job."""
    writer = SignInWriter(LINKS, SENDER)
    send = SendSignInMails(Relay("127.0.0.1", relay.port), writer, health or Health(), **given)  # type: ignore[arg-type]
    await send.send(key.hex)


async def asked(api: Api, **given: object) -> tuple[models.User, UUID]:
    """A member who has asked for a link, and the key of the request."""
    user = await make.member(await make.account(**given))
    clock.set(clock.now())
    assert (await ask(api, user.email)).status_code == 202
    return user, await key_of(user.email)


def mail_of(relay: ScriptedSmtp) -> EmailMessage:
    (raw,) = relay.accepted
    return message_from_bytes(raw, policy=default)


def tokens_in(mail: EmailMessage) -> list[str]:
    found = [
        re.fullmatch(rf"{re.escape(BASE)}/#sign-in=([\w-]{{43}})", line) for line in mail.get_content().splitlines()
    ]
    return [one[1] for one in found if one]


async def use(api: Api, token: str, browser: str) -> tuple[int, Json]:
    answer = await api.client.post("/sign-in/link", json={"token": token, "browser": browser})
    return answer.status_code, answer.json()


async def left(key: UUID) -> tuple[str | None, timedelta | None]:
    """The address of a request, and how long until it is tried again."""
    row = await fetch_one(pool(WORK), "select email, due_at from sign_in_request where id = $1", key)
    assert row is not None
    return row["email"], row["due_at"] and row["due_at"] - clock.now()


async def test_it_is_offered(gateway: Api) -> None:
    assert (await gateway.client.get("/sign-in")).json()["mail"] is True


async def test_a_member_gets_a_link_that_works_in_the_browser_that_asked(gateway: Api, relay: ScriptedSmtp) -> None:
    user, key = await asked(gateway)
    await work(relay, key)
    assert (relay.senders, relay.recipients) == ([SENDER], [user.email])
    mail = mail_of(relay)
    assert (mail["From"], mail["To"]) == (f"Plaudit <{SENDER}>", user.email)
    assert mail["Subject"] == "Sign in to Plaudit"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert (mail.get_content_type(), mail.defects) == ("text/plain", [])
    text = mail.get_content()
    assert f"sign in as {user.name} (Account " in text
    assert "once, within 15 minutes, and only in the browser in which you asked for it" in text
    (token,) = tokens_in(mail)
    assert (await use(gateway, token, "b" * 43))[0] == 403
    status, session = await use(gateway, token, BROWSER)
    assert (status, session["name"]) == (200, user.name)
    assert (await use(gateway, token, BROWSER))[0] == 410


async def test_the_mail_is_in_the_language_of_the_members_account(gateway: Api, relay: ScriptedSmtp) -> None:
    _, key = await asked(gateway, language="de-CH")
    await work(relay, key)
    mail = mail_of(relay)
    assert mail["Subject"] == "Bei Plaudit anmelden"
    assert "innerhalb von 15 Minuten, und nur in dem Browser" in mail.get_content()
    assert len(tokens_in(mail)) == 1


async def test_a_name_cannot_add_lines_or_headers(gateway: Api, relay: ScriptedSmtp) -> None:
    user, key = await asked(gateway, name="A\r\nBcc: x@example.com\r\n\r\nhttps://evil.example.com")
    await execute(pool(WORK), "update app_user set name = $2 where id = $1", user.id, "M\u202e\r\n.\r\nRCPT TO:<x@y>")
    await work(relay, key)
    mail = mail_of(relay)
    assert (relay.recipients, mail["Bcc"]) == ([user.email], None)
    assert "M . RCPT TO:<x@y> (A Bcc: x@example.com https://evil.example.com)" in mail.get_content()


async def test_each_member_with_the_address_gets_a_link_in_one_mail(gateway: Api, relay: ScriptedSmtp) -> None:
    user, key = await asked(gateway)
    twin = await make.member(await make.account(language="de"))
    await execute(pool(WORK), "update app_user set email = $1 where id = $2", user.email, twin.id)
    await work(relay, key)
    names = [(await use(gateway, token, BROWSER))[1]["name"] for token in tokens_in(mail_of(relay))]
    assert names == [user.name, twin.name]


@pytest.mark.parametrize("shown", ["{0}", " {0} ", "{0.upper}"])
async def test_an_address_is_recognized_as_people_type_it(gateway: Api, relay: ScriptedSmtp, shown: str) -> None:
    user = await make.member(await make.account())
    typed = user.email.upper() if "upper" in shown else shown.format(user.email)
    assert (await ask(gateway, typed)).status_code == 202
    await work(relay, await key_of(user.email))
    assert relay.recipients == [user.email]


# Nobody learns who is a member


async def test_the_answer_is_the_same_whether_or_not_there_is_a_member(gateway: Api) -> None:
    user = await make.member(await make.account())
    answers = [await ask(gateway, email) for email in (user.email, f"no-{user.email}")]
    shown = [
        (one.status_code, one.content, sorted(set(one.headers.items()) - {("date", one.headers["date"])}))
        for one in answers
    ]
    assert shown[0] == shown[1]
    assert answers[0].json() == {"minutes": 15}


async def test_the_gateway_does_the_same_whether_or_not_there_is_a_member(gateway: Api) -> None:
    """So that the answer takes as long: what it stores says nothing about members, and only the worker looks for them."""
    user = await make.member(await make.account())
    rows = []
    for email in (user.email, f"no-{user.email}"):
        await ask(gateway, email)
        columns = "email is not null, browser_hash is not null, due_at = created_at, tries"
        key = await key_of(email)
        rows.append(tuple((await fetch(pool(WORK), f"select {columns} from sign_in_request where id = $1", key))[0]))
        assert key.hex in await jobs.keys(pool(WORK), sign_in_requests.JOB)
    assert rows[0] == rows[1] == (True, True, True, 0)
    assert await fetch(pool(WORK), "select from sign_in_link where user_id = $1", user.id) == []


async def test_an_unknown_address_gets_no_mail_and_is_forgotten(gateway: Api, relay: ScriptedSmtp) -> None:
    gone = await make.member(await make.account())
    await models.Membership.filter(user_id=gone.id).delete()
    for email in ("nobody@example.com", gone.email):
        await ask(gateway, email)
        key = await key_of(email)
        await work(relay, key)
        assert await left(key) == (None, None)
    assert relay.connections == 0


async def test_members_of_the_provider_sign_in_there(gateway: Api, relay: ScriptedSmtp) -> None:
    _, key = await asked(gateway)
    await work(relay, key, except_issuer="tests")
    assert relay.connections == 0


# Limits


async def test_an_address_gets_five_links_within_a_quarter_of_an_hour(gateway: Api) -> None:
    user = await make.member(await make.account())
    for email in (user.email, f"no-{user.email}"):
        answers = [(await ask(gateway, email)).status_code for _ in range(LINKS_OF_AN_ADDRESS + 1)]
        assert answers == [202] * LINKS_OF_AN_ADDRESS + [429]
    assert (await ask(gateway, user.email)).headers["retry-after"] == "900"
    clock.set(clock.now() + timedelta(minutes=15, seconds=1))
    assert (await ask(gateway, user.email)).status_code == 202


async def test_requests_at_the_same_time_share_the_limit(gateway: Api) -> None:
    answers = await asyncio.gather(*(ask(gateway, "same@example.com") for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [202] * LINKS_OF_AN_ADDRESS + [429] * 7


async def test_a_peer_asks_for_thirty_links_within_a_quarter_of_an_hour(gateway: Api) -> None:
    for number in range(MAILS_OF_A_PEER):
        assert (await ask(gateway, f"peer-{number}@example.com")).status_code == 202
    refused = await ask(gateway, "peer-last@example.com")
    assert (refused.status_code, 0 < int(refused.headers["retry-after"]) <= 900) == (429, True)
    other = {"x-forwarded-for": "198.51.100.7"}
    assert (await ask(gateway, "peer-last@example.com", **other)).status_code == 202


@pytest.mark.parametrize(
    ("email", "browser", "code"),
    [
        ("nobody", BROWSER, "INVALID_EMAIL"),
        ("", BROWSER, "INVALID_EMAIL"),
        ("a\x00b@example.com", BROWSER, "INVALID_EMAIL"),
        ("a@b@example.com", BROWSER, "INVALID_EMAIL"),
        ('"b\r\nRCPT TO:<evil@x>"@x.de', BROWSER, "INVALID_EMAIL"),
        ("ann@example.com", "", "BAD_USER_INPUT"),
        ("ann@example.com", "short", "BAD_USER_INPUT"),
    ],
)
async def test_what_cannot_be_used_is_refused(gateway: Api, email: str, browser: str, code: str) -> None:
    answer = await ask(gateway, email, browser)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (400, code)


# Sending


async def test_a_second_job_sends_nothing(gateway: Api, relay: ScriptedSmtp) -> None:
    _, key = await asked(gateway)
    await asyncio.gather(*(work(relay, key) for _ in range(4)))
    assert len(relay.accepted) == 1
    assert await left(key) == (None, None)


@pytest.mark.parametrize("stage", ["connect", "MAIL", "RCPT", "DATA", "."])
async def test_a_mail_that_did_not_leave_is_tried_again_and_logged(
    gateway: Api, relay: ScriptedSmtp, stage: str, caplog: pytest.LogCaptureFixture
) -> None:
    user, key = await asked(gateway)
    relay.replies = {stage: f"451 4.3.0 not now, <{user.email}>"}
    await work(relay, key)
    assert f"sign-in mail {key.hex} was not sent; it is tried again at" in caplog.text
    assert user.email not in caplog.text
    assert await left(key) == (user.email, timedelta(seconds=20))
    relay.replies = {}
    clock.set(clock.now() + timedelta(seconds=21))
    async with transaction(WORK) as tx:
        assert await sign_in_requests.enqueue_due(tx, clock.now()) >= 1
    await work(relay, key)
    assert (await use(gateway, tokens_in(mail_of(relay))[0], BROWSER))[0] == 200


@pytest.mark.parametrize(("stage", "reply"), [("RCPT", "550 5.1.1 no such user"), (".", DROP), (".", HANG)])
async def test_a_mail_that_may_have_left_or_cannot_arrive_is_not_tried_again(
    gateway: Api, relay: ScriptedSmtp, stage: str, reply: str, caplog: pytest.LogCaptureFixture
) -> None:
    _, key = await asked(gateway)
    relay.replies = {stage: reply}
    await work(relay, key, seconds=0.5)
    assert f"sign-in mail {key.hex} was not sent; it is not tried again" in caplog.text
    assert await left(key) == (None, None)


async def test_a_mail_is_not_tried_for_longer_than_a_quarter_of_an_hour(gateway: Api, relay: ScriptedSmtp) -> None:
    _, key = await asked(gateway)
    relay.replies, tries = {"MAIL": "451 4.3.0 not now"}, 0
    while (due := (await left(key))[1]) is not None:
        clock.set(clock.now() + due)
        await work(relay, key)
        tries += 1
    assert (tries, (await left(key))[0]) == (6, None)


async def test_while_the_relay_is_down_nothing_is_tried(gateway: Api, relay: ScriptedSmtp) -> None:
    user, key = await asked(gateway)
    health = Health()
    health.is_down = True
    await work(relay, key, health)
    assert (relay.connections, (await left(key))[0]) == (0, user.email)


async def test_a_mail_costs_no_allowance_and_leaves_while_all_messages_are_held(
    gateway: Api, relay: ScriptedSmtp
) -> None:
    account = await make.account(overrides={"invitations": 0})
    await make.location(account, sender_name=None)
    user = await make.member(account)
    await execute(
        pool(WORK), "update lane set flag = 'BOUNCE_RATE', flagged_at = now() where account_id = $1", account.id
    )
    await ask(gateway, user.email)
    await work(relay, await key_of(user.email))
    assert relay.recipients == [user.email]
    assert await fetch(pool(WORK), "select from account_usage where account_id = $1", account.id) == []


async def test_addresses_are_forgotten_and_old_requests_deleted(gateway: Api) -> None:
    user, key = await asked(gateway)
    clock.set(clock.now() + timedelta(minutes=31))
    await sign_in_requests.prune(pool(WORK), clock.now())
    assert await left(key) == (None, None)
    clock.set(clock.now() + timedelta(days=1))
    await sign_in_requests.prune(pool(WORK), clock.now())
    assert await fetch(pool(WORK), "select from sign_in_request where id = $1", key) == []
    assert user.email


async def test_a_worker_without_a_sender_says_so(
    gateway: Api, relay: ScriptedSmtp, caplog: pytest.LogCaptureFixture
) -> None:
    _, key = await asked(gateway)
    await SendSignInMails(Relay("127.0.0.1", relay.port), SignInWriter(LINKS, None)).send(key.hex)
    assert "set PLAUDIT_SIGN_IN_FROM for this worker too" in caplog.text
    assert await left(key) == (None, None)
