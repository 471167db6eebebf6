"""Find the state of a roster that a user has named."""

from __future__ import annotations

from sim.errors import ModelError
from sim.facts.state_codes import find_state, shown_state
from sim.model.setup import Setup
from sim.scenario.suggestions import did_you_mean_state, state_meant


def requested_state(setup: Setup, word: str) -> str:
    """Return the code of a state on the roster from its code or name.

    Raises ModelError, with a suggestion where there is one, for a word that is only the beginning of a code or a name,
    that is misspelt, or that names a state which is not on the roster.
    """
    names = {state.code: state.name for state in setup.states}
    scenario = setup.scenario
    described = {code: state.name for code, state in scenario.states.items() if state.name}
    code = find_state(word, described | names)
    if code in names:
        return code
    if code is not None:
        role = {scenario.host: "the host", scenario.opponent: "the opponent"}.get(code)
        why = f"is {role} and is not asked" if role else "is not asked; roster.states lists the states that are"
        raise ModelError(f"{scenario.name}: {shown_state(code, described)} {why}")
    hint = did_you_mean_state(word, names)
    meant = state_meant(word, names)
    if meant is not None and meant not in names:
        hint = f"; {shown_state(meant)}, if that was meant, is not asked"
    hint = hint or f"; the roster has {', '.join(names)}"
    raise ModelError(f"{scenario.name}: no state {word[:40]!r} on the roster{hint}")
