"""create_app: routes, middleware and lifespan of the gateway."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute

import pages
from bulk_import import uploads
from delivery.links import Links, LinkSigner
from models.clock import clock
from models.commands import heartbeat
from models.connection import LISTS, fetch, pool
from plaudit import database
from plaudit.graphql import Gateway
from plaudit.masking import Coded, report
from plaudit.settings import Settings
from plaudit.upload_access import authenticate_upload
from resolvers.context import Shared
from resolvers.cursors import CursorBox
from resolvers.live import Live
from schema import root

STALE_WORKER = timedelta(seconds=60)


def create_app(settings: Settings, further: Sequence[BaseRoute] = ()) -> Starlette:
    """The gateway as an ASGI app; `further` routes are the demo's."""
    live = Live(settings.direct_url)
    shared = Shared(
        CursorBox(settings.secret), live, database.is_transient, settings.buy_more_url, settings.row_security
    )
    gateway = Gateway(root.build(Coded, introspection=settings.introspects), settings, shared)
    links = Links(settings.base_url, LinkSigner(settings.secret))

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with database.opened(settings.database_url, pooler=settings.pooler, walled=settings.row_security):
            listening = asyncio.create_task(live.run())
            yield
            listening.cancel()
            await asyncio.wait([listening])

    routes = [
        # Not Mount: it answers POST /graphql with a redirect to /graphql/.
        Route("/graphql", gateway),
        WebSocketRoute("/graphql", gateway),
        *uploads.routes(authenticate_upload(gateway)),
        *pages.routes(links, report),
        Route("/healthz", _alive),
        Route("/readyz", _ready(live)),
        *further,
    ]
    return Starlette(routes=routes, lifespan=lifespan, middleware=_middleware(settings))


def _middleware(settings: Settings) -> list[Middleware]:
    """Browsers of listed origins only; without any, none is answered across origins."""
    if not settings.allowed_origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=list(settings.allowed_origins),
            allow_methods=["GET", "POST"],
            allow_headers=["authorization", "content-type"],
            expose_headers=["retry-after"],
            max_age=600,
        )
    ]


async def _alive(_request: Request) -> JSONResponse:
    return JSONResponse({"alive": True})


def _ready(live: Live) -> Callable[[Request], Awaitable[JSONResponse]]:
    async def ready(_request: Request) -> JSONResponse:
        """200 once a query would be answered; a worker is told of, not waited for."""
        try:
            async with asyncio.timeout(5):
                await fetch(pool(LISTS), "select 1 from account limit 1")
                worker = await heartbeat.latest(pool(LISTS))
        except Exception as error:  # noqa: BLE001 - whatever it is, a query would not be answered
            return JSONResponse({"ready": False, "because": type(error).__name__}, 503)
        ready = live.listening.is_set()
        working = worker is not None and clock.now() - worker < STALE_WORKER
        return JSONResponse({"ready": ready, "listening": ready, "worker": working}, 200 if ready else 503)

    return ready
