"""Runs the demo: database, data, mail catcher, gateway and worker in one process."""

import asyncio
import os
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import asyncpg

import models
from demo import mailbox_pages
from demo.accounts import EXPIRED, TOKENS
from demo.catcher import USER as CATCHER_USER
from demo.catcher import Catcher, catching
from demo.home_page import HomePage, personas
from demo.own_host import OwnHostOnly
from demo.seed import seed
from models.connection import WORK, fetch_one, pool
from models.rules.ids import uuid7
from plaudit import database
from plaudit.app import GATEWAY_POOLS, create_app
from plaudit.auth import issue
from plaudit.demo_folder import DemoPaths, DemoState, alone, write_private
from plaudit.postgres import EmbeddedPostgres, PostgresError
from plaudit.readiness import DEMO_MARK
from plaudit.run import gateway, listening, run
from plaudit.settings import Settings, checked
from plaudit.sign_in import Persona
from plaudit.watch import Watch
from plaudit.worker import make_sender, run_upkeep, worker_parts

HOST = "127.0.0.1"
DATABASE = "plaudit"
TOKEN_LIFETIME = timedelta(days=30)
_RELAY = {"smtp_url": "PLAUDIT_SMTP_URL", "smtp_connections": "PLAUDIT_SMTP_CONNECTIONS"}
_ORIGINS = {"allowed_origins": "PLAUDIT_ALLOWED_ORIGINS"}


async def run_demo(paths: DemoPaths, stop: asyncio.Event, *, worker: bool, customers: int) -> None:
    """Runs until `stop`; the database stops last."""
    if os.environ.get("PLAUDIT_ENV") == "production":
        raise PostgresError(
            "The demo does not run with PLAUDIT_ENV=production; use plaudit serve, or unset PLAUDIT_ENV."
        )
    with alone(paths.data_dir), listening(HOST, paths.port) as sock:
        postgres = EmbeddedPostgres(paths.data_dir)
        server_url = await asyncio.to_thread(postgres.start)
        try:
            url = f"{server_url.rpartition('/')[0]}/{DATABASE}"
            state = DemoState.read(paths.data_dir)
            async with catching(paths.data_dir / "mail.sqlite3", state.mail_password, state.mail_port) as catcher:
                state = replace(state, mail_port=catcher.port)
                if not await _finishes_before(stop, _prepare(paths, state, server_url, url, catcher, customers)):
                    return
                settings = _settings(paths, state, url, catcher)
                async with database.opened(url):
                    await _announce(paths, settings)
                    relay = str(settings.relay) if "smtp_url" in _shell_relay() else None
                    home = HomePage(catcher, settings.base_url, paths.tokens_file, relay)
                    app = create_app(settings, [*home.routes(), *mailbox_pages.routes(catcher)], _personas())
                    app.add_middleware(OwnHostOnly, port=paths.port)
                    watch = Watch(settings, GATEWAY_POOLS)
                    workers = worker_parts(settings, watch) if worker else []
                    await run([gateway(app, sock), watch.run, *workers], stop)
        finally:
            await asyncio.to_thread(postgres.stop)


async def _finishes_before(stop: asyncio.Event, work: Awaitable[None]) -> bool:
    """Runs the work, and cancels it at `stop`; returns whether it finished."""
    working = asyncio.ensure_future(work)
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if working.done():
        await working
        return True
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working
    return False


async def _prepare(
    paths: DemoPaths, state: DemoState, server_url: str, url: str, catcher: Catcher, customers: int
) -> None:
    """Creates the demo database (again, if its creation was interrupted), or migrates the existing one."""
    if not state.seeded:
        await _fresh_database(server_url)
        await catcher.clear()
    await _mark(server_url)
    await database.migrate(url)
    if state.seeded:
        state.write(paths.data_dir)
        return
    print("Creating the demo data; this takes about half a minute, only once.", flush=True)
    settings = _settings(paths, state, url, catcher)
    async with database.opened(url):
        # Past messages go to the catcher, even if a relay is set for new ones.
        sender = make_sender(settings.model_copy(update={"smtp_url": catcher.url}), uuid7())
        await seed(sender, run_upkeep, customers)
    connection = await asyncpg.connect(url)
    await connection.execute("analyze")
    await connection.execute("checkpoint")
    await connection.close()
    replace(state, seeded=True).write(paths.data_dir)


