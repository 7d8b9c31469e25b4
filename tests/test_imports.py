"""import-linter enforces the import tables of ARCHITECTURE.md: every pair of packages is tried."""

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

ROOT = Path(__file__).parent.parent
CONTRACTS = {"layers": LayersContract, "forbidden": ForbiddenContract}
_LINE = re.compile(r"^\| `([a-z_]+)(?:/|\.py)` \|.*\| ([a-z_, ]+) \|$", re.MULTILINE)


def table(title: str) -> dict[str, set[str]]:
    """What each package may import, from the table below this line of ARCHITECTURE.md."""
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8").split(title)[1].split("\n\n", 2)[1]
    lines = {package: set(imports.split(", ")) for package, imports in _LINE.findall(text)}
    everything = set(lines)
    return {
        package: everything - {package} if imports == {"every package"} else imports - {"none"}
        for package, imports in lines.items()
    }


PACKAGES = table("## Packages")
MODELS = table("`models/` has packages of its own, in layers:")


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(*PACKAGES, include_external_packages=True, cache_dir=None)


@pytest.fixture(scope="module")
def contracts() -> list[Any]:
    configure()
    options = read_user_options(str(ROOT / "pyproject.toml"))
    return [
        CONTRACTS[one["type"]](one["name"], session_options=options.session_options, contract_options=one)
        for one in options.contracts_options
    ]


def broken(graph: grimp.ImportGraph, contracts: list[Any], importer: str, imported: str) -> bool:
    """Whether an import between two new modules of these packages breaks a contract."""
    changed = copy.deepcopy(graph)
    # A new module directly in models would itself break a contract.
    importing, target = (f"{name}.clock" if name == "models" else f"{name}.probe" for name in (importer, imported))
    for module in (importing, target):
        changed.add_module(module)
    changed.add_import(importer=importing, imported=target, line_number=1, line_contents=f"import {target}")
    return not all(contract.check(changed, verbose=False).kept for contract in contracts)


def test_code_keeps_every_contract(graph: grimp.ImportGraph, contracts: list[Any]) -> None:
    assert all(contract.check(graph, verbose=False).kept for contract in contracts)


def test_both_tables_are_parsed() -> None:
    assert {"plaudit", "models", "demo", "provisioning"} < set(PACKAGES)
    assert set(MODELS) == {"commands", "reads", "tables", "connection", "clock", "faults", "rules"}


@pytest.mark.parametrize(("importer", "imported"), list(permutations(PACKAGES, 2)))
def test_contracts_match_the_table_of_packages(
    graph: grimp.ImportGraph, contracts: list[Any], importer: str, imported: str
) -> None:
    assert broken(graph, contracts, importer, imported) == (imported not in PACKAGES[importer])


@pytest.mark.parametrize(("importer", "imported"), list(permutations(MODELS, 2)))
def test_contracts_match_the_table_of_models(
    graph: grimp.ImportGraph, contracts: list[Any], importer: str, imported: str
) -> None:
    found = broken(graph, contracts, f"models.{importer}", f"models.{imported}")
    assert found == (imported not in MODELS[importer])
