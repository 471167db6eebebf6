"""The plan of a sweep: every point with every replicate, split into fixed parts."""

from __future__ import annotations

import dataclasses
import hashlib
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from math import ceil
from typing import Any

import pandas as pd

from sim import facts, source_hash
from sim.experiment.design import design_table, name_of
from sim.experiment.experiment import Experiment
from sim.results.manifest import DECIDING

FORMAT = 2
RUNS_A_SHARD = 20_000  # about a second's work, which is what a crash can lose
REPLICATES_A_SHARD = 5_000  # of one point, so that their random draws fit into memory

_IDENTITY = {
    "experiment": "another experiment",
    "design": "other points",
    "replicates": "replicates",
    "facts": "other tables of facts",
    "code": "another version of the code",
    "format": "another format",
}
_PACKAGES = ("willing", "numba", "numpy", "pandas", "pyarrow")


@dataclass(frozen=True, slots=True)
class Shard:
    """A part of a sweep: some points with some of their replicates."""

    number: int
    points: range
    replicates: range

    @property
    def runs(self) -> int:
        """Number of runs."""
        return len(self.points) * len(self.replicates)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a sweep simulates; two plans are the same if they agree in their identity."""

    experiment: Experiment
    table: pd.DataFrame  # one row per point, one column per factor
    reference: str  # the experiment's file or name, as it was given
    engine: str = field(default="ensemble", compare=False)
    is_redesigned: bool = field(default=False, compare=False)  # the design is not the one in the experiment's file

    @cached_property
    def identity(self) -> Mapping[str, str | int]:
        """Everything that determines the table of runs, by name."""
        rows = pd.util.hash_pandas_object(self.table, index=True).to_numpy()
        return {
            "experiment": dataclasses.replace(self.experiment, replicates=1).digest,  # compared on their own, below
            "design": hashlib.sha256(rows.tobytes()).hexdigest(),
            "replicates": self.experiment.replicates,
            "facts": facts.data_hash(),
            "code": code_hash(),
            "format": FORMAT,
        }

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the identity."""
        return hashlib.sha256("\n".join(map(str, self.identity.values())).encode()).hexdigest()

    @property
    def points(self) -> int:
        """Number of points."""
        return len(self.table)

    @property
    def runs(self) -> int:
        """Number of runs."""
        return self.points * self.experiment.replicates

    @cached_property
    def shards(self) -> tuple[Shard, ...]:
        """The parts in the order of the table of runs: by point, then by replicate."""
        replicates = self.experiment.replicates
        each = ceil(replicates / ceil(replicates / REPLICATES_A_SHARD))  # of equal size, as shares of the work are
        blocks = [range(first, min(first + each, replicates)) for first in range(0, replicates, each)]
        together = max(1, RUNS_A_SHARD // replicates) if len(blocks) == 1 else 1
        starts = range(0, self.points, together)
        parts = [(range(first, min(first + together, self.points)), block) for first in starts for block in blocks]
        return tuple(Shard(number, *part) for number, part in enumerate(parts))

    def as_dict(self) -> dict[str, Any]:
        """Return the manifest of the sweep."""
        experiment = self.experiment
        design = {name_of(experiment.design): experiment.design.model_dump()}
        return {
            "kind": "sweep",
            **({"design": design} if self.is_redesigned else {}),
            **({} if experiment.mapping is None else {"experiment": experiment.mapping}),
            "name": experiment.name,
            "reference": self.reference,
            "question": experiment.question,
            "digest": self.digest,
            "identity": dict(self.identity),
            "points": self.points,
            "replicates": experiment.replicates,
            "seed": experiment.seed,
            "runs": self.runs,
            "shards": len(self.shards),
            "factors": [factor.name for factor in experiment.factors],
            "outcomes": list(experiment.outcomes),
            "versions": versions(),
        }


def code_hash() -> str:
    """Return a hash of the code that determines the tables of a sweep.

    This is the code of a run, and the code that makes scenarios of levels and summarises the runs of a point.
    """
    return source_hash.code_hash(*DECIDING, "experiment")


def plan_of(
    experiment: Experiment, reference: str | None = None, engine: str = "ensemble", *, is_redesigned: bool = False
) -> Plan:
    """Return the plan of an experiment.

    reference: the experiment's file or name for messages and the manifest; by default the one it was loaded by.
    is_redesigned: whether the design is not the one in the experiment's file, so that the manifest has to hold it.
    """
    return Plan(
        experiment=experiment,
        table=design_table(experiment),
        reference=experiment.reference if reference is None else reference,
        engine=engine,
        is_redesigned=is_redesigned,
    )


def shards_for_worker(shards: tuple[Shard, ...], share: tuple[int, int] | None) -> tuple[Shard, ...]:
    """Return the shards of one worker, share = (which, of how many), or all shards without a share."""
    which, of = share or (0, 1)
    return shards[which::of]


def differences(identity: Mapping[str, Any], plan: Plan) -> list[str]:
    """Return in words how a sweep that was written, by its identity, differs from the planned one."""
    differing = []
    for part, name in _IDENTITY.items():
        theirs, ours = identity.get(part), plan.identity[part]
        if theirs != ours:
            differing.append(f"{theirs} {name}, not {ours}" if part == "replicates" else name)
    return differing


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that affect the results."""
    return {"python": platform.python_version()} | {package: version(package) for package in _PACKAGES}
