"""Weighted preferences, as in Accept and Accept-Language (RFC 9110, section 12.4.2)."""


def preferences(header: str) -> list[str]:
    """The names in lower case, by descending weight; excluded (`q=0`) and malformed ones are omitted."""
    weighted = [_parse(part) for part in header.lower().split(",")]
    return [name for name, weight in sorted(weighted, key=lambda one: -one[1]) if name and weight > 0]


def _parse(part: str) -> tuple[str, float]:
    name, *parameters = [piece.strip() for piece in part.split(";")]
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            try:
                return name, float(value)
            except ValueError:
                return name, 0.0
    return name, 1.0
