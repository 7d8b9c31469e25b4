"""Suggests the mail domain that was probably meant. Nothing is ever corrected without asking."""

NO_TOP_LEVEL = {"cmo": "com", "comm": "com", "con": "com", "ocm": "com", "vom": "com", "xom": "com", "ogr": "org"}
"""Endings that do not exist, by the one that was probably meant."""
_COUNTRIES = {"cm": "com", "co": "com", "om": "com"}
"""Endings that exist, but not of the large providers."""
_NAMES = {
    "gamil": "gmail", "gmai": "gmail", "gmaill": "gmail", "gmal": "gmail", "gmali": "gmail", "gmial": "gmail",
    "gmil": "gmail", "gnail": "gmail", "googelmail": "googlemail", "googlmail": "googlemail",
    "hotamil": "hotmail", "hotmai": "hotmail", "hotmal": "hotmail", "hotmial": "hotmail", "homtail": "hotmail",
    "oulook": "outlook", "outlok": "outlook", "outloo": "outlook", "outlookl": "outlook",
    "yaho": "yahoo", "yahho": "yahoo", "yahooo": "yahoo", "yhaoo": "yahoo", "yhoo": "yahoo",
    "iclod": "icloud", "iclould": "icloud", "icoud": "icloud",
}  # fmt: skip
_PROVIDERS = frozenset(_NAMES.values())
_BELOW_A_COUNTRY: tuple[list[str], ...] = ([], ["co"], ["com"])


def likely_domain(domain: str) -> str | None:
    """The domain that was probably meant by an ASCII domain in lower case, or None if it looks right."""
    name, *between, ending = domain.split(".")
    if between in _BELOW_A_COUNTRY:
        name = _NAMES.get(name, name)
    if name in _PROVIDERS and not between:
        ending = _COUNTRIES.get(ending, ending)
    likely = ".".join([name, *between, NO_TOP_LEVEL.get(ending, ending)])
    return None if likely == domain else likely
