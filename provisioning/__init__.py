"""`plaudit apply`: creates and changes accounts, members, locations and sequences from a YAML file."""

from provisioning.document import ApplyError, Problem
from provisioning.run import Applied, apply

__all__ = ["Applied", "ApplyError", "Problem", "apply"]
