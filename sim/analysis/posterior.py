"""What a fit leaves of the weights, as the text of a file from which they can be drawn."""

from __future__ import annotations

import json

from sim.analysis.fit import Fit
from sim.scenario import digest


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
