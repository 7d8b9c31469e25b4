"""These ask a running gateway."""

from tests.asking import api, walled

__all__ = ["api", "walled"]
