"""What the code says, as a hash of its syntax trees: neither comments nor docstrings nor the names of modules count."""

from __future__ import annotations

import ast
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parent
_SILENT = frozenset({"ctx", "kind", "type_comment", "type_ignores"})  # what follows from the rest, or says nothing
_MODULE = "\0"  # before the name of a module that is imported from


def code_hash(*parts: str) -> str:
    """Return a SHA-256 over what these subpackages and modules of sim say, in any order.

    A module counts by its content, and an import by the content of what it names, so that a module may be renamed or
    moved. Taken once in a process, since what counts is the code that it has loaded.
    """
    return _hash_of(PACKAGE, tuple(sorted(parts)))


@cache
def _hash_of(package: Path, parts: tuple[str, ...]) -> str:
    modules = {_name_of(path, package): _tokens(path.read_bytes()) for part in parts for path in _files(package / part)}
    shapes = {name: _digest([_MODULE if t[:1] == _MODULE else t for t in said]) for name, said in modules.items()}
    known = {_MODULE + name: shape for name, shape in shapes.items()}
    return _digest(sorted(_digest([known.get(token, token) for token in said]) for said in modules.values()))


def _files(part: Path) -> list[Path]:
    return sorted(part.rglob("*.py")) if part.is_dir() else [part]


def _name_of(path: Path, package: Path) -> str:
    """Return the name by which a module is imported."""
    within = path.relative_to(package).with_suffix("").parts
    return ".".join(("sim", *(within[:-1] if within[-1] == "__init__" else within)))


@cache
def _tokens(content: bytes) -> list[str]:
    """Return what a module says, token by token; texts that stand alone, as docstrings do, are left out."""
    said: list[str] = []
    add = said.append

    def walk(node: Any) -> None:  # a recursive function that appends: a generator takes five times as long
        kind = type(node)
        add(kind.__name__)
        for name in node._fields:
            if name in _SILENT:
                continue
            value = getattr(node, name, None)
            if isinstance(value, ast.AST):
                walk(value)
            elif isinstance(value, list):
                add("[")
                for item in value:
                    if not isinstance(item, ast.AST):
                        add(repr(item))
                    elif not _is_text_alone(item):
                        walk(item)
                add("]")
            elif kind is ast.ImportFrom and name == "module":
                add(f"{_MODULE}{value}")
            else:
                add(repr(value))

    walk(ast.parse(content))
    return said


def _is_text_alone(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _digest(tokens: list[str]) -> str:
    return hashlib.sha256("\n".join(tokens).encode("utf-8", "surrogatepass")).hexdigest()
