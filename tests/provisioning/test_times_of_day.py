"""Steps at a time of day in an accounts file."""

import pytest

import models
from provisioning import apply
from tests.provisioning.bakery import BAKERY, changed, wrong

STEP = "after: 36 hours, template: remind"


def with_step(words: str, *, hours: str = "EMAIL: 9-19", first: str = "after: 0 days") -> str:
    text = changed("EMAIL: always", hours, changed(STEP, f"{words}, template: remind"))
    return changed("after: 0 days", first, text)


@pytest.mark.parametrize("time", ['"18:30"', "18:30", "'18:30'"])
async def test_a_step_has_a_time_of_day(time: str) -> None:
    await apply(BAKERY)
    applied = await apply(with_step(f"after: 2 days, at: {time}"))
    told = "location bakery/mitte: sequence EMAIL after 0 days, EMAIL after 2 days at 18:30, for new invitations"
    assert told in applied.made
    steps = await models.SequenceStep.filter(location__key="mitte").order_by("number")
    assert [(step.after_seconds, step.at_minute) for step in steps] == [(0, None), (2 * 86400, 18 * 60 + 30)]
    assert (await apply(with_step(f"after: 2 days, at: {time}"))).made == []


async def test_the_first_step_can_have_a_time_of_day() -> None:
    await apply(with_step("after: 1 day", first="after: 0 days, at: 9:00"))
    steps = await models.SequenceStep.filter(location__key="mitte").order_by("number")
    assert [step.at_minute for step in steps] == [9 * 60, None]


@pytest.mark.parametrize("time", ["0:00", "23:59"])
async def test_locations_that_always_send_can_have_any_time(time: str) -> None:
    await apply(with_step(f"after: 1 day, at: {time}", hours="EMAIL: always"))


@pytest.mark.parametrize(
    ("step", "hours", "words"),
    [
        (
            "after: 2 days, at: 19:00",
            "EMAIL: 9-19",
            "19:00 is outside the location's hours for EMAIL, 9-19; write a time",
        ),
        (
            "after: 2 days, at: 8:59",
            "EMAIL: 9-19",
            "8:59 is outside the location's hours for EMAIL, 9-19; write a time",
        ),
        (
            "after: 36 hours, at: 18:30",
            "EMAIL: 9-19",
            "a step with a time of day needs whole days in after, like 3 days.",
        ),
        ("after: 2 days, at: 7pm", "EMAIL: 9-19", "use a local time of day, like 18:30."),
        ("after: 2 days, at: 24:00", "EMAIL: always", "use a local time of day, like 18:30."),
        ("after: 2 days, at: 18", "EMAIL: always", "use a local time of day, like 18:30."),
    ],
)
async def test_a_time_that_cannot_be_kept_is_refused(step: str, hours: str, words: str) -> None:
    found = await wrong(with_step(step, hours=hours))
    assert [line for line, said in found if words in said] == [31]
    assert not await models.Account.filter(key="bakery").exists()
