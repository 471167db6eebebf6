"""The slow twin: the whole model coded a second time, from docs/odd.md and the tables of facts alone.

It borrows no rule from the program and knows no arrays: states, options and quantities go by their names. Sections of
docs/odd.md stand in brackets.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sim.scenario import Scenario
from sim.scenario.environment_process import LogitAR1
from tests.theory.twin_draws import Draws
from tests.theory.twin_mind import menu, minds, of
from tests.theory.twin_value import View, choice, view

QUANTITIES = ("us_backing", "russian_opposition", "mandate", "clarity", "sincerity", "battlefield")
PHASES = ("fighting", "limited_truce", "permanent_ceasefire")

type Move = Literal["none", "cut", "down", "up", "win back"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """The record of a round (II.10), with the action of the leads."""

    environment: dict[str, float]
    stances: dict[str, str]
    conditional: dict[str, str]
    headline: str
    ask: float
    move: Move
    below: int  # rounds under the ask
    redimensioned: int
    phase: str
    deterrence: float
    odds: float


def play(scenario: Scenario, *, seed: int, replicate: int) -> list[Round]:
    """Return all rounds of a replicate."""
    talks = Talks(scenario, Draws(seed=seed, replicate=replicate))
    return [talks.play_round(t) for t in range(1, scenario.rounds + 1)]


class Talks:
    """One replicate under way."""

    def __init__(self, scenario: Scenario, draws: Draws) -> None:
        """Start it (III.2)."""
        self.asked_for, self.draws = scenario, draws
        self.scenario = scenario = holding(scenario, 1)
        self.options, self.roster = menu(scenario), minds(scenario)
        opening = scenario.opening
        self.profile = {
            code: opening if isinstance(opening, str) else opening.get(code, self.options[0]) for code in self.roster
        } | forced(self.asked_for, 1)
        self.supposed = dict(self.profile)  # the conditional stances
        self.tastes = {code: self.taste_drawn(code, 0) for code in self.roster}
        self.headline = scenario.proposal.headline
        self.first_ask = {option: of(scenario, option, "ask") for option in self.options}
        self.ask = dict(self.first_ask)
        self.below, self.lost, self.redimensioned = 0, 0.0, 0
        self.phase, self.odds = scenario.ceasefire.phase, 1.0
        self.means_it = draws.uniform("sincerity", 0, 0) < scenario.ceasefire.sincere_chance
        self.paths = {quantity: path(scenario, quantity, draws) for quantity in QUANTITIES}
        self.last_backing = self.paths["us_backing"][0]

    def play_round(self, t: int) -> Round:
        """Play a round in its order: environment, leads, states, peace (I.3)."""
        if t > 1 and (now := holding(self.asked_for, t)) != self.scenario:
            self.go_on_by(now)
        environment = self.environment_in(t)
        rises = environment["us_backing"] > self.last_backing
        self.last_backing = environment["us_backing"]
        move = self.redimension(rises)
        if move != "none":
            self.redimensioned += 1
            self.blur(environment)
        self.states_declare(t, environment)
        deterrence = self.firm_view(environment).deterrence
        if self.phase != "fighting":
            self.learn(t)
        self.phase = self.phase_after(t, environment, deterrence)
        return Round(
            environment=environment,
            stances=dict(self.profile),
            conditional=dict(self.supposed),
            headline=self.headline,
            ask=self.ask[self.headline],
            move=move,
            below=self.below,
            redimensioned=self.redimensioned,
            phase=self.phase,
            deterrence=deterrence,
            odds=self.odds,
        )

    def go_on_by(self, now: Scenario) -> None:
        """Let other settings hold from this round on (III.4.o, Changes)."""
        before, self.scenario = self.scenario, now
        self.roster = minds(now)
        self.first_ask = {option: of(now, option, "ask") for option in self.options}
        for option, ask in self.first_ask.items():
            if ask != of(before, option, "ask"):
                self.ask[option] = ask
        if now.proposal.headline != before.proposal.headline:
            self.headline, self.below = now.proposal.headline, 0
        if now.ceasefire.phase != before.ceasefire.phase:
            self.phase = now.ceasefire.phase
        self.means_it = self.draws.uniform("sincerity", 0, 0) < now.ceasefire.sincere_chance
        self.paths = {quantity: path(now, quantity, self.draws) for quantity in QUANTITIES}

    def environment_in(self, t: int) -> dict[str, float]:
        """Return the environment of a round before the leads act: processes, and effects of stances (III.4.i)."""
        couplings = self.scenario.couplings
        now = {quantity: values[t - 1] for quantity, values in self.paths.items()}
        if t > 1:
            reaction = couplings.russian_reaction * self.troop_share
            now["russian_opposition"] = min(1.0, now["russian_opposition"] + reaction)
            asked = couplings.solid_offer * self.ask[self.headline]
            if self.phase == "permanent_ceasefire" and 0 < asked <= self.force(self.headline):
                now["us_backing"] = min(1.0, now["us_backing"] + couplings.us_response)
        self.lost *= 1 - self.scenario.proposal.planning
        now["clarity"] = max(0.0, now["clarity"] - self.lost)
        prior = now["sincerity"]
        now["sincerity"] = prior * self.odds / (prior * self.odds + (1 - prior))
        return now

    def redimension(self, rises: bool) -> Move:
        """Let the leads compare the force with their ask, and return their action (III.4.l)."""
        rule, headline = self.scenario.proposal, self.headline
        if not rule.redimensions or not any(mind.leads for mind in self.roster.values()):
            return "none"
        ask, force = self.ask[headline], self.force(headline)
        number, deepest = self.options.index(headline), len(self.options) - 1
        self.below = self.below + 1 if force < ask else 0
        move: Move = "none"
        if self.below >= rule.patience:
            smaller = float(round(ask * (1 - rule.cut)))
            if rule.floor <= smaller < ask:
                self.ask[headline] = smaller
                move = "cut"
            elif number > 1:
                self.headline = self.options[number - 1]
                move = "down"
        elif rises and number < deepest:
            above = self.options[number + 1]
            if self.force(above) > rule.rise * self.ask[above]:
                self.headline = above
                move = "up"
        elif rises and force > rule.rise * ask:
            larger = min(self.first_ask[headline], float(round(ask / (1 - rule.cut))))
            if larger > ask:
                self.ask[headline] = larger
                move = "win back"
        if move != "none":
            self.below = 0
        return move

    def blur(self, environment: dict[str, float]) -> None:
        """Subtract the clarity that a revision of the proposal costs, now and in the rounds to come (III.4.l)."""
        cost = min(self.scenario.proposal.clarity_cost, environment["clarity"])
        self.lost += cost
        environment["clarity"] -= cost

    def states_declare(self, t: int, environment: Mapping[str, float]) -> None:
        """Let one group after the other decide, each on what was declared before it, and then declare (III.4.k)."""
        supposed_environment = conditions_met(self.scenario, environment)
        made_to = forced(self.asked_for, t)
        self.profile |= made_to
        self.supposed |= made_to
        for group in self.groups(t):
            firm = self.firm_view(environment)
            conditional = view(self.scenario, self.roster, supposed_environment, self.supposed, self.ask)
            decided = {code: self.reconsider(code, t, firm, conditional) for code in group}
            for code, (stance, supposed) in decided.items():
                if code in made_to:
                    continue
                self.profile[code], self.supposed[code] = stance, supposed

    def groups(self, t: int) -> list[list[str]]:
        """Return the groups of states that decide together, one after the other (III.4.k)."""

        def turn(code: str) -> float:
            return self.draws.uniform("order", state(code), t)

        if self.scenario.activation == "one_at_a_time":
            return [[min(self.roster, key=turn)]]
        revising = [
            code for code in self.roster if self.draws.uniform("revision", state(code), t) < self.scenario.revision
        ]
        if self.scenario.activation == "random_sequence":
            return [[code] for code in sorted(revising, key=turn)]
        if self.scenario.activation == "leads_first":
            leads = [code for code in revising if self.roster[code].leads]
            return [leads, [code for code in revising if code not in leads]]
        return [revising]

    def reconsider(self, code: str, t: int, firm: View, conditional: View) -> tuple[str, str]:
        """Return a state's stance and conditional stance, after a turnover if there is one (III.4.f, III.4.j)."""
        if self.draws.uniform("turnover", state(code), t) < self.scenario.turnover:
            self.tastes[code] = self.taste_drawn(code, t)
        mind, taste = self.roster[code], self.tastes[code]
        return (
            choice(self.scenario, mind, self.profile[code], firm, taste),
            choice(self.scenario, mind, self.supposed[code], conditional, taste),
        )

    def learn(self, t: int) -> None:
        """Move the odds of sincerity by the violations seen (III.4.m, Learning)."""
        ceasefire, weeks = self.scenario.ceasefire, self.scenario.round_days / 7
        sincere, insincere = ceasefire.violations_sincere * weeks, ceasefire.violations_insincere * weeks
        seen = poisson(sincere if self.means_it else insincere, self.draws.uniform("violations", 0, t))
        odds = self.odds * (sincere / insincere) ** seen * math.exp(insincere - sincere)
        self.odds = min(1e6, max(1e-6, odds))

    def phase_after(self, t: int, environment: Mapping[str, float], deterrence: float) -> str:
        """Return the phase at the end of the round (III.4.m, Phase)."""
        rule, weeks = self.scenario.ceasefire, self.scenario.round_days / 7
        hazard = rule.truce_hazard if self.phase == "fighting" else rule.deal_hazard
        slowed = rule.opposition_slows * environment["russian_opposition"] + rule.troops_slow * self.troop_share
        forward = 1 - math.exp(-hazard * math.exp(-slowed) * weeks)
        broken = 1 - math.exp(-rule.breakdown_hazard * (1 - self.means_it) * (1 - deterrence) * weeks)
        draw = self.draws.uniform("peace", 0, t)
        if self.phase == "fighting":
            return "limited_truce" if draw < forward else "fighting"
        if draw < broken:
            return "fighting"
        if self.phase == "limited_truce" and draw < broken + (1 - broken) * forward:
            return "permanent_ceasefire"
        return self.phase

    def firm_view(self, environment: Mapping[str, float]) -> View:
        """Return the view under present conditions."""
        return view(self.scenario, self.roster, environment, self.profile, self.ask)

    def force(self, option: str) -> float:
        """Return the soldiers declared for an option (III.4.e)."""
        return sum(mind.offers[option] for code, mind in self.roster.items() if self.profile[code] == option)

    @property
    def troop_share(self) -> float:
        """The share of declared stances that Moscow rejects (III.4.e)."""
        return sum(of(self.scenario, stance, "provokes") for stance in self.profile.values()) / len(self.profile)

    def taste_drawn(self, code: str, t: int) -> dict[str, float]:
        """Return a state's taste shocks from a round on (III.4.n)."""
        return {option: self.draws.gumbel(f"taste:{option}", state(code), t) for option in self.options}


