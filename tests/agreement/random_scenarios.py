"""Random scenarios, each determined by its number, so that a failure can be reproduced."""

from __future__ import annotations

import datetime
import re
from random import Random

from sim import facts
from sim.scenario import Scenario, load_scenario
from sim.scenario.schema import Change, Force
from sim.theory.choice import ENVIRONMENT
from sim.theory.considerations import CONSIDERATIONS

_START = "2025-01-06"


def random_scenario(number: int) -> Scenario:
    """Return the scenario of a number: any roster, menu, weights, processes, rules and order."""
    rng = Random(number)
    options = [f"dish{chr(97 + place)}" for place in range(rng.choice((1, 1, 2, 3, 3, 4, 5, 8)))]
    states = rng.sample(load_scenario("base").roster.asked, rng.choice((1, 2, 5, 12, 20, 38)))
    owned = [f"QA{chr(65 + place)}" for place in range(rng.choice((0, 0, 1, 3)))]
    roster = states + owned
    rng.shuffle(roster)
    leads = rng.sample(roster, min(len(roster), rng.choice((0, 1, 2, 3))))
    rounds, round_days = rng.randint(1, 60), rng.choice((1, 7, 7, 14, 30))
    by_state = ", ".join(f"{code}: {rng.choice(options)}" for code in roster[:4])
    opening = rng.choice(("abstain", rng.choice(options), f"{{{by_state}}}"))
    settings = [
        f"roster.states=[{', '.join(roster)}]",
        f"leads=[{', '.join(leads)}]",
        *(f"states.{code}={_own_state(rng)}" for code in owned),
        "menu.troops=null",
        "menu.backstop=null",
        "menu.guarantee=null",
        *(f"menu.{name}={_option(rng)}" for name in options),
        f"proposal.headline={rng.choice(options)}",
        f"opening={opening}",
        f"start={_START}",
        f"rounds={rounds}",
        f"round_days={round_days}",
        f"activation={rng.choice(('simultaneous', 'random_sequence', 'leads_first', 'one_at_a_time'))}",
        f"revision={rng.choice((0, 1, 0.25, rng.random()))}",
        f"turnover={rng.choice((0, 1, 0.05, rng.random()))}",
        f"sharpness={rng.choice(('.inf', 2.4, rng.uniform(0.01, 50)))}",
        *(f"weights.{name}={rng.choice((0, rng.uniform(-4, 4)))}" for name in CONSIDERATIONS),
        *(f"environment.{quantity}={_process(rng, rounds)}" for quantity in ENVIRONMENT),
        f"couplings.russian_reaction={rng.choice((0, rng.random()))}",
        f"couplings.us_response={rng.choice((0, rng.random()))}",
        f"couplings.solid_offer={rng.uniform(0, 2)}",
        f"ceasefire.phase={rng.choice(('fighting', 'limited_truce', 'permanent_ceasefire'))}",
        *(
            f"ceasefire.{hazard}_hazard={rng.choice((0, rng.uniform(0, 0.3), 5))}"
            for hazard in ("truce", "deal", "breakdown")
        ),
        f"ceasefire.opposition_slows={rng.uniform(0, 3)}",
        f"ceasefire.troops_slow={rng.uniform(0, 5)}",
        f"ceasefire.sincere_chance={rng.choice((0, 1, rng.random()))}",
        f"ceasefire.violations_sincere={rng.uniform(0.1, 3)}",
        f"ceasefire.violations_insincere={rng.uniform(3.1, 9)}",
        *(f"conditions.{quantity}={rng.random()}" for quantity in ("us_backing", "sincerity", "clarity")),
        f"proposal.redimensions={rng.choice(('true', 'true', 'false'))}",
        f"proposal.patience={rng.choice((1, 2, 8))}",
        f"proposal.cut={rng.uniform(0.01, 0.9)}",
        f"proposal.floor={rng.choice((0, 1000, 10000))}",
        f"proposal.rise={rng.choice((1, 1.3, 3))}",
        f"proposal.clarity_cost={rng.choice((0, 0.1, rng.random()))}",
        f"proposal.planning={rng.choice((0, 0.05, 1, rng.random()))}",
        f"belief.floor={rng.choice((0, 0.25, rng.random()))}",
        f"belief.spread={rng.uniform(0.01, 3)}",
        f"momentum.formats={rng.choice(('all', 'everyone', '[' + rng.choice(sorted(facts.formats())) + ']'))}",
        f"momentum.counts={rng.choice(('at_or_above', 'same_option'))}",
        f"momentum.budgets_count={rng.choice(('true', 'false'))}",
        f"momentum.lead_factor={rng.choice((0, 1, 2, 7.3))}",
        f"deterrence.decisiveness={rng.choice((1, 2, 1.3, rng.uniform(0.1, 5)))}",
        f"deterrence.punishment={rng.choice((0, 0.3, rng.random()))}",
        f"deterrence.economic_reach={rng.uniform(0, 4)}",
        f"deterrence.host_soldiers={rng.choice((0, 450000))}",
        f"deterrence.us_soldiers={rng.choice((0, 500000))}",
    ]
    return load_scenario("base", _with_parties(settings, Random(-number - 1), owned))


