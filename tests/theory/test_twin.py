"""The slow twin, coded from docs/odd.md alone, and the program give the same rounds."""

from __future__ import annotations

import ast
import datetime
import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import facts
from sim.model.coalition import CoalitionModel
from sim.model.perception import Outlook, perceive_world
from sim.model.setup import prepare
from sim.model.simulate import Trajectories
from sim.model.simulate import simulate as simulate_program
from sim.scenario import Scenario, load_scenario, resolve, shipped
from tests.agreement.random_scenarios import changing
from tests.theory import twin
from tests.theory.twin_mind import REASONS, Mind, minds
from tests.theory.twin_value import View, terms, view

SEED = 2**40 + 7  # both words of the key count
CLOSE = 1e-12

TRAINING = (
    "menu.training={label: Training, rung: 2, ask: 3000, share: 0.03, home_tie_counts: 0.1, deters: 2, punishes: 0.1, "
    "provokes: 0.2, peer_norm: 0.2, raises: {solidarity: 0.9, hub: 0.4, cost: 0.3, momentum: 0.8, security: 0.7, "
    "consistency: 1, clarity: 0.2, seat: 0.6}}"
)
OWN_STATE = (
    "states.QAA={name: Nowhere, facts: {gdp_busd: 900, defence_budget_busd: 30, active_personnel: 90000, "
    "land_forces: 60000, troops_abroad: 1000, border_russia: 0, border_ukraine: 1, dist_moscow_km: 900, "
    "aid_pct_gdp: 0.7, debt_pct_gdp: 80, peacekeeping_support_pct: 55, parliament_veto: 0.4, moscow_alignment: 0.1, "
    "non_aligned: 0}, feels: {solidarity: 1.2, momentum: 1.5}}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A scenario picked by hand."""

    named: str
    settings: tuple[str, ...]
    reference: str = "base"

    def __str__(self) -> str:
        return self.named

    @property
    def scenario(self) -> Scenario:
        return load_scenario(self.reference, self.settings)


CASES = (
    Case(
        named="a truce is tested by a side that means it",
        reference="paris-march-2025",
        settings=(
            "activation=random_sequence",
            "turnover=0.4",
            "round_days=14",
            "proposal.patience=2",
            "proposal.rise=1",
            "ceasefire.phase=limited_truce",
            "ceasefire.sincere_chance=1",
            "ceasefire.deal_hazard=1",
        ),
    ),
    Case(
        named="a truce is tested and broken by a side that does not",
        reference="un-mandate",
        settings=(
            "activation=leads_first",
            "turnover=1",
            "ceasefire.sincere_chance=0",
            "ceasefire.truce_hazard=4",
            "ceasefire.deal_hazard=3",
            "ceasefire.breakdown_hazard=1",
            "environment.clarity={process: schedule, values: {2025-03-01: 0.5, 2025-06-04: 0.2, 2025-09-01: 0.9}}",
        ),
    ),
    Case(
        named="Washington answers a solid offer",
        reference="firm-us-backstop",
        settings=(
            "ceasefire.phase=permanent_ceasefire",
            "ceasefire.breakdown_hazard=0.02",
            "opening=troops",
            "menu.troops.ask=12000",
            "environment.us_backing=0.6",
            "couplings.solid_offer=0.8",
        ),
    ),
    Case(
        named="one at a time among everyone, from troops, each minding its own option",
        settings=(
            "activation=one_at_a_time",
            "momentum.counts=same_option",
            "momentum.formats=everyone",
            "momentum.budgets_count=false",
            "opening=troops",
            "turnover=0",
            "rounds=80",
        ),
    ),
    Case(
        named="a few formats, a falling floor and a rising Washington",
        settings=(
            "environment.us_backing={process: ramp, start_value: 0.1, end_value: 1, start_round: 5, end_round: 40}",
            "proposal.patience=1",
            "proposal.floor=100",
            "proposal.rise=1",
            "menu.backstop.ask=30000",
            "revision=1",
            "momentum.formats=[JEF, V4]",
            "roster.leave_out=[DEU, ISL]",
            "opening={POL: backstop, HUN: troops}",
            "ceasefire.truce_hazard=1",
            "ceasefire.deal_hazard=2",
        ),
    ),
    Case(
        named="best reply while Washington wanders and jumps, from the guarantee up",
        settings=(
            "sharpness=.inf",
            "proposal.headline=guarantee",
            "ceasefire.phase=permanent_ceasefire",
            "menu.backstop.ask=4000",
            "environment.us_backing={process: logit_ar1, level: 0.7, persistence: 0.5, volatility: 0.5, "
            "jump_chance: 0.2, jump_size: 2}",
        ),
    ),
    Case(
        named="asks come down and are won back",
        settings=(
            "environment.us_backing={process: schedule, between: linear, "
            "values: {2025-04-02: 0.1, 2025-06-01: 0.1, 2026-01-01: 1}}",
            "environment.mandate={process: ramp, start_value: 0, end_value: 0.8, end_round: 30}",
            "menu.troops.ask=30005",
            "proposal.patience=2",
            "proposal.rise=1",
            "proposal.cut=0.3",
            "proposal.floor=2000",
            "revision=0.6",
        ),
    ),
    Case(
        named="the floor is high, and the headline comes down to an option that nobody can fill",
        reference="us-opposes",
        settings=(
            "proposal.patience=2",
            "proposal.floor=20000",
            "menu.guarantee={ask: 100}",
            "menu.backstop.ask=90000",
            "ceasefire.truce_hazard=1",
        ),
    ),
    Case(
        named="one more option, on a rung that is taken",
        settings=(TRAINING, "proposal.patience=3", "environment.us_backing=0.8", "opening.DEU=training", "revision=1"),
    ),
    Case(
        named="states with figures and feelings of their own",
        settings=(
            OWN_STATE,
            "roster.states=[GBR, FRA, DEU, POL, ISL, QAA, KOR]",
            "leads=[FRA, QAA]",
            "momentum.formats=everyone",
            "states.DEU.facts={land_forces: 20000, border_ukraine: 1, peacekeeping_support_pct: 80}",
            "states.POL={facts: {aid_pct_gdp: 20}, feels: {opinion: 1, cost: 0.3}}",
            "states.KOR={facts: {peacekeeping_support_pct: null, aid_pct_gdp: null}, "
            "feels: {opinion: 0.2, solidarity: 0.1, security: 0.3}}",
            "revision=1",
            "turnover=0.5",
        ),
    ),
    Case(
        named="a host of one's own and another opponent",
        settings=(
            "host=XKX",
            "opponent=SRB",
            "states.XKX={name: Kosovo}",
            "relations={border_host: {ALB: 1, MKD: 1, MNE: 1, others: 0}, aid_pct_gdp: {DEU: 0.2, others: 0.05}, "
            "border_opponent: {HUN: 1, ROU: 1, BGR: 1, HRV: 1, MNE: 1, MKD: 1, others: 0}, "
            "opponent_alignment: {HUN: 0.6, others: 0.1}}",
            "states.SVK.facts={border_ukraine: 1, dist_moscow_km: 300}",
            "deterrence={host_soldiers: 5000, opponent_soldiers: 30000}",
            "revision=1",
        ),
    ),
    Case(
        named="no opponent",
        settings=(
            "opponent=none",
            "ceasefire={truce_hazard: 1, deal_hazard: 1, breakdown_hazard: 0.3}",
            "revision=1",
            "turnover=0.5",
        ),
    ),
    Case(
        named="nobody leads, nobody punishes, and some sit with nobody",
        settings=(
            OWN_STATE,
            "roster.states=[DEU, POL, NLD, BEL, LUX, ISL, NOR, QAA, CHE]",
            "leads=[]",
            "momentum.formats=[BENELUX, WEIMAR+, NB8, JEF]",
            "deterrence.punishment=0",
            "proposal.redimensions=false",
            "revision=0.1",
            "environment.battlefield=0",
            "environment.us_backing=0",
            "weights={seat: 2, security: 20, constant: 1, momentum: 3}",
        ),
    ),
    Case(
        named="states are forced for a time, while settings change and are taken back",
        reference="paris-march-2025",
        settings=(
            "roster.states=[GBR, FRA, DEU, POL, SWE, ISL, HUN, CAN]",
            "turnover=0.3",
            "proposal.patience=2",
            "force={POL: troops, HUN: {option: backstop, from: 2025-05-01, until: 2025-08-06}, DEU: guarantee}",
            "changes=[{at: 2025-04-20, until: 2025-07-01, set: {environment.us_backing: 0.8, menu.troops.share: 0.08, "
            "menu: {backstop: {ask: 300, provokes: 0.5}}}, force: {POL: abstain}}, "
            "{at: 2025-06-11, set: {proposal.headline: guarantee, "
            "ceasefire: {phase: limited_truce, sincere_chance: 1}, sharpness: 1.1, leads: [DEU], "
            "environment.mandate: 0.6}}, "
            "{at: 2025-06-11, until: 2025-06-18, set: {menu.troops.ask: 4000}}]",
        ),
    ),
)

SITUATIONS = frozenset(
    {
        *(f"activation {name}" for name in ("simultaneous", "leads_first", "random_sequence", "one_at_a_time")),
        *(f"process {name}" for name in ("constant", "schedule step", "schedule linear", "ramp", "logit_ar1")),
        *(f"formats {name}" for name in ("all", "everyone", "listed")),
        *(f"peers {name}" for name in ("at_or_above", "same_option", "are nobody's", "by budget", "all alike")),
        *(f"the proposal: {move}" for move in ("none", "cut", "down", "up", "win back")),
        "the proposal: nothing left to change",
        "the proposal stands by rule",
        *(f"at the start: {phase}" for phase in twin.PHASES),
        *(f"{phase} goes on" for phase in twin.PHASES),
        "fighting, then limited_truce",
        "limited_truce, then permanent_ceasefire",
        "limited_truce, then fighting",
        "permanent_ceasefire, then fighting",
        *("sincerity gains", "sincerity loses", "odds at their limit"),
        *("Washington responds", "Moscow reacts", "clarity is lost", "an empty field deters nobody"),
        *("best reply", "turnover never", "turnover at every revision", "turnover now and then"),
        *("rounds of a fortnight", "states left out", "opening for all", "opening by state"),
        *("figures of one's own", "feelings of one's own", "an unknown figure", "a state of one's own"),
        *("another option", "two options on a rung", "nobody leads", "nobody punishes"),
        *("forced throughout", "forced for a time", "a change holds on", "a change is taken back"),
        *("a firm stance moves", "a conditional stance moves", "the two stances differ"),
        *(f"{name} is a stance" for name in ("abstain", "guarantee", "backstop", "troops", "training")),
    }
)


@pytest.mark.parametrize("name", shipped())
def test_the_twin_reproduces_every_shipped_scenario(name: str) -> None:
    assert_they_play_alike(load_scenario(name), replicates=range(1))  # the cases are played three times


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_twin_reproduces_every_hand_picked_case(case: Case) -> None:
    assert_they_play_alike(case.scenario, replicates=range(3))


def test_the_cases_reach_every_situation_of_the_model() -> None:
    reached: set[str] = set()
    for case in CASES:
        scenario = case.scenario
        reached |= asked_for(scenario)
        for replicate in range(3):
            reached |= happened(scenario, twin.play(scenario, seed=SEED, replicate=replicate))
    assert not SITUATIONS - reached


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param((), id="as it stands"),
        pytest.param(
            ("environment.clarity=0.9", "environment.mandate=0.7", "states.POL.facts.aid_pct_gdp=20", TRAINING),
            id="clear, mandated, one option more",
        ),
    ],
)
@pytest.mark.parametrize("room", ["abstain", "troops", "mixed"])
def test_every_term_of_every_state_is_that_of_the_twin(changes: tuple[str, ...], room: str) -> None:
    scenario = load_scenario("base", changes)
    model = CoalitionModel(scenario, rng=0)
    roster, options = minds(scenario), twin.menu(scenario)
    stances = itertools.cycle(options if room == "mixed" else (room,))
    profile = dict(zip(roster, stances, strict=False))
    now = {name: getattr(scenario.environment, name).value for name in twin.QUANTITIES}
    asks = dict(zip(options, model.asks.tolist(), strict=True))
    for world in (now, twin.conditions_met(scenario, now)):
        outlook = perceive_world(
            model.setup,
            np.array(list(world.values())),
            np.array([options.index(stance) for stance in profile.values()]),
            model.asks,
        )
        assert_they_weigh_alike(scenario, model, roster, outlook, view(scenario, roster, world, profile, asks))


