"""Answers that are errors of the operation, with the codes of the contract."""

from graphql import GraphQLError


def bad_input(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": "BAD_USER_INPUT"})


def unauthenticated(message: str = "Send the token of a member: Authorization: Bearer TOKEN.") -> GraphQLError:
    return GraphQLError(message, extensions={"code": "UNAUTHENTICATED"})
