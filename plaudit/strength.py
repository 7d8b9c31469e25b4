"""How easily a secret is guessed: what production refuses."""

from itertools import pairwise

FEWEST_CHARACTERS = 8
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
    """Why it is easily guessed; None for one that looks like chance."""
    word = next((word for word in _WORDS if word in secret.lower()), None)
    if word:
        return f"it contains the word {word.rstrip('-_')}"
    if len(set(secret)) < FEWEST_CHARACTERS:
        return f"it has fewer than {FEWEST_CHARACTERS} different characters"
    if secret in (secret + secret)[1:-1]:
        return "it repeats itself"
    if _runs(secret) > len(secret) // 2:
        return "most of it only counts up or down, or repeats a character"
    return None


def _runs(secret: str) -> int:
    """How many characters follow from the one before."""
    return sum(abs(ord(second) - ord(first)) <= 1 for first, second in pairwise(secret))
