"""Only what a person does ends a sequence."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import models
from models.clock import clock
from models.commands import answers
from models.connection import WORK, transaction
from models.rules.enums import ActorKind, Goal
from tests import factories as make
from tests.models.commands.deliveries import message_states
from tests.years import set_unused_year

pytestmark = pytest.mark.usefixtures("db")
SEEN = st.tuples(
    st.sampled_from([answers.opened, answers.clicked]),
    st.sampled_from([ActorKind.LIKELY_MACHINE, ActorKind.UNKNOWN]),
    st.integers(0, 3000),
)
"""An open or a click, by whom, and how many minutes after the last one."""


@given(seen=st.lists(SEEN, max_size=12))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
async def test_opens_and_clicks_by_nobody_known_to_be_human_end_nothing(seen: list[tuple[Any, ...]]) -> None:
    set_unused_year()
    location = await make.location(await make.account(), goals=list(Goal))
    invitation = await make.invited(location)
    message = await make.sent(invitation)
    waiting = await message_states(invitation)
    for record, actor, minutes in seen:
        clock.move(timedelta(minutes=minutes))
        async with transaction(WORK) as tx:
            await record(tx, message, actor, clock.now())
    assert (await models.Invitation.get(id=invitation)).state == "ACTIVE"
    assert await message_states(invitation) == waiting
    async with transaction(WORK) as tx:
        await answers.note(tx, message, "Thank you", clock.now())
    assert (await models.Invitation.get(id=invitation)).state == "COMPLETED"
