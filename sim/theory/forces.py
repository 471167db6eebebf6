"""Military capacity of the states: exposure to the front, usable forces, offers, strain and cost.

Functions of arrays over states; an unknown figure is not-a-number and remains so. scenarios/base.yaml names the
sources of the constants.
"""

from __future__ import annotations

import numpy as np

type Array = np.ndarray


def front_exposure(
    distance: Array,
    near_opponent: Array,
    near_host: Array,
    far: float,
    fading: float,
    border_share: float,
    host_border: float,
) -> Array:
    """Return the exposure of each state to the front, in [0, 1].

    distance in km from the state's capital to the opponent's, near_opponent and near_host 1 for a common border;
    exposure is full up to far km and falls to 1/e over fading km beyond.
    """
    closeness = np.exp(-np.maximum(0.0, distance - far) / fading)
    border = np.maximum(near_opponent, host_border * near_host)
    return (1.0 - border_share) * closeness + border_share * border


def home_tie(front: Array, base: float, by_front: float) -> Array:
    """Return the part of each state's land force that is reserved for home defence, in [0, 1]."""
    return np.minimum(1.0, base + by_front * front)


def sustainable_part(budget: Array, active: Array, sustaining_budget: float) -> Array:
    """Return the part of each force that can be deployed and supplied, in [0, 1]; 0 for a state without forces.

    budget and sustaining_budget in USD a year, the latter for each active soldier.
    """
    per_soldier = np.divide(budget, active, out=np.where(np.isnan(active), np.nan, 0.0), where=active > 0)
    return np.minimum(1.0, per_soldier / sustaining_budget)


def offer(share: float, lead_factor: Array, sustainable: Array, land: Array, tie: Array, tie_counts: float) -> Array:
    """Return the offer of each state to an option, in whole soldiers.

    Sums of whole numbers are exact in any order, which keeps the engines equal to the last bit.
    """
    if share == 0.0:
        return np.zeros_like(land)
    return np.rint(share * lead_factor * sustainable * land * (1.0 - tie * tie_counts))


def strain(deepest_offer: Array, usable: Array, abroad: Array, rotation: float, limit: float) -> Array:
    """Return the rotated offer as a ratio to the remaining usable land force, at most limit.

    A state without forces has the strain limit, since it has no soldiers to send.
    """
    drawn = np.minimum(limit, rotation * deepest_offer / np.maximum(usable - abroad, 1.0))
    return np.where(usable == 0.0, limit, drawn)


def cost_burden(offered: Array, yearly_cost: float, budget: Array, debt: Array, debt_reference: float) -> Array:
    """Return the yearly cost of an offer as a share of the defence budget, scaled by the debt ratio; 0 for no offer.

    yearly_cost in USD a soldier, budget in USD a year, debt and debt_reference in % of GDP.
    """
    part = np.divide(offered * yearly_cost, budget, out=np.where(np.isnan(budget), np.nan, 0.0), where=budget > 0)
    return np.where(offered == 0.0, 0.0, part * debt / debt_reference)


def gini(burdens: Array) -> Array:
    """Return the Gini coefficient of non-negative burdens [..., states]; not-a-number where all burdens are 0."""
    ordered = np.sort(burdens, axis=-1)  # first, so that the sum does not depend on the order of the states
    total = ordered.sum(axis=-1)
    states = ordered.shape[-1]
    ranks = np.arange(1, states + 1)
    spread = ((2.0 * ranks - states - 1.0) * ordered).sum(axis=-1)
    return np.divide(spread, states * total, out=np.full_like(total, np.nan), where=total > 0.0)
