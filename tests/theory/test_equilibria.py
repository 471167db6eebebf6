"""Best replies with positive momentum: least and greatest equilibria, both rising with US backing.

The theory (Topkis 1979; Milgrom & Roberts 1990) needs a binary choice and a belief that does not depend on others'
offers. With several options it does not hold: a peer that moves from abstaining to a guarantee draws others from
troops.
"""

import numpy as np
import pytest

from sim.model.setup import Setup, prepare
from sim.model.simulate import simulate
from sim.scenario import load_scenario, resolve
from sim.scenario.schema import Scenario


def _binary(us_backing: float, opening: str, order: str) -> Setup:
    plain = resolve(load_scenario("base"))
    troops = {**plain["menu"]["troops"], "ask": 0}
    plain |= {
        "menu": {"troops": troops},
        "opening": opening,
        "activation": order,
        "revision": 1,
        "turnover": 0,
        "sharpness": float("inf"),
        "rounds": 40,
        "weights": plain["weights"] | {"security": 0, "consistency": 0},
        "environment": plain["environment"] | {"us_backing": us_backing},
        "couplings": plain["couplings"] | {"russian_reaction": 0, "us_response": 0},
    }
    plain["proposal"] |= {"redimensions": False}
    plain["ceasefire"] |= {"truce_hazard": 0}
    return prepare(Scenario.model_validate(plain))


def _path(us_backing: float, opening: str, order: str = "simultaneous") -> np.ndarray:
    return simulate(_binary(us_backing, opening, order), seed=0, replicates=[0]).stances[0]


BACKINGS = np.linspace(0, 1, 11)


@pytest.mark.parametrize("us_backing", BACKINGS)
def test_best_reply_climbs_from_abstaining_and_descends_from_troops(us_backing: float) -> None:
    up, down = _path(us_backing, "abstain"), _path(us_backing, "troops")
    assert (np.diff(up.astype(int), axis=0) >= 0).all()
    assert (np.diff(down.astype(int), axis=0) <= 0).all()
    assert (up <= down).all()
    assert (up[-1] == up[-2]).all()
    assert (down[-1] == down[-2]).all()


@pytest.mark.parametrize("opening", ["abstain", "troops"])
def test_least_and_greatest_equilibrium_rise_with_us_backing(opening: str) -> None:
    ends = np.array([_path(us_backing, opening)[-1] for us_backing in BACKINGS]).astype(int)
    assert (np.diff(ends, axis=0) >= 0).all()
    assert ends[-1].sum() > ends[0].sum()


@pytest.mark.parametrize("opening", ["abstain", "troops"])
def test_the_order_of_revising_does_not_change_where_it_ends(opening: str) -> None:
    ends = [_path(0.6, opening, order)[-1] for order in ("simultaneous", "random_sequence", "leads_first")]
    assert (ends[0] == ends[1]).all()
    assert (ends[0] == ends[2]).all()
