"""The equations of docs/odd.md coded a second time, plainly and from the tables, against what the agents weigh."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim import facts
from sim.facts import State
from sim.model.coalition import CoalitionModel
from sim.model.outlook import look_out, suppose_conditions
from sim.scenario import load_scenario
from sim.scenario.schema import Scenario

RUNG = {"abstain": 0, "guarantee": 1, "backstop": 2, "troops": 3}
OPTIONS = ("guarantee", "backstop", "troops")
GAMMA = {  # how strongly guarantee, backstop and troops raise each consideration, and its weight
    "constant": (1, -0.6, -0.35, -0.2),
    "leadership": (2.2, 0, 0.3, 1),
    "solidarity": (1.9, 0.6, 0.75, 1),
    "seat": (1.2, 0, 0, 1),
    "opinion": (2.0, 0.15, 0.35, 1),
    "us_backing": (1.4, 0.4, 0.25, 1),
    "escalation": (-1.4, 0.3, 0.25, 1),
    "manpower": (-1.0, 0, 0.3, 1),
    "cost": (-10, 0, 0.5, 1),
    "home_defence": (-1.0, 0, 0, 1),
    "clarity": (-0.7, 0.15, 0.25, 1),
    "parliament": (-0.4, 0.1, 0.15, 1),
    "moscow_alignment": (-1.8, 1, 1, 1),
    "neutrality": (-1.0, 0.6, 0.9, 0.9),
    "mandate": (0.7, 0, 0.15, 1),
    "sincerity": (0.9, 0.7, 0.3, 1),
    "hub": (0.9, 0, 1, 0),
    "momentum": (1.6, 1, 1, 1),
    "security": (6, 1, 1, 1),
    "consistency": (-0.3, 1, 1, 1),
}
LEADS = ("GBR", "FRA")
MU = {"guarantee": 0.0, "backstop": 3.0, "troops": 8.0}


def front(state: State) -> float:
    border = 1.0 if state.border_russia else 0.5 * state.border_ukraine
    return 0.5 * math.exp(-max(0.0, state.dist_moscow_km - 600) / 600) + 0.5 * border


def home_tie(state: State) -> float:
    return 0.15 + 0.55 * front(state)


def usable(state: State) -> float:
    """Return what can be deployed and sustained of the land force that is free to go."""
    if state.active_personnel == 0:
        return 0.0
    quality = min(1.0, state.defence_budget_busd * 1e9 / state.active_personnel / 200_000)
    return quality * state.land_forces * (1 - home_tie(state))


def offer(state: State, option: str) -> float:
    if option == "guarantee" or state.active_personnel == 0:
        return 0.0
    share, counts = {"troops": (0.04, 1.0), "backstop": (0.06, 0.3)}[option]
    whole = usable(state) / (1 - home_tie(state)) * (1 - counts * home_tie(state))
    return float(round(share * (2 if state.code in LEADS else 1) * whole))


def belief(force: float, ask: float) -> float:
    if ask == 0:
        return 1.0
    x = (force - ask) / (0.4 * ask)
    return 0.25 + 0.75 * (1 + x / math.sqrt(1 + x * x)) / 2


def peers(state: State, option: str, stances: dict[str, str]) -> float:
    """Return the share of peers at or above the rung, averaged over the formats that the state sits in."""
    shares = []
    for meeting in facts.formats().values():
        others = [code for code in meeting.members if code in stances and code != state.code]
        if state.code not in meeting.members or not others:
            continue
        standing = {
            code: math.sqrt(facts.states()[code].defence_budget_busd) * (2 if code in LEADS else 1) for code in others
        }
        at = sum(weight for code, weight in standing.items() if RUNG[stances[code]] >= RUNG[option])
        total = sum(standing.values())
        if total > 0:
            shares.append(at / total)
    return sum(shares) / len(shares)


def deterrence(world: dict[str, float], stances: dict[str, str]) -> tuple[float, float]:
    """Return deterrence and what one more soldier's worth of strength adds to it."""
    states = facts.states()
    backing = world["us_backing"] * (0.5 + 0.5 * world["clarity"])
    mass = world["battlefield"] * 450_000 + backing * 500_000
    behind, economy = 0.0, sum(states[code].gdp_busd for code in stances)
    for code, option in stances.items():
        if option != "abstain":
            mass += MU[option] * offer(states[code], option)
            behind += states[code].gdp_busd / economy * (1.0 if option == "troops" else 0.3)
    denied = mass**1.3 / (mass**1.3 + 600_000**1.3)
    standing = 1 - 0.3 * (1 - math.exp(-behind))
    return 1 - (1 - denied) * standing, 1.3 * denied * (1 - denied) / mass * standing


