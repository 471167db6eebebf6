"""From a scenario and the facts to the read-only arrays that every engine plays on."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np

from sim import facts
from sim.errors import FactsError, ModelError
from sim.scenario.schema import ABSTAIN, Constant, LogitAR1, Ramp, Scenario, Schedule
from sim.theory import choice, forces, processes
from sim.theory.considerations import CONSIDERATIONS, DRIVERS, Characteristics, Consideration

type Array = np.ndarray

_EXACT = 2.0**40  # shares are kept as multiples of its inverse, so that sums of them are exact in any order


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """The options as arrays, abstaining first and then by rung."""

    names: tuple[str, ...]
    rungs: Array
    asks: Array  # soldiers
    multipliers: Array  # host soldiers' worth of a soldier
    punishes: Array
    provokes: Array
    peer_norms: Array


@dataclass(frozen=True, kw_only=True)
class Setup:
    """A scenario made ready to be played: arrays over states, options and considerations."""

    scenario: Scenario
    menu: Menu
    states: tuple[facts.State, ...]
    characteristics: Characteristics
    considerations: tuple[str, ...]
    stakes: Array  # [states, options, considerations] weight * raised * felt
    driver_of: Array  # [considerations] place in DRIVERS, own drivers after them
    own_drivers: tuple[Callable[..., float], ...]
    peer_weights: Array  # [states, states] how much each row looks to each column; rows add up to 1 or to 0
    economy: Array  # [states] share of the roster's GDP
    opening: Array  # [states] stance before the first round
    headline: int
    fixed_paths: Array  # [rounds, quantities] of the environment; not-a-number where luck decides

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The states on the roster, in its order."""
        return tuple(state.code for state in self.states)

    @cached_property
    def has_peers(self) -> Array:
        """Whether each state meets with anybody else on the roster, as [states]."""
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

    def date_of(self, number: int) -> datetime.date:
        """Return the date of a round, the first being round 1."""
        return self.scenario.start + datetime.timedelta(days=self.scenario.round_days * (number - 1))


def prepare(scenario: Scenario) -> Setup:
    """Return the scenario made ready to be played.

    Raises FactsError naming every state that lacks a figure which its considerations or its offers need, and
    ModelError for a scenario that cannot be played.
    """
    states = roster(scenario)
    menu = _menu(scenario)
    characteristics = _characteristics(scenario, states, menu)
    names = tuple(name for name in CONSIDERATIONS if name in scenario.weights)
    driver_of, own_drivers = _drivers(names)
    opening = scenario.opening
    held = [opening if isinstance(opening, str) else opening.get(state.code, ABSTAIN) for state in states]
    setup = Setup(
        scenario=scenario,
        menu=menu,
        states=states,
        characteristics=characteristics,
        considerations=names,
        stakes=_stakes(scenario, states, menu, characteristics, names),
        driver_of=driver_of,
        own_drivers=own_drivers,
        peer_weights=_peer_weights(scenario, states),
        economy=_economy(scenario, states, menu),
        opening=np.array([menu.names.index(stance) for stance in held], dtype=np.int64),
        headline=menu.names.index(scenario.proposal.headline),
        fixed_paths=_fixed_paths(scenario),
    )
    return frozen(setup)


def frozen(setup: Setup) -> Setup:
    """Make the arrays of a setup read-only, as they are not any more when they come from another process."""
    for part in (setup, setup.menu, setup.characteristics):
        for field in fields(part):
            value = getattr(part, field.name)
            if isinstance(value, np.ndarray):
                value.setflags(write=False)
    return setup


def roster(scenario: Scenario) -> tuple[facts.State, ...]:
    """Return the states that the scenario asks, with the figures that it takes to be different."""
    table = facts.states()
    asked = []
    for code in scenario.roster.asked:
        override = scenario.states.get(code)
        state = table.get(code)
        if state is None:
            state = facts.State(code=code, name=code, capital="", **dict.fromkeys(facts.FIGURES))
        if override is not None:
            changes: dict[str, object] = dict(override.facts)
            if override.name:
                changes["name"] = override.name
            state = replace(state, **changes)  # type: ignore[arg-type]
        asked.append(state)
    return tuple(asked)


