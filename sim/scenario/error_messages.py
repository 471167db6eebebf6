"""Error messages for the settings of a scenario, in plain words and with their place.

The schema detects errors; this module turns each one into a location, an expected value and a next step.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ValidationError

from sim.errors import Mistake
from sim.facts.characters import holds_odd, odd_character
from sim.facts.numbers import number_meant, written
from sim.scenario.file_kinds import SCENARIO, FileKind
from sim.scenario.locate import Spot, find_spot
from sim.scenario.schema import Scenario
from sim.scenario.suggestions import did_you_mean, did_you_mean_state, nearest
from sim.scenario.syntax_tree import Block, Items, Leaf, Place, joined, to_builtins

MOST_MISTAKES = 100  # reported at once
_EXTEND = "put `extends: base` at the top"
_PATHS = 3  # suggested for a misplaced setting
_STATE_PATTERN = "^[A-Z]"  # how the patterns of state codes begin


def explain(
    error: ValidationError,
    tree: Block,
    main: Place,
    *,
    extends_nothing: bool = False,
    at_most: int,
    schema: type[BaseModel] = Scenario,
    kind: FileKind = SCENARIO,
) -> list[Mistake]:
    """Return the schema's errors as mistakes: missing settings grouped per block, all others one by one.

    main is the place of settings that are missing at the top; at_most limits the number.
    """
    mistakes = []
    missing: dict[str, list[Spot]] = {}
    for finding in error.errors(include_url=False)[:at_most]:
        spot = find_spot(finding, tree, main, schema)
        if finding["type"] == "too_short" and spot.value:
            continue  # it is too short only because of refused entries
        if finding["type"] == "missing":
            missing.setdefault(spot.path.rpartition(".")[0], []).append(spot)
        elif finding["type"] in ("extra_forbidden", "invalid_key") or finding["loc"][-1:] == ("[key]",):
            mistakes.append(spot.key.mistake(_about_key(spot, finding, tree), spot.path))
        else:
            mistakes.append(spot.place.mistake(_about_value(spot, finding), spot.path))
    for path, spots in missing.items():
        mistakes.append(_missing(path, spots, extends_nothing, tree, kind))
    return mistakes


def _missing(path: str, spots: list[Spot], extends_nothing: bool, tree: Block, kind: FileKind) -> Mistake:
    place = spots[0].key
    names = [spot.name for spot in spots]
    if names == ["question"]:
        return place.mistake(f"missing; say in one sentence what the {kind.name} asks", "question")
    remedy = f"give it, or {_EXTEND}" if extends_nothing and not place.source.is_setting else "give it"
    if len(names) == 1:
        return place.mistake(f"missing; {remedy}", joined(path, names[0]))
    other = _other_option(path, tree)
    if other is not None:
        text = f"no option '{path.rpartition('.')[2]}' on the menu; did you mean '{other}'? A new one needs"
        return place.mistake(f"{text} {', '.join(names)} too", path)
    return place.mistake(f"missing: {', '.join(names)}; {remedy.replace('give it', 'give them')}", path)


def _other_option(path: str, tree: Block) -> str | None:
    """Return the option that a misspelt one probably means: it looks like a new one that lacks nearly everything."""
    block, _, name = path.partition(".")
    menu = tree.entries["menu"].node if block == "menu" and name else None
    return nearest(name, [str(other) for other in menu.entries if other != name]) if isinstance(menu, Block) else None


def _about_key(spot: Spot, finding: Mapping[str, Any], tree: Block) -> str:
    if finding["type"] == "string_pattern_mismatch":
        return _misshapen(spot.name, finding)
    if finding["type"] == "not_a_date":
        return f"{_quoted(spot.name)} is not a date; write it as year-month-day, such as 2025-03-26"
    elsewhere = [path for path in _paths_of(spot.name, tree) if path != spot.path][:_PATHS]
    if elsewhere:
        written_value = " or ".join([", ".join(elsewhere[:-1]), elsewhere[-1]] if elsewhere[1:] else elsewhere)
        return f"unknown field here; did you mean {written_value}?"
    return f"unknown field{holds_odd(spot.name) or did_you_mean(spot.name, spot.siblings)}"


def _paths_of(name: str, tree: Block, at: str = "") -> list[str]:
    """Return the paths of settings of this name inside the blocks of a tree: the environment's, then the shallowest."""
    found = []
    for key, entry in tree.entries.items():
        path = joined(at, str(key))
        if at and str(key) == name:
            found.append(path)
        if isinstance(entry.node, Block):
            found += _paths_of(name, entry.node, path)
    return sorted(found, key=lambda each: (not each.startswith("environment."), each.count(".")))


