"""The birth certificate of a run: what was played, on which facts, by which code, when."""

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

from sim import facts, source
from sim.scenario import Scenario, digest, resolve
from sim.scenario.differences import Difference
from sim.scenario.settings import as_options

FORMAT = 4
DECIDING = ("theory", "facts", "scenario", "model", "ensemble", "results")  # the subpackages that decide a run
_IDENTITY = ("digest", "seed", "replicates", "engine", "facts", "code")
_PACKAGES = ("mesa", "numba", "numpy", "pandas", "pyarrow")


class PosteriorSource(TypedDict):
    """What weights were drawn from: the posterior as it was named, its SHA-256, and the number of draws."""

    reference: str
    sha256: str
    draws: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a run is; two runs are the same if they agree in what _IDENTITY names."""

    scenario: str
    reference: str  # the file or the name that was requested; empty for a scenario that was built in Python
    settings: tuple[str, ...]  # what was replaced in it, as PATH=VALUE
    digest: str  # of the scenario's meaning
    seed: int
    replicates: int
    rounds: int
    engine: str
    facts: str  # sha256 over the tables of facts
    code: str  # hash of the code that decides what happens
    resolved: Mapping[str, Any]  # the scenario with everything that it extends
    versions: Mapping[str, str]
    started: str  # ISO 8601, UTC
    differences: tuple[Difference, ...] = ()  # in what the scenario differs from the one so named, in words
    posterior: PosteriorSource | None = None
    seconds: float = 0.0
    checksums: Mapping[str, str] = field(default_factory=dict)  # sha256 of every table
    format: int = FORMAT

    @property
    def identity(self) -> str:
        """A short name for what was played: eight hex digits."""
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
        """Return the scenario as it is played, which knows in what it differs from the one that it is named after."""
        scenario = Scenario.model_validate(self.resolved).with_differences(self.differences)
        return scenario.with_origin(self.reference, self.settings) if self.reference else scenario

    def differs_from(self, other: Manifest) -> list[str]:
        """Return in words what keeps two runs from being the same."""
        named = {"digest": "scenario", "facts": "tables of facts", "code": "version of the code"}
        differences = []
        for part in _IDENTITY:
            mine, theirs = getattr(self, part), getattr(other, part)
            if mine != theirs:
                differences.append(f"another {named[part]}" if part in named else f"{part} {mine}, not {theirs}")
        if self._drawn != other._drawn:
            differences.append("weights drawn otherwise" if self._drawn and other._drawn else "weights drawn or not")
        return differences

    @property
    def _drawn(self) -> tuple[Any, ...]:
        """What of the drawing of weights decides the tables; nothing where none are drawn."""
        return () if self.posterior is None else (self.posterior["sha256"], self.posterior["draws"])

    def with_duration(self, seconds: float) -> Manifest:
        """Return the manifest with the time that the playing took."""
        return replace(self, seconds=round(seconds, 3))

    def with_checksums(self, checksums: Mapping[str, str]) -> Manifest:
        """Return the manifest with the checksums of what was written."""
        return replace(self, checksums=dict(checksums))

    def as_dict(self) -> dict[str, Any]:
        """Return the manifest as it is written."""
        return asdict(self)

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Manifest:
        """Return the manifest that was written; ValueError, in one line, if a part is missing or of another kind."""
        wrong = [part.name for part in fields(cls) if part.name not in kept]
        if wrong:
            raise ValueError(f"lacks {', '.join(wrong)}")
        try:
            text = json.dumps({part.name: kept[part.name] for part in fields(cls)})
            return _checked().validate_json(text, strict=True)  # as JSON, where a list may stand for a tuple
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
    """Return the manifest of a run that is about to be played: of the scenario that was asked for by its reference."""
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
    """Return that the weights are not the scenario's own, where they were drawn."""
    if posterior is None:
        return ()
    drawn = f"drawn {posterior['draws']:,} times from {Path(posterior['reference']).name}"
    return (Difference(path="weights", about="", unit="", standing="", here=drawn),)


@cache
def _checked() -> TypeAdapter[Manifest]:
    return TypeAdapter(Manifest)


def code_hash() -> str:
    """Return a hash of the code that decides what happens in a run: the rules, the model and the tables."""
    return source.code_hash(*DECIDING)
