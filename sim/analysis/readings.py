"""How each pattern is read off the model: from what the situations came to, to the numbers that decide."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from sim.analysis.explain import explain_start
from sim.analysis.interval import Interval, interval, ratio_interval, share_interval
from sim.analysis.pattern import Reading
from sim.analysis.situation import Played
from sim.theory import luck

type Array = np.ndarray
type Runs = Mapping[str, Played]

DONORS = ("DNK", "SWE", "NOR")  # the Nordic states that had given most, aid against GDP
BALTIC = ("EST", "LVA", "LTU")
BACKINGS = (0.1, 0.3, 0.5, 0.7, 0.9)
OPPOSITIONS = (0.2, 0.6, 1.0)
STEPS = tuple(round(0.1 * step, 1) for step in range(11))


def viable_when_warm(runs: Runs) -> list[Reading]:
    """Return in how many runs the force stands in the two far corners of warm situations."""
    return [
        *(
            Reading(
                says=f"runs in which 25,000 soldiers are there, {where}",
                value=share_interval(runs[where].outcome("viable")),
                unit="share",
                wanted="at least",
                level=0.8,
            )
            for where in ("US backing .8, opposition .6", "US backing 1, opposition 0")
        ),
        *(
            Reading(
                says=f"the same, {where}",
                value=share_interval(runs[where].outcome("viable")),
                unit="share",
                wanted="at least",
                level=0.8,
                decides=False,
            )
            for where in ("and a clear mission (.7), a ceasefire that is meant (.6)", "scenario firm-us-backstop")
        ),
    ]


def hopeless_when_cold(runs: Runs) -> list[Reading]:
    """Return in how many runs the force stands and the leads re-dimension in a cold situation."""
    cold = runs["cold"]
    return [
        Reading(
            says="runs in which 25,000 soldiers are there",
            value=share_interval(cold.outcome("viable")),
            unit="share",
            wanted="at most",
            level=0.1,
        ),
        Reading(
            says="runs in which the leads re-dimension",
            value=share_interval(cold.outcome("redimensioned") > 0),
            unit="share",
            wanted="at least",
            level=0.5,
        ),
    ]


def more_backing_more_troops(runs: Runs) -> list[Reading]:
    """Return what the weakest step in US backing gains against each opposition, and for whom most."""
    readings = []
    for opposition in OPPOSITIONS:
        counts = [runs[f"{backing} against {opposition}"].outcome("troop_states") for backing in BACKINGS]
        steps = [interval(more - less) for less, more in pairwise(counts)]
        readings.append(
            Reading(
                says=f"troop states gained by the weakest step of .2 in US backing, opposition {opposition}",
                value=min(steps, key=lambda step: step.low),
                unit="states",
            )
        )
    cold, warm = (runs[f"{backing} against 1.0"] for backing in (BACKINGS[0], BACKINGS[-1]))
    gain = warm.holds("troops").astype(float) - cold.holds("troops")
    firm = cold.holds("troops").mean(axis=0) >= 0.5
    conditional = ~firm & (cold.holds("troops", conditional=True).mean(axis=0) >= 0.5)
    for others, name in ((firm, "firm"), (~firm & ~conditional, "other")):
        readings.append(
            Reading(
                says=f"gain in the chance of troops (US backing .1 to .9), conditional states less {name} ones",
                value=interval(gain[:, conditional].mean(axis=1) - gain[:, others].mean(axis=1)),
                unit="points",
            )
        )
    return readings


def the_ask_decides(runs: Runs) -> list[Reading]:
    """Return what a larger ask does to viability and to the soldiers offered."""
    small, large = runs["25,000 asked"], runs["64,000 asked"]
    offered = small.outcome("personnel_troops")
    return [
        Reading(
            says="change in viability when 64,000 are asked, not 25,000",
            value=interval(large.outcome("viable") - small.outcome("viable")),
            unit="points",
            wanted="at most",
            level=-0.5,
        ),
        Reading(
            says="change in the soldiers offered, against those offered at 25,000",
            value=interval((large.outcome("personnel_troops") - offered) / offered.mean()),
            unit="share",
            wanted="at least",
            level=-0.15,
        ),
    ]


def headline_moves(runs: Runs) -> list[Reading]:
    """Return in how many runs the headline has left troops in the end."""

    def ends_low(name: str) -> Array:
        return runs[name].outcome("headline_rung") <= 2

    return [
        Reading(
            says="runs that end at or below the backstop, US backing .25",
            value=share_interval(ends_low("weak")),
            unit="share",
            wanted="at least",
            level=0.5,
        ),
        Reading(
            says="runs that end at or below the backstop, US backing .9",
            value=share_interval(ends_low("strong")),
            unit="share",
            wanted="at most",
            level=0.2,
        ),
        *(
            Reading(
                says=f"runs that end at or below the backstop, US backing .25, {name}",
                value=share_interval(ends_low(name)),
                unit="share",
                wanted="at least",
                level=0.5,
                decides=False,
            )
            for name in ("floor 15,000", "patience 4 rounds", "the leads bring what others bring")
        ),
    ]


def clarity(runs: Runs) -> list[Reading]:
    """Return what a clear mission gains, and where most."""
    vague, clear = runs["vague"], runs["clear"]
    gain = clear.holds("troops").astype(float) - vague.holds("troops")
    veto = clear.setup.characteristics.veto
    undecided = (vague.holds("troops") | clear.holds("troops")).mean(axis=0) >= 0.05
    return [
        _gain("troop states gained as clarity goes from .3 to .7", clear, vague, "troop_states"),
        Reading(
            says="gain in the chance of troops, parliaments with a strong say (.75 and more) less others",
            value=interval(gain[:, veto >= 0.75].mean(axis=1) - gain[:, veto < 0.75].mean(axis=1)),
            unit="points",
        ),
        Reading(
            says="the same among the states that may go at all (troops in 5 % of runs or more)",
            value=interval(
                gain[:, undecided & (veto >= 0.75)].mean(axis=1) - gain[:, undecided & (veto < 0.75)].mean(axis=1)
            ),
            unit="points",
            decides=False,
        ),
    ]


def sincerity(runs: Runs) -> list[Reading]:
    """Return what a ceasefire that is meant gains."""
    return [
        _gain("troop states gained as sincerity goes from .2 to .6", runs["sincere"], runs["doubted"], "troop_states"),
        _gain("guarantee states gained", runs["sincere"], runs["doubted"], "guarantee_states"),
    ]


def mandate(runs: Runs) -> list[Reading]:
    """Return what a mandate does to troop states, neutrals and momentum."""
    bare, mandated = runs["no mandate"], runs["mandate"]
    felt = bare.setup.characteristics.non_aligned
    neutrals = [code for code, neutral in zip(bare.setup.codes, felt, strict=True) if neutral]
    drawn = bare.outcome("troop_states") - runs["no mandate, no momentum"].outcome("troop_states")
    drawn_then = mandated.outcome("troop_states") - runs["mandate, no momentum"].outcome("troop_states")
    sign = 1.0 if drawn.mean() >= 0.0 else -1.0
    sign_then = 1.0 if drawn_then.mean() >= 0.0 else -1.0
    return [
        _gain("troop states gained as the mandate goes from .1 to .9", mandated, bare, "troop_states"),
        Reading(
            says=f"neutral states ({', '.join(neutrals)}) that stop abstaining",
            value=interval(bare.count("abstain", neutrals) - mandated.count("abstain", neutrals)),
            unit="states",
        ),
        Reading(
            says="what momentum does to the number of troop states, without a mandate less with one",
            value=interval(sign * drawn - sign_then * drawn_then),
            unit="states",
        ),
    ]


def who_prefers_what(runs: Runs) -> list[Reading]:
    """Return how much likelier the states hold one option than another."""
    spring = runs["spring"]

    def rather(option: str, other: str, states: tuple[str, ...], who: str, *, conditional: bool = False) -> Reading:
        return Reading(
            says=f"{who}: chance of {option} less that of {other}" + (", conditions met" if conditional else ""),
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
            Reading(
                says=f"Baltic states: chance of troops less that of backstop, {name}",
                value=interval(runs[name].share("troops", BALTIC) - runs[name].share("backstop", BALTIC)),
                unit="points",
                decides=False,
            )
            for name in ("no strain from a small force", "no weight on being a hub", "neither")
        ),
    ]


def down_not_out(runs: Runs) -> list[Reading]:
    """Return for whom the guarantee is cheapest, and where those go whom strain drives from troops."""
    usual = runs["rotation 4"]
    burdens = ("manpower", "cost", "home_defence", "escalation")
    cheapest = []
    for code in usual.setup.codes:
        found = explain_start(usual.setup, code)
        weight = found.terms[1:, [found.considerations.index(name) for name in burdens]].sum(axis=1)
        cheapest.append(weight[found.options.index("guarantee") - 1] >= weight.max())
    readings = [
        Reading(
            says="states for which the guarantee weighs least in manpower, cost, home defence and risk",
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
        readings.append(
            Reading(
                says=f"states that leave troops as the strain rises ({name}): to a lower option, less to abstaining",
                value=interval(leaves.sum(axis=1) - 2.0 * out),
                unit="states",
                decides=decides,
            )
        )
    return readings


def cliff(runs: Runs) -> list[Reading]:
    """Return how steep viability gets over US backing."""
    viable = np.array([runs[f"US backing {step}"].outcome("viable") for step in STEPS])  # [steps, replicates]

    def steepness(drawn: Array) -> float:
        curve = viable[:, drawn].mean(axis=1)
        mean = curve[-1] - curve[0]
        return float(np.diff(curve).max() / (mean / (len(STEPS) - 1))) if mean > 0.0 else np.nan

    count = viable.shape[1]
    drawn = luck.uniforms(luck.address("bootstrap"), np.arange(count), 1000, 0, 0)
    resampled = [steepness((count * row).astype(np.int64)) for row in drawn]
    low, high = np.nanpercentile(resampled, [2.5, 97.5])
    return [
        Reading(
            says="steepest slope of viability over US backing, against the mean slope (bootstrap)",
            value=Interval(mean=steepness(np.arange(count)), low=float(low), high=float(high)),
            unit="times",
            wanted="at least",
            level=2.0,
        )
    ]


def vague_promise(runs: Runs) -> list[Reading]:
    """Return what a vague and a clear US promise gain."""
    cold, vague, clear = (runs[name].outcome("troop_states") for name in ("none", "vague", "clear"))
    crossed = [runs[name].outcome("troop_states") for name in ("none, vague", "vague", "none, clear", "clear")]
    return [
        Reading(
            says="troop states gained by half a clear US promise (.9, clarity .7) less by a vague one (.9, clarity .3)",
            value=interval(0.5 * (clear - cold) - (vague - cold)),
            unit="states",
        ),
        Reading(
            says="gain of the vague promise against that of the clear one",
            value=ratio_interval(vague - cold, clear - cold),
            unit="share",
            wanted="below",
            level=0.5,
            decides=False,
        ),
        Reading(
            says="the same with the gain of clarity itself taken off",
            value=ratio_interval(crossed[1] - crossed[0], crossed[3] - crossed[2]),
            unit="share",
            wanted="below",
            level=0.5,
            decides=False,
        ),
    ]


def moscow_reacts(runs: Runs) -> list[Reading]:
    """Return what Moscow's reaction costs."""
    return [_gain("troop states lost to Moscow's reaction", runs["no reaction"], runs["reaction"], "troop_states")]


def battlefield(runs: Runs) -> list[Reading]:
    """Return what a worse battlefield costs."""
    return [
        _gain("troop states lost as the battlefield goes from .6 to .2", runs["usual"], runs["worse"], "troop_states")
    ]


def sticky(runs: Runs) -> list[Reading]:
    """Return how many stances are kept."""
    return [
        Reading(
            says="stances kept over the last five months of the record",
            value=interval(runs["replay"].outcome("stances_kept")),
            unit="share",
            wanted="between",
            level=0.76,
            up_to=0.87,
        )
    ]


def _gain(says: str, more: Played, less: Played, outcome: str) -> Reading:
    """Return the reading that an outcome is larger in one situation than in another."""
    return Reading(says=says, value=interval(more.outcome(outcome) - less.outcome(outcome)), unit="states")
