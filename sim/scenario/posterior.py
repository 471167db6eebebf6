"""The posterior of the weights after a fit, as a file from which weights are drawn."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.errors import ScenarioError
from sim.scenario.checksum import check_yaml
from sim.scenario.file_kinds import FileKind
from sim.scenario.files import take_text
from sim.scenario.syntax_tree import Block, to_builtins
from sim.scenario.tree_from_yaml import read_tree

type Array = np.ndarray

POSTERIOR = FileKind(name="posterior file", article="a", begin="what `willing fit` writes", folder="", packed="")
SUFFIX = ".posterior.yaml"


@dataclass(frozen=True, kw_only=True)
class Posterior:
    """The posterior of the weights: jointly normal around the mode (Laplace approximation)."""

    source: str  # the file from which it was read
    scenario: str
    digest: str  # of the scenario that was fitted, with the weights before
    sha256: str  # of the file
    names: tuple[str, ...]
    mean: Array  # [weights]
    covariance: Array  # [weights, weights]; 0 where a weight was fixed

    def draws(self, normals: Array) -> Array:
        """Return weights [draws, weights] from independent standard normal numbers of the same shape."""
        sizes, ways = np.linalg.eigh(self.covariance)
        root = ways * np.sqrt(np.maximum(sizes, 0.0))
        return self.mean + normals @ root.T


def read_posterior(path: Path) -> Posterior:
    """Return a posterior that `willing fit` wrote; ScenarioError if the file is not one."""
    text = take_text(path, POSTERIOR)
    block, mistakes = read_tree(str(path), text, POSTERIOR)
    if mistakes:
        raise ScenarioError(mistakes)
    entries = to_builtins(block)
    mean, rows = entries.get("mean"), entries.get("covariance")
    if not isinstance(mean, dict) or not isinstance(rows, dict) or list(mean) != list(rows):
        raise _none(block, "mean and covariance of the same weights are missing")
    try:
        check_yaml(text)
    except ValueError as error:
        raise _none(block, f"the file {error}") from None
    try:
        means = np.array([_number(value) for value in mean.values()])
        covariance = np.array([[_number(value) for value in row] for row in rows.values()])
    except (TypeError, ValueError):
        raise _none(block, "mean and covariance must hold numbers only") from None
    if not len(means):
        raise _none(block, "it holds no weights")
    if not np.isfinite(means).all() or not np.isfinite(covariance).all():
        raise _none(block, "mean and covariance must hold finite numbers only")
    if covariance.shape != (len(means), len(means)) or not np.allclose(covariance, covariance.T, rtol=1e-6, atol=1e-9):
        raise _none(block, "the covariance is not square and symmetric")
    if np.linalg.eigvalsh(covariance).min() < -1e-6 * max(float(np.abs(covariance).max()), 1e-300):
        raise _none(block, "the covariance is not positive semi-definite")
    return Posterior(
        source=str(path),
        scenario=str(entries.get("scenario", "")),
        digest=str(entries.get("digest", "")),
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        names=tuple(map(str, mean)),
        mean=means,
        covariance=covariance,
    )


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):  # such as true, or a number in quotes
        raise TypeError
    return float(value)


def _none(block: Block, what: str) -> ScenarioError:
    return ScenarioError([block.place.mistake(f"{what}; name a {SUFFIX} that `willing fit` wrote")])
