"""A scenario and the facts as the read-only arrays that both engines use."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np

from sim import facts
from sim.errors import ModelError
from sim.model.environment import fixed_paths
from sim.model.roster import MissingData, figures, roster
from sim.scenario.parties import without_opponent
from sim.scenario.scheduled_changes import forced_rounds, stages
from sim.scenario.schema import ABSTAIN, Scenario
from sim.theory import forces
from sim.theory.choice import FREE
from sim.theory.considerations import CONSIDERATIONS, DRIVERS, OFFER_NEEDS, Characteristics

type Array = np.ndarray

_MOST_VIOLATIONS = 500  # in a round: with more, the probability of none underflows
_EXACT = 2.0**40


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """The options as arrays, abstaining first and then by rung."""

    names: tuple[str, ...]
    rungs: Array
    asks: Array  # soldiers
    multipliers: Array  # host soldiers per soldier
    punishes: Array
    provokes: Array
    peer_norms: Array

    def index(self, option: str) -> int:
        """Return the index of an option on the menu; ModelError if it is not on it."""
        if option not in self.names:
            raise ModelError(f"no option {option!r} on the menu; there are {', '.join(self.names)}")
        return self.names.index(option)


@dataclass(frozen=True, kw_only=True)
class Setup:
    """A prepared scenario: arrays over states, options and considerations."""

    scenario: Scenario  # while the setup is in force
    whole: Scenario  # as loaded, with all its changes
    menu: Menu
    states: tuple[facts.State, ...]
    characteristics: Characteristics
    considerations: tuple[str, ...]
    felt: Array  # [states, options, considerations] sensitivities; 0 where an option does not raise it
    stakes: Array  # [states, options, considerations] weight * loading * sensitivity
    driver_of: Array  # [considerations] index in DRIVERS, own drivers after them
    own_drivers: tuple[Callable[..., float], ...]
    pulls: Array  # [states, options, drivers] coefficients: stakes summed over each driver's considerations
    peer_weights: Array  # [states, states] weight of the column among the row's peers; rows sum to 1 or to 0
    economy: Array  # [states] share of the roster's GDP
    opening: Array  # [states] stance before the first round
    forced: Array  # [rounds, states] option that a state is forced to declare; -1 where it decides for itself
    headline: int
    fixed_paths: Array  # [rounds, quantities] of the environment; not-a-number where random
    later: tuple[tuple[int, Setup], ...] = ()  # setups that replace this one, with their first rounds, in order

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The states on the roster, in its order."""
        return tuple(state.code for state in self.states)

    @cached_property
    def has_peers(self) -> Array:
        """Whether each state meets any other on the roster in a format, as [states]."""
        return self.peer_weights.sum(axis=1) > 0.0

    @cached_property
    def leads(self) -> Array:
        """1 for each lead, as [states]."""
        return self.characteristics.leads

    @cached_property
    def offers(self) -> Array:
        """Soldiers that each state offers to each option, as [states, options]."""
        return self.characteristics.offers

    @property
    def weeks(self) -> float:
        """The length of a round in weeks."""
        return self.scenario.round_days / 7.0

    def at(self, number: int) -> Setup:
        """Return the setup in force in a round: this one, or a later one that has replaced it by then."""
        current = self
        for first, setup in self.later:
            current = setup if first <= number else current
        return current

    @property
    def last(self) -> Setup:
        """The setup in force in the last round."""
        return self.at(self.scenario.rounds)

    def date_of(self, number: int) -> datetime.date:
        """Return the date of a round, the first being round 1."""
        return self.scenario.start + datetime.timedelta(days=self.scenario.round_days * (number - 1))