def value(state: State, option: str, stances: dict[str, str], world: dict[str, float], ask: float) -> dict[str, float]:
    """Return the terms of one option's value for one state, by consideration."""
    u, r, m, k, z = (world[name] for name in ("us_backing", "russian_opposition", "mandate", "clarity", "sincerity"))
    backing = u * (0.5 + 0.5 * k)
    veto, moscow = state.parliament_veto, state.moscow_alignment
    mine = offer(state, option)
    others = sum(
        offer(facts.states()[code], option) for code, held in stances.items() if held == option and code != state.code
    )
    asked = ask if option == "troops" else 0
    p, p_without = belief(others + mine, asked), belief(others, asked)
    d, slope = deterrence(world, stances)
    aid = math.log(1 + state.aid_pct_gdp)
    strain = min(2.0, 4 * offer(state, "troops") / max(usable(state) - state.troops_abroad, 1))
    burden = 0.0
    if mine:
        burden = mine * 150_000 / (state.defence_budget_busd * 1e9) * state.debt_pct_gdp / 60
    stake = min(max((0.25 + 0.55 * front(state) + 0.25 * aid) * (1 - 0.8 * moscow), 0.0), 1.2)
    held = stances[state.code]
    felt_and_present = {
        "constant": 1,
        "leadership": state.code in LEADS,
        "solidarity": aid,
        "seat": p,
        "opinion": 2 * state.peacekeeping_support_pct / 100 - 1,
        "us_backing": backing - 0.5,
        "escalation": (0.45 + 0.5 * front(state) + 0.15 * state.border_ukraine) * r * (1 - 0.5 * backing) * p,
        "manpower": (strain + (usable(state) < 1500)) * p,
        "cost": burden * p,
        "home_defence": home_tie(state) * p,
        "clarity": (0.5 + 0.5 * veto) * (1 - k),
        "parliament": veto,
        "moscow_alignment": moscow,
        "neutrality": state.non_aligned * (1 - m),
        "mandate": (0.6 + 0.4 * veto) * m,
        "sincerity": z - 0.4,
        "hub": state.border_ukraine * (1 - moscow) + 0.4 * front(state),
        "momentum": (1 - m)
        * (peers(state, option, stances) - {"guarantee": 0.5, "backstop": 0.4, "troops": 0.3}[option]),
        "security": stake * ((p - p_without) * d + p * slope * MU[option] * mine),
        "consistency": max(0, RUNG[held] - RUNG[option]),
    }
    place = RUNG[option]
    return {name: GAMMA[name][0] * GAMMA[name][place] * part for name, part in felt_and_present.items()}


def situations() -> list[tuple[str, dict[str, float], str]]:
    spring = {
        "us_backing": 0.27,
        "russian_opposition": 1,
        "mandate": 0.1,
        "clarity": 0.3,
        "sincerity": 0.2,
        "battlefield": 0.6,
    }
    warm = {
        "us_backing": 0.9,
        "russian_opposition": 0.5,
        "mandate": 0.7,
        "clarity": 0.8,
        "sincerity": 0.7,
        "battlefield": 0.9,
    }
    return [
        ("nobody has declared", spring, "abstain"),
        ("all at troops", warm, "troops"),
        ("a mixed room", warm, "mixed"),
    ]


@pytest.mark.parametrize(
    ("named", "world", "room"), situations(), ids=lambda item: item if isinstance(item, str) else ""
)
def test_every_term_of_every_state_is_that_of_the_equations(named: str, world: dict[str, float], room: str) -> None:
    scenario: Scenario = load_scenario("base", [f"environment.{name}={number}" for name, number in world.items()])
    model = CoalitionModel(scenario, rng=0)
    names = model.setup.menu.names
    mixed = ("abstain", "troops", "backstop", "guarantee", "troops")
    stances = {
        code: mixed[place % len(mixed)] if room == "mixed" else room for place, code in enumerate(model.setup.codes)
    }
    profile = np.array([names.index(stances[code]) for code in model.setup.codes])
    outlook = look_out(model.setup, model.environment, profile, model.asks)
    for state in model.states:
        terms = state.terms(outlook, int(profile[state.place]))
        for place, option in enumerate(names[1:], start=1):
            expected = value(facts.states()[state.code], option, stances, world, 25_000)
            for c, consideration in enumerate(model.setup.considerations):
                assert terms[place, c] == pytest.approx(expected[consideration], rel=1e-9, abs=1e-11), (
                    state.code,
                    option,
                    consideration,
                )
        assert state.weigh(state.see(outlook, int(profile[state.place])))[0] == 0.0


def test_conditions_lift_the_world_and_never_lower_it() -> None:
    model = CoalitionModel(load_scenario("base", ["environment.clarity=0.9"]), rng=0)
    supposed = suppose_conditions(model.setup, model.environment)
    np.testing.assert_array_equal(supposed, [0.65, 1.0, 0.1, 0.9, 0.6, 0.6])
