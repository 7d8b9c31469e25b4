"""Fixtures: gateways that the tests send requests to."""

from tests.gateway import api, interpreting_api, row_security_api

__all__ = ["api", "interpreting_api", "row_security_api"]
