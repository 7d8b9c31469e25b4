"""GraphQL errors with the codes of the contract."""

from graphql import GraphQLError


def bad_input(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": "BAD_USER_INPUT"})


HOW_TO_SIGN_IN = "Send the token of a member: Authorization: Bearer TOKEN."
NO_MEMBER = "No member matches this token."
NOT_SIGNED_HERE = "Token not valid: it is malformed, or signed with another secret"
EXPIRED, NOT_YET_VALID = "Token expired", "Token not valid yet"


def unauthenticated(message: str = HOW_TO_SIGN_IN) -> GraphQLError:
    return GraphQLError(message, extensions={"code": "UNAUTHENTICATED"})
