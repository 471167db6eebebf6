"""Comparison folders: what was compared, its tables and its figure, written whole or not at all, never written over."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sim.errors import ResultsError
from sim.ordinary_file import read_file
from sim.results.atomic import folder_aside
from sim.results.checksums import read_checked, reason
from sim.results.files import check_free
from sim.results.manifest import Manifest
from sim.results.store import MANIFEST
from sim.scenario.checksum import LARGEST_MANIFEST, checksum, read_sealed_json, seal_json

FORMAT = 2
KIND = "comparison"
LONGEST_NAME = 120  # characters that the names of scenarios take in a folder's name
_OF_A_RUN = ("scenario", "reference", "settings", "identity", "digest", "seed", "replicates", "rounds", "engine")


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonManifest:
    """What is compared: the runs in their order, what they are called, and the file of the figure."""

    labels: tuple[str, ...]
    runs: tuple[Manifest, ...]
    figure: str  # empty: none is drawn
    is_chain: bool = False  # whether each run is compared with the one before, rather than with the first

    @property
    def identity(self) -> str:
        """A short name for what is compared: eight hex digits."""
        chained = ["chain"] if self.is_chain and len(self.runs) > 2 else []
        return _identity([*(run.identity for run in self.runs), *chained], self.figure)

    @property
    def name(self) -> str:
        """The name of the folder, unless another is asked for."""
        scenarios = [run.scenario for run in self.runs]
        named = "-vs-".join(scenarios)
        if len(named) > LONGEST_NAME:
            named = f"{scenarios[0][:LONGEST_NAME]}-vs-{len(scenarios) - 1}-others"
        return f"{named}-{self.identity}"

    def as_dict(self) -> dict[str, Any]:
        """Return the certificate as it is written."""
        return {
            "format": FORMAT,
            "kind": KIND,
            "identity": self.identity,
            "figure": self.figure,
            "each_with": "the one before" if self.is_chain else "the first",
            "runs": [
                {"label": label} | {part: getattr(run, part) for part in _OF_A_RUN}
                for label, run in zip(self.labels, self.runs, strict=True)
            ],
            "facts": self.runs[0].facts,
            "code": self.runs[0].code,
            "versions": {"willing": version("willing"), "python": platform.python_version()},
        }


def unique_labels(runs: Sequence[Manifest], headings: Sequence[str]) -> tuple[str, ...]:
    """Return a label for each run: its heading, with what tells it from others of the same heading.

    That is the replicates and seed, the digest, or a number.
    """
    labels = list(headings)
    ways: tuple[Callable[[int], str], ...] = (
        lambda place: f"{runs[place].replicates:,} replicates, seed {runs[place].seed}",
        lambda place: f"digest {runs[place].digest[:12]}",
        lambda place: str(place + 1),
    )
    for way in ways:
        told = [way(place) for place in range(len(runs))]
        groups = [{told[other] for other, label in enumerate(labels) if label == mine} for mine in labels]
        labels = [
            f"{label} ({words})" if len(group) > 1 and words else label
            for label, words, group in zip(labels, told, groups, strict=True)
        ]
    return tuple(labels)


def reserve_comparison(folder: Path, wanted: ComparisonManifest) -> bool:
    """Return whether the wanted comparison already lies in the folder, whole; False if the folder is free.

    Raises ResultsError where something else lies there, a part is missing or was changed, or no folder can be made.
    """
    if not os.path.lexists(folder):
        check_free([folder])
        return False
    kept = _read(folder)
    if kept["identity"] != wanted.identity:
        raise ResultsError(f"{folder}: holds another comparison; name another folder with --out, or move this one away")
    for name, expected in kept["checksums"].items():
        path = folder / name
        if not path.is_file():
            raise ResultsError(f"{path}: missing; the folder is no longer whole, move it away and compare anew")
        try:
            read_checked(path, expected)
        except (OSError, ValueError) as error:
            raise ResultsError(f"{path}: {reason(error)}; move the folder away and compare again") from None
    return True


def write_comparison(
    folder: Path, certificate: ComparisonManifest, tables: Mapping[str, str], draw: Callable[[Path], object]
) -> None:
    """Write a comparison: into a folder beside it first, renamed when it is whole.

    tables: the text of each table by the name of its file. draw is called with the path for the figure. Raises
    ResultsError where the folder is taken by something else or cannot be made.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with folder_aside(folder.parent) as aside:
            for name, text in tables.items():
                (aside / name).write_text(text, "utf-8")
            if certificate.figure:
                draw(aside / certificate.figure)
            checksums = {path.name: checksum(path.read_bytes()) for path in sorted(aside.iterdir())}
            written = certificate.as_dict() | {"checksums": checksums}
            (aside / MANIFEST).write_text(seal_json(written), "utf-8")
            aside.chmod(0o755)
            if not reserve_comparison(folder, certificate):  # somebody else may have been quicker
                aside.rename(folder)
    except OSError as error:
        raise ResultsError(f"{folder}: cannot write there: {error.strerror}; name another folder with --out") from None


def check_not_a_comparison(folder: Path) -> None:
    """Raise ResultsError where the folder holds a comparison, which is no run."""
    if _kept(folder) is not None:
        raise ResultsError(
            f"{folder}: is a comparison, no run; name the runs that it compares, which {MANIFEST} names, or draw it as "
            "another format with `willing compare RUN RUN --format svg`"
        )


def _read(folder: Path) -> dict[str, Any]:
    """Return the manifest of a comparison; ResultsError if something else lies in the folder."""
    if _kept(folder) is None:
        raise ResultsError(f"{folder}: exists and is not a Willing comparison; name another folder with --out")
    try:
        kept = read_sealed_json(folder / MANIFEST)
    except (OSError, ValueError) as error:
        raise ResultsError(f"{folder / MANIFEST}: {reason(error)}; move the folder away and compare again") from None
    if kept.get("format") != FORMAT or not isinstance(kept.get("checksums"), dict) or "identity" not in kept:
        raise ResultsError(f"{folder / MANIFEST}: cannot be read by this version; move the folder away")
    return kept


def _kept(folder: Path) -> dict[str, Any] | None:
    """Return what the manifest in a folder says, None where it is not that of a comparison."""
    try:
        kept = json.loads(read_file(folder / MANIFEST, LARGEST_MANIFEST))
    except (OSError, ValueError, RecursionError):
        return None
    return kept if isinstance(kept, dict) and kept.get("kind") == KIND else None


def _identity(runs: Sequence[str], figure: str) -> str:
    return hashlib.sha256("\n".join((*runs, figure)).encode()).hexdigest()[:8]
