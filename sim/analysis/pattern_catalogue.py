"""The patterns that were reported of the talks, declared before any run.

Each is measured in the situation of spring 2025 (scenario base) unless it names another. `willing patterns` measures
them; docs/patterns.md has the verdicts.
"""

from __future__ import annotations

from sim.analysis.pattern import Pattern
from sim.analysis.pattern_checks import circumstances, force, record, states
from sim.analysis.pattern_checks.circumstances import BACKINGS, OPPOSITIONS
from sim.analysis.pattern_checks.force import STEPS
from sim.analysis.pattern_checks.states import PIVOTS, SMALL
from sim.analysis.variants import Variant

SPRING = Variant(scenario="base")
FIRM = Variant(scenario="firm-us-backstop")
PARIS = Variant(scenario="paris-march-2025")
_REPLAY = Variant(scenario="replay-2025")
_ALONE = ("weights.momentum=0", "weights.security=0")


def _world(**environment: float) -> Variant:
    """Return the situation of spring 2025 with other values of some quantities of the environment."""
    return SPRING.with_settings(*(f"environment.{quantity}={value}" for quantity, value in environment.items()))


_SEPTEMBER_2025 = {"us_backing": 0.62, "russian_opposition": 0.95, "clarity": 0.6}
_JANUARY_2026 = {"russian_opposition": 1.0, "mandate": 0.15, "clarity": 0.7, "sincerity": 0.25}

