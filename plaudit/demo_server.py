"""The demo from its start to its end: database, data, mail catcher, gateway and worker, in one process."""

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
from demo.home_page import HomePage
from demo.own_host import OwnHostOnly
from demo.seed import seed
from models.connection import WORK, fetch_one, pool
from models.rules.ids import uuid7
from plaudit import database
from plaudit.app import GATEWAY_POOLS, create_app
from plaudit.auth import issue
from plaudit.demo_folder import DemoPaths, Kept, alone, write_private
from plaudit.postgres import EmbeddedPostgres, PostgresError
from plaudit.readiness import DEMO_MARK
from plaudit.run import gateway, listening, run
from plaudit.settings import Settings, checked
from plaudit.watch import Watch
from plaudit.worker import look_after, make_sender, worker_parts

HOST = "127.0.0.1"
DATABASE = "plaudit"
TOKEN_LIFETIME = timedelta(days=30)
_FROM_SHELL = {"smtp_url": "PLAUDIT_SMTP_URL", "smtp_connections": "PLAUDIT_SMTP_CONNECTIONS"}


async def run_demo(place: DemoPaths, stop: asyncio.Event, *, worker: bool, customers: int) -> None:
    """Until `stop`; the database goes down last."""
    if os.environ.get("PLAUDIT_ENV") == "production":
        raise PostgresError(
            "The demo and its embedded PostgreSQL are never for PLAUDIT_ENV=production; use plaudit serve."
        )
    with alone(place.data_dir), listening(HOST, place.port) as sock:
        postgres = EmbeddedPostgres(place.data_dir)
        server_url = await asyncio.to_thread(postgres.start)
        try:
            url = f"{server_url.rpartition('/')[0]}/{DATABASE}"
            kept = Kept.read(place.data_dir)
            async with catching(place.data_dir / "mail.sqlite3", kept.mail_password, kept.mail_port) as catcher:
                kept = replace(kept, mail_port=catcher.port)
                if not await _unless(stop, _prepare(place, kept, server_url, url, catcher, customers)):
                    return
                settings = _settings(place, kept, url, catcher)
                async with database.opened(url):
                    await _tell(place, settings)
                    relay = str(settings.relay) if "smtp_url" in _relay_of_shell() else None
                    home = HomePage(catcher, settings.base_url, place.tokens_file, relay)
                    app = create_app(settings, [*home.routes(), *mailbox_pages.routes(catcher)])
                    app.add_middleware(OwnHostOnly, port=place.port)
                    watch = Watch(settings, GATEWAY_POOLS)
                    workers = worker_parts(settings, watch) if worker else []
                    await run([gateway(app, sock), watch.run, *workers], stop)
        finally:
            await asyncio.to_thread(postgres.stop)


async def _unless(stop: asyncio.Event, work: Awaitable[None]) -> bool:
    """Whether the work came to its end before `stop`."""
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


async def _prepare(place: DemoPaths, kept: Kept, server_url: str, url: str, catcher: Catcher, customers: int) -> None:
    """A database with the demo data; one that was cut off half-way is made anew."""
    if not kept.seeded:
        await _fresh_database(server_url)
        await catcher.clear()
    await _mark(server_url)
    await database.migrate(url)
    if kept.seeded:
        kept.write(place.data_dir)
        return
    print("Making the demo data; this takes about half a minute, once.", flush=True)
    settings = _settings(place, kept, url, catcher)
    async with database.opened(url):
        # The past was sent to the catcher, whatever relay is set for what is to come.
        sender = make_sender(settings.model_copy(update={"smtp_url": catcher.url}), uuid7())
        await seed(sender, look_after, customers)
    connection = await asyncpg.connect(url)
    await connection.execute("analyze")
    await connection.execute("checkpoint")
    await connection.close()
    replace(kept, seeded=True).write(place.data_dir)


async def _fresh_database(server_url: str) -> None:
    connection = await asyncpg.connect(server_url, timeout=10)
    try:
        await connection.execute(f"drop database if exists {DATABASE} with (force)")
        await connection.execute(f"create database {DATABASE}")
        # The last second before a power cut may be lost here, nothing more; and the demo starts sooner.
        await connection.execute(f"alter database {DATABASE} set synchronous_commit = off")
    finally:
        await connection.close()


async def _mark(server_url: str) -> None:
    """As a demo's, so that no other command works on it by mistake."""
    connection = await asyncpg.connect(server_url, timeout=10)
    try:
        await connection.execute(f"alter database {DATABASE} set {DEMO_MARK} = 'on'")
    finally:
        await connection.close()


def _relay_of_shell() -> dict[str, str]:
    """The relay that PLAUDIT_SMTP_URL names, unless it is the catcher of a demo whose tokens.env was read."""
    if os.environ.get("PLAUDIT_SMTP_URL", "").startswith(f"smtp://{CATCHER_USER}:"):
        return {}
    return {field: os.environ[name] for field, name in _FROM_SHELL.items() if os.environ.get(name)}


def _settings(place: DemoPaths, kept: Kept, url: str, catcher: Catcher) -> Settings:
    """The relay of the shell's environment, if it names one; everything else is the demo's own."""
    own = {
        "env": "demo",
        "database_url": url,
        "base_url": f"http://{HOST}:{place.port}",
        "secret": (kept.secret,),
        "jwt_secret": (kept.jwt_secret,),
        "smtp_url": catcher.url,
        "host": HOST,
        "port": place.port,
        "buy_more_url": "https://example.com/boost",
    }
    return checked(own | _relay_of_shell())


async def _tell(place: DemoPaths, settings: Settings) -> None:
    """Writes the tokens, and says where everything is."""
    lines = [f"PLAUDIT_TOKEN_{name}={await _token(settings, *who)}" for name, who in TOKENS.items()]
    lines.append(f"PLAUDIT_TOKEN_EXPIRED={await _token(settings, *EXPIRED, lifetime=timedelta(hours=-1))}")
    lines += [
        "PLAUDIT_ENV=demo",
        f"PLAUDIT_DATABASE_URL={settings.database_url}",
        f"PLAUDIT_BASE_URL={settings.base_url}",
        f"PLAUDIT_SMTP_URL={settings.smtp_url}",
        f"PLAUDIT_SECRET={settings.secret[0]}",
        f"PLAUDIT_JWT_SECRET={settings.jwt_secret[0]}",
    ]
    write_private(place.tokens_file, "".join(f"{line}\n" for line in lines))
    numbers = await fetch_one(pool(WORK), "select count(*) as customers from customer")
    assert numbers is not None
    print(f"Home     {settings.base_url}/")
    print(f"API      {settings.base_url}/graphql  ({numbers['customers']} customers)")
    print(f"Mailbox  {settings.base_url}/mailbox")
    if "smtp_url" in _relay_of_shell():
        print(f"Mail     goes to {settings.relay}, as PLAUDIT_SMTP_URL says, and not to the mailbox")
    print(f"Tokens   {place.tokens_file}", flush=True)


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
