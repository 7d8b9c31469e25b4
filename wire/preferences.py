"""Weighted preferences, as Accept and Accept-Language write them (RFC 9110, 12.4.2)."""


def preferences(header: str) -> list[str]:
    """What is wanted, in lower case, the most wanted first; what is refused (`q=0`) or malformed is left out."""
    weighted = [_weighted(part) for part in header.lower().split(",")]
    return [name for name, weight in sorted(weighted, key=lambda one: -one[1]) if name and weight > 0]


def _weighted(part: str) -> tuple[str, float]:
    name, *parameters = [piece.strip() for piece in part.split(";")]
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            try:
                return name, float(value)
            except ValueError:
                return name, 0.0
    return name, 1.0
