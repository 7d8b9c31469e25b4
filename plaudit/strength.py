"""Finds secrets that are easy to guess, which production rejects."""

from itertools import pairwise

MIN_DIFFERENT_CHARACTERS = 8
_WORDS = (
    "changeme",
    "change-me",
    "change_me",
    "change me",
    "replace",
    "default",
    "example",
    "insecure",
    "password",
    "passwort",
    "placeholder",
    "plaudit",
    "secret",
    "your-",
    "your_",
)


def weakness(secret: str) -> str | None:
    """Why the secret is easy to guess, or None if it looks random."""
    word = next((word for word in _WORDS if word in secret.lower()), None)
    if word:
        return f"it contains the word {word.rstrip('-_')}"
    if len(set(secret)) < MIN_DIFFERENT_CHARACTERS:
        return f"it has fewer than {MIN_DIFFERENT_CHARACTERS} different characters"
    if secret in (secret + secret)[1:-1]:
        return "it repeats itself"
    if _runs(secret) > len(secret) // 2:
        return "most of it only counts up or down, or repeats a character"
    return None


def _runs(secret: str) -> int:
    """How many characters equal the one before or are next to it in order."""
    return sum(abs(ord(second) - ord(first)) <= 1 for first, second in pairwise(secret))
