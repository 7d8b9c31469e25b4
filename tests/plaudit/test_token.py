"""`plaudit token`: for which members and accounts it issues tokens."""

from pathlib import Path

import pytest

import models
from models.rules.enums import AccountKind, Role
from plaudit import auth
from plaudit.cli.token import token
from resolvers.context import Identity
from tests import factories as make
from tests.gateway import SECRET


@pytest.fixture(autouse=True)
def environment(db: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in {"ENV": "development", "DATABASE_URL": db, "SECRET": SECRET, "JWT_SECRET": SECRET}.items():
        monkeypatch.setenv(f"PLAUDIT_{name}", value)


async def agency() -> tuple[models.Account, models.Account]:
    """An agency and its client."""
    of = await make.account(kind=AccountKind.AGENCY)
    return of, await make.account(kind=AccountKind.AGENCY_CLIENT, agency_id=of.id)


async def printed(capsys: pytest.CaptureFixture[str], who: str, account: str) -> Identity:
    await token(who, account)
    identity = auth.verify([SECRET], f"Bearer {capsys.readouterr().out.strip()}")
    assert identity is not None
    return identity


async def test_a_member_is_found_by_subject_or_address(capsys: pytest.CaptureFixture[str]) -> None:
    account = await make.account()
    user = await make.member(account)
    for name in (user.subject, user.email):
        identity = await printed(capsys, name, account.key)
        assert (identity.issuer, identity.subject, identity.acting_account) == (user.issuer, user.subject, account.id)


async def test_an_internationalized_address_is_recognized_as_people_type_it(capsys: pytest.CaptureFixture[str]) -> None:
    account = await make.account()
    user = await make.member(account)
    await models.User.filter(id=user.id).update(email="mia@xn--bcher-kva.example")
    for name in ("Mia@Bücher.example", "mia@xn--bcher-kva.example"):
        assert (await printed(capsys, name, account.key)).subject == user.subject


async def test_an_agencys_member_can_act_for_its_client(capsys: pytest.CaptureFixture[str]) -> None:
    of, client = await agency()
    admin = await make.member(of, Role.ADMIN)
    assert (await printed(capsys, admin.subject, client.key)).acting_account == client.id
    assigned = await make.member(of, Role.VIEWER, all_clients=False)
    await make.assign_clients(assigned, client)
    assert (await printed(capsys, assigned.email, client.key)).acting_account == client.id


async def test_a_member_cannot_act_for_another_account() -> None:
    of, client = await agency()
    stranger, unassigned = (
        await make.member(await make.account()),
        await make.member(of, Role.VIEWER, all_clients=False),
    )
    clerk = await make.member(client)
    for who, account in ((stranger, client), (unassigned, client), (clerk, of)):
        with pytest.raises(SystemExit, match=f"No member matches {who.subject} in {account.key}"):
            await token(who.subject, account.key)


async def test_an_unknown_account_is_reported() -> None:
    with pytest.raises(SystemExit, match="There is no account nowhere"):
        await token("mia", "nowhere")


async def test_a_token_is_signed_with_the_first_secret_for_the_audience_of_the_settings(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    account = await make.account()
    user = await make.member(account)
    monkeypatch.setenv("PLAUDIT_JWT_SECRET", f"{'n' * 32},{SECRET}")
    monkeypatch.setenv("PLAUDIT_JWT_AUDIENCE", "plaudit")
    await token(user.subject, account.key)
    assert auth.verify(["n" * 32], f"Bearer {capsys.readouterr().out.strip()}", audience="plaudit") is not None
