"""The identity of a result depends on the code, but not on comments, docstrings and names of modules."""

from __future__ import annotations

import ast
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim import source_hash
from sim.experiment import load_experiment, plan
from sim.experiment.plan import plan_of
from sim.results import manifest
from tests.conftest import Answer
from tests.faults.sweeps import SMALL, small_shards, written

PARTS = (*manifest.DECIDING, "experiment")
MODULES = [
    path.relative_to(source_hash.PACKAGE)
    for part in PARTS
    for path in sorted((source_hash.PACKAGE / part).rglob("*.py"))
    if path.name != "__init__.py"
]


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the package, taken for the code of this process."""
    package = tmp_path / "copy"
    for part in (*PARTS, "analysis"):
        shutil.copytree(
            source_hash.PACKAGE / part, package / part, ignore=shutil.ignore_patterns("__pycache__", "tables")
        )
    with monkeypatch.context() as patched:
        patched.setattr(source_hash, "PACKAGE", package)
        source_hash._hash_of.cache_clear()
        yield package
    source_hash._hash_of.cache_clear()


def hashed() -> str:
    """Return the hash of the code of a sweep, computed by a new process."""
    source_hash._hash_of.cache_clear()
    return plan.code_hash()


def commented(text: str, chance: random.Random) -> str:
    lines = text.splitlines()
    tops = [number for number, line in enumerate(lines) if line.startswith(("def ", "class ", "@"))] or [len(lines)]
    place = chance.choice(tops)
    return "\n".join([*lines[:place], "# A word about this.", "", *lines[place:], "", "# The end."])


def without_docstrings(text: str, chance: random.Random) -> str:
    """Return a module as `ast` writes it down, without a comment and with other docstrings."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body[0] = ast.Expr(ast.Constant("Other words."))
    return ast.unparse(ast.fix_missing_locations(tree))


@given(
    module=st.sampled_from(MODULES), change=st.sampled_from([commented, without_docstrings]), seed=st.integers(0, 99)
)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_words_about_the_code_change_nothing(
    copy: Path, module: Path, change: Callable[[str, random.Random], str], seed: int
) -> None:
    before, text = hashed(), (copy / module).read_text("utf-8")
    (copy / module).write_text(change(text, random.Random(seed)), "utf-8")
    after = hashed()
    (copy / module).write_text(text, "utf-8")
    assert after == before


class _Changed(ast.NodeTransformer):
    """Changes one number, operator, comparison or name of a module."""

    def __init__(self, chance: random.Random, of: int) -> None:
        self.chosen, self.seen, self.chance = chance.randrange(of) if of else -1, -1, chance

    def generic_visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.Constant | ast.BinOp | ast.Compare | ast.Name) and not _is_text(node):
            self.seen += 1
            if self.seen == self.chosen:
                return _other(node)
        return super().generic_visit(node)

    visit_Constant = generic_visit


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _other(node: ast.AST) -> ast.AST:
    if isinstance(node, ast.Constant):
        return ast.Constant(ast.literal_eval(f"{7}") if node.value != 7 else 8)
    if isinstance(node, ast.BinOp):
        node.op = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
    elif isinstance(node, ast.Compare):
        node.ops[0] = ast.Lt() if isinstance(node.ops[0], ast.LtE) else ast.LtE()
    elif isinstance(node, ast.Name):
        node.id = f"{node.id}_"
    return node


@given(module=st.sampled_from(MODULES), seed=st.integers(0, 10_000))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_change_of_a_computation_makes_another_version(copy: Path, module: Path, seed: int) -> None:
    before, text = hashed(), (copy / module).read_text("utf-8")
    counting = _Changed(random.Random(seed), 0)
    counting.visit(ast.parse(text))
    tree = _Changed(random.Random(seed), counting.seen + 1).visit(ast.parse(text))
    (copy / module).write_text(ast.unparse(ast.fix_missing_locations(tree)), "utf-8")
    after = hashed()
    (copy / module).write_text(text, "utf-8")
    assert after != before


def test_a_module_may_be_renamed_but_not_taken_for_another(copy: Path) -> None:
    before = hashed()
    renamed = copy / "theory" / "fire.py"
    (copy / "theory" / "ceasefire.py").rename(renamed)
    for module in copy.rglob("*.py"):
        module.write_text(module.read_text("utf-8").replace("sim.theory.ceasefire import", "sim.theory.fire import"))
    with_imports = hashed()
    assert with_imports == before
    shutil.copy(renamed, copy / "theory" / "ceasefire.py")  # a second one that says something else
    twin = copy / "theory" / "ceasefire.py"
    twin.write_text(twin.read_text("utf-8").replace("FIGHTING, LIMITED_TRUCE", "LIMITED_TRUCE, FIGHTING"))
    both = hashed()
    processes = copy / "theory" / "processes.py"
    processes.write_text(processes.read_text("utf-8").replace("sim.theory.fire import", "sim.theory.ceasefire import"))
    assert hashed() != both


def test_code_that_turns_levels_into_scenarios_belongs_to_a_sweep_and_not_to_a_run(copy: Path) -> None:
    run, sweep = manifest.code_hash(), plan.code_hash()
    for part in ("experiment/point_scenarios.py", "experiment/point_summaries.py"):
        path = copy / part
        path.write_text(f"{path.read_text('utf-8')}\nMORE = 1\n", "utf-8")
        source_hash._hash_of.cache_clear()
        assert manifest.code_hash() == run
        assert plan.code_hash() != sweep
        sweep = plan.code_hash()


def test_half_a_sweep_is_not_resumed_by_other_code(
    copy: Path, willing: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    small_shards(monkeypatch)
    experiment = written(tmp_path, SMALL)
    assert willing("sweep", experiment, "--out", "half", "--shard", "0/2").code == 0
    path = copy / "experiment" / "point_scenarios.py"
    text = path.read_text("utf-8")
    path.write_text(f"# A corrected typo.\n{text}", "utf-8")
    hashed()
    assert willing("sweep", experiment, "--out", "half", "--shard", "0/2").code == 0
    path.write_text(f"{text}\nMORE = 1\n", "utf-8")
    hashed()
    refused = willing("sweep", experiment, "--out", "half")
    assert refused.code == 2
    assert "half: holds another sweep (another version of the code); start again beside it with --fresh" in refused.err
    assert plan_of(load_experiment(experiment), "x").identity["code"] == plan.code_hash()
