"""Figures that an experiment does not name: made from the factors and the outcome that the user names."""

from __future__ import annotations

import re
from typing import Any

from pydantic import ValidationError

from sim.errors import FigureError
from sim.experiment.check_outputs import figure_errors
from sim.experiment.design import name_of
from sim.experiment.experiment import Experiment
from sim.experiment.figure_specs import KINDS, Cliff, Figure, Heat, Multiples, Phase, named
from sim.experiment.outcome_names import with_code
from sim.scenario.suggestions import did_you_mean
from sim.scenario.tree_from_mapping import tree_of_mapping


def adhoc_figure(
    experiment: Experiment, x: str, outcome: str, *, y: str | None = None, by: str | None = None
) -> Figure:
    """Return the figure of an outcome over x, or over x and y.

    It is a curve over x; over x and y a heat map or, if the outcome is an option, a phase diagram. by: the factor of
    which each level has its own curve or panel. FigureError if a factor is not varied or named twice, or the outcome
    was not measured.
    """
    factors = [factor.name for factor in experiment.factors]
    for option, factor in (("x", x), ("y", y), ("by", by)):
        if factor is not None and factor not in factors:
            raise FigureError(f"{option}: '{factor}' is not varied{did_you_mean(factor, factors)}")
    outcome = with_code(outcome)
    if outcome not in experiment.outcomes:
        raise FigureError(f"outcome: '{outcome}' was not measured{did_you_mean(outcome, experiment.outcomes)}")
    parts = [part for part in (outcome, x, y, by) if part is not None]
    if len(set(parts)) < len(parts):
        raise FigureError("x, y and by must be different factors")
    name = "-".join(
        re.sub(r"[^A-Za-z0-9_]+", "-", part.rpartition(".")[2] if part != outcome else part) for part in parts
    )
    name = name.lower()[:80]
    if by is not None and y is not None:
        return Multiples(kind="multiples", x=x, y=y, by=by, outcome=outcome, name=name)
    if y is None:
        return Cliff(kind="cliff", x=x, by=by, outcome=(outcome,), name=name)
    if experiment.is_word(outcome):
        return Phase(kind="phase", x=x, y=y, outcome=outcome, name=name)
    return Heat(kind="heat", x=x, y=y, outcome=outcome, name=name)


def figure_of_kind(experiment: Experiment, kind: str, **options: Any) -> Figure:
    """Return a figure of a kind with the options that an experiment file gives it, such as x, y and outcome.

    FigureError if the kind or an option does not exist, a factor is not varied, or an outcome was not measured.
    """
    if kind not in KINDS:
        raise FigureError(f"no kind of figure '{kind}'{did_you_mean(kind, KINDS)}")
    if isinstance(options.get("outcome"), str):
        options["outcome"] = with_code(options["outcome"])
    try:
        figure = KINDS[kind].model_validate({"kind": kind, **options})
    except ValidationError as error:
        raise FigureError("\n".join(_text(kind, each) for each in error.errors(include_url=False))) from None
    tree, _ = tree_of_mapping({"figures": [{"kind": kind, **options}]})
    mistakes = figure_errors(
        tree, experiment.factors, experiment.outcomes, experiment.options, experiment.states, name_of(experiment.design)
    )
    if messages := [f"{kind}: {each.path.removeprefix('figures.')}: {each.message}" for each in mistakes]:
        raise FigureError("\n".join(messages))
    return named((figure,))[0]  # type: ignore[return-value]


def _text(kind: str, error: Any) -> str:
    option = ".".join(map(str, error["loc"]))
    if error["type"] == "missing":
        return f"{kind}: {option}: is missing; a figure of this kind needs it"
    if error["type"] == "extra_forbidden":
        return f"{kind}: {option}: unknown option{did_you_mean(option, [*KINDS[kind].model_fields][1:])}"
    return f"{kind}: {option}: {error['msg'][:1].lower()}{error['msg'][1:]}"
