"""What each part of the account does for states that were left out: `python -m tests.accounts`, about ten seconds.

Every account is fitted as `willing fit` does it, each state foreseen by the weights that the others suggest. The table
stands in docs/adr/0014, and tests/unit/test_accounts.py holds it there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import numpy as np

from sim import facts
from sim.analysis import baselines, scores
from sim.analysis.fit import Data, FitSpec, choices, highest
from sim.analysis.interval import interval
from sim.analysis.positions import SHIPPED, read_positions, record
from sim.analysis.priors import Prior
from sim.model.setup import Setup, prepare
from sim.scenario import load_scenario
from sim.theory.considerations import CONSIDERATIONS, Characteristics, Consideration

type Array = np.ndarray
type Felt = Callable[[Characteristics, int], Array]

SCENARIO = "base"
PART = 0.5  # of a weight's size: the prior's standard deviation, as in sim/analysis/priors.yaml
# Governments of two parties or more in March 2025; coded for this trial from general knowledge, and not a fact table.
COALITIONS = (
    "FRA DEU ITA ESP POL NLD BEL LUX DNK SWE FIN ISL EST LVA LTU CZE SVK ROU BGR IRL AUT SVN HRV NZL JPN MNE MKD"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account of the world: how it differs from the one that stands."""

    says: str
    felt: Mapping[str, Felt] = field(default_factory=dict)  # in place of what states feel
    settings: tuple[str, ...] = ()
    tried: str | None = None  # a consideration of its own, against troops only, with a weight held to be about 0
    leaves_for_free: bool = False  # stepping back costs a rung's credit each, abstaining nothing


def _after_the_tie(states: Characteristics) -> Array:
    return states.strain + (states.usable < 1500.0)


def _deployable(states: Characteristics) -> Array:
    return states.usable / (1.0 - states.home_tie)


def _conscripts_stay(states: Characteristics, option: int) -> Array:
    table = facts.states()
    called_up = np.array([float(table[code].conscription or 0) for code in states.codes])
    return np.minimum(2.0, states.strain / (1.0 - 0.5 * called_up)) + states.small_force


def _no_strain_without_forces(states: Characteristics) -> Array:
    return np.where(states.usable == 0.0, 0.0, states.strain)


HUB_BY_FRONT: Felt = lambda s, k: s.borders_host * (1.0 - s.moscow_alignment) + 0.4 * s.front  # noqa: E731

ACCOUNTS = (
    Account(says="standing specification"),
    Account(says="previous specification, without the four changes", felt={
        "hub": HUB_BY_FRONT,
        "manpower": lambda s, k: _no_strain_without_forces(s) + (s.usable < 1500.0),
    }, leaves_for_free=True),
    Account(says="previous: exposed states also count as hubs", felt={"hub": HUB_BY_FRONT}),
    Account(says="previous: small force defined after the home tie", felt={"manpower": lambda s, k: _after_the_tie(s)}),
    Account(
        says="previous: no strain for a state without forces",
        felt={"manpower": lambda s, k: _no_strain_without_forces(s) + (_deployable(s) < 1500.0)},
    ),
    Account(says="previous: abstaining has no consistency cost", leaves_for_free=True),
    Account(
        says="tested: risk of escalation independent of the front",
        felt={"escalation": lambda s, k: 0.45 + 0.15 * s.borders_host},
    ),
    Account(says="tested: half of a conscript force cannot be deployed", felt={"manpower": _conscripts_stay}),
    Account(says="tested: fiscal room, debt relative to the reference", tried="fiscal_room"),
    Account(says="tested: coalition government", tried="coalition"),
    Account(says="tested: peers weighted equally, not by budget", settings=("momentum.budgets_count=false",)),
    Account(says="tested: no momentum", settings=("weights.momentum=0",)),
    Account(says="tested: no security", settings=("weights.security=0",)),
)  # fmt: skip