def prepare(scenario: Scenario, like: Setup | None = None) -> Setup:
    """Prepare a scenario for simulation: check the figures that it needs and compute its arrays.

    Parameters
    ----------
    scenario : Scenario
        The scenario.
    like : Setup, optional
        A setup from which arrays are reused if the blocks of the scenario that they follow from are the same objects,
        as at the points of a sweep.

    Returns
    -------
    Setup
        The prepared scenario, with read-only arrays.

    Raises
    ------
    FactsError
        If a state lacks a figure that its considerations or offers need; the message names every such state.
    ModelError
        If the scenario cannot be simulated.

    Examples
    --------
    >>> setup = prepare(load_scenario("paris-march-2025"))
    >>> setup.offers.shape == (len(setup.codes), len(setup.menu.names))
    True
    """
    scenario = without_opponent(scenario)
    _check_calendar(scenario)
    (_, opens), *changes = stages(scenario)
    setup = _prepared(opens, like, scenario)
    stages_later = ((first, without_opponent(changed)) for first, changed in changes)
    later = tuple((first, frozen(_prepared(changed, setup, scenario))) for first, changed in stages_later)
    for _, changed in later:
        check_compatible(setup, changed, played=0)
    return frozen(replace(setup, later=later) if later else setup)


def _prepared(scenario: Scenario, like: Setup | None, whole: Scenario) -> Setup:
    """Return the setup of a scenario without its later changes."""
    _check_violations(scenario)
    names = tuple(name for name in CONSIDERATIONS if name in scenario.weights)

    def kept(part: str, *blocks: str) -> Any:
        """Return a part of `like` if all blocks that it follows from are the same, else None."""
        if like is None or any(getattr(scenario, block) is not getattr(like.scenario, block) for block in blocks):
            return None
        return getattr(like, part) if like.considerations == names else None

    who = ("roster", "states", "leads", "host", "opponent", "relations")
    states = kept("states", *who) or roster(scenario)
    missing = MissingData(states, scenario)
    menu = kept("menu", "menu") or _menu(scenario)
    characteristics = kept("characteristics", *who, "menu", "geography", "forces")
    felt = kept("felt", *who, "menu", "geography", "forces")
    if characteristics is None:
        characteristics = _characteristics(scenario, states, menu, missing)
    if felt is None:
        felt = _felt(scenario, menu, characteristics, names)
    driver_of, own_drivers = _drivers(names)
    stakes = kept("stakes", *who, "menu", "geography", "forces", "weights")
    pulls = kept("pulls", *who, "menu", "geography", "forces", "weights")
    if stakes is None:
        stakes = _stakes(scenario, menu, felt, names, missing)
        pulls = _pulls(stakes, driver_of, len(own_drivers))
    peer_weights = kept("peer_weights", *who, "momentum")
    if peer_weights is None:
        peer_weights = _peer_weights(scenario, states, missing)
    economy = kept("economy", *who, "menu", "deterrence")
    if economy is None:
        economy = _economy(scenario, states, menu, missing)
    paths = kept("fixed_paths", "environment") if like and _same_days(scenario, like.scenario) else None
    forced = _forced(scenario, states, menu)
    setup = Setup(
        scenario=scenario,
        whole=whole,
        menu=menu,
        states=states,
        characteristics=characteristics,
        considerations=names,
        felt=felt,
        stakes=stakes,
        driver_of=driver_of,
        own_drivers=own_drivers,
        pulls=pulls,
        peer_weights=peer_weights,
        economy=economy,
        opening=_opening(scenario, states, menu, forced),
        forced=forced,
        headline=menu.names.index(scenario.proposal.headline),
        fixed_paths=fixed_paths(scenario) if paths is None else paths,
    )
    missing.raise_if_any()
    _check_proportions(setup)
    return setup


def _forced(scenario: Scenario, states: tuple[facts.State, ...], menu: Menu) -> Array:
    """Return the forced option of each state as [rounds, states]; -1 where the state decides for itself."""
    codes = [state.code for state in states]
    forced = np.full((scenario.rounds, len(codes)), FREE, dtype=np.int64)
    for code, option, numbers in forced_rounds(scenario):
        index = FREE if option is None else menu.index(option)
        forced[numbers.start - 1 : numbers.stop - 1, codes.index(code)] = index
    return forced


def _opening(scenario: Scenario, states: tuple[facts.State, ...], menu: Menu, forced: Array) -> Array:
    """Return the stance [states] before the first round; states forced in that round already have the forced option."""
    opening = scenario.opening
    stances = [opening if isinstance(opening, str) else opening.get(state.code, ABSTAIN) for state in states]
    return np.where(forced[0] == FREE, [menu.names.index(stance) for stance in stances], forced[0])