def forced(scenario: Scenario, t: int) -> dict[str, str]:
    """Return the forced states with their options in a round (III.4.o, Forced stances)."""
    made_to: dict[str, str | None] = {
        code: force.option for code, force in scenario.force.items() if in_span(scenario, t, force.from_, force.until)
    }
    for change in scenario.changes:
        if in_span(scenario, t, change.at, change.until):
            made_to |= change.force
    return {code: option for code, option in made_to.items() if option is not None}


def holding(scenario: Scenario, t: int) -> Scenario:
    """Return the settings in force in a round (III.4.o, Changes)."""
    settings = scenario.model_dump(by_alias=True)
    for change in scenario.changes:
        if in_span(scenario, t, change.at, change.until):
            for path, value in change.set.items():
                put(settings, path.split("."), value)
    return Scenario.model_validate(settings)


def put(settings: dict[str, Any], names: list[str], value: Any) -> None:
    """Put a value at a path, merging mappings; a number for a quantity that fluctuates is its level."""
    name, *inside = names
    if inside:
        put(settings[name], inside, value)
    elif isinstance(value, dict) and "process" not in value and isinstance(settings.get(name), dict):
        for key, part in value.items():
            put(settings[name], [key], part)
    elif isinstance(value, (int, float)) and isinstance(settings[name], dict) and "level" in settings[name]:
        settings[name]["level"] = value
    else:
        settings[name] = value


