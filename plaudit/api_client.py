"""A client of the GraphQL API, for commands that do what a member does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

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
        """Sends a file; returns its uploadId."""

        async def parts() -> AsyncIterator[bytes]:
            with path.open("rb") as file:
                while part := file.read(1_000_000):
                    yield part

        headers = {"content-type": "application/octet-stream"}
        answer = await self._post("/uploads", content=parts(), headers=headers, timeout=UPLOAD_SECONDS)
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
        except (httpx.HTTPError, OSError) as error:
            raise ApiError(f"{self._client.base_url} cannot be reached: {error or type(error).__name__}.") from error
        if answer.status_code >= 400 and not answer.headers.get("content-type", "").startswith("application/"):
            raise ApiError(answer.text)
        if answer.status_code >= 400:
            raise ApiError("\n".join(error["message"] for error in answer.json()["errors"]))
        return answer


@asynccontextmanager
async def api_client(url: str, token: str) -> AsyncIterator[ApiClient]:
    async with httpx.AsyncClient(base_url=url, headers={"authorization": f"Bearer {token}"}) as client:
        yield ApiClient(client)
