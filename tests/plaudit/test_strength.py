"""Secrets that are easy to guess."""

import secrets

import pytest

from plaudit.strength import weakness


@pytest.mark.parametrize(
    ("secret", "why"),
    [
        ("a" * 40, "different characters"),
        ("abcabcab" * 5, "different characters"),
        ("0123456789abcdef" * 4, "repeats itself"),
        ("abcdefghijklmnopqrstuvwxyz0123456789", "counts up or down"),
        ("zyxwvutsrqponmlkjihgfedcba9876543210", "counts up or down"),
        ("aabbccddeeffgghhiijjkkllmmnnooppqq", "counts up or down"),
        ("ChangeMe!8f1d3c9a04be72655e0f7ac1d2", "changeme"),
        ("your-jwt-key-8f1d3c9a04be72655e0f7a", "your"),
        ("a secret of the tests that is long enough", "secret"),
    ],
)
def test_secrets_that_are_easy_to_guess_are_weak(secret: str, why: str) -> None:
    assert why in (weakness(secret) or "")


def test_generated_secrets_are_not_weak() -> None:
    made = [secrets.token_hex(16) for _ in range(500)] + [secrets.token_urlsafe(32) for _ in range(500)]
    assert [one for one in made if weakness(one)] == []
