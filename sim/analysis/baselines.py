"""Baseline forecasts, fitted to the record alone: each state is predicted from all the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.errors import FactsError
from sim.model.setup import Setup

type Array = np.ndarray

RIDGE = 1.0  # penalty on half the squared slopes of standardised predictors
PREDICTORS = ("prior aid", "opinion", "lead", "cost")
_FREE = 1e-6  # penalty on intercepts: keeps that of an option that no state takes finite
_STEPS = 100  # of Newton's method, at most
_CLOSE = 1e-10


@dataclass(frozen=True, kw_only=True)
class Logit:
    """A fitted logit: slopes [predictors, options less the first], intercepts in the first row."""

    centre: Array
    scale: Array
    slopes: Array

    def chances(self, predictors: Array) -> Array:
        """Return the probability of each option, as [rows, options]."""
        return _probabilities(_designed(predictors, self.centre, self.scale), self.slopes)


def predictors(setup: Setup, codes: tuple[str, ...]) -> Array:
    """Return the predictors of the logits, as [states, predictors] in the order of PREDICTORS.

    They are ln(1 + prior aid in % of GDP), 2 * public support - 1, 1 for a lead, and the annual cost of the offer to
    the deepest option relative to the defence budget, scaled by debt. Raises FactsError if a value is unknown.
    """
    known = setup.characteristics
    indices = [setup.codes.index(code) for code in codes]
    columns = np.column_stack([np.log1p(known.aid), 2.0 * known.support - 1.0, known.leads, known.cost_burden[:, -1]])
    table = columns[indices]
    for code, row in zip(codes, np.isnan(table), strict=True):
        if row.any():
            lacking = ", ".join(name for name, is_missing in zip(PREDICTORS, row, strict=True) if is_missing)
            raise FactsError(
                f"{code}: {lacking} unknown, which the baseline forecasts need; give the figures under "
                f"states.{code}.facts in a scenario, or leave its row out of the positions"
            )
    return table


def majority(stances: Array, options: int) -> Array:
    """Return, for each state, the share of the others at each option, as [states, options]."""
    counts = np.bincount(stances, minlength=options)[None, :] - _one_of_each(stances, options)
    others = len(stances) - 1
    return counts / others if others else np.full(counts.shape, 1.0 / options)


def kept(before: Array, options: int) -> Array:
    """Return probability 1 for the option that each state held before, as [states, options]."""
    return _one_of_each(before, options)


def logit(table: Array, stances: Array, options: int, ridge: float = RIDGE) -> Logit:
    """Fit a multinomial logit of stances [rows] on predictors [rows, predictors]; with two options it is binary.

    Predictors are standardised over these rows. Slopes are shrunk by the ridge (Hoerl & Kennard 1970; le Cessie & van
    Houwelingen 1992); intercepts are free, so that an option that no state takes has a probability near 0.
    """
    centre, scale = table.mean(axis=0), table.std(axis=0)
    scale = np.where(scale > 0.0, scale, 1.0)
    design = _designed(table, centre, scale)
    width, others = design.shape[1], options - 1
    penalty = np.full((width, others), ridge)
    penalty[0] = _FREE
    observed = _one_of_each(stances, options)[:, 1:]
    slopes = np.zeros((width, others))
    for _ in range(_STEPS):
        chances = _probabilities(design, slopes)[:, 1:]
        gradient = design.T @ (observed - chances) - penalty * slopes
        curvature = np.einsum("ri,rk,kl,rj->ikjl", design, chances, np.eye(others), design) - np.einsum(
            "ri,rk,rl,rj->ikjl", design, chances, chances, design
        )
        matrix = curvature.reshape(width * others, -1) + np.diag(penalty.ravel())
        step = np.linalg.solve(matrix, gradient.ravel()).reshape(width, others)
        slopes = slopes + step * min(1.0, 2.0 / max(np.abs(step).max(), 1e-300))  # damped at first
        if np.abs(step).max() < _CLOSE:
            break
    return Logit(centre=centre, scale=scale, slopes=slopes)


def leave_one_out(table: Array, stances: Array, options: int, ridge: float = RIDGE) -> Array:
    """Return the probabilities of each row [rows, options] from the logit fitted to all other rows."""
    result = np.empty((len(stances), options))
    for row in range(len(stances)):
        others = np.arange(len(stances)) != row
        result[row] = logit(table[others], stances[others], options, ridge).chances(table[row : row + 1])[0]
    return result


def _designed(table: Array, centre: Array, scale: Array) -> Array:
    return np.column_stack([np.ones(len(table)), (table - centre) / scale])


def _probabilities(design: Array, slopes: Array) -> Array:
    values = np.column_stack([np.zeros(len(design)), design @ slopes])
    raised = np.exp(values - values.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def _one_of_each(stances: Array, options: int) -> Array:
    return np.eye(options)[stances]
