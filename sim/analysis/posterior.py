"""What is held of the weights after a fit, as a file from which weights can be drawn."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.analysis.fit import Fit
from sim.errors import ScenarioError
from sim.scenario import digest
from sim.scenario.files import take_text
from sim.scenario.kind import FileKind
from sim.scenario.tree import Block, plain
from sim.scenario.yaml_file import read_tree

type Array = np.ndarray

POSTERIOR = FileKind(name="posterior file", article="a", begin="what `willing fit` writes", folder="", packed="")
SUFFIX = ".posterior.yaml"


@dataclass(frozen=True, kw_only=True)
class Posterior:
    """The weights of a fit: jointly normal, around the best ones (Laplace)."""

    scenario: str
    digest: str  # of the scenario that was fitted, with the weights before
    names: tuple[str, ...]
    mean: Array  # [weights]
    covariance: Array  # [weights, weights]; 0 where a weight was held

    def draws(self, normals: Array) -> Array:
        """Return weights [draws, weights] from independent standard normal numbers of the same shape."""
        sizes, ways = np.linalg.eigh(self.covariance)
        root = ways * np.sqrt(np.maximum(sizes, 0.0))
        return self.mean + normals @ root.T


def posterior_text(found: Fit) -> str:
    """Return the posterior as the text of a YAML file."""
    weights = found.weights
    lines = [
        "# What is held of the weights now that the record was looked at: jointly normal (Laplace). By `willing fit`.",
        f"scenario: {json.dumps(found.setup.scenario.name)}",
        f"digest: '{digest(found.setup.scenario)}'",
        f"positions: {json.dumps(found.record.source)}",
        f"stances: {found.wanted.which}",
        f"states: {len(found.data.codes)}",
    ]
    for key, column in (("mean", "mean"), ("sd", "sd"), ("prior_mean", "prior_mean"), ("prior_sd", "prior_sd")):
        lines.append(f"{key}:")
        lines += [f"  {name}: {_number(value)}" for name, value in zip(weights.index, weights[column], strict=True)]
    lines.append("covariance:  # a row a weight, in the order above")
    lines += [
        f"  {name}: [{', '.join(map(_number, row))}]" for name, row in zip(weights.index, found.covariance, strict=True)
    ]
    return "\n".join(lines) + "\n"


def _number(value: float) -> str:
    return f"{value:.10g}"


def read_posterior(path: Path) -> Posterior:
    """Return the posterior that `willing fit` wrote; ScenarioError for a file that is none."""
    block, mistakes = read_tree(str(path), take_text(path, POSTERIOR), POSTERIOR)
    if mistakes:
        raise ScenarioError(mistakes)
    held = plain(block)
    mean, rows = held.get("mean"), held.get("covariance")
    if not isinstance(mean, dict) or not isinstance(rows, dict) or list(mean) != list(rows):
        raise _none(block, "mean and covariance of the same weights are missing")
    try:
        means = np.array([float(value) for value in mean.values()])
        covariance = np.array([[float(value) for value in row] for row in rows.values()])
    except (TypeError, ValueError):
        raise _none(block, "mean and covariance hold something that is no number") from None
    if covariance.shape != (len(means), len(means)) or not np.allclose(covariance, covariance.T, rtol=1e-6, atol=1e-9):
        raise _none(block, "the covariance is not square and symmetric")
    if np.linalg.eigvalsh(covariance).min() < -1e-6 * max(float(np.abs(covariance).max()), 1e-300):
        raise _none(block, "the covariance is none: some mix of weights would vary less than not at all")
    return Posterior(
        scenario=str(held.get("scenario", "")),
        digest=str(held.get("digest", "")),
        names=tuple(mean),
        mean=means,
        covariance=covariance,
    )


def _none(block: Block, what: str) -> ScenarioError:
    return ScenarioError([block.place.mistake(f"{what}; name a {SUFFIX} that `willing fit` wrote")])
