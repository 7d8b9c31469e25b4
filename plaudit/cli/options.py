"""Types of options that several commands share."""

from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from plaudit.settings import MAX_PROCESSES

Port = Annotated[int, Parameter(validator=Number(gte=1, lte=65535))]
Processes = Annotated[int, Parameter(validator=Number(gte=1, lte=MAX_PROCESSES))]
