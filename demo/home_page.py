"""The demo's home page, and the documents that it links to."""

import shlex
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from demo.accounts import TOKENS, demo_file
from demo.catcher import Catcher
from demo.mailbox_pages import HEADERS, page

_HERE = Path(__file__).parent
DOCUMENTS = next(folder for folder in (_HERE / "docs", _HERE.parent / "docs") if folder.is_dir())
"""Next to this module in a wheel; next to the package in a checkout."""


@dataclass(frozen=True, slots=True)
class Persona:
    """A token of the demo: its member and account, by name and by key."""

    token: str
    member: str
    role: str
    account: str
    plan: str
    subject: str
    account_key: str


@dataclass(frozen=True, slots=True)
class Document:
    name: str
    title: str


@dataclass(frozen=True, slots=True)
class HomePage:
    """`relay` is set if mail goes to it instead of the mailbox."""

    catcher: Catcher
    address: str
    tokens_file: Path
    relay: str | None = None

    def routes(self) -> list[Route]:
        return [
            Route("/demo", self.home),
            Route("/schema.graphql", self.schema),
            Route("/docs/{name:path}", self.document),
        ]

    async def home(self, _request: Request) -> Response:
        return page(
            "home.html",
            address=self.address,
            tokens_file=self.tokens_file.absolute(),
            quoted=shlex.quote(str(self.tokens_file.absolute())),
            relay=self.relay,
            mails=await self.catcher.count(),
            personas=personas(),
            documents=documents(),
        )

    async def schema(self, _request: Request) -> Response:
        return _plain(files("schema").joinpath("schema.graphql").read_text("utf-8"))

    async def document(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in [found.name for found in documents()]:
            return page("not_found.html", status=404, what="document")
        return _plain((DOCUMENTS / name).read_text("utf-8"))


def _plain(text: str) -> Response:
    return PlainTextResponse(text, headers=HEADERS)


@cache
def documents() -> list[Document]:
    """The guides, then the decisions."""
    found = [*sorted(DOCUMENTS.glob("*.md")), *sorted(DOCUMENTS.glob("*/*.md"))]
    return [Document(str(file.relative_to(DOCUMENTS)), _title(file)) for file in found]


def _title(file: Path) -> str:
    return file.read_text("utf-8").partition("\n")[0].removeprefix("# ").replace("`", "")


@cache
def personas() -> list[Persona]:
    accounts = {account["key"]: account for account in yaml.safe_load(demo_file())["accounts"]}
    members = {member["subject"]: member for account in accounts.values() for member in account.get("members", ())}
    return [_persona(name, members[subject], accounts[key]) for name, (subject, key) in TOKENS.items()]


def _persona(token: str, member: dict[str, Any], account: dict[str, Any]) -> Persona:
    return Persona(
        token, member["name"], member["role"], account["name"], account["plan"], member["subject"], account["key"]
    )