def test_conditions_raise_quantities_and_never_lower_them(asked: Any) -> None:
    model = CoalitionModel(asked("environment.clarity=0.9"), rng=0)
    model.step()
    assert model.supposed.environment.tolist() == [0.65, 1.0, 0.1, 0.9, 0.6, 0.6]


def test_the_twin_imports_no_rule_of_the_program() -> None:
    for name in ("twin.py", "twin_mind.py", "twin_value.py", "twin_draws.py"):
        tree = ast.parse((Path(__file__).parent / name).read_text("utf-8"))
        modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        modules |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        foreign = {module for module in modules if module.split(".")[0] in ("sim", "numpy")}
        assert foreign <= {"sim", "sim.facts", "sim.scenario", "sim.scenario.environment_process"}, name


@pytest.mark.parametrize("number", [1, 3, 5, 6, 12, 19])
def test_the_twin_reproduces_scenarios_with_changes(number: int) -> None:
    assert_they_play_alike(changing(number), replicates=[number])


@given(data=st.data())
@settings(max_examples=10, derandomize=True)
def test_the_twin_reproduces_any_scenario(data: st.DataObject) -> None:
    assert_they_play_alike(data.draw(scenarios()), replicates=[data.draw(st.integers(0, 10_000))])


@pytest.mark.proof
@given(data=st.data())
@settings(max_examples=200)
def test_the_twin_reproduces_any_of_many_scenarios(data: st.DataObject) -> None:
    assert_they_play_alike(data.draw(scenarios()), replicates=[data.draw(st.integers(0, 10_000))])


