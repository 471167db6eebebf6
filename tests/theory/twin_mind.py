"""The slow twin's states: their capacities, sensitivities and peers: docs/odd.md, III.3 to III.4.e."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from sim import facts
from sim.facts import State
from sim.scenario import Scenario

ABSTAIN = "abstain"

type Terms = dict[str, float]  # by consideration


@dataclass(frozen=True, kw_only=True)
class Character:
    """The capacities of a state (III.4.a); a figure is read only when needed, since it may be unknown."""

    scenario: Scenario
    figures: State
    leads: bool

    @property
    def front(self) -> float:
        if self.scenario.opponent is None:
            return 0.0
        geography = self.scenario.geography
        closeness = math.exp(-max(0.0, self.figures.dist_moscow_km - geography.far) / geography.fading)
        border = max(self.figures.border_russia, geography.host_border * self.figures.border_ukraine)
        return (1 - geography.border_share) * closeness + geography.border_share * border

    @property
    def tie(self) -> float:
        geography = self.scenario.geography
        return min(1.0, geography.home_tie_base + geography.home_tie_front * self.front)

    @property
    def budget(self) -> float:
        return self.figures.defence_budget_busd * 1e9

    @property
    def sustainable(self) -> float:
        if self.figures.active_personnel == 0:
            return 0.0
        return min(1.0, self.budget / self.figures.active_personnel / self.scenario.forces.sustaining_budget)

    @property
    def deployable(self) -> float:
        return self.sustainable * self.figures.land_forces

    @property
    def usable(self) -> float:
        return self.deployable * (1 - self.tie)

    def offer(self, option: str) -> float:
        share = of(self.scenario, option, "share")
        if share == 0:
            return 0.0
        lead = self.scenario.forces.lead_factor if self.leads else 1
        at_hand = 1 - self.tie * of(self.scenario, option, "home_tie_counts")
        return float(round(share * lead * self.sustainable * self.figures.land_forces * at_hand))

    @property
    def strain(self) -> float:
        forces = self.scenario.forces
        if self.usable == 0:
            return forces.strain_limit
        deployed = self.offer(menu(self.scenario)[-1])
        return min(forces.strain_limit, forces.rotation * deployed / max(self.usable - self.figures.troops_abroad, 1))

    @property
    def small(self) -> float:
        return float(self.deployable < self.scenario.forces.small_force)

    def burden(self, option: str) -> float:
        forces, offer = self.scenario.forces, self.offer(option)
        if offer == 0:
            return 0.0
        return offer * forces.yearly_cost / self.budget * self.figures.debt_pct_gdp / forces.debt_reference

    @property
    def aid(self) -> float:
        return math.log(1 + self.figures.aid_pct_gdp)

    @property
    def support(self) -> float:
        return self.figures.peacekeeping_support_pct / 100

    @property
    def exposed(self) -> float:
        """The security at stake for the state, before it is cut to its range."""
        return (0.25 + 0.55 * self.front + 0.25 * self.aid) * (1 - 0.8 * self.figures.moscow_alignment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A consideration: the sensitivity of a state for an option, and the driver."""

    felt: Callable[[Character, str], float]
    driver: str


