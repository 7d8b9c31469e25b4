"""When the last first message of a list is expected to be sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from models.rules.sequence import SendWindow

_DAYS_ONE_BY_ONE = 28
"""So many windows are gone through exactly; beyond, days count as equally long."""
_LEAST_WAIT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Sending:
    """How far a list is: rows left to process, and how many per second are, if that is known; how many of them will be invited; and
    invitations whose first message is not sent.

    `step` is the open time between two first messages, in `window`; `next_slot` is when that of the next row is due, and `last_due`
    when the last one is due of the rows processed so far. `rate` is the most messages per second, beside `tokens` that can be sent
    at once. `next_due` is when the next message is due, of any step; None if none is queued.
    """

    rows_left: int
    rows_per_second: float | None
    to_invite: int
    unsent: int
    step: timedelta
    window: SendWindow
    rate: float
    tokens: float = 0.0
    next_slot: datetime | None = None
    last_due: datetime | None = None
    next_due: datetime | None = None

    def is_over(self, now: datetime) -> bool:
        """Whether nothing is left to process, and only later steps, if any, are queued."""
        if self.rows_left:
            return False
        if not self.unsent or self.next_due is None:
            return True
        at_once = now + max(_LEAST_WAIT, timedelta(seconds=1 / self.rate))  # a lane at its rate waits for the next one
        return self.next_due > max(self.last_due or at_once, at_once)


def expected_share(rows_left: int, invited: int, processed: int) -> int:
    """How many of the rows that are left will be invited, if as many of them are as so far."""
    return round(rows_left * invited / processed) if processed else rows_left


def expected_end(sending: Sending, now: datetime) -> datetime:
    """When the last first message is sent: once all rows are processed, the last one is due, and the rate has let all through.
    Raises OverflowError if that is beyond the last year."""
    processed_at = now + timedelta(seconds=sending.rows_left / (sending.rows_per_second or float("inf")))
    waiting = sending.unsent + sending.to_invite
    if not waiting:
        return processed_at
    through = timedelta(seconds=max(waiting - max(sending.tokens, 0.0), 0.0) / sending.rate)
    ends = [processed_at, _open_time_after(sending.window, now, through)]
    if sending.to_invite:
        slot = max(sending.next_slot or now, now)
        ends.append(_open_time_after(sending.window, slot, sending.step * (sending.to_invite - 1)))
        ends.append(sending.window.place(processed_at))
    return max(ends if sending.last_due is None else [*ends, sending.last_due])


def _open_time_after(window: SendWindow, start: datetime, by: timedelta) -> datetime:
    """The moment after this much open time, as `SendWindow.advance` has it, in a bounded number of steps."""
    at, day = window.place(start), timedelta(hours=window.open_hours)
    days = by // day - _DAYS_ONE_BY_ONE
    if days <= 0 or window.always:
        return window.advance(at, by)
    later = (at.astimezone(ZoneInfo(window.zone)) + timedelta(days=days)).astimezone(at.tzinfo)
    return window.advance(later, by - day * days)
