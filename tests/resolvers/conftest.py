"""A running gateway for these tests."""

from tests.gateway import api, row_security_api

__all__ = ["api", "row_security_api"]
