"""Check the outcomes and the figures of an experiment against its scenarios and factors."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from sim.errors import Mistake
from sim.experiment.factor import Choices, Factor, Levels, Range
from sim.experiment.figure_specs import KINDS
from sim.experiment.outcome_names import numbers_of, why_unknown, words_of, written_out
from sim.scenario.suggestions import did_you_mean
from sim.scenario.syntax_tree import Block, Items, Leaf, Node, joined

_NUMBERS_ONLY = ("cliff", "heat", "tornado", "multiples", "hysteresis", "effects")
_BY_LEVEL = ("by", "rows")  # settings that need a factor with few, named levels
_SPREADS = ("mean", "sd", "p05", "p50", "p95", "low", "high")  # columns of a numeric outcome
_RESERVED = ("point", "runs", "replicate", "round", "state")


def outcomes_measured(tree: Block, options: Sequence[str], states: Sequence[str]) -> tuple[list[str], list[Mistake]]:
    """Return the outcomes, with joins.* and the like written out for every state, and mistakes in them."""
    known = {*numbers_of(options, states), *words_of(states)}
    measured: list[str] = []
    mistakes = []
    for leaf in _words(tree, "outcomes"):
        each = written_out(leaf.text, states)
        if leaf.text not in known and not (each and set(each) <= known):
            mistakes.append(leaf.place.mistake(why_unknown(leaf.text, options, states), "outcomes"))
            continue
        twice = [outcome for outcome in each if outcome in measured]
        if twice:
            mistakes.append(leaf.place.mistake(f"{twice[0]} is given twice; keep one of the two", "outcomes"))
        measured += [outcome for outcome in each if outcome not in measured]
    return measured, mistakes


def name_clashes(
    tree: Block, factors: Iterable[Factor], measured: Sequence[str], options: Sequence[str], states: Sequence[str]
) -> Iterator[Mistake]:
    """Yield a mistake for each factor that has the name of a column of the results."""
    words = words_of(states)
    columns = {*_RESERVED, *measured}
    for outcome in measured:
        columns |= {f"{outcome}.{part}" for part in (options if outcome in words else _SPREADS)}
    vary = tree.entries["vary"].node if "vary" in tree.entries else None
    entries = {str(key): entry for key, entry in vary.entries.items()} if isinstance(vary, Block) else {}
    for factor in factors:
        if factor.name in columns and factor.name in entries:
            message = "is the name of a column of the results; choose another label"
            yield entries[factor.name].key.mistake(message, joined("vary", factor.name))


def figure_errors(
    tree: Block,
    factors: Sequence[Factor],
    measured: Sequence[str],
    options: Sequence[str],
    states: Sequence[str],
    design: str,
) -> Iterator[Mistake]:
    """Yield mistakes in the figures, such as factors that are not varied and outcomes that are not measured."""
    by_name = {factor.name: factor for factor in factors}
    words, numbers = words_of(states), numbers_of(options, states)
    figures = tree.entries["figures"].node if "figures" in tree.entries else None
    for node in figures.items if isinstance(figures, Items) else ():
        if not isinstance(node, Block):
            continue
        kind = node.entries["kind"].node if "kind" in node.entries else None
        if not isinstance(kind, Leaf) or kind.text not in KINDS:
            continue
        yield from _factor_errors(node, kind.text, by_name)
        yield from _outcome_errors(node, kind.text, measured, words, numbers, states)
        if kind.text == "tornado" and design not in ("one_at_a_time", "saltelli", "morris"):
            message = f"a tornado needs the design one_at_a_time, saltelli or morris, not {design}"
            yield kind.place.mistake(message, "figures.kind")


def _factor_errors(node: Block, kind: str, factors: Mapping[str, Factor]) -> Iterator[Mistake]:
    seen: dict[str, str] = {}
    for key in ("x", "y", "by", "rows"):
        for leaf in _words(node, key):
            if key not in KINDS[kind].model_fields:
                continue  # the schema finds this mistake
            path = f"figures.{key}"
            factor = factors.get(leaf.text)
            if factor is None:
                yield leaf.place.mistake(f"no factor '{leaf.text}' is varied{did_you_mean(leaf.text, factors)}", path)
            elif leaf.text in seen:
                yield leaf.place.mistake(f"is already {seen[leaf.text]}; name another factor", path)
            elif key in _BY_LEVEL and isinstance(factor, Range):
                yield leaf.place.mistake(
                    f"{leaf.text} is a range; name a factor with a list of levels or choices", path
                )
            elif key == "x" and kind in ("cliff", "hysteresis") and not factor.is_numeric:
                yield leaf.place.mistake(
                    f"{leaf.text} has words as levels; a figure of kind {kind} needs numbers", path
                )
            else:
                seen[leaf.text] = key
                if key == "rows" and isinstance(factor, Levels | Choices):
                    yield from _against_errors(node, factor)


def _against_errors(node: Block, factor: Levels | Choices) -> Iterator[Mistake]:
    given = _words(node, "against")
    label = given[0].text if given else "nobody"
    levels = [str(level) for level in factor.levels]
    if label not in levels:
        place = given[0].place if given else node.place
        hint = "" if given else "; name the level to compare with in `against`"
        message = f"no level '{label}' of {factor.name}{did_you_mean(label, levels) if given else hint}"
        yield place.mistake(message, "figures.against")


def _outcome_errors(
    node: Block,
    kind: str,
    measured: Sequence[str],
    words: Collection[str],
    numbers: Collection[str],
    states: Sequence[str],
) -> Iterator[Mistake]:
    for key in ("outcome", "contour"):
        for leaf in _words(node, key):
            if key not in KINDS[kind].model_fields:
                continue
            path = f"figures.{key}"
            if kind == "effects":
                each = [outcome for outcome in written_out(leaf.text, states) if outcome in measured]
            else:
                each = [leaf.text] if leaf.text in measured else []
            if not each:
                is_known = {*written_out(leaf.text, states)} <= {*words, *numbers}
                near = "" if is_known else did_you_mean(leaf.text, measured)
                hint = near if "did you mean" in near else "; add it to `outcomes`" if is_known else ""
                yield leaf.place.mistake(f"'{leaf.text}' is not measured{hint}", path)
            elif each[0] in words and (kind in _NUMBERS_ONLY or key == "contour"):
                message = f"{leaf.text} is a word; a {'contour' if key == 'contour' else kind} needs a number"
                yield leaf.place.mistake(message, path)
            elif kind == "phase" and key == "outcome" and each[0] not in words:
                yield leaf.place.mistake(f"{leaf.text} is a number; draw it with kind: heat", path)


def _words(tree: Block, key: str) -> list[Leaf]:
    """Return the words of a list, or of a single word."""
    node: Node | None = tree.entries[key].node if key in tree.entries else None
    leaves = node.items if isinstance(node, Items) else (node,)
    return [leaf for leaf in leaves if isinstance(leaf, Leaf) and isinstance(leaf.value, str)]