def in_span(scenario: Scenario, t: int, begin: datetime.date | None, until: datetime.date | None) -> bool:
    """Return whether a round lies in the span from one date until another (III.4.o)."""

    def stands_for(day: datetime.date) -> int:
        """The first round on that day or later."""
        number = 1
        while scenario.start + datetime.timedelta(days=scenario.round_days * (number - 1)) < day:
            number += 1
        return number

    return (begin is None or stands_for(begin) <= t) and (until is None or t < stands_for(until))


def conditions_met(scenario: Scenario, environment: Mapping[str, float]) -> dict[str, float]:
    """Return the environment in which the conditions of the proposal hold (III.4.f)."""
    least = scenario.conditions
    return dict(environment) | {
        "us_backing": max(environment["us_backing"], least.us_backing),
        "sincerity": max(environment["sincerity"], least.sincerity),
        "clarity": max(environment["clarity"], least.clarity),
    }


def path(scenario: Scenario, quantity: str, draws: Draws) -> list[float]:
    """Return the value of a quantity's process in each round (III.4.h)."""
    process = getattr(scenario.environment, quantity)
    rounds = range(1, scenario.rounds + 1)
    if process.process == "constant":
        return [process.value for _ in rounds]
    if process.process == "schedule":
        days = [scenario.start + datetime.timedelta(days=scenario.round_days * (t - 1)) for t in rounds]
        return [scheduled(process.values, day, process.between == "linear") for day in days]
    if process.process == "ramp":
        ends = {process.start_round: process.start_value, process.end_round: process.end_value}
        return [on_a_line(ends, t) for t in rounds]
    return wandering(process, quantity, draws, scenario.rounds)


