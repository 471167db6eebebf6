"""Checks of a scenario as a whole: the states, options, considerations and figures that it names have to exist.

Each check looks at the tree and not at the checked records, so that it works even if other settings are wrong.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from sim import facts
from sim.errors import Mistake
from sim.facts.state_codes import known_codes, state_name
from sim.scenario.parties import ZERO_WITHOUT_OPPONENT
from sim.scenario.schema import ABSTAIN
from sim.scenario.suggestions import did_you_mean, did_you_mean_state
from sim.scenario.syntax_tree import Block, Items, Leaf, MappingEntry, Node, Place, to_builtins

_ROLES = ("host", "opponent")
_OF_A_PARTY = ("lat", "lon")  # facts that a host or an opponent may have besides its name
OTHERS = "others"
_LONGEST_NAME = 60
_NO_OPPONENT = "has no effect: there is no opponent; take it out"


type Parties = Mapping[str, str | None]  # the codes of host and opponent


def sense(tree: Block, given_for: Mapping[str, Parties], at_most: int) -> list[Mistake]:
    """Return the mistakes in a scenario as a whole, up to a number of them.

    given_for: the host and the opponent in each source of the scenario, by its name. An experiment is not among them,
    and may vary settings that have no effect at some of its points.
    """
    checks = (*_CHECKS, lambda tree: _relations_are_to_these(tree, given_for))
    mistakes = (mistake for check in checks for mistake in check(tree))
    limited = islice((each for each in mistakes if each.message != _NO_OPPONENT or each.file in given_for), at_most)
    first: dict[tuple[object, ...], Mistake] = {}
    for mistake in limited:
        first.setdefault((mistake.file, mistake.line, mistake.column, mistake.path), mistake)
    return list(first.values())


def _states_exist(tree: Block) -> Iterator[Mistake]:
    names = _names_of_own(tree)
    known = {*facts.states(), *names}
    for role in _ROLES:
        code = _party(tree, role)
        if code is not None and code not in (*known, *known_codes()):
            hint = did_you_mean_state(code, names)
            example = f"for one of your own, write states: {{{code}: {{name: ...}}}}"
            message = f"no state '{code}' in the table{hint}{' ' if hint else '; '}{example}"
            yield from (leaf.place.mistake(message, role) for leaf in _words(tree, role))
    for path in (("roster", "states"), ("roster", "leave_out"), ("leads",)):
        for leaf in _words(tree, *path):
            if leaf.text not in known:
                yield leaf.place.mistake(_no_state(leaf.text, names), ".".join(path))
    for code, entry in _entries(tree, "opening"):
        if code not in known:
            yield entry.key.mistake(_no_state(code, names), f"opening.{code}")
    roster = {leaf.text: state_name(leaf.text, names) for leaf in _words(tree, "roster", "states")}
    parties = {code: state_name(code, names) for role in _ROLES if (code := _party(tree, role)) is not None}
    for code, entry in _entries(tree, "states"):
        # described or known, so not a misspelt code: perhaps the host or the opponent of another scenario
        is_named = _at(tree, "states", code, "name") is not None or code in known_codes()
        if code not in facts.states() and code not in roster and code not in parties and not is_named:
            hint = did_you_mean_state(code, roster | parties)
            message = f"no state '{code}' in the table, on the roster, or as host or opponent{hint}"
            yield entry.key.mistake(message, f"states.{code}")


def _no_state(code: str, names: Mapping[str, str]) -> str:
    hint = did_you_mean_state(code, names) or "; a state of your own needs an entry under `states`"
    return f"no state '{code}' in the table{hint}"


def _parties_fit(tree: Block) -> Iterator[Mistake]:
    """Check that host and opponent are different states, and that their settings have an effect."""
    host, opponent = (_party(tree, role) for role in _ROLES)
    if host is not None and host == opponent:
        message = f"{host} is also the host; name another state, or write `opponent: none`"
        yield _place_of(tree, "opponent").mistake(message, "opponent")
    opponent_node = _at(tree, "opponent")
    if isinstance(opponent_node, Leaf) and opponent_node.value is None and not opponent_node.text:
        yield opponent_node.place.mistake("empty; name a state, or write none", "opponent")
    for role, code in (("host", host), ("opponent", opponent)):
        for block in ("facts", "feels") if code is not None else ():
            for name, entry in _entries(tree, "states", str(code), block):
                if block == "feels" or name not in _OF_A_PARTY:
                    message = f"has no effect: {code} is the {role} and is not asked; keep its name, lat and lon"
                    yield entry.key.mistake(message, f"states.{code}.{block}.{name}")
        named = _at(tree, "states", str(code), "name")
        if isinstance(named, Leaf) and isinstance(named.value, str):
            text = named.value
            if (
                not text.strip()
                or len(text) > _LONGEST_NAME
                or any(unicodedata.category(each) == "Cc" for each in text)
            ):
                message = f"write the name in one line of 1 to {_LONGEST_NAME} characters"
                yield named.place.mistake(message, f"states.{code}.name")


def _relations_exist(tree: Block) -> Iterator[Mistake]:
    names = _names_of_own(tree)
    known = {*facts.states(), *names}
    parties = {code: role for role in _ROLES if (code := _party(tree, role)) is not None}
    for name, entry in _entries(tree, "relations"):
        path = f"relations.{name}"
        relation = facts.RELATIONS.get(name)
        if relation is None:
            columns = {each.column: known_as for known_as, each in facts.RELATIONS.items()}
            hint = f"; did you mean '{columns[name]}'?" if name in columns else did_you_mean(name, facts.RELATIONS)
            yield entry.key.mistake(f"no such relation{hint}", path)
            continue
        if relation.to == "opponent" and _is_said_without_opponent(tree, entry.key):
            yield entry.key.mistake(_NO_OPPONENT, path)
        column = facts.columns()[relation.column]
        inside = list(_entries(tree, "relations", name))
        for code, of_state in inside:
            if code in parties:
                yield of_state.key.mistake(f"{code} is the {parties[code]} and is not asked", f"{path}.{code}")
            elif code != OTHERS and code not in known:
                yield of_state.key.mistake(_no_state(code, names), f"{path}.{code}")
        for code, node in [(code, of_state.node) for code, of_state in inside] or [("", entry.node)]:
            yield from _in_range(node, column, f"{path}.{code}" if code else path)


def _relations_are_to_these(tree: Block, given_for: Mapping[str, Parties]) -> Iterator[Mistake]:
    """Find relations that were given for another host or opponent than the current one."""
    now = parties_in(tree)
    columns = {relation.column: relation for relation in facts.RELATIONS.values()}
    entries = [(f"relations.{name}", facts.RELATIONS.get(name), entry) for name, entry in _entries(tree, "relations")]
    for code, _ in _entries(tree, "states"):
        for name, entry in _entries(tree, "states", code, "facts"):
            entries.append((f"states.{code}.facts.{name}", columns.get(name), entry))
    for path, relation, entry in entries:
        if relation is None or now[to := relation.to] is None:
            continue
        inside = (
            {f"{path}.{key}": each for key, each in entry.node.entries.items()} if isinstance(entry.node, Block) else {}
        )
        for where, each in (inside or {path: entry}).items():
            before = given_for.get(each.node.place.source.name)
            if before is not None and before[to] != now[to] and not _is_null(each.node):
                message = (
                    f"was given for {before[to] or 'nobody'} as {to}, but the {to} is now {now[to]}; "
                    f"give it for {now[to]}"
                )
                yield each.key.mistake(message, where)
                break


def _is_null(node: Node) -> bool:
    return isinstance(node, Leaf) and node.value is None


def parties_in(tree: Block) -> dict[str, str | None]:
    """Return the codes of the host and the opponent as they are written."""
    return {role: _party(tree, role) for role in _ROLES}


def _opponent_is_needed(tree: Block) -> Iterator[Mistake]:
    """Find settings that are 0 because of `opponent: none` in the same source, or in settings of the command line."""
    options = [name for name, _ in _entries(tree, "menu")]
    for pattern in ZERO_WITHOUT_OPPONENT:
        for option in options if "*" in pattern else [""]:
            path = pattern.replace("*", option)
            node = _at(tree, *path.split("."))
            if isinstance(node, Block) and to_builtins(node) == {"process": "constant", "value": 0}:
                continue
            if node is None or (isinstance(node, Leaf) and node.value == 0):
                continue
            if _is_said_without_opponent(tree, node.place):
                yield node.place.mistake(_NO_OPPONENT, path)


def _roster_fits(tree: Block) -> Iterator[Mistake]:
    for path in (("roster", "states"), ("roster", "leave_out"), ("leads",)):
        seen: set[str] = set()
        for leaf in _words(tree, *path):
            if leaf.text in seen:
                yield leaf.place.mistake(f"{leaf.text} is named twice", ".".join(path))
            seen.add(leaf.text)
    roster = [leaf.text for leaf in _words(tree, "roster", "states")]
    absent = [leaf.text for leaf in _words(tree, "roster", "leave_out")]
    for role in _ROLES:
        code = _party(tree, role)
        for leaf in _words(tree, "roster", "states"):
            if leaf.text == code and code not in absent:
                message = f"{code} is the {role} and cannot be asked; take it out, or add it to roster.leave_out"
                yield leaf.place.mistake(message, "roster.states")
    if not roster:
        return
    for leaf in _words(tree, "roster", "leave_out"):
        if leaf.text not in roster:
            yield leaf.place.mistake(f"{leaf.text} is not on the roster anyhow", "roster.leave_out")
    for leaf in _words(tree, "leads"):
        if leaf.text not in roster:
            yield leaf.place.mistake(f"{leaf.text} is not on the roster; a lead must be asked too", "leads")
        elif leaf.text in absent:
            yield leaf.place.mistake(f"{leaf.text} is left out of the roster; a lead must be asked too", "leads")
    if set(roster) <= set(absent):
        yield _place_of(tree, "roster", "leave_out").mistake("leaves out every state; keep one", "roster.leave_out")


def _options_exist(tree: Block) -> Iterator[Mistake]:
    menu = [name for name, _ in _entries(tree, "menu")]
    for name, entry in _entries(tree, "menu"):
        if name == ABSTAIN:
            message = "abstaining is always possible and needs no entry; take it out, or choose another name"
            yield entry.key.mistake(message, f"menu.{ABSTAIN}")
    for name, entry in _entries(tree, "menu"):
        singular = name.removesuffix("s")
        if name.startswith("personnel_") or name.endswith(("_states", "_conditional")):
            message = "is how columns of the results are called; choose one without personnel_, _states, _conditional"
            yield entry.key.mistake(message, f"menu.{name}")
        elif singular != name and singular in menu and _is_described(tree, name) and _is_described(tree, singular):
            message = f"'{singular}' is on the menu too, and both would be counted as {singular}_states; rename one"
            yield entry.key.mistake(message, f"menu.{name}")
    if not menu:
        return
    stances = [("opening", leaf) for leaf in _words(tree, "opening")]
    for code, entry in _entries(tree, "opening"):
        if isinstance(entry.node, Leaf) and isinstance(entry.node.value, str):
            stances.append((f"opening.{code}", entry.node))
    for path, leaf in stances:
        if leaf.text not in (ABSTAIN, *menu):
            yield leaf.place.mistake(f"no option '{leaf.text}'{did_you_mean(leaf.text, (ABSTAIN, *menu))}", path)
    for leaf in _words(tree, "proposal", "headline"):
        if leaf.text == ABSTAIN:
            yield leaf.place.mistake(f"abstaining cannot be the headline{did_you_mean('', menu)}", "proposal.headline")
        elif leaf.text not in menu:
            yield leaf.place.mistake(f"no option '{leaf.text}'{did_you_mean(leaf.text, menu)}", "proposal.headline")


def _forced_are_asked(tree: Block) -> Iterator[Mistake]:
    """Check that a forced state is on the roster, and its option on the menu."""
    menu = [name for name, _ in _entries(tree, "menu")]
    absent = [leaf.text for leaf in _words(tree, "roster", "leave_out")]
    asked = [leaf.text for leaf in _words(tree, "roster", "states") if leaf.text not in absent]
    for path, code, entry in _forced(tree):
        if asked and code not in asked:
            hint = "" if code in facts.states() else did_you_mean_state(code, _names_of_own(tree))
            yield entry.key.mistake(f"{code} is not asked, so it cannot be forced{hint}", path)
        node = _at(entry.node, "option") if isinstance(entry.node, Block) else entry.node
        if menu and isinstance(node, Leaf) and isinstance(node.value, str) and node.text not in (ABSTAIN, *menu):
            yield node.place.mistake(f"no option '{node.text}'{did_you_mean(node.text, (ABSTAIN, *menu))}", path)


def _forced(tree: Block) -> Iterator[tuple[str, str, MappingEntry]]:
    """Yield path, state and entry of every forced stance."""
    for code, entry in _entries(tree, "force"):
        yield f"force.{code}", code, entry
    for change in _changes(tree):
        for code, entry in _entries(change, "force"):
            yield f"changes.force.{code}", code, entry


def _changes_can_be_made(tree: Block) -> Iterator[Mistake]:
    """Check that changes replace no settings that are fixed for the run or describe only its first round."""
    menu = [name for name, _ in _entries(tree, "menu")]
    for change in _changes(tree):
        for path, entry in _paths(_at(change, "set")):
            why = why_fixed(path, menu)
            if why:
                yield entry.key.mistake(why, f"changes.set.{'.'.join(path)}")


def why_fixed(path: Sequence[str], menu: Sequence[str]) -> str:
    """Return the reason why a setting cannot change during a run, or an empty text."""
    match path:
        case ["extends" | "name" | "question" | "about" | "sources", *_] | ["menu", _, "label"] | ["states", _, "name"]:
            return "is only a description and changes nothing in the run; take it out"
        case ["start" | "round_days" | "rounds" | "roster" | "host" | "opponent", *_]:
            return "cannot change during the run; set it for the whole run"
        case ["opening", *_]:
            return "applies only before the first round; to force a state to declare an option, use `force`"
        case ["force", *_]:
            return "belongs beside `set`, not in it: give the change its own `force`, such as {POL: troops}"
        case ["changes", *_]:
            return "cannot be set by a change; give each change its own `at` and `until`"
        case ["menu", option, *_] if menu and option not in menu:
            hint = did_you_mean(option, menu)
            return f"no option '{option}', and options cannot be added or removed during the run{hint}"
        case ["menu", _]:
            return "cannot be removed during the run; change single settings of it, such as its ask"
        case ["menu", _, "rung"]:
            return "cannot change during the run, since it orders the menu; set it for the whole run"
    return ""


def _paths(node: Node | None, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], MappingEntry]]:
    """Yield the paths of all settings in a block, at every depth down to single values."""
    for key, entry in node.entries.items() if isinstance(node, Block) else ():
        inside = (*path, *str(key).split("."))
        if isinstance(entry.node, Block) and entry.node.entries:
            yield from _paths(entry.node, inside)
        else:
            yield inside, entry


def _changes(tree: Block) -> list[Block]:
    node = _at(tree, "changes")
    return [item for item in node.items if isinstance(item, Block)] if isinstance(node, Items) else []


def _is_described(tree: Block, option: str) -> bool:
    """Return whether an option has a label; one without is a misspelt other option, which has a mistake of its own."""
    return _at(tree, "menu", option, "label") is not None


def _considerations_exist(tree: Block) -> Iterator[Mistake]:
    from sim.theory.considerations import CONSIDERATIONS  # here, so that later entries are included

    is_weighed = isinstance(_at(tree, "weights"), Block)  # else that is mistake enough
    weighed = {name for name, _ in _entries(tree, "weights")}
    for name, entry in _entries(tree, "weights"):
        if name not in CONSIDERATIONS:
            yield entry.key.mistake(_no_consideration(name, CONSIDERATIONS), f"weights.{name}")
    inside = [
        *((f"menu.{option}.raises", ("menu", option, "raises")) for option, _ in _entries(tree, "menu")),
        *((f"states.{code}.feels", ("states", code, "feels")) for code, _ in _entries(tree, "states")),
    ]
    for path, keys in inside:
        for name, entry in _entries(tree, *keys):
            if name not in CONSIDERATIONS:
                yield entry.key.mistake(_no_consideration(name, CONSIDERATIONS), f"{path}.{name}")
            elif is_weighed and name not in weighed:
                yield entry.key.mistake(f"has no weight; give weights.{name}, or leave it out", f"{path}.{name}")


def _no_consideration(name: str, known: Mapping[str, object]) -> str:
    return f"no such consideration{did_you_mean(name, known) or '; `willing list considerations` shows them'}"


def _figures_exist(tree: Block) -> Iterator[Mistake]:
    for code, _ in _entries(tree, "states"):
        for name, entry in _entries(tree, "states", code, "facts"):
            path = f"states.{code}.facts.{name}"
            if name not in facts.FIGURES:
                hint = did_you_mean(name, facts.FIGURES) or "; `willing list states` shows them"
                yield entry.key.mistake(f"no such figure{hint}", path)
                continue
            yield from _in_range(entry.node, facts.columns()[name], path)


def _in_range(node: Node, column: facts.Column, path: str) -> Iterator[Mistake]:
    """Find a number outside of the range of its column; the schema finds values that are not numbers."""
    if not isinstance(node, Leaf) or not isinstance(node.value, (int, float)) or isinstance(node.value, bool):
        return
    low, high = column.low, column.high
    if (low is not None and node.value < low) or (high is not None and node.value > high):
        message = f"{node.text} is out of range; give a number {_range(low, high, column.unit)}"
        yield node.place.mistake(message, path)


def _formats_exist(tree: Block) -> Iterator[Mistake]:
    node = _at(tree, "momentum", "formats")
    for leaf in _words(tree, "momentum", "formats") if isinstance(node, Items) else ():
        if leaf.text not in facts.formats():
            message = f"no such format{did_you_mean(leaf.text, facts.formats())}"
            yield leaf.place.mistake(message, "momentum.formats")


def _violations_tell(tree: Block) -> Iterator[Mistake]:
    """Check that violations are rarer from a sincere side; otherwise states would learn the wrong way round."""
    sincere, insincere = (_at(tree, "ceasefire", f"violations_{side}") for side in ("sincere", "insincere"))
    if not isinstance(sincere, Leaf) or not isinstance(insincere, Leaf):
        return
    rates = [leaf.value for leaf in (sincere, insincere) if isinstance(leaf.value, (int, float))]
    if len(rates) == 2 and rates[0] >= rates[1]:
        message = f"{sincere.text} must be less than violations_insincere, which is {insincere.text}"
        yield sincere.place.mistake(message, "ceasefire.violations_sincere")


_CHECKS = (
    _states_exist,
    _parties_fit,
    _roster_fits,
    _relations_exist,
    _opponent_is_needed,
    _options_exist,
    _forced_are_asked,
    _changes_can_be_made,
    _considerations_exist,
    _figures_exist,
    _formats_exist,
    _violations_tell,
)


def _names_of_own(tree: Block) -> dict[str, str]:
    """Return the names of the states that are only in this scenario, by code."""
    given = {code: _at(tree, "states", code, "name") for code in _own_states(tree)}
    return {code: node.text if isinstance(node, Leaf) and node.text else code for code, node in given.items()}


def _own_states(tree: Block) -> list[str]:
    """Return the states that are described in this scenario and missing from the table."""
    return [code for code, _ in _entries(tree, "states") if code not in facts.states()]


def _party(tree: Block, role: str) -> str | None:
    """Return the code of the host or the opponent as it is written; None if there is none."""
    leaves = _words(tree, role)
    return leaves[0].text if leaves and leaves[0].text.strip().lower() != "none" else None


def _is_said_without_opponent(tree: Block, place: Place) -> bool:
    """Return whether a setting is given together with `opponent: none`, in the same source or on the command line.

    Settings that are inherited from a scenario with an opponent are accepted.
    """
    node = _at(tree, "opponent")
    if not isinstance(node, Leaf) or (node.value is not None and node.text.strip().lower() != "none"):
        return False
    return place.source is node.place.source or place.source.is_setting


def _at(tree: Block, *keys: str) -> Node | None:
    node: Node | None = tree
    for key in keys:
        entry = node.entries.get(key) if isinstance(node, Block) else None
        node = entry.node if entry is not None else None
    return node


def _place_of(tree: Block, *keys: str) -> Place:
    node = _at(tree, *keys)
    return node.place if node is not None else tree.place


def _entries(tree: Block, *keys: str) -> Iterator[tuple[str, MappingEntry]]:
    node = _at(tree, *keys)
    if isinstance(node, Block):
        yield from ((str(key), entry) for key, entry in node.entries.items())


def _words(tree: Block, *keys: str) -> list[Leaf]:
    """Return the words of a list, or a single word in its place."""
    node = _at(tree, *keys)
    leaves = node.items if isinstance(node, Items) else (node,)
    return [leaf for leaf in leaves if isinstance(leaf, Leaf) and isinstance(leaf.value, str)]


def _range(low: float | None, high: float | None, unit: str) -> str:
    text = f"from {low:,.12g} to {high:,.12g}" if low is not None and high is not None else ""
    text = text or (f"at least {low:,.12g}" if low is not None else f"at most {high:,.12g}")
    return f"{text} ({unit})" if unit else text
