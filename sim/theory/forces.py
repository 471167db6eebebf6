"""What a state has to give: exposure to the front, forces free to go, offers, strain and cost.

Plain functions of arrays over states; an unknown figure is not-a-number and stays so. Sources of the constants are
named in scenarios/base.yaml.
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
    """Return how exposed each state is to the front, in [0, 1].

    distance in km from the capital to the opponent's, near_opponent and near_host 1 for a common border; exposure is
    full up to far km and falls to 1/e over fading km beyond.
    """
    closeness = np.exp(-np.maximum(0.0, distance - far) / fading)
    border = np.maximum(near_opponent, host_border * near_host)
    return (1.0 - border_share) * closeness + border_share * border


def home_tie(front: Array, base: float, by_front: float) -> Array:
    """Return the part of each state's land force that the defence of home keeps back, in [0, 1]."""
    return np.minimum(1.0, base + by_front * front)


def sustainable_part(budget: Array, active: Array, sustaining_budget: float) -> Array:
    """Return the part of each force that can be deployed and kept supplied, in [0, 1]; 0 for a state without forces.

    budget and sustaining_budget in USD a year, the latter for each active soldier.
    """
    per_soldier = np.divide(budget, active, out=np.where(np.isnan(active), np.nan, 0.0), where=active > 0)
    return np.minimum(1.0, per_soldier / sustaining_budget)


def offer(share: float, lead_factor: Array, sustainable: Array, land: Array, tie: Array, tie_counts: float) -> Array:
    """Return the soldiers that each state would offer to an option, in whole soldiers.

    Whole numbers add up exactly in any order, which keeps the engines equal to the last bit.
    """
    if share == 0.0:
        return np.zeros_like(land)
    return np.rint(share * lead_factor * sustainable * land * (1.0 - tie * tie_counts))


def strain(deepest_offer: Array, usable: Array, abroad: Array, rotation: float, limit: float) -> Array:
    """Return how hard rotating the offer draws on what is left of the usable land force, cut off at limit.

    A state that has no forces is strained to the limit: there is nobody it could send.
    """
    drawn = np.minimum(limit, rotation * deepest_offer / np.maximum(usable - abroad, 1.0))
    return np.where(usable == 0.0, limit, drawn)


def cost_burden(offered: Array, yearly_cost: float, budget: Array, debt: Array, debt_reference: float) -> Array:
    """Return the yearly cost of an offer against the defence budget, scaled by the debt ratio; nothing costs nothing.

    yearly_cost in USD a soldier, budget in USD a year, debt and debt_reference in % of GDP.
    """
    part = np.divide(offered * yearly_cost, budget, out=np.where(np.isnan(budget), np.nan, 0.0), where=budget > 0)
    return np.where(offered == 0.0, 0.0, part * debt / debt_reference)


def gini(burdens: Array) -> Array:
    """Return the Gini coefficient of non-negative burdens [..., states], not-a-number where nobody bears any."""
    ordered = np.sort(burdens, axis=-1)  # first, so that the sum does not depend on the order of the states
    total = ordered.sum(axis=-1)
    states = ordered.shape[-1]
    ranks = np.arange(1, states + 1)
    spread = ((2.0 * ranks - states - 1.0) * ordered).sum(axis=-1)
    return np.divide(spread, states * total, out=np.full_like(total, np.nan), where=total > 0.0)