def assert_they_play_alike(scenario: Scenario, replicates: Iterable[int]) -> None:
    """Compare whole runs, round by round: counts and names exactly, other numbers closely."""
    setup, options = prepare(scenario), twin.menu(scenario)
    for replicate in replicates:
        played = simulate_program(setup, seed=SEED, replicates=[replicate])
        for place, expected in enumerate(twin.play(scenario, seed=SEED, replicate=replicate)):
            where = f"{scenario.name}, replicate {replicate}, round {place + 1}"
            assert named(played, place, options, setup.codes) == named_by_twin(expected), where
            measured = [played.deterrence[0, place], *played.environment[0, place]]
            assert measured == pytest.approx([expected.deterrence, *expected.environment.values()], rel=0, abs=CLOSE), (
                where
            )


def named(played: Trajectories, place: int, options: tuple[str, ...], codes: tuple[str, ...]) -> dict[str, Any]:
    """Return the program's results of a round, in words and whole numbers."""

    def by_state(stances: np.ndarray) -> dict[str, str]:
        return dict(zip(codes, (options[stance] for stance in stances), strict=True))

    return {
        "stances": by_state(played.stances[0, place]),
        "conditional": by_state(played.conditional[0, place]),
        "headline": options[played.headline[0, place]],
        "ask": played.asks[0, place],
        "redimensioned": played.redimensioned[0, place],
        "phase": twin.PHASES[played.phase[0, place]],
    }


