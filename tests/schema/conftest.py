"""A running gateway for some of these tests."""

from tests.gateway import api

__all__ = ["api"]
