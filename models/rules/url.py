"""Validates URLs that people are redirected to."""

from urllib.parse import SplitResult, urlsplit

from models.rules.domain import ascii_host
from models.rules.errors import Invalid

LONGEST_URL = 2000


def https_url(text: str) -> str:
    """Returns the URL with its host in ASCII. Raises ValueError with a message for users."""
    if len(text) > LONGEST_URL:
        raise ValueError(f"An address has at most {LONGEST_URL} characters.")
    if not text.isprintable() or any(map(str.isspace, text)) or "\\" in text:
        raise ValueError("An address has no spaces, line breaks or backslashes; write a space in it as %20.")
    at = _parts(text)
    if at.scheme != "https" or not at.hostname:
        raise ValueError("Write the whole address, beginning with https:// and a host, as in https://example.com/page.")
    if "@" in at.netloc:
        raise ValueError("Leave the user name and the password out of the address.")
    host = ascii_host(at.hostname)
    named = f"[{host}]" if ":" in host else host
    whole = at._replace(netloc=named if at.port is None else f"{named}:{at.port}").geturl()
    if len(whole) > LONGEST_URL:
        raise ValueError(f"An address has at most {LONGEST_URL} characters.")
    return whole


def url_or_none(text: str | None, field: str) -> str | None:
    """Raises Invalid with the name of the field."""
    try:
        return None if text is None else https_url(text)
    except ValueError as error:
        raise Invalid(f"{field}: {error}", [field]) from error


def _parts(text: str) -> SplitResult:
    try:
        at = urlsplit(text)
        _ = at.port  # raises if the port is invalid
    except ValueError as error:
        raise ValueError("The host or the port of this address cannot be read; check it.") from error
    return at