def check_compatible(before: Setup, after: Setup, *, played: int) -> None:
    """Raise ModelError if a model cannot continue with another setup after the simulated rounds."""
    trouble = _differs("states", before.codes, after.codes) or _differs("options", before.menu.names, after.menu.names)
    if trouble:
        raise ModelError(
            f"{after.scenario.name}: the bargaining cannot continue with it: {trouble}; build a new model with it"
        )
    rounds = after.scenario.rounds
    if rounds < played:
        raise ModelError(
            f"{after.scenario.name}: rounds: {played:,} were already simulated, so {rounds:,} are too few; "
            f"set {played:,} or more, or build a new model with it"
        )


def check_no_changes(setup: Setup, asker: str, *, forced: bool = False) -> None:
    """Raise ModelError for a setup that changes during the run, where an analysis needs one setup throughout.

    asker: the analysis, as named in the message. forced: forced stances are refused as well.
    """
    name = setup.scenario.name
    if setup.later:
        raise ModelError(
            f"{name}: changes: {asker} needs settings that are constant throughout the run; take `changes` "
            "out, or set their values from the start with --set"
        )
    if forced and (setup.forced != FREE).any():
        raise ModelError(f"{name}: force: {asker} needs every state to decide for itself; take `force` out")


def _differs(what: str, before: tuple[str, ...], after: tuple[str, ...]) -> str:
    """Return the differences between two lists of names in words, or an empty text."""
    gone = [name for name in before if name not in after]
    new = [name for name in after if name not in before]
    parts = [f"{words} {', '.join(names)}" for words, names in (("without", gone), ("with", new)) if names]
    if parts:
        return f"other {what}, {' and '.join(parts)}"
    return "" if before == after else f"the same {what}, but in the order {', '.join(after)}"


def _same_days(one: Scenario, other: Scenario) -> bool:
    return (one.start, one.round_days, one.rounds) == (other.start, other.round_days, other.rounds)


def frozen(setup: Setup) -> Setup:
    """Make the arrays of a setup read-only again after unpickling, which makes them writable."""
    for _, later in setup.later:
        frozen(later)
    for part in (setup, setup.menu, setup.characteristics):
        for field in fields(part):
            value = getattr(part, field.name)
            if isinstance(value, np.ndarray):
                value.setflags(write=False)
    return setup


def _check_calendar(scenario: Scenario) -> None:
    """Raise ModelError if the last round is beyond the end of the calendar."""
    last = scenario.start.toordinal() + scenario.round_days * (scenario.rounds - 1)
    if last > datetime.date.max.toordinal():
        raise ModelError(
            f"{scenario.name}: {scenario.rounds:,} rounds of {scenario.round_days} days run past the year 9999; "
            "set fewer rounds or a smaller round_days"
        )


def _check_violations(scenario: Scenario) -> None:
    """Raise ModelError if violations carry no information, or are too many to be counted."""
    rules = scenario.ceasefire
    if rules.violations_sincere >= rules.violations_insincere:
        raise ModelError(
            f"{scenario.name}: ceasefire.violations_sincere: {rules.violations_sincere:g} must be less than "
            f"violations_insincere, which is {rules.violations_insincere:g}"
        )
    a_week = rules.violations_insincere
    a_round = a_week * scenario.round_days / 7.0
    if a_round > _MOST_VIOLATIONS:
        raise ModelError(
            f"{scenario.name}: ceasefire.violations: {a_week:g} a week are {a_round:,.0f} in a round of "
            f"{scenario.round_days} days; at most {_MOST_VIOLATIONS} can be counted, set fewer or shorter rounds"
        )


def _check_proportions(setup: Setup) -> None:
    """Raise ModelError if numbers that are in their ranges lead to others that cannot be computed with."""
    name = setup.scenario.name
    finite = np.isfinite(setup.stakes)
    for c, consideration in enumerate(setup.considerations if not finite.all() else ()):
        for i in np.flatnonzero(~finite[:, :, c].all(axis=1)):
            raise ModelError(
                f"{name}: weights.{consideration}: the sensitivity of {setup.codes[i]} is not a finite number; check "
                f"its figures (`willing list states`), or the function of the consideration"
            )
    for what, values in (("offers", setup.offers), ("peers", setup.peer_weights), ("economy", setup.economy)):
        if not np.isfinite(values).all():
            raise ModelError(f"{name}: {what}: not finite numbers; check the figures with `willing list states`")


