"""Where theory proves it, more US backing never loses a troop state with the same random draws, in any round.

It is proved for one option that goes ahead in any case, without negative momentum, reward for deterrence or weight of
consistency, and with a Moscow and leads that do not respond: every state's utility of troops then rises with backing
and with the stances of the others.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim import facts
from sim.model.setup import Setup, prepare
from sim.model.simulate import simulate
from sim.scenario import Scenario

type Ask = Callable[..., Scenario]

PROVED = (
    "rounds=10",
    "menu.guarantee=null",
    "menu.backstop=null",
    "menu.troops.ask=0",
    "weights.security=0",
    "weights.consistency=0",
    "couplings.russian_reaction=0",
    "couplings.us_response=0",
    "proposal.redimensions=false",
    "ceasefire.truce_hazard=0",
)
ABSTAINING, TROOPS = 0, 1


@st.composite
def bargains(draw: st.DrawFn) -> tuple[str, ...]:
    """All other settings of a scenario, which the proof leaves open."""
    left_out = draw(st.sets(st.sampled_from(facts.default_roster()[2:]), max_size=30))
    return (
        *PROVED,
        f"roster.leave_out=[{', '.join(sorted(left_out))}]",
        f"activation={draw(st.sampled_from(['simultaneous', 'random_sequence', 'leads_first', 'one_at_a_time']))}",
        f"weights.momentum={draw(st.sampled_from([0.0, 1.6, 6.0, 20.0]))}",
        f"momentum.formats={draw(st.sampled_from(['all', 'everyone', '[JEF, NB8]']))}",
        f"momentum.counts={draw(st.sampled_from(['at_or_above', 'same_option']))}",
        f"sharpness={draw(st.sampled_from(['0.5', '2.4', '.inf']))}",
        f"revision={draw(st.sampled_from([0.25, 1.0]))}",
        f"turnover={draw(st.sampled_from([0.0, 0.05, 1.0]))}",
        f"environment.clarity={draw(st.floats(0, 1))}",
        f"environment.russian_opposition={draw(st.floats(0, 1))}",
        f"environment.mandate={draw(st.floats(0, 1))}",
    )


levels = st.tuples(st.floats(0.01, 0.99), st.floats(0.01, 0.99)).map(sorted)
openings = st.sampled_from(["abstain", "troops"])
seeds = st.integers(0, 2**63 - 1)


def stances(setup: Setup, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Firm and conditional stances as [rounds, states] of one replicate."""
    played = simulate(setup, seed=seed, replicates=[0], workers=1)
    return played.stances[0], played.conditional[0]


@given(bargain=bargains(), backing=levels, opening=openings, wanders=st.booleans(), seed=seeds)
def test_more_backing_never_loses_a_troop_state(
    asked: Ask, bargain: tuple[str, ...], backing: list[float], opening: str, wanders: bool, seed: int
) -> None:
    def under(level: float) -> tuple[np.ndarray, np.ndarray]:
        process = f"{{process: logit_ar1, level: {level}, persistence: 0.8, volatility: 0.6}}"
        moved = f"environment.us_backing={process if wanders else level}"
        return stances(prepare(asked(*bargain, f"opening={opening}", moved)), seed)

    less, more = under(backing[0]), under(backing[1])
    assert (more[0] >= less[0]).all()
    assert (more[1] >= less[1]).all()


@given(bargain=bargains(), backing=st.floats(0, 1), seed=seeds)
def test_a_start_from_troops_never_falls_below_a_start_from_abstaining(
    asked: Ask, bargain: tuple[str, ...], backing: float, seed: int
) -> None:
    backed = f"environment.us_backing={backing}"
    low, high = (stances(prepare(asked(*bargain, backed, f"opening={start}")), seed) for start in ("abstain", "troops"))
    assert (high[0] >= low[0]).all()
    assert (high[1] >= low[1]).all()


@given(bargain=bargains(), backing=st.floats(0, 1), seed=seeds)
def test_conditions_met_never_lose_a_troop_state(
    asked: Ask, bargain: tuple[str, ...], backing: float, seed: int
) -> None:
    firm, conditional = stances(prepare(asked(*bargain, f"environment.us_backing={backing}")), seed)
    assert (conditional >= firm).all()


@given(bargain=bargains(), seed=seeds)
def test_from_abstaining_and_with_fixed_types_troop_states_only_increase(
    asked: Ask, bargain: tuple[str, ...], seed: int
) -> None:
    firm, _ = stances(prepare(asked(*bargain, "turnover=0")), seed)
    assert (np.diff(firm.astype(int), axis=0) >= 0).all()


def test_backing_does_draw_states_in(asked: Ask) -> None:
    """The laws above would hold in a model without any change of stance; this one would not."""
    few, many = (
        stances(prepare(asked(*PROVED, "revision=1", f"environment.us_backing={level}")), seed=0)[0][-1]
        for level in (0.05, 0.95)
    )
    assert ABSTAINING in few
    assert (many == TROOPS).sum() >= (few == TROOPS).sum() + 5


def test_negative_momentum_breaks_the_law(asked: Ask) -> None:
    """The assumption is needed: with negative momentum, more backing can lose a troop state."""
    repelled = (*PROVED, "rounds=20", "weights.momentum=-6", "momentum.formats=everyone")
    lost = False
    for seed in range(20):
        less, more = (
            stances(prepare(asked(*repelled, f"environment.us_backing={level}")), seed)[0] for level in (0.3, 0.7)
        )
        lost = lost or bool((more < less).any())
    assert lost
