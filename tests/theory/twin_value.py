"""The slow twin's choice: the utility of an option, term by term: docs/odd.md, III.4.b to III.4.g."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from sim.scenario import Scenario
from tests.theory.twin_mind import ABSTAIN, REASONS, Mind, Terms, menu, of

type Profile = Mapping[str, str]  # the stance of each state
type World = Mapping[str, float]  # the quantities of the environment


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A view of the situation: environment, profile, asks in force, and the effects of the stances."""

    environment: World
    profile: Profile
    asks: Mapping[str, float]
    forces: dict[str, float]
    deterrence: float
    slope: float


def belief(scenario: Scenario, force: float, ask: float) -> float:
    """Return the believed probability that an option with this force goes ahead (III.4.c)."""
    if ask <= 0:
        return 1.0
    x = (force - ask) / (scenario.belief.spread * ask)
    return scenario.belief.floor + (1 - scenario.belief.floor) * (1 + x / math.sqrt(1 + x * x)) / 2


def backing(environment: World) -> float:
    """Return US backing, discounted by half of the lack of clarity (III.4.b, Drivers)."""
    return environment["us_backing"] * (0.5 + 0.5 * environment["clarity"])


def view(
    scenario: Scenario,
    roster: Mapping[str, Mind],
    environment: World,
    profile: Profile,
    asks: Mapping[str, float],
) -> View:
    """Return the view in an environment with a profile: forces and deterrence (III.4.e, III.4.g)."""
    forces = dict.fromkeys(menu(scenario), 0.0)
    for code, stance in profile.items():
        forces[stance] += roster[code].offers[stance]
    deterred, slope = deterrence(scenario, roster, environment, profile, forces)
    return View(
        environment=dict(environment),
        profile=dict(profile),
        asks=dict(asks),
        forces=forces,
        deterrence=deterred,
        slope=slope,
    )


def deterrence(
    scenario: Scenario, roster: Mapping[str, Mind], environment: World, profile: Profile, forces: Mapping[str, float]
) -> tuple[float, float]:
    """Return D and its increase by one more unit of mass (III.4.g)."""
    rule = scenario.deterrence
    mass = (
        environment["battlefield"] * rule.host_soldiers
        + sum(of(scenario, option, "deters") * force for option, force in forces.items())
        + backing(environment) * rule.us_soldiers
    )
    behind = sum(of(scenario, stance, "punishes") * roster[code].economy for code, stance in profile.items())
    unpunished = 1 - rule.punishment * (1 - math.exp(-rule.economic_reach * behind))
    if mass <= 0:
        return 1 - unpunished, 0.0
    q = (mass / rule.opponent_soldiers) ** rule.decisiveness
    denied = q / (1 + q)
    return 1 - (1 - denied) * unpunished, rule.decisiveness * denied * (1 - denied) / mass * unpunished


def presence(scenario: Scenario, mind: Mind, option: str, held: str, seen: View) -> dict[str, float]:
    """Return the drivers of a state with its current stance for an option (III.4.b, Drivers)."""
    world, offer, ask = seen.environment, mind.offers[option], seen.asks[option]
    others = seen.forces[option] - (offer if held == option else 0)
    p, p_without = belief(scenario, others + offer, ask), belief(scenario, others, ask)
    norm = of(scenario, option, "peer_norm")
    return {
        "always": 1,
        "called_in": p,
        "us_backing": backing(world) - 0.5,
        "russian_threat": world["russian_opposition"] * (1 - 0.5 * backing(world)) * p,
        "vagueness": 1 - world["clarity"],
        "no_mandate": 1 - world["mandate"],
        "mandate": world["mandate"],
        "sincerity": world["sincerity"] - 0.4,
        "momentum": (1 - world["mandate"]) * (peers(scenario, mind, option, seen) - norm) if mind.looks_to else 0,
        "security": (p - p_without) * seen.deterrence + p * seen.slope * of(scenario, option, "deters") * offer,
        "word_kept": min(of(scenario, held, "rung"), of(scenario, option, "rung")),
    }


def peers(scenario: Scenario, mind: Mind, option: str, seen: View) -> float:
    """Return the weight of the peers whose stance supports an option (III.4.d)."""
    rung = of(scenario, option, "rung")

    def speaks_for(stance: str) -> bool:
        if scenario.momentum.counts == "same_option":
            return stance == option
        return of(scenario, stance, "rung") >= rung

    return sum(weight for peer, weight in mind.looks_to.items() if speaks_for(seen.profile[peer]))


def terms(scenario: Scenario, mind: Mind, option: str, held: str, seen: View) -> Terms:
    """Return the term of each consideration in the utility of an option, in the order of the table (III.4.b)."""
    if option == ABSTAIN:
        return dict.fromkeys(mind.stakes[option], 0.0)
    present = presence(scenario, mind, option, held, seen)
    return {name: stake * present[REASONS[name].driver] for name, stake in mind.stakes[option].items()}


def choice(scenario: Scenario, mind: Mind, held: str, seen: View, taste: Mapping[str, float]) -> str:
    """Return the option of the largest utility plus taste, of equal ones the first on the menu (III.4.b)."""

    def utility(option: str) -> float:
        value = 0.0
        for term in terms(scenario, mind, option, held, seen).values():  # one by one: sum() would round otherwise
            value += term
        return value + taste[option] / scenario.sharpness

    return max(menu(scenario), key=utility)