def _with_parties(settings: list[str], rng: Random, owned: list[str]) -> list[str]:
    """Return the settings with the default host and opponent, with others, or without an opponent."""
    if rng.random() < 0.6:
        return settings
    if rng.random() < 0.4:
        nothing = ("environment.russian_opposition", "couplings.russian_reaction", "deterrence.")
        kept = [each for each in settings if not each.startswith(nothing)]
        kept = [re.sub(r"\b(deters|provokes): [^,]+", r"\1: 0", each) for each in kept]
        return [*kept, "opponent=none", "environment.sincerity=0.3"]
    opponent = rng.choice(("SRB", "QZZ"))
    return [
        *settings,
        "host=XKX",
        f"opponent={opponent}",
        "states.XKX.name=Kosovo",
        *(["states.QZZ={name: Elsewhere, facts: {lat: 40, lon: -20}}"] if opponent == "QZZ" else []),
        f"relations={{border_host: {{ALB: 1, others: 0}}, aid_pct_gdp: {rng.uniform(0, 2)}, border_opponent: "
        f"{{{', '.join(f'{code}: {rng.randint(0, 1)}' for code in (*owned, 'HUN'))}, others: 0}}, "
        f"opponent_alignment: {{others: {rng.random()}}}}}",
    ]


def changing(number: int) -> Scenario:
    """Return a random scenario with forced stances and changes of every setting that can change."""
    scenario, chance = random_scenario(number), Random(number)
    days = scenario.round_days * scenario.rounds
    asked, options = scenario.roster.asked, scenario.option_names

    def day(least: int = -20) -> datetime.date:
        return scenario.start + datetime.timedelta(days=chance.randint(least, days + 20))

    def until(begin: datetime.date) -> datetime.date | None:
        return begin + datetime.timedelta(days=chance.randint(1, days)) if chance.random() < 0.6 else None

    force = {}
    for code in chance.sample(asked, min(len(asked), 3)):
        begin = chance.choice((None, day()))
        end = until(begin or scenario.start)
        force[code] = Force.model_validate({"option": chance.choice(options), "from": begin, "until": end})
    changes = []
    for _ in range(chance.randint(1, 5)):
        option = chance.choice(options[1:])
        settings = {
            "environment.us_backing": 0.01 + 0.98 * chance.random(),
            "environment.clarity": 0.01 + 0.98 * chance.random(),
            f"menu.{option}.ask": chance.choice((0, 700, 9000)),
            f"menu.{option}.share": chance.random() / 10,
            f"menu.{option}.provokes": chance.random(),
            "menu": {option: {"peer_norm": chance.random(), "deters": 20 * chance.random()}},
            "weights.momentum": 4 * chance.random(),
            "weights.security": 9 * chance.random(),
            "sharpness": chance.choice((".inf", 0.5, 6.0)),
            "activation": chance.choice(("simultaneous", "random_sequence", "leads_first", "one_at_a_time")),
            "revision": chance.random(),
            "turnover": chance.random(),
            "leads": chance.sample(asked, min(len(asked), chance.randint(0, 2))),
            "proposal.headline": option,
            "proposal.patience": chance.randint(1, 4),
            "proposal.redimensions": chance.random() < 0.7,
            "ceasefire.phase": chance.choice(("fighting", "limited_truce", "permanent_ceasefire")),
            "ceasefire.sincere_chance": chance.random(),
            "ceasefire.deal_hazard": chance.random(),
            "deterrence.decisiveness": 0.5 + chance.random(),
            "deterrence.punishment": chance.random(),
            "momentum": {"counts": chance.choice(("at_or_above", "same_option")), "formats": "everyone"},
            "belief.spread": 0.1 + chance.random(),
            "conditions.us_backing": chance.random(),
        }
        begin = day()
        changes.append(
            Change(
                at=begin,
                until=until(begin),
                set={path: settings[path] for path in chance.sample(list(settings), chance.randint(1, 6))},
                force={code: chance.choice((*options, None)) for code in chance.sample(asked, chance.randint(0, 1))},
            )
        )
    return scenario.model_copy(update={"force": force, "changes": tuple(changes)})


