"""The languages of messages, their footers and the pages, and which of them is used."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from languages.english import ENGLISH
from languages.french import FRENCH
from languages.german import GERMAN
from languages.language import Direction, Language, direction_of, primary
from languages.polish import POLISH
from languages.spanish import SPANISH

__all__ = ["ENGLISH", "LANGUAGES", "Direction", "Language", "choose", "direction_of"]

LANGUAGES: Mapping[str, Language] = MappingProxyType(
    {language.code: language for language in (ENGLISH, GERMAN, FRENCH, SPANISH, POLISH)}
)


def choose(preferences: Iterable[str], location: str | None = None) -> Language:
    """The first preference that is here, else the location's language, else English. Regional tags such as pt-BR mean
    their primary language. Whoever chooses uses that language for everything, so that no text stands beside one in another
    language."""
    for tag in (*preferences, location or ""):
        if language := LANGUAGES.get(primary(tag)):
            return language
    return ENGLISH
