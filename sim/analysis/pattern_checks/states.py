"""Measures of preferences between options, of influence among states, and of the burden."""

from __future__ import annotations

import numpy as np

from sim.analysis.explain import explain_start
from sim.analysis.interval import interval, rank_correlation, share_interval
from sim.analysis.pattern import Check
from sim.analysis.pattern_checks.gain import Runs
from sim.analysis.variants import Played
from sim.model.roster import figures

type Array = np.ndarray

DONORS = ("DNK", "SWE", "NOR")  # the Nordic states with the most aid relative to GDP
BALTIC = ("EST", "LVA", "LTU")
PIVOTS = {"DEU": "Germany", "POL": "Poland"}
SMALL = ("LUX", "Luxembourg")  # a member of the EU and of NATO, as they are
SIGNIFICANT_CORRELATION = 0.32  # a rank correlation over 38 states that is significant at 5 %


def preferences(runs: Runs) -> list[Check]:
    """Measure how much more probable one option is than another for the states."""
    spring = runs["spring"]

    def rather(option: str, other: str, states: tuple[str, ...], who: str, *, conditional: bool = False) -> Check:
        return Check(
            says=f"{who}: probability of {option} less that of {other}" + (", conditions met" if conditional else ""),
            value=interval(
                spring.share(option, states, conditional=conditional)
                - spring.share(other, states, conditional=conditional)
            ),
            unit="points",
            decides=not conditional,
        )

    return [
        rather("backstop", "troops", ("POL",), "Poland"),
        rather("backstop", "troops", ("ROU",), "Romania"),
        rather("troops", "backstop", BALTIC, "Baltic states"),
        rather("troops", "backstop", DONORS, "Nordic donors"),
        rather("troops", "backstop", BALTIC, "Baltic states", conditional=True),
        rather("troops", "backstop", DONORS, "Nordic donors", conditional=True),
        *(
            Check(
                says=f"Baltic states: probability of troops less that of backstop, {name}",
                value=interval(runs[name].share("troops", BALTIC) - runs[name].share("backstop", BALTIC)),
                unit="points",
                decides=False,
            )
            for name in ("no home defence", "no risk of escalation", "neither", "no weight on being a hub")
        ),
    ]


def down_not_out(runs: Runs) -> list[Check]:
    """Measure for how many states the guarantee is cheapest, and where strained states go from troops."""
    usual = runs["rotation 4"]
    burdens = ("manpower", "cost", "home_defence", "escalation")
    cheapest = []
    for code in usual.setup.codes:
        explained = explain_start(usual.setup, code)
        weight = explained.terms[1:, [explained.considerations.index(name) for name in burdens]].sum(axis=1)
        cheapest.append(weight[explained.options.index("guarantee") - 1] >= weight.max())
    checks = [
        Check(
            says="states for which the guarantee has the smallest burden (manpower, cost, home defence, risk)",
            value=share_interval(np.array(cheapest)),
            unit="share",
            wanted="at least",
            level=1.0,
        )
    ]
    for name, decides in (("rotation 8", True), ("rotation 16", False), ("rotation 16, no consistency", False)):
        strained = runs[name]
        usual = runs["rotation 4, no consistency"] if "consistency" in name else usual
        leaves = usual.holds("troops") & ~strained.holds("troops")
        out = (leaves & strained.holds("abstain")).sum(axis=1)
        checks.append(
            Check(
                says=f"states that leave troops as the strain rises ({name}): to a lower option, less to abstaining",
                value=interval(leaves.sum(axis=1) - 2.0 * out),
                unit="states",
                decides=decides,
            )
        )
    return checks


def followers(runs: Runs) -> list[Check]:
    """Measure how many other states join because one state is forced to hold troops."""
    alone = runs["nobody forced"]

    def gained(code: str, against: Played = alone) -> Array:
        others = [other for other in alone.setup.codes if other != code]
        return runs[f"{code} in"].count("troops", others) - against.count("troops", others)

    return [
        *(
            Check(
                says=f"other troop states gained by {name} being in",
                value=interval(gained(code)),
                unit="states",
                wanted="at least",
                level=0.2,
            )
            for code, name in PIVOTS.items()
        ),
        *(
            Check(
                says=f"other troop states gained by {name} being in, less by {SMALL[1]} being in",
                value=interval(gained(code) - gained(SMALL[0])),
                unit="states",
            )
            for code, name in PIVOTS.items()
        ),
        *(
            Check(
                says=f"other troop states gained by {name} being in, not out of every option",
                value=interval(gained(code, runs[f"{code} out"])),
                unit="states",
                wanted="at least",
                level=0.2,
                decides=False,
            )
            for code, name in PIVOTS.items()
        ),
    ]


def burden_and_size(runs: Runs) -> list[Check]:
    """Measure whether larger economies bear a larger burden relative to their size."""
    spring = runs["spring"]
    output = figures(spring.setup.states, "gdp_busd")
    offered = spring.declared() / output  # a soldier costs the same everywhere
    committed = np.where(offered > 0.0, offered, np.nan)
    return [
        Check(
            says="rank correlation of burden (cost of declared soldiers relative to GDP) and GDP, all states",
            value=interval(rank_correlation(offered, output)),
            unit="rank correlation",
            wanted="below",
            level=SIGNIFICANT_CORRELATION,
        ),
        Check(
            says="the same among those that declare soldiers",
            value=interval(rank_correlation(committed, output)),
            unit="rank correlation",
            wanted="below",
            level=SIGNIFICANT_CORRELATION,
            decides=False,
        ),
        Check(
            says="the same without the leads",
            value=interval(rank_correlation(np.where(spring.setup.leads > 0.0, np.nan, offered), output)),
            unit="rank correlation",
            wanted="below",
            level=SIGNIFICANT_CORRELATION,
            decides=False,
        ),
    ]
