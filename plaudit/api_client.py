"""A client of the GraphQL API, for commands that do what a member does."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, BinaryIO

import httpx

SECONDS, UPLOAD_SECONDS = 30.0, 900.0
Json = dict[str, Any]


class ApiError(Exception):
    """What the API refused or could not do, in words for the person at the shell."""


class ApiClient:
    """Acts with one token. Every method raises ApiError."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def upload(self, path: Path) -> str:
        """Sends a file; returns its uploadId. Raises OSError if it cannot be read."""
        headers = {"content-type": "application/octet-stream"}
        with path.open("rb") as file:
            answer = await self._post("/uploads", content=_parts(file), headers=headers, timeout=UPLOAD_SECONDS)
        return str(answer.json()["uploadId"])

    async def ask(self, document: str, **variables: object) -> Json:
        """The data of an operation."""
        answer = await self._post("/graphql", json={"query": document, "variables": variables}, timeout=SECONDS)
        found: Json = answer.json()
        if found.get("errors"):
            raise ApiError("\n".join(error["message"] for error in found["errors"]))
        return dict(found["data"])

    async def mutate(self, mutation: str, document: str, **variables: object) -> Json:
        """The payload of a mutation without user errors."""
        payload: Json = (await self.ask(document, **variables))[mutation]
        if payload["userErrors"]:
            raise ApiError("\n".join(error["message"] for error in payload["userErrors"]))
        return payload

    async def _post(self, path: str, **given: Any) -> httpx.Response:
        try:
            answer = await self._client.post(path, **given)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            words = str(error).rstrip(".") or type(error).__name__
            raise ApiError(f"{self._client.base_url} cannot be reached: {words}.") from error
        if answer.status_code >= 400 and not answer.headers.get("content-type", "").startswith("application/"):
            raise ApiError(answer.text)
        if answer.status_code >= 400:
            raise ApiError("\n".join(error["message"] for error in answer.json()["errors"]))
        return answer


async def _parts(file: BinaryIO) -> AsyncIterator[bytes]:
    while part := file.read(1_000_000):
        yield part


@asynccontextmanager
async def api_client(url: str, token: str) -> AsyncIterator[ApiClient]:
    """Raises ApiError for what cannot be a token, which is not repeated."""
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise ApiError("The token has characters that no token has; copy it again, without spaces or line breaks.")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs every request
    async with httpx.AsyncClient(base_url=url, headers={"authorization": f"Bearer {token}"}) as client:
        yield ApiClient(client)
