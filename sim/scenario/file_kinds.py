"""The kinds of files that are read, scenarios and experiments: what messages call them, and where they are shipped."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FileKind:
    """What a file holds, in the words of messages, and where those lie that come with the program."""

    name: str
    article: str
    begin: str  # the keys that such a file begins with
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
