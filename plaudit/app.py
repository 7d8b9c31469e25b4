"""The gateway as an ASGI app: routes, middleware and lifespan."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

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
from models.connection import LISTS, pool
from models.faults import is_lost
from models.reads import delivery_state
from models.reads.delivery_state import DeliveryState
from plaudit import console, database, readiness, report_access
from plaudit.graphql import Gateway
from plaudit.masking import Coded, report
from plaudit.outermost import Outermost
from plaudit.settings import Settings
from plaudit.sign_in import Persona, SignIn
from plaudit.upload_access import authenticate_upload
from resolvers.concurrency import OperationLimiter
from resolvers.context import Shared
from resolvers.cursors import CursorBox
from resolvers.live import Live
from resolvers.report_links import ReportLinks
from schema import root
from wire.counts import Counts, OwnCounts, SharedCounts

GATEWAY_POOLS = (LISTS,)
READY_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Across:
    """What the processes of one gateway count together: what is held at the moment, and requests of peers in a period."""

    held: SharedCounts
    peers: SharedCounts


def create_app(
    settings: Settings,
    further: Sequence[BaseRoute] = (),
    personas: Sequence[Persona] = (),
    across: Across | None = None,
) -> Starlette:
    """Creates the gateway; `further` has the demo's routes, and `personas` its members. `across`: it is one of several
    processes."""
    counts: Counts = across.held if across else OwnCounts()
    live = Live(settings.direct_url)
    links = Links(settings.base_url, LinkSigner(settings.secret))
    reports = ReportLinks(settings.base_url, settings.secret)
    shared = Shared(
        CursorBox(settings.secret),
        live,
        settings.buy_more_url,
        settings.row_security,
        links,
        reports,
        limiter=OperationLimiter(counts=counts),
        counts=counts,
    )
    schema = root.build(Coded, introspection=settings.introspects, compiling=settings.compile_queries)
    gateway = Gateway(schema, settings, shared)

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
        *uploads.routes(authenticate_upload(gateway), report, counts=counts),
        *report_access.routes(shared),
        *pages.routes(links, report),
        Route("/healthz", _alive),
        Route("/readyz", _ready(settings, live)),
        *SignIn(gateway, personas, across.peers if across else None).routes(),
        *further,
        *console.routes(),
    ]
    app = Starlette(routes=routes, lifespan=lifespan, middleware=[*_browsers(settings), Middleware(Outermost)])
    app.router.redirect_slashes = False
    app.state.stopping = gateway.stopping
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
            allow_headers=["authorization", "content-type", "last-event-id"],
            expose_headers=["retry-after"],
            max_age=600,
        )
    ]


async def _alive(_request: Request) -> JSONResponse:
    return JSONResponse({"alive": True})


@dataclass(frozen=True, slots=True)
class _Found:
    """Why queries cannot be answered, if they cannot, and how delivery is going, if the database said so."""

    because: str | None = None
    delivery: DeliveryState | None = None


async def _work() -> _Found:
    """How delivery is going, and whether there is a worker."""
    try:
        return _Found(None, await delivery_state.of_all(pool(LISTS), clock.now()))
    except Exception as error:
        if is_lost(error):  # since the check
            return _Found()
        raise


def _shown(state: DeliveryState) -> dict[str, object]:
    """Names no tenant, since the path needs no token."""
    return {
        "relay": state.relay,
        "reply": state.reply,
        "due": state.due,
        "oldestDueAt": state.oldest_due_at and state.oldest_due_at.isoformat(),
        "overdue": state.overdue,
        "held": dict(Counter(lane.reason for lane in state.held)),
    }


class _Recent:
    """Readiness, checked at most twice a second, whoever asks: the path needs no token."""

    def __init__(self, settings: Settings, live: Live) -> None:
        self.settings, self.live = settings, live
        self._lock = asyncio.Lock()
        self._checked_at = float("-inf")
        self._found = _Found()

    async def get(self) -> _Found:
        async with self._lock:
            now = asyncio.get_running_loop().time()
            if now - self._checked_at > READY_SECONDS:
                self._found = await self._check()
                self._checked_at = asyncio.get_running_loop().time()
        return self._found

    async def _check(self) -> _Found:
        try:
            _, because = await readiness.check(self.settings, GATEWAY_POOLS)
        except readiness.WrongDatabaseError as wrong:
            because = str(wrong)
        because = because or self.live.waits_for
        return _Found(because) if because else await _work()


def _ready(settings: Settings, live: Live) -> Callable[[Request], Awaitable[JSONResponse]]:
    recent = _Recent(settings, live)

    async def ready(_request: Request) -> JSONResponse:
        """200 if queries can be answered, otherwise 503 with the reason; a missing worker is not a reason."""
        found = await recent.get()
        if found.because:
            return JSONResponse({"ready": False, "because": found.because}, 503, {"Retry-After": "1"})
        body: dict[str, object] = {"ready": True, "listening": True, "worker": False}
        if found.delivery:
            body |= {"worker": found.delivery.has_worker, "delivery": _shown(found.delivery)}
        return JSONResponse(body)

    return ready
