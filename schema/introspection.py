"""Disables introspection, which is off in production unless turned on."""

from typing import Any

from graphql import FieldNode, GraphQLError, ValidationRule, get_named_type, is_introspection_type


class NoIntrospection(ValidationRule):
    """Rejects `__schema` and `__type`, but not `__typename`."""

    def enter_field(self, node: FieldNode, *_args: Any) -> None:
        kind = get_named_type(self.context.get_type())
        if kind is not None and is_introspection_type(kind) and node.name.value.startswith("__"):
            sentence = "Introspection is disabled; set PLAUDIT_INTROSPECTION=on to enable it."
            self.report_error(GraphQLError(sentence, node))