def scheduled(values: Mapping[datetime.date, float], day: datetime.date, linear: bool) -> float:
    """Return the value on a day of dated ones: the last that is not after it, or on the line to the next."""
    if linear:
        return on_a_line({date.toordinal(): value for date, value in values.items()}, day.toordinal())
    past = [date for date in values if date <= day]
    return values[max(past, default=min(values))]


def on_a_line(values: Mapping[int, float], at: int) -> float:
    """Return the value at a point of straight lines between others; before the first and after the last it stays."""
    before = max((point for point in values if point <= at), default=min(values))
    after = min((point for point in values if point >= at), default=max(values))
    if before >= after:
        return values[before]
    return values[before] + (values[after] - values[before]) * (at - before) / (after - before)


def wandering(process: LogitAR1, quantity: str, draws: Draws, rounds: int) -> list[float]:
    """Return the path of a quantity that fluctuates around its level on the logit scale, with occasional jumps."""
    who = f"quantity:{quantity}"
    centre = math.log(process.level / (1 - process.level))
    x, values = 0.0, []
    for t in range(1, rounds + 1):
        if t > 1:
            x = process.persistence * x + process.volatility * draws.normal("move", who, t)
            if draws.uniform("jump", who, t) < process.jump_chance:
                x += process.jump_size * draws.normal("jump size", who, t)
        values.append(1 / (1 + math.exp(-(centre + x))))
    return values


def poisson(mean: float, draw: float) -> int:
    """Return the smallest number, at most 1000, whose cumulative chance is not below the draw (III.4.m)."""
    number, chance = 0, math.exp(-mean)
    cumulative = chance
    while cumulative < draw and number < 1000:
        number += 1
        chance *= mean / number
        cumulative += chance
    return number


def state(code: str) -> str:
    """Return the state part of an address (III.4.n)."""
    return f"state:{code}"