def _menu(scenario: Scenario) -> Menu:
    names = scenario.option_names
    options = [scenario.menu[name] for name in names[1:]]

    def column(attribute: str, dtype: type = float) -> Array:
        return np.array([0, *(getattr(option, attribute) for option in options)], dtype=dtype)

    return Menu(
        names=names,
        rungs=column("rung", np.int64),
        asks=column("ask"),
        multipliers=column("deters"),
        punishes=column("punishes"),
        provokes=column("provokes"),
        peer_norms=column("peer_norm"),
    )


def _characteristics(
    scenario: Scenario, states: tuple[facts.State, ...], menu: Menu, missing: MissingData
) -> Characteristics:
    geography, settings = scenario.geography, scenario.forces
    budget = figures(states, "defence_budget_busd") * 1e9
    land = figures(states, "land_forces")
    leads = np.array([float(state.code in scenario.leads) for state in states])
    borders_host = figures(states, "border_ukraine")
    if scenario.opponent is None:
        front, alignment = np.zeros(len(states)), np.zeros(len(states))
    else:
        alignment = figures(states, "moscow_alignment")
        front = forces.front_exposure(
            figures(states, "dist_moscow_km"),
            figures(states, "border_russia"),
            borders_host,
            geography.far,
            geography.fading,
            geography.border_share,
            geography.host_border,
        )
    tie = forces.home_tie(front, geography.home_tie_base, geography.home_tie_front)
    sustainable = forces.sustainable_part(budget, figures(states, "active_personnel"), settings.sustaining_budget)
    deployable = sustainable * land
    usable = deployable * (1.0 - tie)
    lead_factor = np.where(leads > 0.0, settings.lead_factor, 1.0)
    offers = np.zeros((len(states), len(menu.names)))
    burdens = np.zeros_like(offers)
    debt = figures(states, "debt_pct_gdp")
    for index, name in enumerate(menu.names[1:], start=1):
        option = scenario.menu[name]
        offers[:, index] = forces.offer(option.share, lead_factor, sustainable, land, tie, option.home_tie_counts)
        missing.note(np.isnan(offers[:, index]), OFFER_NEEDS, f"menu.{name}.share")
        burdens[:, index] = forces.cost_burden(
            offers[:, index], settings.yearly_cost, budget, debt, settings.debt_reference
        )
    return Characteristics(
        codes=tuple(state.code for state in states),
        leads=leads,
        aid=figures(states, "aid_pct_gdp"),
        support=figures(states, "peacekeeping_support_pct") / 100.0,
        front=front,
        borders_host=borders_host,
        home_tie=tie,
        usable=usable,
        offers=offers,
        strain=forces.strain(
            offers[:, -1], usable, figures(states, "troops_abroad"), settings.rotation, settings.strain_limit
        ),
        cost_burden=burdens,
        small_force=np.where(np.isnan(deployable), np.nan, (deployable < settings.small_force).astype(float)),
        veto=figures(states, "parliament_veto"),
        moscow_alignment=alignment,
        non_aligned=figures(states, "non_aligned"),
    )


def _felt(scenario: Scenario, menu: Menu, characteristics: Characteristics, names: tuple[str, ...]) -> Array:
    """Return the sensitivity of each state to each consideration that an option raises, not-a-number where unknown."""
    felt = np.zeros((len(characteristics.codes), len(menu.names), len(names)))
    for c, name in enumerate(names):
        own = np.array([_own_feeling(scenario, code, name) for code in characteristics.codes])
        for k, option in enumerate(menu.names[1:], start=1):
            if scenario.menu[option].raises.get(name, 0.0) != 0.0:
                felt[:, k, c] = np.where(np.isnan(own), CONSIDERATIONS[name].feels(characteristics, k), own)
    return felt