async def _fresh_database(server_url: str) -> None:
    connection = await asyncpg.connect(server_url, timeout=10)
    try:
        await connection.execute(f"drop database if exists {DATABASE} with (force)")
        await connection.execute(f"create database {DATABASE}")
        # Faster to start; a power cut loses at most the last second.
        await connection.execute(f"alter database {DATABASE} set synchronous_commit = off")
    finally:
        await connection.close()


async def _mark(server_url: str) -> None:
    """Marks the database as a demo's, so that other commands refuse it."""
    connection = await asyncpg.connect(server_url, timeout=10)
    try:
        await connection.execute(f"alter database {DATABASE} set {DEMO_MARK} = 'on'")
    finally:
        await connection.close()


def _shell_relay() -> dict[str, str]:
    """The shell's relay settings, unless they are those of a demo's tokens.env."""
    if os.environ.get("PLAUDIT_SMTP_URL", "").startswith(f"smtp://{CATCHER_USER}:"):
        return {}
    return _from_shell(_RELAY)


def _from_shell(names: dict[str, str]) -> dict[str, str]:
    return {field: os.environ[name] for field, name in names.items() if os.environ.get(name)}


def _settings(paths: DemoPaths, state: DemoState, url: str, catcher: Catcher) -> Settings:
    """The demo's own settings, except for the relay and the origins of frontends if the shell sets them."""
    own = {
        "env": "demo",
        "database_url": url,
        "base_url": f"http://{HOST}:{paths.port}",
        "secret": (state.secret,),
        "jwt_secret": (state.jwt_secret,),
        "smtp_url": catcher.url,
        "host": HOST,
        "port": paths.port,
        "buy_more_url": "https://example.com/boost",
        "sign_in_from": "plaudit@plaudit.example",
    }
    return checked(own | _shell_relay() | _from_shell(_ORIGINS))


async def _announce(paths: DemoPaths, settings: Settings) -> None:
    """Writes the tokens and prints where everything is."""
    lines = [f"PLAUDIT_TOKEN_{name}={await _token(settings, *who)}" for name, who in TOKENS.items()]
    lines.append(f"PLAUDIT_TOKEN_EXPIRED={await _token(settings, *EXPIRED, lifetime=timedelta(hours=-1))}")
    lines += [
        "PLAUDIT_ENV=demo",
        f"PLAUDIT_DATABASE_URL={settings.database_url}",
        f"PLAUDIT_BASE_URL={settings.base_url}",
        f"PLAUDIT_SMTP_URL={settings.smtp_url}",
        f"PLAUDIT_SECRET={settings.secret[0]}",
        f"PLAUDIT_JWT_SECRET={settings.jwt_secret[0]}",
        f"PLAUDIT_SIGN_IN_FROM={settings.sign_in_from}",
    ]
    write_private(paths.tokens_file, "".join(f"{line}\n" for line in lines))
    numbers = await fetch_one(pool(WORK), "select count(*) as customers from customer")
    assert numbers is not None
    print(f"Console  {settings.base_url}/")
    print(f"Demo     {settings.base_url}/demo")
    print(f"API      {settings.base_url}/graphql  ({numbers['customers']} customers)")
    print(f"Mailbox  {settings.base_url}/mailbox")
    if "smtp_url" in _shell_relay():
        print(f"Mail     goes to {settings.relay}, set by PLAUDIT_SMTP_URL, not to the mailbox")
    print(f"Tokens   {paths.tokens_file}", flush=True)


def _personas() -> list[Persona]:
    return [
        Persona(one.token, one.member, one.role, one.account, one.plan, one.subject, one.account_key)
        for one in personas()
    ]


async def _token(settings: Settings, subject: str, account: str, lifetime: timedelta = TOKEN_LIFETIME) -> str:
    acting = await models.Account.get(key=account)
    user = await models.User.get(subject=subject)
    return issue(
        settings.jwt_secret[0],
        subject,
        issuer=user.issuer,
        account=acting.id,
        lifetime=lifetime,
        claim=settings.account_claim,
    )
