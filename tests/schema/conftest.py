"""A running gateway for some of these tests."""

from tests.asking import api

__all__ = ["api"]
