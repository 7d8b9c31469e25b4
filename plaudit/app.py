"""The gateway as an ASGI app: routes, middleware and lifespan."""

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
from models.connection import LISTS, pool
from models.faults import is_lost
from plaudit import database, home, readiness
from plaudit.graphql import Gateway
from plaudit.masking import Coded, report
from plaudit.outermost import Outermost
from plaudit.settings import Settings
from plaudit.upload_access import authenticate_upload
from resolvers.context import Shared
from resolvers.cursors import CursorBox
from resolvers.live import Live
from schema import root

GATEWAY_POOLS = (LISTS,)
STALE_WORKER = timedelta(seconds=60)
READY_SECONDS = 0.5


def create_app(settings: Settings, further: Sequence[BaseRoute] = ()) -> Starlette:
    """Creates the gateway; `further` has the demo's routes."""
    live = Live(settings.direct_url)
    links = Links(settings.base_url, LinkSigner(settings.secret))
    shared = Shared(CursorBox(settings.secret), live, settings.buy_more_url, settings.row_security, links)
    gateway = Gateway(root.build(Coded, introspection=settings.introspects), settings, shared)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with database.opened(settings.database_url, pooler=settings.pooler, row_security=settings.row_security):
            listening = asyncio.create_task(live.run())
            try:
                yield
            finally:
                listening.cancel()
                await asyncio.wait([listening])

    routes = [
        # Not Mount, which redirects POST /graphql to /graphql/.
        Route("/graphql", gateway),
        WebSocketRoute("/graphql", gateway),
        *uploads.routes(authenticate_upload(gateway), report),
        *pages.routes(links, report),
        Route("/healthz", _alive),
        Route("/readyz", _ready(settings, live)),
        *further,
        home.route,
    ]
    app = Starlette(routes=routes, lifespan=lifespan, middleware=[*_browsers(settings), Middleware(Outermost)])
    app.router.redirect_slashes = False
    return app


def _browsers(settings: Settings) -> list[Middleware]:
    """CORS for the allowed origins, if there are any."""
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


async def _has_worker() -> bool:
    """Whether a worker was active in the last minute."""
    try:
        seen = await heartbeat.latest(pool(LISTS))
    except Exception as error:
        if is_lost(error):  # since the check
            return False
        raise
    return seen is not None and clock.now() - seen < STALE_WORKER


class _Recent:
    """Readiness, checked at most twice a second, whoever asks: the path needs no token."""

    def __init__(self, settings: Settings, live: Live) -> None:
        self.settings, self.live = settings, live
        self._lock = asyncio.Lock()
        self._checked_at = float("-inf")
        self._found: tuple[str | None, bool] = (None, False)

    async def get(self) -> tuple[str | None, bool]:
        """Why queries cannot be answered, if they cannot, and whether there is a worker."""
        async with self._lock:
            now = asyncio.get_running_loop().time()
            if now - self._checked_at > READY_SECONDS:
                self._found = await self._check()
                self._checked_at = asyncio.get_running_loop().time()
        return self._found

    async def _check(self) -> tuple[str | None, bool]:
        try:
            _, because = await readiness.check(self.settings, GATEWAY_POOLS)
        except readiness.WrongDatabaseError as wrong:
            because = str(wrong)
        because = because or self.live.waits_for
        return because, because is None and await _has_worker()


def _ready(settings: Settings, live: Live) -> Callable[[Request], Awaitable[JSONResponse]]:
    recent = _Recent(settings, live)

    async def ready(_request: Request) -> JSONResponse:
        """200 if queries can be answered, otherwise 503 with the reason; a missing worker is not a reason."""
        because, has_worker = await recent.get()
        if because:
            return JSONResponse({"ready": False, "because": because}, 503, {"Retry-After": "1"})
        return JSONResponse({"ready": True, "listening": True, "worker": has_worker})

    return ready