REASONS: dict[str, Reason] = {  # the table of considerations, in its order
    "constant": Reason(felt=lambda who, _: 1, driver="always"),
    "leadership": Reason(felt=lambda who, _: float(who.leads), driver="always"),
    "solidarity": Reason(felt=lambda who, _: who.aid, driver="always"),
    "seat": Reason(felt=lambda who, _: 1, driver="called_in"),
    "opinion": Reason(felt=lambda who, _: 2 * who.support - 1, driver="always"),
    "us_backing": Reason(felt=lambda who, _: 1, driver="us_backing"),
    "escalation": Reason(
        felt=lambda who, _: 0.45 + 0.5 * who.front + 0.15 * who.figures.border_ukraine, driver="russian_threat"
    ),
    "manpower": Reason(felt=lambda who, _: who.strain + who.small, driver="called_in"),
    "cost": Reason(felt=lambda who, option: who.burden(option), driver="called_in"),
    "home_defence": Reason(felt=lambda who, _: who.tie, driver="called_in"),
    "clarity": Reason(felt=lambda who, _: 0.5 + 0.5 * who.figures.parliament_veto, driver="vagueness"),
    "parliament": Reason(felt=lambda who, _: who.figures.parliament_veto, driver="always"),
    "moscow_alignment": Reason(felt=lambda who, _: who.figures.moscow_alignment, driver="always"),
    "neutrality": Reason(felt=lambda who, _: who.figures.non_aligned, driver="no_mandate"),
    "mandate": Reason(felt=lambda who, _: 0.6 + 0.4 * who.figures.parliament_veto, driver="mandate"),
    "sincerity": Reason(felt=lambda who, _: 1, driver="sincerity"),
    "hub": Reason(
        felt=lambda who, _: who.figures.border_ukraine * (1 - who.figures.moscow_alignment),
        driver="always",
    ),
    "momentum": Reason(felt=lambda who, _: 1, driver="momentum"),
    "security": Reason(felt=lambda who, _: min(1.2, max(0.0, who.exposed)), driver="security"),
    "consistency": Reason(felt=lambda who, _: 1, driver="word_kept"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mind:
    """A state on the roster, with everything about it that never changes."""

    code: str
    leads: bool
    offers: dict[str, float]  # soldiers, by option
    stakes: dict[str, Terms]  # weight * raised * felt, by option and consideration
    looks_to: dict[str, float]  # the weight of each peer
    economy: float  # share of the roster's GDP


def menu(scenario: Scenario) -> tuple[str, ...]:
    """Return the options in their order: abstain, then by rung, equal rungs by name (III.4)."""
    return (ABSTAIN, *sorted(scenario.menu, key=lambda option: (scenario.menu[option].rung, option)))


def of(scenario: Scenario, option: str, name: str) -> float:
    """Return a setting of an option; for abstain all of them are 0 (III.4)."""
    return 0 if option == ABSTAIN else getattr(scenario.menu[option], name)


def minds(scenario: Scenario) -> dict[str, Mind]:
    """Return the states that decide, by code, in the order of the roster (I.2, III.3)."""
    asked = [code for code in scenario.roster.states if code not in scenario.roster.leave_out]
    characters = {
        code: Character(scenario=scenario, figures=figures(scenario, code), leads=code in scenario.leads)
        for code in asked
    }
    economies = shares_of_gdp(scenario, characters)
    return {
        code: Mind(
            code=code,
            leads=who.leads,
            offers={option: who.offer(option) for option in menu(scenario)},
            stakes={option: stakes(scenario, who, option) for option in menu(scenario)},
            looks_to=peer_weights(scenario, characters, code),
            economy=economies[code],
        )
        for code, who in characters.items()
    }


def figures(scenario: Scenario, code: str) -> State:
    """Return the figures of a state: the table's, and those that the scenario replaces (III.3)."""
    known = alone(scenario, code)
    given = scenario.states[code].facts if code in scenario.states else {}
    changes: dict[str, float | None] = {}
    if scenario.host != "UKR":
        changes |= {"border_ukraine": None, "aid_pct_gdp": None}
    if scenario.opponent is None:
        changes |= {"border_russia": None, "dist_moscow_km": None, "moscow_alignment": 0.0}
    elif scenario.opponent != "RUS":
        apart = kilometres(known, alone(scenario, scenario.opponent))
        changes |= {"border_russia": None, "dist_moscow_km": apart, "moscow_alignment": None}
    for relation, column in RELATIONS.items():
        said = scenario.relations.get(relation)
        if isinstance(said, dict):
            if code in said or "others" in said:
                changes[column] = said[code] if code in said else said["others"]
        elif said is not None:
            changes[column] = said
    if scenario.opponent is None:
        given = {column: value for column, value in given.items() if column != "moscow_alignment"}
    return replace(known, **(changes | given))


RELATIONS = {  # the table in III.3
    "border_host": "border_ukraine",
    "aid_pct_gdp": "aid_pct_gdp",
    "border_opponent": "border_russia",
    "dist_opponent_km": "dist_moscow_km",
    "opponent_alignment": "moscow_alignment",
}


def alone(scenario: Scenario, code: str) -> State:
    """Return the figures of a state by itself from the table and the scenario."""
    nothing_known = State(code=code, name=code, capital="", **dict.fromkeys(facts.FIGURES))
    known = facts.states().get(code, nothing_known)
    return replace(known, **scenario.states[code].facts) if code in scenario.states else known


def kilometres(one: State, other: State) -> float | None:
    """Return the great-circle distance between two capitals in whole km, by the law of cosines (III.3)."""
    places = [one.lat, one.lon, other.lat, other.lon]
    if None in places:
        return None
    north, east, south, west = (math.radians(degrees) for degrees in places)
    cosine = math.sin(north) * math.sin(south) + math.cos(north) * math.cos(south) * math.cos(east - west)
    return float(round(6371.0088 * math.acos(max(-1.0, min(1.0, cosine)))))


def stakes(scenario: Scenario, who: Character, option: str) -> Terms:
    """Return weight * loading * sensitivity of each consideration that has a weight (III.4.b)."""
    own = scenario.states[who.figures.code].feels if who.figures.code in scenario.states else {}
    found: Terms = {}
    for name in (name for name in REASONS if name in scenario.weights):
        raised = 0 if option == ABSTAIN else scenario.weights[name] * scenario.menu[option].raises.get(name, 0)
        felt = 0 if raised == 0 else own[name] if name in own else REASONS[name].felt(who, option)
        found[name] = raised * felt
    return found


def peer_weights(scenario: Scenario, characters: Mapping[str, Character], code: str) -> dict[str, float]:
    """Return the weights of a state's peers; 0 for a state without peers (III.4.d)."""
    weights = dict.fromkeys(characters, 0.0)
    rooms = 0
    for members in meetings(scenario, characters):
        if code not in members:
            continue
        others = {peer: standing(scenario, characters[peer]) for peer in characters if peer in members and peer != code}
        total = math.fsum(others.values())
        if total > 0:
            rooms += 1
            for peer, weight in others.items():
                weights[peer] += weight / total
    return {peer: exact(weight / rooms) for peer, weight in weights.items() if weight > 0}


def meetings(scenario: Scenario, roster: Iterable[str]) -> list[tuple[str, ...]]:
    """Return the members of each consultation format that counts."""
    chosen = scenario.momentum.formats
    if chosen == "everyone":
        return [tuple(roster)]
    return [facts.formats()[name].members for name in (facts.formats() if chosen == "all" else chosen)]


def standing(scenario: Scenario, who: Character) -> float:
    """Return the weight of a state among the members of a format."""
    lead = scenario.momentum.lead_factor if who.leads else 1
    return lead * (math.sqrt(who.figures.defence_budget_busd) if scenario.momentum.budgets_count else 1)


def shares_of_gdp(scenario: Scenario, characters: Mapping[str, Character]) -> dict[str, float]:
    """Return each state's share of the roster's GDP, 0 if punishment has no effect (III.4.e, III.4.g)."""
    if scenario.deterrence.punishment == 0 or not any(option.punishes for option in scenario.menu.values()):
        return dict.fromkeys(characters, 0.0)
    total = math.fsum(who.figures.gdp_busd for who in characters.values())
    return {code: exact(who.figures.gdp_busd / total) for code, who in characters.items()}


def exact(share: float) -> float:
    """Round to a multiple of 2^-40, so that sums are exact in any order (III.1)."""
    return round(share * 2**40) / 2**40