def _option(rng: Random) -> str:
    raises = ", ".join(
        f"{name}: {rng.uniform(-1, 1.5)}" for name in CONSIDERATIONS if rng.random() < rng.choice((0.2, 0.9))
    )
    return (
        f"{{label: Dish, rung: {rng.randint(1, 5)}, ask: {rng.choice((0, 0, 500, 9000, 25000, 80000))}, "
        f"share: {rng.choice((0, 0.01, 0.05, rng.random()))}, home_tie_counts: {rng.random()}, "
        f"deters: {rng.choice((0, 1, 8, rng.uniform(0, 20)))}, punishes: {rng.choice((0, 0.3, rng.random()))}, "
        f"provokes: {rng.choice((0, 1, rng.random()))}, peer_norm: {rng.random()}, raises: {{{raises}}}}}"
    )


def _process(rng: Random, rounds: int) -> str:
    """Return a process of an environment quantity; every kind occurs."""
    a, b = rng.random(), rng.random()
    return rng.choice(
        (
            f"{rng.choice((0, 1, a))}",
            f"{{process: schedule, values: {{2025-01-06: {a}, 2025-03-01: {b}, 2025-07-01: {rng.random()}}}, "
            f"between: {rng.choice(('step', 'linear'))}}}",
            f"{{process: ramp, start_value: {a}, end_value: {b}, start_round: 1, end_round: {rounds + 1}}}",
            f"{{process: logit_ar1, level: {0.02 + 0.96 * a}, persistence: {0.99 * b}, "
            f"volatility: {rng.uniform(0, 2)}, jump_chance: {rng.choice((0, 0.1, 1))}, "
            f"jump_size: {rng.uniform(0, 3)}}}",
        )
    )


def _own_state(rng: Random) -> str:
    soldiers = rng.randint(0, 200_000)
    figures = {
        "gdp_busd": rng.uniform(1, 4000),
        "defence_budget_busd": rng.uniform(0.1, 90),
        "active_personnel": soldiers,
        "land_forces": rng.randint(0, soldiers),
        "troops_abroad": 100,
        "border_russia": rng.randint(0, 1),
        "border_ukraine": rng.randint(0, 1),
        "dist_moscow_km": rng.randint(0, 4000),
        "aid_pct_gdp": rng.uniform(0, 2),
        "debt_pct_gdp": 70,
        "peacekeeping_support_pct": rng.randint(0, 100),
        "parliament_veto": rng.random(),
        "moscow_alignment": rng.random(),
        "non_aligned": rng.randint(0, 1),
    }
    written = ", ".join(f"{name}: {value}" for name, value in figures.items())
    return f"{{name: Nowhere, facts: {{{written}}}}}"
