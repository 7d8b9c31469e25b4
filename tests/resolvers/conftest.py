"""A running gateway for these tests."""

from tests.asking import api

__all__ = ["api"]
