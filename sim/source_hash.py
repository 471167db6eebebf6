"""A hash of the code by its syntax trees: comments, docstrings and the names of modules do not count."""

from __future__ import annotations

import ast
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parent
_SKIPPED = frozenset({"ctx", "kind", "type_comment", "type_ignores"})  # redundant or without meaning
_MODULE = "\0"  # before the name of a module that is imported from


def code_hash(*parts: str) -> str:
    """Return a SHA-256 of the code of these subpackages and modules of sim, in any order.

    A module counts by its content, and an import by the content of the imported module, so that modules may be renamed
    or moved. Computed once in a process, because the code that is loaded is the code that counts.
    """
    return _hash_of(PACKAGE, tuple(sorted(parts)))


@cache
def _hash_of(package: Path, parts: tuple[str, ...]) -> str:
    modules = {_name_of(path, package): _tokens(path.read_bytes()) for part in parts for path in _files(package / part)}
    shapes = {name: _digest([_MODULE if t[:1] == _MODULE else t for t in tokens]) for name, tokens in modules.items()}
    known = {_MODULE + name: shape for name, shape in shapes.items()}
    return _digest(sorted(_digest([known.get(token, token) for token in tokens]) for tokens in modules.values()))


def _files(part: Path) -> list[Path]:
    return sorted(part.rglob("*.py")) if part.is_dir() else [part]


def _name_of(path: Path, package: Path) -> str:
    """Return the name by which a module is imported."""
    within = path.relative_to(package).with_suffix("").parts
    return ".".join(("sim", *(within[:-1] if within[-1] == "__init__" else within)))


@cache
def _tokens(content: bytes) -> list[str]:
    """Return the tokens of a module, without expressions that are only a text, as docstrings are."""
    tokens: list[str] = []
    add = tokens.append

    def walk(node: Any) -> None:  # a recursive function that appends: a generator takes five times as long
        kind = type(node)
        add(kind.__name__)
        for name in node._fields:
            if name in _SKIPPED:
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
    return tokens


def _is_text_alone(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _digest(tokens: list[str]) -> str:
    return hashlib.sha256("\n".join(tokens).encode("utf-8", "surrogatepass")).hexdigest()
