"""A figure that no experiment file asks for: made from the factors and the outcome that somebody names."""

from __future__ import annotations

import re

from sim.errors import FigureError
from sim.experiment.experiment import Experiment
from sim.experiment.figure_specs import Cliff, Figure, Heat, Multiples, Phase
from sim.experiment.outcome_names import with_code
from sim.scenario.suggestions import did_you_mean


def further_figure(
    experiment: Experiment, x: str, outcome: str, *, y: str | None = None, by: str | None = None
) -> Figure:
    """Return the figure of an outcome over x, or over x and y: a curve, a heat map or, of an option, a phase diagram.

    by: the factor of which each level has a curve or a picture of its own. FigureError where a factor is not varied or
    named twice, or the outcome was not measured.
    """
    factors = [factor.name for factor in experiment.factors]
    for option, factor in (("--x", x), ("--y", y), ("--by", by)):
        if factor is not None and factor not in factors:
            raise FigureError(f"{option} {factor}: is not varied{did_you_mean(factor, factors)}")
    outcome = with_code(outcome)
    if outcome not in experiment.outcomes:
        raise FigureError(f"--outcome {outcome}: was not measured{did_you_mean(outcome, experiment.outcomes)}")
    named = [part for part in (outcome, x, y, by) if part is not None]
    if len(set(named)) < len(named):
        raise FigureError("--x, --y and --by must be different factors")
    name = "-".join(
        re.sub(r"[^A-Za-z0-9_]+", "-", part.rpartition(".")[2] if part != outcome else part) for part in named
    )
    name = name.lower()[:80]
    if by is not None and y is not None:
        return Multiples(kind="multiples", x=x, y=y, by=by, outcome=outcome, name=name)
    if y is None:
        return Cliff(kind="cliff", x=x, by=by, outcome=(outcome,), name=name)
    if experiment.is_word(outcome):
        return Phase(kind="phase", x=x, y=y, outcome=outcome, name=name)
    return Heat(kind="heat", x=x, y=y, outcome=outcome, name=name)
