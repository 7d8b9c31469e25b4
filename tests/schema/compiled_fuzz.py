"""Compares plans and compiled selections with graphql-core: random documents over the schema, objects that break its types.

`python -m tests.schema.compiled_fuzz --seconds 600` runs until the time is up, or a difference is found.
"""

import argparse
import asyncio
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLList,
    get_operation_ast,
    parse,
    validate,
)
from graphql.execution.values import get_variable_values

from models.rules.enums import AccountKind, PlanTier, Role
from plaudit.edge import characters_of
from schema import compiled, plans
from schema.pace import Executor
from tests.schema.random_documents import Writing
from tests.schema.wild_values import ACCOUNTS, Kind, Making, schema, seat


@dataclass(frozen=True)
class Case:
    """One execution: its objects, the viewer's seats, and variables."""

    making: Making
    role: Role
    tier: PlanTier
    kind: AccountKind
    variables: dict[str, Any]

    @classmethod
    def of(cls, chance: random.Random) -> "Case":
        variables: dict[str, bool | None] = {"a": chance.random() < 0.5}
        for name in "bc":
            if chance.random() < 0.5:
                variables[name] = chance.choice([True, False, None])
        only = chance.choice([None, "Float", "Int", "Boolean", "String", "DateTime", "Channel"])
        making = Making(str(chance.random()), chance.choice([0.0, 0.05, 0.2, 0.5]), only)
        return cls(making, chance.choice([*Role]), chance.choice([*PlanTier]), chance.choice([*AccountKind]), variables)

    async def answer(self, document: DocumentNode) -> Any:
        seats = {one: seat(one, self.role, self.tier, self.kind) for one in ACCOUNTS[:-1]}
        kinds = {one.name: one for one in schema().type_map.values() if isinstance(one, Kind)}

        def root(name: str) -> Any:
            several = name.endswith("s") and name[:-1] in kinds
            return self.making.value(GraphQLList(kinds[name[:-1]]) if several else kinds[name], name)

        context = SimpleNamespace(seats=seats, denied=set())

        def build() -> Any:
            return Executor.build(schema(), document, root, context, self.variables)

        planned = await answer_by_plan(document, self.variables, context, build)
        if planned is not None:
            return json.dumps(planned, default=str), []
        executor = build()
        if isinstance(executor, list):
            return [str(one) for one in executor]
        result = executor.execute_operation()
        if not hasattr(result, "data"):
            result = await result
        errors = sorted(json.dumps(one.formatted, default=str) for one in result.errors or ())
        return json.dumps(result.data, default=str), errors


async def answer_by_plan(
    document: DocumentNode, variables: dict[str, Any], context: Any, build: Callable[[], Any]
) -> dict[str, Any] | None:
    """None if the document is not prepared, has no plan, and in doubt."""
    prepared = compiled.library.find(document)
    operation = get_operation_ast(document)
    assert operation
    values = get_variable_values(schema(), operation.variable_definitions or (), variables)
    if prepared is None or isinstance(values, list):
        return None
    executor = build()
    run = plans.Run(prepared, build, context, values, executor.root_value)
    plan = await plans.plan_of(operation, run)
    answer = await plan.answer(run) if plan else None
    assert answer is None or 0 <= characters_of(answer) - run.pace.characters <= LONGEST_VALUE * values_of(answer)
    return answer


LONGEST_VALUE = 40
"""Characters of an id, a time or the name of an enum's value, which a plan does not count."""


def values_of(answer: object) -> int:
    if isinstance(answer, dict | list):
        return sum(values_of(one) for one in (answer.values() if isinstance(answer, dict) else answer))
    return 1


@dataclass
class Seen:
    """What has been compared so far."""

    documents: int = 0
    answers: int = 0
    with_errors: int = 0
    compiled: int = 0
    """Selections that were compiled."""
    planned: int = 0
    """Answers by a plan of the whole query."""


async def compare(seed: int, seen: Seen) -> None:
    """Executes a random document several times, compiled and not. Raises AssertionError at a difference."""
    chance = random.Random(seed)
    text = Writing(chance).document()
    document = parse(text)
    if validate(schema(), document):
        return
    cases = [Case.of(chance) for _ in range(3)]
    expected = [await one.answer(document) for one in cases]
    compiled.library.add(document)
    try:
        of_document = compiled.library.documents[id(document)]
        of_document.executions = 2
        for case, answer in zip(cases, expected, strict=True):
            found = await case.answer(document)
            assert found == answer, f"seed {seed}, {case}: {text}\n{answer}\n{found}"
            seen.answers += 1
            seen.with_errors += bool(answer[1])
        seen.compiled += sum(one is not None for one in of_document.made.values())
        seen.planned += sum(one.runs - one.doubts for one in of_document.plans.values() if one)
        seen.documents += 1
    finally:
        compiled.library.drop(document)


async def run(seconds: float, first: int = 0) -> Seen:
    """Compares random documents for so long."""
    seen, ends = Seen(), time.monotonic() + seconds
    seed = first
    while time.monotonic() < ends:
        await compare(seed, seen)
        seed += 1
    return seen


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    given = parser.parse_args()
    print(asyncio.run(run(given.seconds, given.first)))  # noqa: T201 - a command


if __name__ == "__main__":
    main()
