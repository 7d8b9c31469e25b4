"""Some of these ask a running gateway."""

from tests.asking import api

__all__ = ["api"]