def _about_value(spot: Spot, finding: Mapping[str, Any]) -> str:
    kind = finding["type"]
    if kind in _WORDS:
        return _WORDS[kind](spot, finding)
    if kind == "value_error":
        return str(finding["ctx"]["error"])
    message: str = finding["msg"]
    return message[:1].lower() + message[1:]


def _no_number(spot: Spot, finding: Mapping[str, Any]) -> str:
    bounds = f" {spot.bounds}" if spot.bounds else ""
    meant = f"a {'whole ' if spot.is_whole else ''}number{bounds}"
    if not isinstance(spot.node, Leaf):
        what = "a list" if isinstance(spot.node, Items) else "a mapping"
        return f"{what}, where {meant} is needed"
    if spot.value is None:
        return f"empty; give {meant}"
    number = number_meant(spot.text, share=spot.is_share, whole=spot.counts)
    if number is None:
        return f"{_shown(spot)} is not a number; give {meant}"
    if written(number) == spot.text.strip(" "):
        return f"'{spot.text}' is text, not a number; remove the quotes"
    return f"{_quoted(spot.text)} is not a number; did you mean {written(number)}?"


def _out_of_range(spot: Spot, finding: Mapping[str, Any]) -> str:
    value = spot.value
    text = f"{_shown(spot)} is out of range; give a number {spot.bounds}"
    if spot.is_share and isinstance(value, (int, float)) and 5 <= value <= 100:  # per cent
        return f"{text}; did you mean {written(round(value / 100, 12))}?"
    return text


def _no_whole_number(spot: Spot, finding: Mapping[str, Any]) -> str:
    return f"{_shown(spot)} is not a whole number"


def _no_text(spot: Spot, finding: Mapping[str, Any]) -> str:
    if spot.node is None or spot.value is None:
        return "empty; give a value, or leave it out"
    if not isinstance(spot.node, Leaf):
        return f"{'a list' if isinstance(spot.node, Items) else 'a mapping'}, where text is needed"
    return f"{_shown(spot)} is not text; put it in quotes"


def _no_list(spot: Spot, finding: Mapping[str, Any]) -> str:
    if isinstance(spot.node, Leaf) and spot.value is not None:
        return f"must be a list; write [{spot.text[:40]}]"
    if isinstance(spot.node, Block):
        return "a mapping, where a list is needed; give the whole list, such as [GBR, FRA]"
    return "empty; give a list, such as [GBR, FRA]"


def _no_mapping(spot: Spot, finding: Mapping[str, Any]) -> str:
    what = "empty" if spot.value is None else "a list" if isinstance(spot.node, Items) else _shown(spot)
    inside = f" with {', '.join(spot.inside)}" if 0 < len(spot.inside) <= 12 else ""
    return f"{what}, where a mapping{inside} is needed"


def _no_flag(spot: Spot, finding: Mapping[str, Any]) -> str:
    words = {"yes": "true", "on": "true", "1": "true", "true": "true"}
    words |= {"no": "false", "off": "false", "0": "false", "false": "false"}
    meant = words.get(spot.text.lower())
    return f"must be true or false; did you mean {meant}?" if meant is not None else "must be true or false"


def _no_date(spot: Spot, finding: Mapping[str, Any]) -> str:
    if spot.node is None or spot.value is None:
        return "empty; give a date, such as 2025-03-26"
    return f"{_shown(spot)} is not a date; write it as year-month-day, such as 2025-03-26"


def _not_one_of(spot: Spot, finding: Mapping[str, Any]) -> str:
    words = re.findall(r"'([^']*)'", finding["ctx"]["expected"])
    if finding["loc"][-1] == "in_a_word":
        words.append("a list of formats")
    hint = did_you_mean(spot.text, words) if spot.text else ""
    near = hint if "did you mean" in hint else ""
    written_value = "empty" if spot.value is None else _shown(spot)
    return f"{written_value}; must be {', '.join(words[:-1])} or {words[-1]}{near}"


