"""The manifest of a run: what was simulated, with which facts and code, and when."""

from __future__ import annotations

import hashlib
import json
import platform
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypedDict

from pydantic import TypeAdapter, ValidationError

from sim import facts, source_hash
from sim.scenario import Scenario, digest, resolve
from sim.scenario.differences import Difference
from sim.scenario.setting_overrides import as_options

FORMAT = 4
DECIDING = ("theory", "facts", "scenario", "model", "ensemble", "results")  # the subpackages that determine a run
_IDENTITY = ("digest", "seed", "replicates", "engine", "facts", "code")
_PACKAGES = ("mesa", "numba", "numpy", "pandas", "pyarrow")


class PosteriorSource(TypedDict):
    """The posterior that weights were drawn from: its path, its SHA-256 and the number of draws."""

    reference: str
    sha256: str
    draws: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a run is; two runs are the same if the attributes in _IDENTITY are equal."""

    scenario: str
    reference: str  # the file or the name that was requested; empty for a scenario that was built in Python
    settings: tuple[str, ...]  # that were replaced in it, as PATH=VALUE
    digest: str  # of the scenario, without words
    seed: int
    replicates: int
    rounds: int
    engine: str
    facts: str  # SHA-256 of the tables of facts
    code: str  # hash of the code that determines the results
    resolved: Mapping[str, Any]  # the scenario with everything that it inherits
    versions: Mapping[str, str]
    started: str  # ISO 8601, UTC
    differences: tuple[Difference, ...] = ()  # from the scenario of the same name, in words
    posterior: PosteriorSource | None = None
    seconds: float = 0.0
    checksums: Mapping[str, str] = field(default_factory=dict)  # SHA-256 of each table
    format: int = FORMAT

    @property
    def identity(self) -> str:
        """A short name for what was simulated: eight hexadecimal digits."""
        text = "\n".join(map(str, (*(getattr(self, part) for part in _IDENTITY), *self._drawn)))
        return hashlib.sha256(text.encode()).hexdigest()[:8]

    @property
    def name(self) -> str:
        """The scenario's name and the identity: the name of the run's folder, unless another is requested."""
        return f"{self.scenario}-{self.identity}"

    @property
    def command(self) -> str:
        """The command that simulates the run again; a call in Python where no command can."""
        if not self.reference or self.engine not in ("agents", "ensemble"):
            return f"sim.run(scenario, replicates={self.replicates}, seed={self.seed})"
        settings = as_options(self.settings)
        if self.posterior is not None:
            settings += ["--posterior", self.posterior["reference"], "--draws", str(self.posterior["draws"])]
        words = ("willing", "run", self.reference, "--seed", self.seed, "--replicates", self.replicates, *settings)
        return shlex.join(map(str, words))

    def as_scenario(self) -> Scenario:
        """Return the scenario as it was simulated, with its differences from the scenario of the same name."""
        scenario = Scenario.model_validate(self.resolved).with_differences(self.differences)
        return scenario.with_origin(self.reference, self.settings) if self.reference else scenario

    def differs_from(self, other: Manifest) -> list[str]:
        """Return how two runs differ, in words; nothing if they are the same."""
        names = {"digest": "another scenario", "facts": "other tables of facts", "code": "another version of the code"}
        differences = []
        for part in _IDENTITY:
            mine, theirs = getattr(self, part), getattr(other, part)
            if mine != theirs:
                differences.append(names.get(part, f"{part} {mine}, not {theirs}"))
        if self._drawn != other._drawn:
            differences.append(
                "other draws of the weights" if self._drawn and other._drawn else "weights drawn in only one of them"
            )
        return differences

    @property
    def _drawn(self) -> tuple[Any, ...]:
        """The part of the identity that comes from drawing weights; empty if none are drawn."""
        return () if self.posterior is None else (self.posterior["sha256"], self.posterior["draws"])

    def with_duration(self, seconds: float) -> Manifest:
        """Return the manifest with the duration of the simulation."""
        return replace(self, seconds=round(seconds, 3))

    def with_checksums(self, checksums: Mapping[str, str]) -> Manifest:
        """Return the manifest with the checksums of the tables."""
        return replace(self, checksums=dict(checksums))

    def as_dict(self) -> dict[str, Any]:
        """Return the manifest as plain values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Manifest:
        """Return a manifest from plain values; ValueError, in one line, if one is missing or has the wrong type."""
        missing = [part.name for part in fields(cls) if part.name not in kept]
        if missing:
            raise ValueError(f"has no {', '.join(missing)}")
        try:
            # through JSON, since strict validation of Python values does not accept a list for a tuple
            text = json.dumps({part.name: kept[part.name] for part in fields(cls)})
            return _checked().validate_json(text, strict=True)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise ValueError(f"has a wrong value for {where}: {first['msg']}") from None


def create_manifest(
    scenario: Scenario,
    *,
    reference: str,
    settings: Sequence[str] = (),
    seed: int,
    replicates: int,
    engine: str,
    started: str,
    posterior: PosteriorSource | None = None,
) -> Manifest:
    """Return the manifest of a run that is about to be simulated.

    reference, settings: the name or file of the scenario, and the settings that were replaced in it.
    """
    return Manifest(
        scenario=scenario.name,
        reference=reference,
        settings=tuple(settings),
        digest=digest(scenario),
        seed=seed,
        replicates=replicates,
        rounds=scenario.rounds,
        engine=engine,
        facts=facts.data_hash(),
        code=code_hash(),
        resolved=resolve(scenario),
        versions={"willing": version("willing"), "python": platform.python_version()}
        | {package: version(package) for package in _PACKAGES},
        started=started,
        differences=(*scenario.differences, *_drawn_weights(posterior)),
        posterior=posterior,
    )


def _drawn_weights(posterior: PosteriorSource | None) -> tuple[Difference, ...]:
    """Return the difference that drawn weights make; nothing if none were drawn."""
    if posterior is None:
        return ()
    text = f"drawn {posterior['draws']:,} times from {Path(posterior['reference']).name}"
    return (Difference(path="weights", about="", unit="", standing="", here=text),)


@cache
def _checked() -> TypeAdapter[Manifest]:
    return TypeAdapter(Manifest)


def code_hash() -> str:
    """Return a hash of the code that determines a run: the rules, the model, the engines and the tables."""
    return source_hash.code_hash(*DECIDING)
