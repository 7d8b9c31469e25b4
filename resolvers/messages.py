"""Messages of a location's steps as a member sees them: a preview, and a test message to their own address."""

import hashlib
from dataclasses import replace
from uuid import UUID

from delivery.fill import RenderError
from delivery.render import Rendered, render
from models.commands.send_test import NewTest, send_test
from models.connection import Db
from models.reads import drafts
from models.reads.drafts import Draft, Sample
from models.rules.address import clean_short
from models.rules.enums import Channel
from models.rules.errors import Invalid, NotFound
from permissions.viewer import Viewer
from resolvers.command import WITHOUT_KEY, RequestId, attempt
from resolvers.context import Context
from resolvers.scope import LOCATION

MOST_STEPS = 1000
"""No sequence has as many."""


async def preview(
    context: Context, *, location_id: str, step: int, name: str | None, employee: str | None, service: str | None
) -> Rendered:
    """What a step says to a person with this name, by default the viewer. Raises a Refusal."""
    viewer = await context.viewer()
    async with attempt(context, "previewMessage", WITHOUT_KEY, LOCATION, location_id) as tried:
        sample = Sample(
            name=clean_short(name, "name") or viewer.name,
            email=viewer.email,
            employee=clean_short(employee, "employee"),
            service=clean_short(service, "service"),
        )
        _, draft = await _draft(tried.tx, tried.row.id, step, sample)
        return _rendered(context, draft)


async def send_test_message(context: Context, request: RequestId, location_id: str, step: int) -> str:
    """Sends a step to the viewer's own address, and returns that address. Raises a Refusal."""
    viewer = await context.viewer()
    async with attempt(context, "sendTestMessage", _own(request, viewer), LOCATION, location_id) as tried:
        if tried.done is None:
            template_id, draft = await _draft(tried.tx, tried.row.id, step, Sample(viewer.name, viewer.email))
            if not draft.sender.email:
                raise Invalid(
                    "This location sends nothing until it has a sender; add one with plaudit apply.", ["locationId"]
                )
            _rendered(context, draft)
            test = NewTest(tried.row.account_id, tried.row.id, template_id, step, viewer.id)
            tried.done = await send_test(tried.tx, test, context.now)
    return viewer.email


def _rendered(context: Context, draft: Draft) -> Rendered:
    links = context.shared.links
    assert links is not None
    try:
        return render(draft, links.for_tests(), context.now)[0]
    except RenderError as error:
        raise Invalid(f"The template cannot be filled in: {error}. Correct it with plaudit apply.", ["step"]) from error


async def _draft(tx: Db, location_id: UUID, step: int, sample: Sample) -> tuple[UUID, Draft]:
    found = await drafts.of_step(tx, location_id, step, sample) if 0 < step < MOST_STEPS else None
    if found is None:
        raise NotFound(f"This location's sequence has no step {step}; steps are numbered from 1.", ["step"])
    if found[1].channel is not Channel.EMAIL:
        raise Invalid(f"Step {step} is not sent by e-mail; choose another one.", ["step"])
    return found


def _own(request: RequestId, viewer: Viewer) -> RequestId:
    """With the viewer in the fingerprint: the same key used by another member is not the same request, since it goes to another
    address."""
    body = f"{request.fingerprint}:{viewer.id.hex}"
    return replace(request, fingerprint=hashlib.sha256(body.encode()).hexdigest())
