"""Comparison folders: the manifest and the tables, written completely or not at all, and never overwritten."""

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
from sim.results.atomic import temporary_folder
from sim.results.checksums import read_checked, reason
from sim.results.files import check_free
from sim.results.manifest import Manifest
from sim.results.store import MANIFEST
from sim.scenario.checksum import LARGEST_MANIFEST, checksum, read_sealed_json, seal_json

COMPARISONS = Path("results") / "comparisons"  # where commands save comparisons, unless another folder is named
FORMAT = 3
KIND = "comparison"
LONGEST_NAME = 120  # characters for the names of scenarios in the name of a folder
_OF_A_RUN = ("scenario", "reference", "settings", "identity", "digest", "seed", "replicates", "rounds", "engine")


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonManifest:
    """What is compared: the runs in their order, and their labels."""

    labels: tuple[str, ...]
    runs: tuple[Manifest, ...]
    is_chain: bool = False  # whether each run is compared with the one before, rather than with the first

    @property
    def identity(self) -> str:
        """Eight hex digits that identify the comparison."""
        chained = ["chain"] if self.is_chain and len(self.runs) > 2 else []
        text = "\n".join([*(run.identity for run in self.runs), *chained])
        return hashlib.sha256(text.encode()).hexdigest()[:8]

    @property
    def name(self) -> str:
        """The name of the folder, unless another is requested: the scenarios and the identity."""
        scenarios = [run.scenario for run in self.runs]
        joined = "-vs-".join(scenarios)
        if len(joined) > LONGEST_NAME:
            joined = f"{scenarios[0][:LONGEST_NAME]}-vs-{len(scenarios) - 1}-others"
        return f"{joined}-{self.identity}"

    def as_dict(self) -> dict[str, Any]:
        """Return the manifest as it is written."""
        return {
            "format": FORMAT,
            "kind": KIND,
            "identity": self.identity,
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
    """Return a different label for each run: its heading, extended if other runs have the same heading.

    The extension is the replicates and seed, the digest, or a number, whichever distinguishes them first.
    """
    labels = list(headings)
    ways: tuple[Callable[[int], str], ...] = (
        lambda index: f"{runs[index].replicates:,} replicates, seed {runs[index].seed}",
        lambda index: f"digest {runs[index].digest[:12]}",
        lambda index: str(index + 1),
    )
    for way in ways:
        extensions = [way(index) for index in range(len(runs))]
        groups = [{extensions[other] for other, label in enumerate(labels) if label == mine} for mine in labels]
        labels = [
            f"{label} ({extension})" if len(group) > 1 and extension else label
            for label, extension, group in zip(labels, extensions, groups, strict=True)
        ]
    return tuple(labels)


def reserve_comparison(folder: Path, requested: ComparisonManifest) -> bool:
    """Return whether the folder already holds the requested comparison; False if the folder does not exist.

    Raises ResultsError if the folder holds anything else, if a table is missing or was changed, or if no folder can be
    created there.
    """
    if not os.path.lexists(folder):
        check_free([folder])
        return False
    kept = _read(folder)
    if kept["identity"] != requested.identity:
        raise ResultsError(
            f"{folder}: holds another comparison; choose another folder with --out, or move this one away"
        )
    for name, expected in kept["checksums"].items():
        path = folder / name
        if not path.is_file():
            raise ResultsError(f"{path}: missing; the folder is no longer complete, so move it away and compare again")
        try:
            read_checked(path, expected)
        except (OSError, ValueError) as error:
            raise ResultsError(f"{path}: {reason(error)}; move the folder away and compare again") from None
    return True


def write_comparison(folder: Path, manifest: ComparisonManifest, tables: Mapping[str, str]) -> None:
    """Write the tables, texts by the name of their file, and the manifest; figures may be added later.

    They are written into a temporary folder first, which is renamed when it is complete. Raises ResultsError if the
    folder holds something else or cannot be created.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with temporary_folder(folder.parent) as aside:
            for name, text in tables.items():
                (aside / name).write_text(text, "utf-8")
            checksums = {path.name: checksum(path.read_bytes()) for path in sorted(aside.iterdir())}
            content = manifest.as_dict() | {"checksums": checksums}
            (aside / MANIFEST).write_text(seal_json(content), "utf-8")
            aside.chmod(0o755)
            if not reserve_comparison(folder, manifest):  # another process may have written it meanwhile
                aside.rename(folder)
    except OSError as error:
        raise ResultsError(
            f"{folder}: cannot write there: {error.strerror}; choose another folder with --out"
        ) from None


def check_not_a_comparison(folder: Path) -> None:
    """Raise ResultsError if the folder holds a comparison where a run is needed."""
    if _kept(folder) is not None:
        raise ResultsError(
            f"{folder}: is a comparison, not a run; name the runs that it compares, which {MANIFEST} lists, or draw it "
            "in another format with `willing compare RUN RUN --format svg`"
        )


def _read(folder: Path) -> dict[str, Any]:
    """Return the manifest of a comparison; ResultsError if the folder holds anything else."""
    if _kept(folder) is None:
        raise ResultsError(
            f"{folder}: already exists and is not a Willing comparison; choose another folder with --out"
        )
    try:
        kept = read_sealed_json(folder / MANIFEST)
    except (OSError, ValueError) as error:
        raise ResultsError(f"{folder / MANIFEST}: {reason(error)}; move the folder away and compare again") from None
    if kept.get("format") != FORMAT or not isinstance(kept.get("checksums"), dict) or "identity" not in kept:
        raise ResultsError(f"{folder / MANIFEST}: cannot be read by this version; move the folder away")
    return kept


def _kept(folder: Path) -> dict[str, Any] | None:
    """Return the content of a manifest; None if the folder has none of a comparison."""
    try:
        kept = json.loads(read_file(folder / MANIFEST, LARGEST_MANIFEST))
    except (OSError, ValueError, RecursionError):
        return None
    return kept if isinstance(kept, dict) and kept.get("kind") == KIND else None
