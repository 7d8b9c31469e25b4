"""A running gateway for these tests."""

from tests.gateway import api

__all__ = ["api"]