def _figures(states: tuple[facts.State, ...], column: str) -> Array:
    """Return a column of the table of states as [states], unknown figures as not-a-number."""
    values = [getattr(state, column) for state in states]
    return np.array([np.nan if value is None else float(value) for value in values])


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


def _characteristics(scenario: Scenario, states: tuple[facts.State, ...], menu: Menu) -> Characteristics:
    geography, settings = scenario.geography, scenario.forces
    budget = _figures(states, "defence_budget_busd") * 1e9
    land = _figures(states, "land_forces")
    leads = np.array([float(state.code in scenario.leads) for state in states])
    borders_host = _figures(states, "border_ukraine")
    front = forces.front_exposure(
        _figures(states, "dist_moscow_km"),
        _figures(states, "border_russia"),
        borders_host,
        geography.far,
        geography.fading,
        geography.border_share,
        geography.host_border,
    )
    tie = forces.home_tie(front, geography.home_tie_base, geography.home_tie_front)
    sustainable = forces.sustainable_part(budget, _figures(states, "active_personnel"), settings.sustaining_budget)
    usable = sustainable * land * (1.0 - tie)
    lead_factor = np.where(leads > 0.0, settings.lead_factor, 1.0)
    offers = np.zeros((len(states), len(menu.names)))
    burdens = np.zeros_like(offers)
    debt = _figures(states, "debt_pct_gdp")
    for place, name in enumerate(menu.names[1:], start=1):
        option = scenario.menu[name]
        offers[:, place] = forces.offer(option.share, lead_factor, sustainable, land, tie, option.home_tie_counts)
        burdens[:, place] = forces.cost_burden(
            offers[:, place], settings.yearly_cost, budget, debt, settings.debt_reference
        )
    _name_gaps(
        scenario,
        states,
        {f"menu.{name}.share": np.isnan(offers[:, place]) for place, name in enumerate(menu.names)},
        dict.fromkeys(
            (f"menu.{name}.share" for name in menu.names),
            CONSIDERATIONS["manpower"].needs[:-1],
        ),
    )
    return Characteristics(
        codes=tuple(state.code for state in states),
        leads=leads,
        aid=_figures(states, "aid_pct_gdp"),
        support=_figures(states, "peacekeeping_support_pct") / 100.0,
        front=front,
        borders_host=borders_host,
        home_tie=tie,
        usable=usable,
        offers=offers,
        strain=forces.strain(
            offers[:, -1], usable, _figures(states, "troops_abroad"), settings.rotation, settings.strain_limit
        ),
        cost_burden=burdens,
        small_force=np.where(np.isnan(usable), np.nan, (usable < settings.small_force).astype(float)),
        veto=_figures(states, "parliament_veto"),
        moscow_alignment=_figures(states, "moscow_alignment"),
        non_aligned=_figures(states, "non_aligned"),
    )


def _stakes(
    scenario: Scenario,
    states: tuple[facts.State, ...],
    menu: Menu,
    characteristics: Characteristics,
    names: tuple[str, ...],
) -> Array:
    """Return weight * raised * felt as [states, options, considerations]; what weighs nothing need not be known."""
    stakes = np.zeros((len(states), len(menu.names), len(names)))
    gaps: dict[str, Array] = {}
    for c, name in enumerate(names):
        own = np.array([_own_feeling(scenario, state.code, name) for state in states])
        for k, option in enumerate(menu.names[1:], start=1):
            factor = scenario.weights[name] * scenario.menu[option].raises.get(name, 0.0)
            if factor == 0.0:
                continue
            felt = np.where(np.isnan(own), CONSIDERATIONS[name].feels(characteristics, k), own)
            stakes[:, k, c] = factor * felt
        missing = np.isnan(stakes[:, :, c]).any(axis=1)
        if missing.any():
            gaps[f"weights.{name}"] = missing
    _name_gaps(scenario, states, gaps, {f"weights.{name}": CONSIDERATIONS[name].needs for name in names})
    return stakes


def _own_feeling(scenario: Scenario, code: str, consideration: str) -> float:
    override = scenario.states.get(code)
    return float("nan") if override is None else override.feels.get(consideration, float("nan"))


