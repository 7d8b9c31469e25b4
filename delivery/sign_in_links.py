"""The addresses with which members sign in, and the hashes of what must not be stored."""

import secrets

from wire.signing import KeyedHash


class SignInLinks:
    """Addresses with which members sign in. The token is in the fragment, which browsers send to no server."""

    def __init__(self, base_url: str, accepted: tuple[str, ...]) -> None:
        self._base_url = base_url
        self.hashes = KeyedHash(accepted, "plaudit sign-in")

    def new_token(self) -> str:
        return secrets.token_urlsafe(32)

    def address(self, token: str) -> str:
        return f"{self._base_url}/#sign-in={token}"

    def token_hash(self, token: str) -> bytes:
        return self.hashes.of("token", token)
