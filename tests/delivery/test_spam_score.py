"""SpamAssassin's local rules find nothing wrong with the default mail; skipped where it is not installed."""

import re
import shutil
import subprocess
from datetime import UTC, datetime

import pytest

from delivery.render import Writer
from languages import LANGUAGES
from tests.delivery.drafts import LINKS, default_draft

SPAMASSASSIN = shutil.which("spamassassin")
MOST_POINTS = 0.5


@pytest.mark.long
@pytest.mark.skipif(
    SPAMASSASSIN is None, reason="no SpamAssassin here; on Debian and Ubuntu: apt-get install spamassassin"
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_default_mail_does_not_look_like_spam(language: str) -> None:
    assert SPAMASSASSIN
    mail = Writer(LINKS).write(default_draft(language), datetime.now(UTC)).message
    judged = subprocess.run(  # noqa: S603 - what the PATH finds, and our own mail
        [SPAMASSASSIN, "--local", "--test-mode"], input=mail, capture_output=True, timeout=60, check=True
    )
    score = re.search(rb"X-Spam-Status: \w+, score=(-?[\d.]+)", judged.stdout)
    assert score
    assert float(score[1]) <= MOST_POINTS
