"""`plaudit apply`: accounts, members, locations and sequences as one readable file."""

from plaudit.apply.document import ApplyError, Problem
from plaudit.apply.run import Applied, apply

__all__ = ["Applied", "ApplyError", "Problem", "apply"]
