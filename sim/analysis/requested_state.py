"""Which state of a roster a word stands for, in every command that takes the name of one."""

from __future__ import annotations

from sim.errors import ModelError
from sim.facts.state_codes import find_state, shown_state
from sim.model.setup import Setup
from sim.scenario.suggestions import did_you_mean_state, state_meant


def asked_state(setup: Setup, word: str) -> str:
    """Return the code of a state on the roster, however it is written.

    ModelError, naming what may have been meant, for a word that only begins a code or a name, is misspelt, or stands
    for a state that is not asked.
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
