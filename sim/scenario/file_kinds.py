"""The kinds of input files, scenarios and experiments: their names in messages, and the folders of shipped files."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FileKind:
    """A kind of input file, with its names in messages and its folders."""

    name: str
    article: str
    begin: str  # the first keys of such a file
    folder: str  # at the root of the project
    packed: str  # in an installed package
    suffix: str = ".yaml"
    largest: int = 1 << 20  # bytes

    def __str__(self) -> str:
        return f"{self.article} {self.name}"


SCENARIO = FileKind(
    name="scenario",
    article="a",
    begin="`question:` and `extends: base`",
    folder="scenarios",
    packed="shipped_scenarios",
)
EXPERIMENT = FileKind(
    name="experiment",
    article="an",
    begin="`question:` and `scenario: base`",
    folder="experiments",
    packed="shipped_experiments",
)
