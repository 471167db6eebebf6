"""The outcomes that an experiment can measure, which are numbers or words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sim import facts
from sim.experiment.figure_specs import EVERY_STATE
from sim.facts.state_codes import find_state, state_name
from sim.results.outcomes import OF_STATES, OUTCOMES, is_option, numeric_outcomes
from sim.scenario.schema import ABSTAIN, Scenario
from sim.scenario.suggestions import did_you_mean, did_you_mean_state


def options_of(scenarios: Iterable[Scenario]) -> tuple[str, ...]:
    """Return abstaining and the options of several scenarios, in the order of their rungs."""
    rungs: dict[str, int] = {}
    for scenario in scenarios:
        for name, option in scenario.menu.items():
            rungs.setdefault(name, option.rung)
    return (ABSTAIN, *sorted(rungs, key=lambda name: (rungs[name], name)))


def states_of(scenarios: Iterable[Scenario]) -> tuple[str, ...]:
    """Return the states on the rosters of several scenarios."""
    return tuple(dict.fromkeys(code for scenario in scenarios for code in scenario.roster.asked))


def words_of(states: Iterable[str]) -> frozenset[str]:
    """Return the outcomes whose values are names of options."""
    of_states = (f"{kind}.{code}" for code in states for kind in OF_STATES)
    return frozenset(name for name in (*OUTCOMES, *of_states) if is_option(name))


def numbers_of(options: Sequence[str], states: Iterable[str]) -> dict[str, None]:
    """Return the outcomes that are numbers, in order; options: with abstaining first."""
    of_states = (f"{kind}.{code}" for code in states for kind in OF_STATES)
    return dict.fromkeys((*numeric_outcomes(options), *(name for name in of_states if not is_option(name))))


def written_out(outcome: str, states: Iterable[str]) -> tuple[str, ...]:
    """Return the outcomes for which one stands: joins.* stands for one per state."""
    kind, dot, code = outcome.partition(".")
    return tuple(f"{kind}.{each}" for each in states) if dot and code == EVERY_STATE else (outcome,)


def with_code(outcome: str) -> str:
    """Return an outcome of a state with the code of the state, which may be given by name: joins.UK is joins.GBR."""
    kind, dot, rest = outcome.partition(".")
    word, *further = rest.split(".")
    code = find_state(word) if dot and kind in OF_STATES else None
    return ".".join([kind, code, *further]) if code is not None else outcome


def why_unknown(outcome: str, options: Sequence[str], states: Sequence[str]) -> str:
    """Return why an outcome does not exist, with a suggestion."""
    kind, dot, code = outcome.partition(".")
    if dot and kind in OF_STATES:
        if code in facts.states():
            return f"{code} is not on the roster; name a state that is, or write {kind}.{EVERY_STATE} for all"
        hint = did_you_mean_state(code, {each: state_name(each) for each in states})
        return (
            f"no state '{code}' on the roster{hint or '; name one, or write ' + kind + '.' + EVERY_STATE + ' for all'}"
        )
    if dot:
        return f"no outcome '{outcome}'{did_you_mean(kind, OF_STATES)}"
    if outcome in OF_STATES:
        return f"of which state? write {outcome}.{states[0]}, or {outcome}.{EVERY_STATE} for all"
    hint = did_you_mean(outcome, ("headline", *numbers_of(options, ())))
    if outcome.startswith("personnel_") or outcome.endswith(("_states", "_conditional")):
        return f"no outcome '{outcome}' with a menu of {', '.join(options[1:])}{hint}"
    return f"no outcome '{outcome}'{hint or '; `willing list outcomes` shows them'}"