def named_by_twin(played: twin.Round) -> dict[str, Any]:
    """Return the twin's results of a round, in words and whole numbers."""
    return {
        "stances": played.stances,
        "conditional": played.conditional,
        "headline": played.headline,
        "ask": played.ask,
        "redimensioned": played.redimensioned,
        "phase": played.phase,
    }


def assert_they_weigh_alike(
    scenario: Scenario, model: CoalitionModel, roster: dict[str, Mind], outlook: Outlook, seen: View
) -> None:
    """Compare every term of every option for every state, whichever option it holds in the profile."""
    options = twin.menu(scenario)
    for agent in model.states:
        weighed = agent.terms(outlook, int(outlook.profile[agent.index]))
        for option, added in zip(options, weighed, strict=True):
            expected = terms(scenario, roster[agent.code], option, seen.profile[agent.code], seen)
            found = dict(zip(model.setup.considerations, added.tolist(), strict=True))
            assert found == pytest.approx(expected, rel=1e-11, abs=CLOSE), (agent.code, option)


def asked_for(scenario: Scenario) -> set[str]:
    """Return the situations that the settings of a scenario bring about."""
    own = {code: state for code, state in scenario.states.items() if code in scenario.roster.asked}
    processes = [getattr(scenario.environment, name) for name in twin.QUANTITIES]
    rungs = [option.rung for option in scenario.menu.values()]
    formats = scenario.momentum.formats
    turnovers = {0.0: "never", 1.0: "at every revision"}
    holds = {
        "best reply": math.isinf(scenario.sharpness),
        "rounds of a fortnight": scenario.round_days == 14,
        "states left out": bool(scenario.roster.leave_out),
        "opening by state": isinstance(scenario.opening, dict),
        "opening for all": scenario.opening != "abstain" and isinstance(scenario.opening, str),
        "figures of one's own": any(state.facts and code in facts.states() for code, state in own.items()),
        "feelings of one's own": any(state.feels for state in own.values()),
        "an unknown figure": any(None in state.facts.values() for state in own.values()),
        "a state of one's own": any(code not in facts.states() for code in own),
        "another option": len(scenario.menu) > 3,
        "two options on a rung": len(set(rungs)) < len(rungs),
        "nobody leads": not scenario.leads,
        "nobody punishes": scenario.deterrence.punishment == 0,
        "forced throughout": any(force.until is None for force in scenario.force.values()),
        "forced for a time": any(force.until is not None for force in scenario.force.values()),
        "a change holds on": any(change.until is None for change in scenario.changes),
        "a change is taken back": any(change.until is not None for change in scenario.changes),
        "the proposal stands by rule": not scenario.proposal.redimensions,
        "peers are nobody's": any(not mind.looks_to for mind in minds(scenario).values()),
    }
    return {
        f"activation {scenario.activation}",
        *(" ".join(filter(None, ("process", it.process, getattr(it, "between", "")))) for it in processes),
        f"formats {formats if isinstance(formats, str) else 'listed'}",
        f"peers {scenario.momentum.counts}",
        f"peers {'by budget' if scenario.momentum.budgets_count else 'all alike'}",
        f"at the start: {scenario.ceasefire.phase}",
        f"turnover {turnovers.get(scenario.turnover, 'now and then')}",
        *(situation for situation, held in holds.items() if held),
    }


