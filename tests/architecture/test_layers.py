"""The parts of the program keep to what each is for: who prints, who writes, who draws, and how long a module may be.

Who may import whom is held by import-linter, and that all that is public is explained by ruff; both by `make check`.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import sim

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "sim"
MODULES = sorted(PACKAGE.rglob("*.py"))
LONGEST = 600  # lines that say something; beyond that a module usually holds two ideas


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    """The syntax tree of a module, for all tests that look at it."""
    return ast.parse(path.read_text("utf-8"), path.name)


def trees(*but: str) -> Iterator[tuple[str, ast.Module]]:
    """Every module of sim with its syntax tree, but those whose name begins so."""
    for path in MODULES:
        if not name_of(path).startswith(but):
            yield name_of(path), tree_of(path)


@cache
def imported(tree: ast.AST) -> set[str]:
    """The packages that a module imports anywhere in it."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


@cache
def called(tree: ast.AST) -> set[str]:
    """What a module calls, as it is written: print, sys.exit, click.echo."""
    return {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


@cache
def mentioned(tree: ast.AST) -> set[str]:
    """The dotted names that a module uses."""
    return {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute | ast.Name)}


def test_there_is_something_to_look_at() -> None:
    assert len(MODULES) > 30
    assert "mesa" in imported(ast.parse((PACKAGE / "model" / "agent.py").read_text("utf-8")))
    assert "click.echo" in called(ast.parse((PACKAGE / "cli" / "check.py").read_text("utf-8")))


def test_rules_know_neither_files_nor_tables_nor_generators() -> None:
    strange = {"pandas", "pyarrow", "pydantic", "mesa", "click", "ruamel", "random", "json", "csv"}
    for name, tree in trees():
        if name.startswith("theory/"):
            assert not imported(tree) & strange, name
            own = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
            others = [module for module in own if module.startswith("sim.") and not module.startswith("sim.theory")]
            assert others == (["sim.source_hash"] if name == "theory/jit_cache.py" else []), name


def test_compiled_code_is_kept_by_one_module_under_the_text_of_all_that_is_compiled_into_it() -> None:
    for name, tree in trees("theory/jit_cache.py"):
        used = mentioned(tree) | {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
                                  and node.module == "numba" for alias in node.names}  # fmt: skip
        assert not used & {"numba.njit", "numba.jit", "jit", "vectorize", "guvectorize", "cfunc"}, name
        compiled = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and _is_compiled(node)]
        known = ("sim.theory", "sim.ensemble", f"sim.{name.split('/')[0]}")  # see folders in theory/compiled.py
        foreign = {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            and str(node.module).startswith("sim")
            and node.module != "sim.source_hash"
            for alias in node.names
            if not str(node.module).startswith(known)
        }
        for node in compiled:
            assert not set().union(*(mentioned(line) for line in node.body)) & foreign, f"{name}: {node.name}"


def _is_compiled(function: ast.FunctionDef) -> bool:
    return any(isinstance(each, ast.Call) and ast.unparse(each.func) == "njit" for each in function.decorator_list)


def test_only_the_door_prints_or_exits() -> None:
    speaking = {"print", "input", "exit", "quit", "sys.exit", "os._exit", "click.echo", "click.secho", "warnings.warn"}
    for name, tree in trees("cli/", "__main__.py"):
        assert not called(tree) & speaking, name
        assert not mentioned(tree) & {"sys.stdout", "sys.stderr", "SystemExit"}, name
        assert not imported(tree) & {"click", "rich", "logging"}, name


def test_only_the_shelf_writes_tables_and_folders() -> None:
    writing = {"to_parquet", "to_csv", "write_table", "write_text", "write_bytes", "mkdir", "mkdtemp", "rmtree"}
    for name, tree in trees("results/", "theory/jit_cache.py", "experiment/store.py"):
        assert not {call.rpartition(".")[2] for call in called(tree)} & writing, name


def test_only_one_module_opens_parquet_and_it_is_given_what_was_checked() -> None:
    opening = re.compile(r"(.*\.)?(ParquetFile|ParquetWriter|ParquetDataset|read_parquet|read_schema|dataset)|pq\.\w+")
    for name, tree in trees("results/checksums.py"):
        assert not [call for call in called(tree) if opening.fullmatch(call)], name
        words = [
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        assert not [word for word in words if re.search(r"read_(parquet|csv|json)\(|FROM '", word)], name


def test_no_luck_comes_from_anywhere_but_its_address() -> None:
    for name, tree in trees():
        assert not imported(tree) & {"random", "secrets", "uuid"}, name
        dice = {used for used in mentioned(tree) if used.startswith(("np.random", "numpy.random"))}
        assert not dice, name


def test_nothing_is_caught_to_be_safe() -> None:
    for name, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler):
                caught = "" if node.type is None else ast.unparse(node.type)
                reraises = any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
                assert reraises or caught not in ("", "Exception", "BaseException"), f"{name}:{node.lineno}"


def test_a_module_is_one_idea_that_fits_on_a_few_pages() -> None:
    lengths = {
        name_of(path): len(re.findall(r"\S.*$", path.read_text("utf-8"), re.MULTILINE))
        for path in MODULES
        if path != PACKAGE / "api.py"  # one function per question, most of each is its documentation
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_the_one_sentence_about_a_module_stands_on_its_own_line() -> None:
    first = {name: (ast.get_docstring(tree) or "").partition("\n")[0] for name, tree in trees()}
    assert [name for name, line in first.items() if not line.endswith((".", ":", "`"))] == []


# The public names


def test_the_public_names_are_those_of_the_stub() -> None:
    stub = ast.parse((PACKAGE / "__init__.pyi").read_text("utf-8"))
    names = [alias.asname for node in stub.body if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert sim.__all__ == sorted(names)
    assert dir(sim) == sorted([*sim.__all__, "__version__"])
    imported_names: dict[str, object] = {}
    exec("from sim import *", imported_names)
    assert set(imported_names) - {"__builtins__"} == set(names)


def test_every_public_function_of_the_library_is_a_public_name() -> None:
    functions = {node.name for node in tree_of(PACKAGE / "api.py").body if isinstance(node, ast.FunctionDef)}
    assert {name for name in functions if not name.startswith("_")} <= set(sim.__all__)


def test_a_name_that_is_not_public_is_missed_by_its_name() -> None:
    with pytest.raises(AttributeError, match="module 'sim' has no attribute 'Coalition'"):
        sim.Coalition  # noqa: B018


def test_importing_sim_loads_no_large_library() -> None:
    heavy = {"mesa", "numpy", "pandas", "numba", "matplotlib", "pydantic", "pyarrow", "scipy"}
    command = [sys.executable, "-X", "importtime", "-c", "import sim; dir(sim)"]
    process = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in process.stderr.splitlines()}
    assert "sim" in loaded
    assert not loaded & heavy