def _name_gaps(
    scenario: Scenario,
    states: tuple[facts.State, ...],
    gaps: Mapping[str, Array],
    needs: Mapping[str, tuple[str, ...]],
) -> None:
    """Raise FactsError where a figure that is asked for is unknown, naming state, figure and what asks for it."""
    lacking = []
    for path, missing in gaps.items():
        for state, gap in zip(states, missing, strict=True):
            if gap:
                unknown = [column for column in needs[path] if getattr(state, column) is None]
                lacking.append(f"  {state.code} ({state.name}): {', '.join(unknown) or 'a figure'}, needed by {path}")
    if lacking:
        example = lacking[0].split()[0]
        raise FactsError(
            f"{scenario.name}: figures unknown that the scenario needs:\n"
            + "\n".join(lacking)
            + f"\nGive them under states.{example}.facts (or states.{example}.feels), "
            "leave the state out with roster.leave_out, or set the weight to 0."
        )


def _drivers(names: tuple[str, ...]) -> tuple[Array, tuple[Callable[..., float], ...]]:
    """Return the place of each consideration's driver, and the drivers that are not among DRIVERS."""
    own: list[Callable[..., float]] = []
    places = []
    for name in names:
        driver = _checked(name, CONSIDERATIONS[name]).driver
        if isinstance(driver, str):
            places.append(DRIVERS.index(driver))
        else:
            if driver not in own:
                own.append(driver)
            places.append(len(DRIVERS) + own.index(driver))
    return np.array(places, dtype=np.int64), tuple(own)


def _checked(name: str, consideration: Consideration) -> Consideration:
    if isinstance(consideration.driver, str) and consideration.driver not in DRIVERS:
        raise ModelError(
            f"consideration {name!r}: unknown driver {consideration.driver!r}; known are {', '.join(DRIVERS)}, "
            "or give a function of a Sight"
        )
    return consideration


def _peer_weights(scenario: Scenario, states: tuple[facts.State, ...]) -> Array:
    """Return how much each state (row) looks to each other one (column): averaged over the formats that it sits in."""
    momentum = scenario.momentum
    codes = [state.code for state in states]
    standing = np.where(np.isin(codes, scenario.leads), momentum.lead_factor, 1.0)
    if momentum.budgets_count:
        budgets = _figures(states, "defence_budget_busd")
        _name_gaps(
            scenario,
            states,
            {"momentum.budgets_count": np.isnan(budgets)},
            {"momentum.budgets_count": ("defence_budget_busd",)},
        )
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
    return np.rint(average * _EXACT) / _EXACT


def _gatherings(scenario: Scenario, codes: list[str]) -> list[tuple[str, ...]]:
    chosen = scenario.momentum.formats
    if chosen == "everyone":
        return [tuple(codes)]
    formats = facts.formats()
    return [formats[name].members for name in (formats if chosen == "all" else chosen)]


def _economy(scenario: Scenario, states: tuple[facts.State, ...], menu: Menu) -> Array:
    """Return each state's share of the roster's GDP; not needed, and 0, where punishment plays no part."""
    if scenario.deterrence.punishment == 0.0 or not menu.punishes.any():
        return np.zeros(len(states))
    output = _figures(states, "gdp_busd")
    _name_gaps(scenario, states, {"deterrence.punishment": np.isnan(output)}, {"deterrence.punishment": ("gdp_busd",)})
    return np.rint(output / math.fsum(output) * _EXACT) / _EXACT


def _fixed_paths(scenario: Scenario) -> Array:
    """Return the environment as [rounds, quantities] as far as it is fixed beforehand."""
    paths = np.full((scenario.rounds, len(choice.ENVIRONMENT)), np.nan)
    days = scenario.start.toordinal() + scenario.round_days * np.arange(scenario.rounds)
    for place, quantity in enumerate(choice.ENVIRONMENT):
        process = getattr(scenario.environment, quantity)
        match process:
            case Constant():
                paths[:, place] = process.value
            case Schedule():
                dated = np.array([date.toordinal() for date in process.values])
                values = np.array(list(process.values.values()))
                paths[:, place] = processes.schedule(days, dated, values, process.between == "linear")
            case Ramp():
                paths[:, place] = processes.ramp(
                    scenario.rounds, process.start_value, process.end_value, process.start_round, process.end_round
                )
            case LogitAR1():
                pass
    return paths
