"""What was reported of March 2025, and the order of the situations around it; 400 replicates on common shocks."""

from __future__ import annotations

import pandas as pd
import pytest

from sim.results.summary import stance_chances
from sim.scenario import load_scenario
from tests.conftest import played


def _mean(name: str, outcome: str) -> float:
    return float(played(name).outcomes[outcome].mean())


@pytest.fixture
def chances() -> pd.DataFrame:
    """How likely each state holds each stance at the end of the March 2025 scenario."""
    return stance_chances(played("paris-march-2025").stances, load_scenario("paris-march-2025").option_names)


def test_four_to_eight_states_are_firm_and_twelve_to_eighteen_conditional() -> None:
    """AFP counted six ready states on 10 April 2025, Bloomberg fifteen open ones on 9 April."""
    assert 4 <= _mean("paris-march-2025", "troop_states") <= 8
    assert 12 <= _mean("paris-march-2025", "troop_states_conditional") <= 18


def test_the_two_leads_are_among_the_firm(chances: pd.DataFrame) -> None:
    assert (chances.loc[["GBR", "FRA"], "troops"] > 0.9).all()


def test_poland_and_romania_would_rather_back_up_than_go(chances: pd.DataFrame) -> None:
    for code in ("POL", "ROU"):
        assert chances.loc[code, "backstop"] > chances.loc[code, "troops"]


def test_hungary_stays_out(chances: pd.DataFrame) -> None:
    assert chances.loc["HUN", "abstain"] > 0.9


def test_more_states_choose_other_options_than_troops() -> None:
    others = _mean("paris-march-2025", "backstop_states") + _mean("paris-march-2025", "guarantee_states")
    assert others > _mean("paris-march-2025", "troop_states")


def test_the_warmer_washington_the_more_troop_states() -> None:
    order = ["firm-us-backstop", "february-2025-optimism", "paris-march-2025", "us-opposes"]
    counts = [_mean(name, "troop_states") for name in order]
    assert counts == sorted(counts, reverse=True)
    assert len(set(counts)) == len(counts)


def test_the_force_stands_with_a_firm_backstop_and_not_against_washington() -> None:
    assert _mean("firm-us-backstop", "viable") > 0.6
    assert _mean("us-opposes", "viable") < 0.1
