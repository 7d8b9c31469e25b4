"""Fixtures for tests against a running gateway."""

from tests.gateway import api

__all__ = ["api"]