def _no_process(spot: Spot, finding: Mapping[str, Any]) -> str:
    words = "constant, schedule, ramp or logit_ar1"
    if isinstance(spot.node, Block):
        kind = spot.node.entries.get("process")
        given = to_builtins(kind.node) if kind is not None else None
        near = did_you_mean(given, ["constant", "schedule", "ramp", "logit_ar1"]) if isinstance(given, str) else ""
        near = near if "did you mean" in near else ""
        return f"{given!r:.40} is not a process; must be {words}{near}" if given else f"empty; must be {words}"
    text = _no_number(replace(spot, low=0, high=1, unit=""), finding)
    return text if "did you mean" in text or "quotes" in text else f"{text}, or a process: {words}"


def _misshapen_value(spot: Spot, finding: Mapping[str, Any]) -> str:
    return _misshapen(spot.text, finding)


def _misshapen(text: str, finding: Mapping[str, Any]) -> str:
    pattern = finding["ctx"]["pattern"]
    if pattern.startswith(_STATE_PATTERN) and "a-z" not in pattern:
        others = " and not `others`" if "others" in pattern else ""
        return f"{_quoted(text)} is not the code of a state{others}{did_you_mean_state(text)}"
    if "A-Z" in pattern:
        return f"{_quoted(text)} is not a name; use letters, digits, '_', '.' and '-'"
    name = re.sub(r"[^a-z0-9]+", "_", text[:40].lower()).strip("_0123456789")
    hint = f"; did you mean '{name}'?" if name else ""
    return f"{_quoted(text)} is not a name; use lower-case letters, digits and '_'{hint}"


def _too_short(spot: Spot, finding: Mapping[str, Any]) -> str:
    return "empty; give at least one"


def _too_long(spot: Spot, finding: Mapping[str, Any]) -> str:
    return f"too many entries; keep at most {finding['ctx']['max_length']}"


def _empty_text(spot: Spot, finding: Mapping[str, Any]) -> str:
    return "empty; give some text"


def _no_unicode(spot: Spot, finding: Mapping[str, Any]) -> str:
    return "holds half a character (a surrogate); write the character itself"


_WORDS: dict[str, Callable[[Spot, Mapping[str, Any]], str]] = {
    "not_a_number": _no_number,
    "float_type": _no_number,
    "int_type": _no_number,
    "int_from_float": _no_whole_number,
    "greater_than": _out_of_range,
    "greater_than_equal": _out_of_range,
    "less_than": _out_of_range,
    "less_than_equal": _out_of_range,
    "string_type": _no_text,
    "string_too_short": _empty_text,
    "string_unicode": _no_unicode,
    "string_pattern_mismatch": _misshapen_value,
    "tuple_type": _no_list,
    "too_short": _too_short,
    "too_long": _too_long,
    "dict_type": _no_mapping,
    "model_type": _no_mapping,
    "not_a_flag": _no_flag,
    "not_a_date": _no_date,
    "literal_error": _not_one_of,
    "union_tag_invalid": _no_process,
    "union_tag_not_found": _no_process,
}


def _quoted(text: str) -> str:
    written_value = "".join(letter if letter.isprintable() else "?" for letter in text)
    odd = odd_character(text)
    holds = f", which holds {odd}," if odd else ""
    return (f"'{written_value}'" if len(written_value) <= 40 else f"'{written_value[:37]}...'") + holds


def _shown(spot: Spot) -> str:
    """Return the value as it is written, shortened for a message."""
    if not isinstance(spot.node, Leaf):
        return "a list" if isinstance(spot.node, Items) else "a mapping"
    return _quoted(spot.text) if isinstance(spot.value, str) else spot.text[:40]


def not_reported(found: Iterable[Mistake], reported: Iterable[Mistake]) -> list[Mistake]:
    """Return the mistakes in settings that have none yet."""
    known = {(mistake.file, mistake.line, mistake.column, mistake.path) for mistake in reported}
    return [each for each in found if (each.file, each.line, each.column, each.path) not in known]


def in_order(mistakes: Sequence[Mistake], sources: Sequence[str]) -> list[Mistake]:
    """Return at most MOST_MISTAKES mistakes, in the order of their sources and of their places there."""

    def place(mistake: Mistake) -> tuple[int, int, int]:
        source = sources.index(mistake.file) if mistake.file in sources else len(sources)
        return source, mistake.line or 0, mistake.column or 0

    first = sorted(mistakes, key=place)[:MOST_MISTAKES]
    if len(mistakes) > MOST_MISTAKES:
        first.append(Mistake(file=sources[0], message=f"more than {MOST_MISTAKES} mistakes; fix these first"))
    return first
