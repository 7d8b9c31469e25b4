"""The headers of an invitation, in the order in which people read them."""

from delivery.letter import address_header, header
from models.reads.drafts import Draft

SENDER_ID = "plaudit"
"""The last part of Feedback-ID, by which Gmail's Postmaster Tools tell senders apart: 5 to 15 characters, always the same."""


def headers_of(draft: Draft, subject: str, unsubscribe: str) -> list[bytes]:
    """All headers but the date and those of the body. Message-ID is the same for every attempt, so that a second copy can be
    recognized. Those about the list and the campaign have keys only, and no personal data."""
    sender = draft.sender
    domain = sender.email.rpartition("@")[2]
    name = " ".join(part for part in (draft.first_name, draft.last_name) if part)
    return [
        address_header("From", sender.name, sender.email),
        address_header("To", name, draft.recipient),
        *([address_header("Reply-To", "", sender.reply_to)] if sender.reply_to else []),
        header("Subject", subject),
        header("Message-ID", f"<{draft.id.hex}@{domain}>"),
        # Never folded or encoded: some mail clients read it only on one line.
        f"List-Unsubscribe: <{unsubscribe}>\r\n".encode("ascii"),
        header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        address_header("List-Id", sender.location_name, f"{draft.location_id.hex}.{domain}"),
        header("Feedback-ID", f"{draft.location_id.hex}-{draft.step}:{draft.account_id.hex}:invitation:{SENDER_ID}"),
        header("Auto-Submitted", "auto-generated"),
    ]
