"""Writing a mail, compared with writing the same mail with the standard library's EmailMessage."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from statistics import median

from benchmarks.harness import print_table
from delivery.render import Writer, render
from languages import LANGUAGES
from models.reads.drafts import Draft
from models.rules.ids import uuid7
from tests.delivery.drafts import LINKS, default_draft

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
ROUNDS, MAILS = 15, 40
WRITER = Writer(LINKS)


def with_the_standard_library(draft: Draft) -> bytes:
    """The same texts, by the same templates, in a fresh EmailMessage."""
    says, addresses = render(draft, LINKS, NOW)
    domain = draft.sender.email.rpartition("@")[2]
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(draft.sender.name, addr_spec=draft.sender.email)
    mail["To"] = Address(draft.first_name or "", addr_spec=draft.recipient)
    mail["Subject"] = says.subject
    mail["Message-ID"] = f"<{draft.id.hex}@{domain}>"
    mail["List-Unsubscribe"] = f"<{addresses.unsubscribe}>"
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail["List-Id"] = f'"{draft.sender.location_name}" <{draft.location_id.hex}.{domain}>'
    mail["Feedback-ID"] = f"{draft.location_id.hex}-{draft.step}:{draft.account_id.hex}:invitation:plaudit"
    mail["Auto-Submitted"] = "auto-generated"
    mail["Date"] = format_datetime(NOW)
    mail.set_content(says.text)
    mail.add_alternative(says.html, subtype="html")
    return mail.as_bytes()


def with_ours(draft: Draft) -> bytes:
    return WRITER.write(draft, NOW).message


def milliseconds(write: Callable[[Draft], bytes], drafts: list[Draft]) -> float:
    """For one mail."""
    started = time.perf_counter()
    for draft in drafts:
        write(draft)
    return (time.perf_counter() - started) * 1000 / len(drafts)


def main() -> None:
    rows: list[list[object]] = []
    for code in LANGUAGES:
        took: dict[str, list[float]] = {"ours": [], "library": []}
        for number in range(ROUNDS + 1):
            people = [
                replace(default_draft(code), id=uuid7(), first_name=f"Ann {n}", recipient=f"ann{n}@example.org")
                for n in range(number * MAILS, (number + 1) * MAILS)
            ]
            for name, write in (("ours", with_ours), ("library", with_the_standard_library)):
                spent = milliseconds(write, people)
                if number:  # the first round warms up
                    took[name].append(spent)
        ours, library = median(took["ours"]), median(took["library"])
        rows.append([code, ours, library, library / ours])
    columns = ["language", "ours, median ms", "EmailMessage, median ms", "ratio"]
    print_table("Writing the default mail: templates, layout, links, headers and encoding", columns, rows)


if __name__ == "__main__":
    main()
