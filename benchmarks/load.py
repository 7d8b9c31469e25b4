"""Sends operations to servers in turn, over connections that cost little themselves, and reads the CPU time of their processes."""

import asyncio
import os
import re
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any, TypeVar

import orjson

Variables = Mapping[str, object]
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Dialect:
    """How a server with a schema of its own is asked one of our operations: its document, its variables for ours, and its answer
    in our shape, which lacks the fields that it cannot tell."""

    document: str
    variables: Callable[[Variables], dict[str, object]]
    answer: Callable[[Any], Any]
    lacks: frozenset[str] = frozenset()


@dataclass
class Server:
    """A server, its process, the tokens of the members who ask it, and its dialects by our documents."""

    process: int
    host: str
    port: int
    tokens: Sequence[str] = ()
    dialects: Mapping[str, Dialect] = field(default_factory=dict)

    def requests(self, document: str, variables: Variables) -> list[bytes]:
        """The operation, as each of the members sends it."""
        if dialect := self.dialects.get(document):
            document, variables = dialect.document, dialect.variables(variables)
        body = orjson.dumps({"query": document, "variables": variables})
        headers = {
            "Host": f"{self.host}:{self.port}",
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Content-Length": str(len(body)),
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        whose = [f"Authorization: Bearer {token}\r\n" for token in self.tokens] or [""]
        return [f"POST /graphql HTTP/1.1\r\n{lines}{one}\r\n".encode() + body for one in whose]

    def cpu_seconds(self) -> float:
        stat = Path(f"/proc/{self.process}/stat").read_text().rpartition(")")[2].split()
        return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")


class Client:
    """One HTTP/1.1 connection: much cheaper than a library's, so that the server is what is measured."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def to(cls, server: Server) -> "Client":
        return cls(*await asyncio.open_connection(server.host, server.port, limit=2**22))

    async def post(self, request: bytes) -> bytes:
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 "), head
        length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
        assert length
        return await self.reader.readexactly(int(length[1]))


@dataclass
class Figures:
    """What the rounds of one server found: requests a second, and milliseconds of its CPU for each."""

    rates: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


async def measure(server: Server, requests: Sequence[bytes], concurrency: int, seconds: float) -> tuple[float, float]:
    """The rate, and the CPU time of a request in milliseconds. Each connection is another member's, as far as there are members."""
    clients = [await Client.to(server) for _ in range(concurrency)]
    done, ends = 0, time.perf_counter() + seconds

    async def send(client: Client, request: bytes) -> None:
        nonlocal done
        while time.perf_counter() < ends:
            await client.post(request)
            done += 1

    cpu, began = server.cpu_seconds(), time.perf_counter()
    await asyncio.gather(*map(send, clients, cycle(requests)))
    took = time.perf_counter() - began
    spent = server.cpu_seconds() - cpu
    for client in clients:
        client.writer.close()
    return done / took, spent / done * 1000


@dataclass(frozen=True)
class Asked:
    """An operation, and the variables that differ by server: cursors."""

    document: str
    variables: Variables
    own: Mapping[str, Variables] = field(default_factory=dict)

    def requests(self, name: str, server: Server) -> list[bytes]:
        return server.requests(self.document, {**self.variables, **self.own.get(name, {})})


async def check_alike(servers: Mapping[str, Server], asked: Asked) -> None:
    """Raises AssertionError unless all answer as the first does, apart from cursors, which are of each server's own kind, and
    from what a dialect lacks."""
    answers = {name: await answer_of(name, server, asked) for name, server in servers.items()}
    first, *others = answers
    assert "errors" not in answers[first], answers[first]
    for name in others:
        dialect = servers[name].dialects.get(asked.document)
        found, expected = (without(answers[one], dialect.lacks if dialect else frozenset()) for one in (name, first))
        assert found == expected, f"{name} and {first} answer differently"


async def answer_of(name: str, server: Server, asked: Asked) -> Any:
    """The server's answer in our shape."""
    client = await Client.to(server)
    answer = orjson.loads(await client.post(asked.requests(name, server)[0]))
    client.writer.close()
    dialect = server.dialects.get(asked.document)
    return dialect.answer(answer) if dialect and "errors" not in answer else answer


def without(answer: Any, lacking: frozenset[str]) -> Any:
    """An answer without cursors and without these fields."""
    if isinstance(answer, dict):
        left = {
            name: one for name, one in answer.items() if name not in lacking and not name.lower().endswith("cursor")
        }
        return {name: without(one, lacking) for name, one in left.items()}
    return [without(one, lacking) for one in answer] if isinstance(answer, list) else answer


def requests_of(servers: Mapping[str, Server], asked: Asked) -> dict[str, tuple[Server, list[bytes]]]:
    return {name: (server, asked.requests(name, server)) for name, server in servers.items()}


async def measured(
    requests: Mapping[Key, tuple[Server, list[bytes]]],
    concurrency: int,
    rounds: int,
    seconds: float,
    warm_up: float = 0,
) -> dict[Key, Figures]:
    """They take turns, so that other load affects all alike; the first round, of `warm_up` seconds at least, only warms up."""
    found = {key: Figures() for key in requests}
    for number in range(rounds + 1):
        for key, (server, of_members) in requests.items():
            lasting = seconds if number else max(seconds, warm_up)
            rate, cpu = await measure(server, of_members, concurrency, lasting)
            if number:
                found[key].rates.append(rate)
                found[key].cpu.append(cpu)
    return found
