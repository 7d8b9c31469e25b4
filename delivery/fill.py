"""Fills in templates: values, conditions and simple filters, and nothing that takes long or needs much memory."""

from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, nodes
from jinja2.sandbox import SandboxedEnvironment

FILTERS = ("capitalize", "default", "e", "escape", "first", "last", "length", "lower", "title", "trim", "upper")
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Const, nodes.Name, nodes.If, nodes.CondExpr, nodes.Compare,
    nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Filter, nodes.Test, nodes.Call, nodes.Concat, nodes.Add,
)  # fmt: skip
"""Without loops, assignments, macros and arithmetic, the result is at most as long as the template and its values allow."""


class RenderError(Exception):
    """The template cannot be filled in; the message says why."""


def _environment(*, autoescape: bool) -> SandboxedEnvironment:
    made = SandboxedEnvironment(undefined=StrictUndefined, autoescape=autoescape)
    made.globals.clear()
    made.filters = {name: made.filters[name] for name in FILTERS}
    return made


_TEXT, _HTML = _environment(autoescape=False), _environment(autoescape=True)


@lru_cache(maxsize=1024)
def _compiled(source: str, *, html: bool) -> Template:
    environment = _HTML if html else _TEXT
    tree = environment.parse(source)
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, _ALLOWED):
            what = type(node).__name__.lower()
            raise RenderError(
                f"line {node.lineno}: {what} is not allowed; use values, conditions, and the filters {', '.join(FILTERS)}"
            )
    return environment.from_string(tree)


def fill(source: str, values: dict[str, Any], *, html: bool = False) -> str:
    """Raises RenderError if the template is invalid, uses an unknown variable, or fails in any other way."""
    try:
        filled = _compiled(source, html=html).render(values)
        filled.encode()
    except RenderError:
        raise
    except Exception as error:  # broad on purpose: the sandbox runs what a tenant wrote, which may raise anything
        raise RenderError(f"{type(error).__name__}: {error}") from error
    return filled
