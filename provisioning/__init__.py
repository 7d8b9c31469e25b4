"""`plaudit apply`: accounts, members, locations and sequences from one readable file."""

from provisioning.document import ApplyError, Problem
from provisioning.run import Applied, apply

__all__ = ["Applied", "ApplyError", "Problem", "apply"]