def _stakes(scenario: Scenario, menu: Menu, felt: Array, names: tuple[str, ...], missing: MissingData) -> Array:
    """Return weight * loading * sensitivity as [states, options, considerations]; 0 for a weight of 0."""
    weights = np.array([scenario.weights[name] for name in names])
    raised = np.zeros(felt.shape[1:])
    for k, option in enumerate(menu.names[1:], start=1):
        raised[k] = [scenario.menu[option].raises.get(name, 0.0) for name in names]
    factors = weights * raised
    stakes = np.multiply(factors, felt, out=np.zeros_like(felt), where=np.broadcast_to(factors != 0.0, felt.shape))
    if np.isnan(stakes).any():
        for c, name in enumerate(names):
            missing.note(np.isnan(stakes[:, :, c]).any(axis=1), CONSIDERATIONS[name].needs, f"weights.{name}")
    return stakes


def _pulls(stakes: Array, driver_of: Array, own_drivers: int) -> Array:
    """Return the coefficients summed by driver, as [states, options, drivers]."""
    pulls = np.zeros((*stakes.shape[:2], len(DRIVERS) + own_drivers))
    for c, driver in enumerate(driver_of):
        pulls[:, :, driver] += stakes[:, :, c]
    return pulls


def _own_feeling(scenario: Scenario, code: str, consideration: str) -> float:
    override = scenario.states.get(code)
    return float("nan") if override is None else override.feels.get(consideration, float("nan"))


def _drivers(names: tuple[str, ...]) -> tuple[Array, tuple[Callable[..., float], ...]]:
    """Return the index of each consideration's driver, and the drivers that are not among DRIVERS."""
    own: list[Callable[..., float]] = []
    indices = []
    for name in names:
        driver = CONSIDERATIONS[name].driver
        if not isinstance(driver, str):
            if driver not in own:
                own.append(driver)
            indices.append(len(DRIVERS) + own.index(driver))
        elif driver in DRIVERS:
            indices.append(DRIVERS.index(driver))
        else:
            raise ModelError(
                f"consideration {name!r}: unknown driver {driver!r}; known are {', '.join(DRIVERS)}, "
                "or give a function of an Observation"
            )
    return np.array(indices, dtype=np.int64), tuple(own)


def _peer_weights(scenario: Scenario, states: tuple[facts.State, ...], missing: MissingData) -> Array:
    """Return the weight of each state (column) among the peers of another (row), averaged over its formats."""
    momentum = scenario.momentum
    codes = [state.code for state in states]
    standing = np.where(np.isin(codes, scenario.leads), momentum.lead_factor, 1.0)
    if momentum.budgets_count:
        budgets = figures(states, "defence_budget_busd")
        missing.note(np.isnan(budgets), ("defence_budget_busd",), "momentum.budgets_count")
        standing = standing * np.sqrt(budgets)
    total = np.zeros((len(codes), len(codes)))
    meetings = np.zeros(len(codes))
    for members in _gatherings(scenario, codes):
        sits = np.isin(codes, members)
        others = sits[:, None] & sits[None, :] & ~np.eye(len(codes), dtype=bool)
        weights = others * standing
        sums = np.array([[math.fsum(row)] for row in weights])  # exact in any order of the roster
        total += np.divide(weights, sums, out=np.zeros_like(weights), where=sums > 0.0)
        meetings += sums[:, 0] > 0.0
    average = np.divide(total, meetings[:, None], out=np.zeros_like(total), where=meetings[:, None] > 0)
    return _exact(average)


def _gatherings(scenario: Scenario, codes: list[str]) -> list[tuple[str, ...]]:
    chosen = scenario.momentum.formats
    if chosen == "everyone":
        return [tuple(codes)]
    formats = facts.formats()
    return [formats[name].members for name in (formats if chosen == "all" else chosen)]


def _economy(scenario: Scenario, states: tuple[facts.State, ...], menu: Menu, missing: MissingData) -> Array:
    """Return each state's share of the roster's GDP; 0, and GDP may be unknown, if punishment has no effect."""
    if scenario.deterrence.punishment == 0.0 or not menu.punishes.any():
        return np.zeros(len(states))
    output = figures(states, "gdp_busd")
    missing.note(np.isnan(output), ("gdp_busd",), "deterrence.punishment")
    return _exact(output / math.fsum(output))


def _exact(shares: Array) -> Array:
    """Return shares as multiples of 1 / _EXACT, so that sums of them are exact in any order."""
    return np.rint(shares * _EXACT) / _EXACT