def happened(scenario: Scenario, rounds: list[twin.Round]) -> set[str]:
    """Return the situations that occurred in a run."""
    reached = {f"{stance} is a stance" for now in rounds for stance in now.stances.values()}
    reached |= {f"the proposal: {now.move}" for now in rounds}
    processes = {name: getattr(scenario.environment, name) for name in twin.QUANTITIES}
    still = {name: process.value for name, process in processes.items() if process.process == "constant"}
    for now in rounds:
        moved = {name: now.environment[name] - value for name, value in still.items()}
        holds = {
            "Washington responds": moved.get("us_backing", 0) > 0,
            "Moscow reacts": moved.get("russian_opposition", 0) > 0,
            "clarity is lost": moved.get("clarity", 0) < 0,
            "the proposal: nothing left to change": now.below >= scenario.proposal.patience,
            "an empty field deters nobody": now.deterrence == 0,
            "odds at their limit": now.odds in (1e-6, 1e6),
            "the two stances differ": now.stances != now.conditional,
        }
        reached |= {situation for situation, held in holds.items() if held}
    for before, now in itertools.pairwise(rounds):
        reached.add(f"{now.phase} goes on" if before.phase == now.phase else f"{before.phase}, then {now.phase}")
        holds = {
            "sincerity gains": now.odds > before.odds,
            "sincerity loses": now.odds < before.odds,
            "a firm stance moves": now.stances != before.stances,
            "a conditional stance moves": now.conditional != before.conditional,
        }
        reached |= {situation for situation, held in holds.items() if held}
    return reached


def hundredths(low: float, high: float) -> st.SearchStrategy[float]:
    """Any number of two decimals: nothing odd about it, so that what differs is the rules."""
    return st.integers(round(100 * low), round(100 * high)).map(lambda number: number / 100)


