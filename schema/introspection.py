"""The schema told to whoever asks it, or not: in earnest it is off unless asked for."""

from typing import Any

from graphql import FieldNode, GraphQLError, ValidationRule, get_named_type, is_introspection_type


class NoIntrospection(ValidationRule):
    """Refuses `__schema` and `__type`; `__typename` stays. One class for all requests: validation is kept by its rules."""

    def enter_field(self, node: FieldNode, *_args: Any) -> None:
        kind = get_named_type(self.context.get_type())
        if kind is not None and is_introspection_type(kind) and node.name.value.startswith("__"):
            sentence = "The schema is not told here; PLAUDIT_INTROSPECTION=on makes the gateway tell it."
            self.report_error(GraphQLError(sentence, node))
