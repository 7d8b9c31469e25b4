"""The import tables of ARCHITECTURE.md are what import-linter enforces: each line is broken once."""

import copy
import re
from itertools import permutations
from pathlib import Path
from typing import Any

import grimp
import pytest
from importlinter.application.use_cases import read_user_options
from importlinter.configuration import configure
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.layers import LayersContract

HOUSE = Path(__file__).parent.parent
CONTRACTS = {"layers": LayersContract, "forbidden": ForbiddenContract}
_LINE = re.compile(r"^\| `([a-z_]+)(?:/|\.py)` \|.*\| ([a-z_, ]+) \|$", re.MULTILINE)


def table(title: str) -> dict[str, set[str]]:
    """Who may import whom, from the table below a line of ARCHITECTURE.md."""
    text = (HOUSE / "ARCHITECTURE.md").read_text("utf-8").split(title)[1].split("\n\n", 2)[1]
    lines = {room: set(imports.split(", ")) for room, imports in _LINE.findall(text)}
    everything = set(lines)
    return {
        room: everything - {room} if imports == {"every room"} else imports - {"none"}
        for room, imports in lines.items()
    }


ROOMS = table("## The rooms")
MODELS = table("`models/` has rooms of its own, one way down:")


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(*ROOMS, include_external_packages=True, cache_dir=None)


@pytest.fixture(scope="module")
def contracts() -> list[Any]:
    configure()
    options = read_user_options(str(HOUSE / "pyproject.toml"))
    return [
        CONTRACTS[one["type"]](one["name"], session_options=options.session_options, contract_options=one)
        for one in options.contracts_options
    ]


def broken(graph: grimp.ImportGraph, contracts: list[Any], importer: str, imported: str) -> bool:
    """Whether one more import, between two modules of these rooms, breaks a contract."""
    changed = copy.deepcopy(graph)
    # A module of its own beside the rooms of models would break a contract by itself.
    importing, target = (f"{room}.clock" if room == "models" else f"{room}.probe" for room in (importer, imported))
    for module in (importing, target):
        changed.add_module(module)
    changed.add_import(importer=importing, imported=target, line_number=1, line_contents=f"import {target}")
    return not all(contract.check(changed, verbose=False).kept for contract in contracts)


def test_the_house_keeps_its_contracts(graph: grimp.ImportGraph, contracts: list[Any]) -> None:
    assert all(contract.check(graph, verbose=False).kept for contract in contracts)


def test_both_tables_were_found() -> None:
    assert {"plaudit", "models", "demo", "provisioning"} < set(ROOMS)
    assert set(MODELS) == {"commands", "reads", "tables", "connection", "clock", "rules"}


@pytest.mark.parametrize(("importer", "imported"), list(permutations(ROOMS, 2)))
def test_rooms_import_what_the_table_says_and_nothing_else(
    graph: grimp.ImportGraph, contracts: list[Any], importer: str, imported: str
) -> None:
    assert broken(graph, contracts, importer, imported) == (imported not in ROOMS[importer])


@pytest.mark.parametrize(("importer", "imported"), list(permutations(MODELS, 2)))
def test_the_rooms_of_models_import_what_their_table_says(
    graph: grimp.ImportGraph, contracts: list[Any], importer: str, imported: str
) -> None:
    found = broken(graph, contracts, f"models.{importer}", f"models.{imported}")
    assert found == (imported not in MODELS[importer])