SHARES = hundredths(0, 1)
ENVIRONMENTS = st.one_of(
    SHARES,
    st.builds(
        lambda start, end, first, length: {
            "process": "ramp",
            "start_value": start,
            "end_value": end,
            "start_round": first,
            "end_round": first + length,
        },
        SHARES,
        SHARES,
        st.integers(1, 8),
        st.integers(1, 10),
    ),
    st.fixed_dictionaries(
        {
            "process": st.just("logit_ar1"),
            "level": hundredths(0.05, 0.95),
            "persistence": hundredths(0, 0.95),
            "volatility": hundredths(0, 1),
            "jump_chance": SHARES,
            "jump_size": hundredths(0, 2),
        }
    ),
    st.fixed_dictionaries(
        {
            "process": st.just("schedule"),
            "values": st.dictionaries(
                st.dates(datetime.date(2025, 3, 1), datetime.date(2025, 7, 31)), SHARES, min_size=1, max_size=4
            ).map(lambda values: dict(sorted(values.items()))),
            "between": st.sampled_from(["step", "linear"]),
        }
    ),
)


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Any roster, menu, weights, processes and orders; what is not drawn is as in the base scenario."""
    plain = resolve(load_scenario("base"))
    codes = draw(st.lists(st.sampled_from(facts.default_roster()), min_size=3, max_size=12, unique=True))
    plain["roster"] = {
        "states": codes,
        "leave_out": draw(st.lists(st.sampled_from(codes[2:]), max_size=2, unique=True)),
    }
    plain["leads"] = draw(st.sampled_from([codes[:1], codes[:2], []]))
    plain["menu"] = draw(menus(plain["menu"]))
    options = ["abstain", *plain["menu"]]
    plain["opening"] = draw(
        st.sampled_from(options) | st.dictionaries(st.sampled_from(codes), st.sampled_from(options))
    )
    plain["weights"] = {name: weight * draw(hundredths(-0.5, 2)) for name, weight in plain["weights"].items()}
    plain["environment"] = {name: draw(ENVIRONMENTS) for name in twin.QUANTITIES}
    plain["states"] = draw(
        st.dictionaries(
            st.sampled_from(codes),
            st.fixed_dictionaries(
                {
                    "facts": st.fixed_dictionaries({}, optional={"land_forces": st.integers(0, 300_000)}),
                    "feels": st.dictionaries(st.sampled_from(list(REASONS)), hundredths(-2, 2), max_size=3),
                }
            ),
            max_size=3,
        )
    )
    plain |= {
        "name": "any",
        "rounds": draw(st.integers(6, 20)),
        "round_days": draw(st.sampled_from([1, 7, 14, 30])),
        "activation": draw(st.sampled_from(["simultaneous", "leads_first", "random_sequence", "one_at_a_time"])),
        "revision": draw(SHARES),
        "turnover": draw(SHARES),
        "sharpness": draw(hundredths(0.2, 10) | st.just(math.inf)),
    }
    plain["momentum"] = {
        "formats": draw(
            st.sampled_from(["all", "everyone"]) | st.lists(st.sampled_from(list(facts.formats())), unique=True)
        ),
        "counts": draw(st.sampled_from(["at_or_above", "same_option"])),
        "budgets_count": draw(st.booleans()),
        "lead_factor": draw(hundredths(0, 4)),
    }
    plain["proposal"] |= {
        "headline": draw(st.sampled_from(options[1:])),
        "patience": draw(st.integers(1, 4)),
        "cut": draw(hundredths(0.01, 0.6)),
        "floor": draw(st.integers(0, 20_000)),
        "rise": draw(hundredths(1, 2)),
        "clarity_cost": draw(SHARES),
        "planning": draw(SHARES),
    }
    plain["couplings"] = {
        "russian_reaction": draw(SHARES),
        "us_response": draw(SHARES),
        "solid_offer": draw(hundredths(0, 2)),
    }
    plain["ceasefire"] |= {
        "phase": draw(st.sampled_from(twin.PHASES)),
        **{f"{change}_hazard": draw(hundredths(0, 3)) for change in ("truce", "deal", "breakdown")},
        "sincere_chance": draw(SHARES),
    }
    plain["deterrence"] |= {"decisiveness": draw(hundredths(0.2, 4)), "punishment": draw(SHARES)}
    plain["belief"] = {"floor": draw(SHARES), "spread": draw(hundredths(0.01, 2))}
    return Scenario.model_validate(plain)


@st.composite
def menus(draw: st.DrawFn, standing: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """One to four options, some perhaps on the same rung, the usual ones with most of their usual reasons."""
    names = draw(st.lists(st.sampled_from(["troops", "backstop", "guarantee", "airlift"]), min_size=1, unique=True))
    return {
        name: {
            "label": name,
            "rung": draw(st.integers(1, 3)),
            "ask": draw(st.integers(0, 30_000)),
            "deters": draw(hundredths(0, 20)),
            "share": draw(hundredths(0, 0.2)),
            **{share: draw(SHARES) for share in ("home_tie_counts", "punishes", "provokes", "peer_norm")},
            "raises": standing.get(name, {"raises": {}})["raises"]
            | draw(st.dictionaries(st.sampled_from(list(REASONS)), hundredths(-1, 1), max_size=6)),
        }
        for name in names
    }
