"""Settles a message of which nobody knows whether it was sent, because a member found out."""

from datetime import datetime
from uuid import UUID

from models.commands import moves, outcomes
from models.commands.activity import Actor
from models.commands.outcomes import Outcome
from models.connection import Db, execute, fetch_one
from models.rules.enums import MessageState
from models.rules.errors import Invalid, NotFound
from models.rules.lifecycle import GONE
from models.tables.message import Message

_LATER = "select 1 from message where invitation_id = $1 and step > $2 and state = any($3::text[]) limit 1"
_UNFINISHED = "update invitation set answer_until = null where id = $1 and state in ('QUEUED', 'ACTIVE')"


async def settle_unknown(tx: Db, message_id: UUID, *, sent: bool, actor: Actor, now: datetime) -> UUID:
    """Records an UNKNOWN message as SENT when it was due, and charges it; or as not sent, so that it is due now and the later
    steps keep their distance. Returns its invitation's key."""
    message = await Message.get_or_none(id=message_id, using_db=tx)
    if message is None:
        raise NotFound("No message has this id.", ["messageId"])
    await moves.locked(tx, [message.invitation_id])
    await message.refresh_from_db(using_db=tx)
    if message.state is not MessageState.UNKNOWN:
        raise Invalid(f"This message is {message.state}, so there is nothing to settle.", ["messageId"])
    if sent:
        await outcomes.settle(tx, [Outcome(message.id, MessageState.SENT, message.due_at, actor=actor)])
        return message.invitation_id
    later = sorted(GONE | {MessageState.CLAIMED, MessageState.SENDING})
    if await fetch_one(tx, _LATER, message.invitation_id, message.step, later):
        raise Invalid("A later step has been or is being sent, so this one can't be sent any more.", ["outcome"])
    await execute(tx, _UNFINISHED, message.invitation_id)
    await outcomes.settle(tx, [Outcome(message.id, MessageState.SCHEDULED, now, due=now, actor=actor)])
    return message.invitation_id
