"""Measures of the effects of US backing, Russian opposition, mission, mandate, ceasefire and battlefield."""

from __future__ import annotations

from itertools import pairwise

from sim.analysis.interval import interval, ratio_interval
from sim.analysis.pattern import Check
from sim.analysis.pattern_checks.gain import Runs, gain

BACKINGS = (0.1, 0.3, 0.5, 0.7, 0.9)
OPPOSITIONS = (0.2, 0.6, 1.0)


def more_backing_more_troops(runs: Runs) -> list[Check]:
    """Measure the weakest step in US backing at each level of opposition, and which group gains most."""
    checks = []
    for opposition in OPPOSITIONS:
        counts = [runs[f"{backing} against {opposition}"].outcome("troop_states") for backing in BACKINGS]
        steps = [interval(more - less) for less, more in pairwise(counts)]
        checks.append(
            Check(
                says=f"troop states gained by the weakest step of .2 in US backing, opposition {opposition}",
                value=min(steps, key=lambda step: step.low),
                unit="states",
            )
        )
    cold, warm = (runs[f"{backing} against 1.0"] for backing in (BACKINGS[0], BACKINGS[-1]))
    gained = warm.holds("troops").astype(float) - cold.holds("troops")
    firm = cold.holds("troops").mean(axis=0) >= 0.5
    conditional = ~firm & (cold.holds("troops", conditional=True).mean(axis=0) >= 0.5)
    for others, name in ((firm, "firm"), (~firm & ~conditional, "other")):
        checks.append(
            Check(
                says=f"gain in the probability of troops (US backing .1 to .9), conditional states less {name} ones",
                value=interval(gained[:, conditional].mean(axis=1) - gained[:, others].mean(axis=1)),
                unit="points",
            )
        )
    return checks


def clarity(runs: Runs) -> list[Check]:
    """Measure the gain from a clear mission, and which group gains most."""
    vague, clear = runs["vague"], runs["clear"]
    gained = clear.holds("troops").astype(float) - vague.holds("troops")
    veto = clear.setup.characteristics.veto
    possible = (vague.holds("troops") | clear.holds("troops")).mean(axis=0) >= 0.05
    return [
        gain("troop states gained as clarity rises from .3 to .7", clear, vague, "troop_states"),
        Check(
            says="gain in the probability of troops, parliaments with a strong say (.75 and more) less others",
            value=interval(gained[:, veto >= 0.75].mean(axis=1) - gained[:, veto < 0.75].mean(axis=1)),
            unit="points",
        ),
        Check(
            says="the same among the states at troops in 5 % of runs or more",
            value=interval(
                gained[:, possible & (veto >= 0.75)].mean(axis=1) - gained[:, possible & (veto < 0.75)].mean(axis=1)
            ),
            unit="points",
            decides=False,
        ),
    ]


def sincerity(runs: Runs) -> list[Check]:
    """Measure the gain from a sincere ceasefire."""
    return [
        gain("troop states gained as sincerity rises from .2 to .6", runs["sincere"], runs["doubted"], "troop_states"),
        gain("guarantee states gained", runs["sincere"], runs["doubted"], "guarantee_states"),
    ]


def mandate(runs: Runs) -> list[Check]:
    """Measure the effect of a mandate on troop states, neutrals and momentum."""
    bare, mandated = runs["no mandate"], runs["mandate"]
    neutral_states = bare.setup.characteristics.non_aligned
    neutrals = [code for code, neutral in zip(bare.setup.codes, neutral_states, strict=True) if neutral]
    effect = bare.outcome("troop_states") - runs["no mandate, no momentum"].outcome("troop_states")
    effect_then = mandated.outcome("troop_states") - runs["mandate, no momentum"].outcome("troop_states")
    sign = 1.0 if effect.mean() >= 0.0 else -1.0
    sign_then = 1.0 if effect_then.mean() >= 0.0 else -1.0
    return [
        gain("troop states gained as the mandate rises from .1 to .9", mandated, bare, "troop_states"),
        Check(
            says=f"neutral states ({', '.join(neutrals)}) that stop abstaining",
            value=interval(bare.count("abstain", neutrals) - mandated.count("abstain", neutrals)),
            unit="states",
        ),
        Check(
            says="effect of momentum on the number of troop states, without a mandate less with one",
            value=interval(sign * effect - sign_then * effect_then),
            unit="states",
        ),
    ]


def vague_promise(runs: Runs) -> list[Check]:
    """Measure the gains from a vague and from a clear US promise."""
    cold, vague, clear = (runs[name].outcome("troop_states") for name in ("none", "vague", "clear"))
    crossed = [runs[name].outcome("troop_states") for name in ("none, vague", "vague", "none, clear", "clear")]
    return [
        Check(
            says="troop states gained by half a clear US promise (.9, clarity .7) less by a vague one (.9, clarity .3)",
            value=interval(0.5 * (clear - cold) - (vague - cold)),
            unit="states",
        ),
        Check(
            says="gain from the vague promise relative to the clear one",
            value=ratio_interval(vague - cold, clear - cold),
            unit="share",
            wanted="below",
            level=0.5,
            decides=False,
        ),
        Check(
            says="the same without the effect of clarity itself",
            value=ratio_interval(crossed[1] - crossed[0], crossed[3] - crossed[2]),
            unit="share",
            wanted="below",
            level=0.5,
            decides=False,
        ),
    ]


def moscow_reacts(runs: Runs) -> list[Check]:
    """Measure the cost of Moscow's reaction."""
    return [gain("troop states lost to Moscow's reaction", runs["no reaction"], runs["reaction"], "troop_states")]


def battlefield(runs: Runs) -> list[Check]:
    """Measure the cost of a worse battlefield."""
    return [
        gain("troop states lost as the battlefield falls from .6 to .2", runs["usual"], runs["worse"], "troop_states")
    ]
