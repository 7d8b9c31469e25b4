"""Fixtures: gateways that the tests send requests to."""

from tests.gateway import api, row_security_api

__all__ = ["api", "row_security_api"]