TRIED: dict[str, Felt] = {
    "fiscal_room": lambda s, k: np.array([(facts.states()[c].debt_pct_gdp or 60.0) / 60.0 - 1.0 for c in s.codes]),
    "coalition": lambda s, k: np.array([float(code in COALITIONS.split()) for code in s.codes]),
}


@contextmanager
def _felt_so(account: Account) -> Iterator[None]:
    standing = dict(CONSIDERATIONS)
    try:
        for name, feels in account.felt.items():
            CONSIDERATIONS[name] = replace(standing[name], feels=feels)
        if account.tried is not None:
            CONSIDERATIONS[account.tried] = Consideration(about="", feels=TRIED[account.tried], driver="always")
        yield
    finally:
        CONSIDERATIONS.clear()
        CONSIDERATIONS.update(standing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """The chances that an account gives to each state on record, from the others."""

    chances: Array  # [states, options]
    came: Array  # [states]
    setup: Setup


def foresee(account: Account) -> Foreseen:
    """Return what an account says of each state that has a stance, fitted to all others."""
    with _felt_so(account):
        own = () if account.tried is None else (f"weights.{account.tried}=1", f"menu.troops.raises.{account.tried}=1")
        settings = (*account.settings, *own)
        setup = prepare(load_scenario(SCENARIO, settings))
        known = record(read_positions(SHIPPED, setup), setup, source=SHIPPED)
        prior = {name: Prior(mean=w, sd=PART * abs(w)) for name, w in setup.scenario.weights.items() if w}
        if account.tried is not None:
            prior[account.tried] = Prior(mean=0.0, sd=PART)
        data = choices(FitSpec(scenario=load_scenario(SCENARIO, settings)), known, known.decided(), prior)
    if account.leaves_for_free:
        data = _free_to_leave(data, np.array([known.stance_before(code) for code in data.codes]), setup)
    held = list(prior.values())
    rows = range(len(data.codes))
    return Foreseen(
        chances=np.array([data.chances(highest(data.without_row(row), held))[row] for row in rows]),
        came=data.came,
        setup=setup,
    )


def _free_to_leave(data: Data, before: Array, setup: Setup) -> Data:
    """Return the data with the old reading: rungs that an option lies below the stance held, none for abstaining."""
    raised, rungs = data.raised.copy(), setup.menu.rungs
    below = np.maximum(rungs[before][:, None] - rungs[None, :], 0)
    below[:, 0] = 0
    raised[:, :, data.names.index("consistency")] = -below
    return replace(data, raised=raised)


def table() -> str:
    """Return the table of all accounts and of the logit, as Markdown."""
    lines = [
        "| specification | Brier | log | AUC troops | log, difference from standing |",
        "|---|---:|---:|---:|---:|",
    ]
    standing = foresee(ACCOUNTS[0])
    for account in ACCOUNTS:
        lines.append(_row(account.says, foresee(account).chances, standing))
    data = baselines.predictors(standing.setup, _codes(standing))
    logit = baselines.leave_one_out(data, standing.came, standing.chances.shape[1])
    lines.append(_row("multinomial logit on aid, opinion, lead, cost", logit, standing))
    return "\n".join(lines) + "\n"


def _codes(standing: Foreseen) -> tuple[str, ...]:
    setup = standing.setup
    return record(read_positions(SHIPPED, setup), setup, source=SHIPPED).decided()


def _row(says: str, chances: Array, standing: Foreseen) -> str:
    came = standing.came
    worse = interval(scores.log_score(chances, came) - scores.log_score(standing.chances, came))
    against = (
        ""
        if chances is standing.chances or not worse.mean
        else f"{worse.mean:+.3f} ({worse.low:+.3f} to {worse.high:+.3f})"
    )
    area = scores.ranking(chances[:, -1], came == chances.shape[1] - 1)
    brier, log = scores.brier(chances, came).mean(), scores.log_score(chances, came).mean()
    return f"| {says} | {brier:.3f} | {log:.3f} | {area:.2f} | {against} |".replace("-", "−")


if __name__ == "__main__":
    print(table(), end="")
