"""Revision of the proposal by the leads."""

import numpy as np
import pytest

from sim.model.coalition import CoalitionModel
from sim.scenario import load_scenario
from sim.theory import proposal
from sim.theory.choice import CLARITY
from sim.theory.proposal import CUT, MOVED_DOWN, MOVED_UP, UNCHANGED

ASKS = np.array([0.0, 0.0, 0.0, 25_000.0])
RULES = {"patience": 3, "cut": 0.2, "floor": 10_000.0, "rise": 1.3}


def _leads(
    forces: list[float], *, headline: int = 3, ask: float = 25_000, below: int = 0, rises: bool = False
) -> tuple[int, float, int, int]:
    asks = ASKS.copy()
    asks[headline] = ask
    return proposal.redimension(headline, asks, ASKS, np.array(forces), below, rises, *RULES.values())


def test_leads_are_patient() -> None:
    assert _leads([0, 0, 0, 12_000], below=1) == (3, 25_000, 2, UNCHANGED)


def test_a_force_that_meets_the_ask_makes_them_forget() -> None:
    assert _leads([0, 0, 0, 25_000], below=2) == (3, 25_000, 0, UNCHANGED)


def test_out_of_patience_they_cut_the_ask_by_a_fifth() -> None:
    assert _leads([0, 0, 0, 12_000], below=2) == (3, 20_000, 0, CUT)


def test_under_the_floor_they_move_the_headline_down() -> None:
    assert _leads([0, 0, 0, 5_000], ask=12_000, below=2) == (2, 0, 0, MOVED_DOWN)


def test_the_lowest_option_is_where_they_stop() -> None:
    assert _leads([0, 0, 0, 0], headline=1, ask=500, below=5)[3] == UNCHANGED


def test_with_us_backing_rising_they_move_up_where_the_force_is_there() -> None:
    enough = [0.0, 0, 0, 1.31 * 25_000]
    assert _leads(enough, headline=2, ask=0, rises=True) == (3, 25_000, 0, MOVED_UP)
    assert _leads(enough, headline=2, ask=0, rises=False)[3] == UNCHANGED
    assert _leads([0, 0, 0, 1.29 * 25_000], headline=2, ask=0, rises=True)[3] == UNCHANGED


def test_at_the_deepest_option_leads_restore_the_ask_and_no_more() -> None:
    assert _leads([0, 0, 0, 22_000], ask=16_000, rises=True) == (3, 20_000, 0, MOVED_UP)
    assert _leads([0, 0, 0, 40_000], ask=24_000, rises=True)[1] == 25_000


@pytest.mark.parametrize(("soldiers", "viable"), [(24_999, False), (25_000, True)])
def test_a_force_is_viable_from_the_ask_on_with_a_lead_in_it(soldiers: float, viable: bool) -> None:
    profile, leads = np.array([3, 0, 3]), np.array([1.0, 0, 0])
    assert proposal.is_viable(soldiers, 25_000, profile, leads, 3) is viable


def test_without_a_lead_no_force_is_viable() -> None:
    assert not proposal.is_viable(90_000, 25_000, np.array([0, 3, 3]), np.array([1.0, 0, 0]), 3)


def test_a_change_costs_clarity_and_planning_wins_it_back() -> None:
    settings = ["weights.constant=100", "rounds=40"]  # nobody offers anything
    model = CoalitionModel(load_scenario("base", settings), rng=0)
    seen = []
    for _ in range(40):
        model.step()
        seen.append((model.redimensioned, float(model.environment[CLARITY])))
    changes, clarity = zip(*seen, strict=True)
    assert changes[6:9] == (0, 1, 1)
    assert clarity[6] == 0.3
    assert clarity[7] == pytest.approx(0.2)
    assert clarity[8] == pytest.approx(0.3 - 0.1 * 0.95)
    assert model.setup.menu.names[model.headline] == "backstop"
    assert max(changes) == 5  # 25,000 - 20,000 - 16,000 - 12,800 - 10,240, then the headline


def test_leads_that_do_not_redimension_stand_by_their_ask() -> None:
    settings = ["weights.constant=100", "rounds=40", "proposal.redimensions=false"]
    model = CoalitionModel(load_scenario("base", settings), rng=0)
    for _ in range(40):
        model.step()
    assert model.redimensioned == 0
    assert model.asks[model.headline] == 25_000


def test_an_ask_too_small_to_cut_moves_the_headline_instead() -> None:
    asks = np.array([0.0, 0.0, 0.0, 2.0])
    assert proposal.redimension(3, asks, asks, np.zeros(4), 5, False, 3, 0.2, 0.0, 1.3) == (2, 0, 0, MOVED_DOWN)