PATTERNS: tuple[Pattern, ...] = (
    Pattern(
        number=1,
        claim="With strong US backing (.8 and more) and little Russian opposition (.6 and less) a force of 25,000 "
        "stands in at least 80 % of runs.",
        situations={
            "US backing .8, opposition .6": _world(us_backing=0.8, russian_opposition=0.6),
            "US backing 1, opposition 0": _world(us_backing=1.0, russian_opposition=0.0),
            "and a clear mission (.7), a sincere ceasefire (.6)": _world(
                us_backing=1.0, russian_opposition=0.0, clarity=0.7, sincerity=0.6
            ),
            "scenario firm-us-backstop": FIRM,
        },
        read=force.viable_when_warm,
        remark="Read over the whole region, with the mission and the ceasefire as they were in spring 2025. There, "
        "backing alone is not enough: a vague backstop counts only in part, and states doubt the ceasefire. With a "
        "clear mission and a sincere ceasefire as well, the warmest corner passes, and so does the scenario "
        "firm-us-backstop, in which Moscow opposes at .5. In the model, then, backing and weak opposition are "
        "necessary, and so are clarity and sincerity.",
    ),
    Pattern(
        number=2,
        claim="With weak US backing (.25 and less) and strong Russian opposition (.8 and more) a force of 25,000 "
        "stands in at most 10 % of runs, and the leads re-dimension.",
        situations={"cold": _world(us_backing=0.25, russian_opposition=0.8)},
        read=force.hopeless_when_cold,
    ),
    Pattern(
        number=3,
        claim="More US backing, more troop states, however strongly Moscow opposes; most among conditional states.",
        situations={
            f"{backing} against {opposition}": _world(us_backing=backing, russian_opposition=opposition)
            for backing in BACKINGS
            for opposition in OPPOSITIONS
        },
        read=circumstances.more_backing_more_troops,
    ),
    Pattern(
        number=4,
        claim="The ask decides: from 25,000 to 64,000 it cuts viability by half or more, while the soldiers offered "
        "change by less than 15 %.",
        situations={"25,000 asked": FIRM, "64,000 asked": FIRM.with_settings("menu.troops.ask=64000")},
        read=force.the_ask_decides,
    ),
    Pattern(
        number=5,
        claim="With weak US backing the proposal ends at or below the backstop in most runs, with strong backing in at "
        "most 20 %.",
        situations={
            "weak": _world(us_backing=0.25),
            "strong": _world(us_backing=0.9),
            "floor 15,000": _world(us_backing=0.25).with_settings("proposal.floor=15000"),
            "patience 4 rounds": _world(us_backing=0.25).with_settings("proposal.patience=4"),
            "leads with the share of others": _world(us_backing=0.25).with_settings("forces.lead_factor=1"),
        },
        read=force.headline_moves,
        remark="The two leads alone offer 13,076 soldiers. Three cuts by a fifth reduce the ask to 12,800, which they "
        "meet, so the proposal stays with troops; the floor is the smallest force that was put in writing (10,000). "
        "Faster leads change nothing. A floor of 15,000, or leads that offer no larger share than others, would "
        "reverse the verdict. Both were tried for comparison and not adopted, because the floor has a source and the "
        "leads spoke of such numbers. In the model, the turn of the talks to other options shows in the stances of the "
        "other states, not in the headline.",
    ),
    Pattern(
        number=6,
        claim="A clearer mission raises the number of troop states, most where parliaments have a say.",
        situations={"vague": SPRING, "clear": _world(clarity=0.7)},
        read=circumstances.clarity,
        remark="The effect of vagueness on a state rises with its parliament's say (0.5 + 0.5 veto). But where that "
        "say is strong, fewer states are close to the threshold of sending troops, for other reasons: opinion, strain, "
        "the parliament itself. The two groups therefore gain equally. Among the states with a chance of sending "
        "troops, those with a strong parliament gain a little more, but not significantly. The model has the mechanism "
        "and not the result.",
    ),
    Pattern(
        number=7,
        claim="A ceasefire that is meant raises troops and guarantee.",
        situations={"doubted": SPRING, "sincere": _world(sincerity=0.6)},
        read=circumstances.sincerity,
    ),
    Pattern(
        number=8,
        claim="A UN mandate raises troops, moves neutrals, and flattens momentum.",
        situations={
            "no mandate": SPRING,
            "mandate": _world(mandate=0.9),
            "no mandate, no momentum": SPRING.with_settings("weights.momentum=0"),
            "mandate, no momentum": _world(mandate=0.9).with_settings("weights.momentum=0"),
        },
        read=circumstances.mandate,
        remark="The effect of momentum is the number of troop states with its weight less the number without it. It is "
        "small in this situation, and so is the flattening.",
    ),
    Pattern(
        number=9,
        claim="Germany or Poland being in draws others along: .2 states or more, and more than a small state does.",
        situations={
            "nobody forced": SPRING,
            **{f"{code} in": SPRING.forcing(code, "troops") for code in (*PIVOTS, SMALL[0])},
            **{f"{code} out": SPRING.forcing(code, "abstain") for code in PIVOTS},
        },
        read=states.followers,
        remark="A state forced in is compared with no state forced. Compared with the same state forced out of every "
        "option, the gain is smaller: a state that is out does not set an example of stopping at the backstop either, "
        "and some of its peers then go further. Without momentum hardly any state follows.",
    ),
    Pattern(
        number=10,
        claim="Poland and Romania prefer the backstop, Baltic and Nordic donors troops.",
        situations={
            "spring": SPRING,
            "no home defence": SPRING.with_settings("weights.home_defence=0"),
            "no risk of escalation": SPRING.with_settings("weights.escalation=0"),
            "neither": SPRING.with_settings("weights.home_defence=0", "weights.escalation=0"),
            "no weight on being a hub": SPRING.with_settings("weights.hub=0"),
        },
        read=states.preferences,
        remark="In spring 2025 the Nordic donors are split and the Baltic states choose the backstop; if the requested "
        "conditions were met, both would choose troops. The exposure of the Baltic states holds them back: it ties "
        "forces to home and raises the fear of escalation. Without these two considerations they choose troops; being "
        "hubs of a backstop, and small, matters little. Their governments also named conditions in spring 2025, so "
        "the conditional stance is closer to their statements, but the pattern was declared for the firm one.",
    ),
    Pattern(
        number=11,
        claim="The guarantee is cheapest; rising strain moves states down the ladder, not out.",
        situations={
            "rotation 4": SPRING,
            "rotation 8": SPRING.with_settings("forces.rotation=8"),
            "rotation 16": SPRING.with_settings("forces.rotation=16"),
            "rotation 4, no consistency": SPRING.with_settings("weights.consistency=0"),
            "rotation 16, no consistency": SPRING.with_settings("forces.rotation=16", "weights.consistency=0"),
        },
        read=states.down_not_out,
        remark="Strain is raised through the soldiers that a rotation ties up: 8 or 16 for each soldier deployed, in "
        "place of 4. States that give up troops move to a lower option about as often as they leave, because the "
        "backstop needs soldiers too. Consistency, which charges a state for each rung that it gives up, keeps some "
        "from leaving altogether: without it, more leave than step down.",
    ),
    Pattern(
        number=12,
        claim="Firm troop states number 4 to 8 in spring 2025, and 8 to 13 in September 2025 (25,000 asked).",
        situations={
            "spring 2025": SPRING,
            "September 2025": _world(**_SEPTEMBER_2025),
            "spring 2025, replayed week by week": _REPLAY.with_settings("rounds=15"),
            "September 2025, replayed week by week": _REPLAY.with_settings("rounds=34"),
            "spring 2025, without momentum and security": SPRING.with_settings(*_ALONE),
            "September 2025, without momentum and security": _world(**_SEPTEMBER_2025).with_settings(*_ALONE),
        },
        read=record.counts_by_date,
        remark="The circumstances of September, held constant for a year, give slightly too many; in the weekly replay "
        "the number on 10 September 2025 is within the range that was counted. Momentum makes the difference: without "
        "momentum and security the circumstances of September also give a number in that range. Spring is within its "
        "range in all three readings.",
    ),
    Pattern(
        number=13,
        claim="Viability is a cliff in US backing (25,000 asked, January 2026): its steepest slope is at least twice "
        "the mean slope.",
        situations={f"US backing {step}": _world(us_backing=step, **_JANUARY_2026) for step in STEPS},
        read=force.cliff,
        remark="Steps of .1 in US backing from 0 to 1, with the other quantities as in January 2026. The interval "
        "comes from resampling replicates (bootstrap, 1,000 times).",
    ),
    Pattern(
        number=14,
        claim="Relative burden does not follow size.",
        situations={"spring": SPRING},
        read=states.burden_and_size,
        remark="Two effects oppose each other. Larger economies are more likely to declare anything, and states that "
        "abstain bear no burden. Among the states that declare soldiers, the burden falls with size: offers are a "
        "share of land forces, and smaller economies keep more soldiers relative to their GDP. The level is the "
        "correlation that 38 states can distinguish from none (5 %).",
    ),
    Pattern(
        number=15,
        claim="A vague US promise gains less than half of a clear one.",
        situations={
            "none": SPRING,
            "vague": _world(us_backing=0.9),
            "clear": _world(us_backing=0.9, clarity=0.7),
            "none, vague": SPRING,
            "none, clear": _world(clarity=0.7),
        },
        read=circumstances.vague_promise,
        remark="Clear means that the mission is written down with the promise: clarity .7 in place of .3, as in the "
        "scenario firm-us-backstop. This credits the promise with the whole effect of clarity, and the vague promise "
        "still gains about half as much. A promise counts by 0.5 + 0.5 clarity, so that at .3 it keeps three quarters "
        "of its weight at .7; the rest is the effect of clarity itself. Without that effect, the vague promise gains "
        "well over half as much. A steeper discount of vague promises would reverse the verdict; no source says how "
        "steep it should be.",
    ),
    Pattern(
        number=16,
        claim="Moscow's reaction to troops lowers the number of troop states.",
        situations={
            "reaction": _world(russian_opposition=0.6),
            "no reaction": _world(russian_opposition=0.6).with_settings("couplings.russian_reaction=0"),
        },
        read=circumstances.moscow_reacts,
        remark="Read at an opposition of .6: in spring 2025 it is already at 1, where it cannot rise.",
    ),
    Pattern(
        number=17,
        claim="Without momentum and security the record is foreseen worse.",
        situations={
            when: situation.with_settings(*settings)
            for how, settings in (("", ()), ("alone, ", _ALONE))
            for when, situation in {
                f"{how}on its last day": record.last_day(PARIS),
                f"{how}after a year": PARIS,
                f"{how}replayed week by week": _REPLAY.with_settings("rounds=15"),
            }.items()
        },
        read=record.worse_alone,
        remark="The included record ends in spring 2025. On its last day the model predicts it about equally well with "
        "and without momentum and security; which states happen to be on record makes a larger difference. Read later "
        "in the model's year, or in the weekly replay, the model predicts spring less well with the two: momentum "
        "draws states to offers that they had not made by then. A record of later dates, which `willing hindcast "
        "--positions` takes, can show what momentum and security contribute.",
    ),
    Pattern(
        number=18,
        claim="A worse battlefield lowers the number of troop states.",
        situations={"usual": SPRING, "worse": _world(battlefield=0.2)},
        read=circumstances.battlefield,
        remark="The effect is significant and very small: the battlefield enters only through the deterrence that a "
        "state's own offer adds.",
    ),
    Pattern(
        number=19,
        claim="Stances are sticky: 76 to 87 % are kept over five months of the record of 2025.",
        situations={"replay": _REPLAY},
        read=record.sticky,
        remark="Read in the scenario replay-2025: the share of states whose stance in the last round, on 11 February "
        "2026, is the same as five months before.",
    ),
)
