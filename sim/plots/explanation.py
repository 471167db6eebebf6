"""Why a state stands where it stands: what pulls each option up and down, and what separates two of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.analysis.explain import Explanation
from sim.plots.environment import PHASE_CLAIMS
from sim.plots.style import (
    BODY,
    FLOOR,
    INK,
    MARGIN,
    QUIET,
    RULE,
    SIZE,
    SMALL,
    OptionStyle,
    axes_at,
    content_top,
    draw_text,
    figure,
    footer,
    line_height,
    option_styles,
    type_width,
    under_defaults,
    wrapped,
)
from sim.scenario.schema import Scenario
from sim.text.heading import heading
from sim.text.numbers import percent, signed
from sim.text.words import (
    capitalised,
    consideration_name,
    date_text,
    listed,
    option_name,
    promise,
    quantity_name,
    state_name,
)
from sim.theory.ceasefire import PHASES

ROW = 0.25  # inches from consideration to consideration
BAR = 0.64  # of a row
GAP = 0.14  # inches between options
APART = 0.5  # inches between the options and what separates two of them
SEPARATES = 1.6  # inches for the bars of the panel at the right
NUMBER = 0.4  # inches for a number beside a bar
ROOMY = 4  # options up to which the figure keeps its usual width
WIDER = 0.75  # inches that each further option adds
MOST = 8  # options drawn; of a longer menu those of the highest value
SEEN = 0.005  # smallest amount that two decimals show
BAND = "#F4F6F8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """What is drawn as one column of bars: an amount for each row, 0 for none, and their sum under a rule."""

    rows: Sequence[float]
    total: float
    up: str  # colour of what is above 0
    down: str


@under_defaults
def explanation(explained: Explanation, scenario: Scenario) -> Figure:
    """Return what each consideration adds to each option for one state, and what separates its stance from the next."""
    styles = option_styles(scenario)
    drawn = _drawn(explained)
    rows = _rows(explained, drawn)
    apart = {
        name: by for name, by in explained.between(explained.stance, explained.alternative).items() if abs(by) >= SEEN
    }
    names = max([0.9, *(type_width(capitalised(consideration_name(name, scenario)), BODY) + 0.12 for name in rows)])
    wide = SIZE[0] + WIDER * max(0, len(drawn) - ROOMY)
    width = (wide - 2 * MARGIN - 2 * names - APART - SEPARATES - GAP * (len(drawn) - 1)) / len(drawn)
    heads = [_head(styles[option].label, width) for option in drawn]
    notes = [_note(explained, option) for option in drawn]
    noted = max(len(note.splitlines()) for note in notes) * line_height(SMALL) + 0.12
    key = _key(explained, styles, names + SEPARATES)
    head = max(
        max(len(text.splitlines()) for text in heads) * line_height(SMALL) + noted,
        sum(len(text.splitlines()) for text, _ in key) * line_height(BODY) + 0.1,
    )
    title, subtitle = explanation_title(explained, scenario), _subtitle(explained, scenario, drawn)
    above = SIZE[1] - content_top(figure(title, subtitle, size=(wide, SIZE[1])))
    high = (len(rows) + 1) * ROW
    made = figure(title, subtitle, size=(wide, above + 0.1 + head + high + 0.15 + FLOOR))
    top = FLOOR + 0.15 + high  # of the bars
    _name_rows(made, MARGIN, top, names + len(drawn) * (width + GAP) - GAP, rows, "Value", scenario)
    terms = [_terms(explained, option, rows, styles[option].colour) for option in drawn]
    limits = _limits(terms, width)
    for number, (text, note, amounts) in enumerate(zip(heads, notes, terms, strict=True)):
        left = MARGIN + names + number * (width + GAP)
        _bars(axes_at(made, left, top - high, width, high), amounts, limits)
        middle = left + width / 2
        draw_text(made, middle, top + noted, text, size=SMALL, weight="bold", ha="center", linespacing=1.15)
        draw_text(made, middle, top + noted - 0.05, note, size=SMALL, color=QUIET, ha="center", va="top")
    left = wide - MARGIN - SEPARATES
    _draw_key(made, left - names, top + 0.1, key)
    _name_rows(made, left - names, top, names + SEPARATES, list(apart), "Together", scenario)
    colours = [styles[option].colour for option in (explained.stance, explained.alternative)]
    difference = explained.value(explained.stance) - explained.value(explained.alternative)
    amounts = Amounts(rows=list(apart.values()), total=difference, up=colours[0], down=colours[1])
    high = (len(apart) + 1) * ROW
    _bars(axes_at(made, left, top - high, SEPARATES, high), amounts, _limits([amounts], SEPARATES))
    footer(made, scenario, replicates=None, seed=explained.seed)
    return made


def explanation_title(explained: Explanation, scenario: Scenario) -> str:
    """Return in a sentence what the state would do, rather than what, and what weighs most."""
    stance, other = explained.stance, explained.alternative
    name = capitalised(state_name(explained.code, scenario))
    does, might = promise(stance, scenario), promise(other, scenario)
    met = " if the conditions were met" if explained.is_conditional else ""
    differences = explained.between(stance, other)
    if explained.value(stance) < explained.value(other):
        said = f"{name} would {does}{met}, though more speaks for it to {might}"
        return f"{said}: {_weigh([each for each, by in differences.items() if by < 0.0], scenario)}"
    for_ = [each for each, by in differences.items() if by > 0.0]
    if not for_:
        return f"To {does} or to {might} is all the same to {state_name(explained.code, scenario)}{met}"
    return f"{name} would rather {does} than {might}{met}: {_weigh(for_, scenario)}"


def _weigh(considerations: Sequence[str], scenario: Scenario) -> str:
    most = [consideration_name(each, scenario) for each in considerations[:2]]
    return f"{listed(most)} weigh{'s' if len(most) == 1 else ''} most"


def when(explained: Explanation) -> str:
    """Return the moment that is explained, in words."""
    if explained.seed is None:
        others = f" but {listed(explained.forced)}" if explained.forced else ""
        return f"at the start, {date_text(explained.date)}, everybody{others} abstaining"
    numbers = f"replicate {explained.replicate} of seed {explained.seed}"
    return f"after round {explained.round}, {date_text(explained.date)}, {numbers}"


def situation(explained: Explanation, scenario: Scenario) -> str:
    """Return what the state looks out on, in words and numbers."""
    names = [name for name in explained.environment if name != "russian_opposition" or scenario.opponent is not None]
    quantities = [
        f"{quantity_name(name, scenario).removeprefix('the ')} {explained.environment[name]:.2f}" for name in names
    ]
    supposed = ", as the conditions of the proposal ask" if explained.is_conditional else ""
    return f"{', '.join(quantities)}{supposed}; {PHASE_CLAIMS[PHASES.index(explained.phase)]}"


def _subtitle(explained: Explanation, scenario: Scenario, drawn: Sequence[str]) -> str:
    left_out = len(explained.options) - 1 - len(drawn)
    menu = f" Left out: {left_out} options of lower value." if left_out else ""
    return (
        f"{heading(scenario)} {when(explained)}: {situation(explained, scenario)}. Bars: what each consideration adds "
        f"to an option’s value. Abstaining is worth 0, chance {percent(explained.chances[0])}; chances are those of a "
        f"state that weighs so and whose taste is not known.{menu}"
    )


def _drawn(explained: Explanation) -> list[str]:
    """Return the options to draw, as on the menu: all but abstaining, or of many those of the highest value."""
    by_value = sorted(explained.options[1:], key=explained.value, reverse=True)
    first = [option for option in (explained.stance, explained.alternative) if option in by_value]
    chosen = list(dict.fromkeys([*first, *by_value]))[:MOST]
    return [option for option in explained.options if option in chosen]


def _rows(explained: Explanation, drawn: Sequence[str]) -> list[str]:
    """Return the considerations that can be seen in one of the options, the largest first."""
    sizes = np.abs(explained.terms[[explained.options.index(option) for option in drawn]]).max(axis=0)
    order = np.argsort(-sizes, kind="stable")
    return [explained.considerations[c] for c in order if sizes[c] >= SEEN]


def _terms(explained: Explanation, option: str, rows: Sequence[str], colour: str) -> Amounts:
    terms = dict(zip(explained.considerations, explained.terms[explained.options.index(option)].tolist(), strict=True))
    return Amounts(rows=[terms[name] for name in rows], total=explained.value(option), up=colour, down=colour)


def _note(explained: Explanation, option: str) -> str:
    """Return what stands under an option's label: its chance, and whether it is the stance held."""
    chance = f"chance {percent(explained.chances[explained.options.index(option)])}"
    return f"{chance}\nits stance" if explained.seed is not None and option == explained.held else chance


def _head(label: str, width: float) -> str:
    """Return an option's label in lines of at most that width (inches), long words cut short."""
    words = []
    for word in label.split():
        cut = word
        while len(cut) > 1 and type_width(cut, SMALL, weight="bold") > width:
            cut = f"{cut.rstrip('…')[:-1]}…"
        words.append(cut)
    return wrapped(" ".join(words), width, SMALL, weight="bold")


def _key(explained: Explanation, styles: Mapping[str, OptionStyle], width: float) -> list[tuple[str, str | None]]:
    """Return what stands over the panel at the right: its heading, and what each side means with its colour."""
    stance, other = explained.stance, explained.alternative
    asked = f"What separates {option_name(stance)} from {option_name(other)}"
    return [
        (wrapped(asked, width, BODY, weight="bold"), None),
        (wrapped(f"speaks for {option_name(stance)}", width - 0.28, BODY), styles[stance].colour),
        (wrapped(f"speaks for {option_name(other)}", width - 0.28, BODY), styles[other].colour),
    ]


def _draw_key(made: Figure, x: float, y: float, key: Sequence[tuple[str, str | None]]) -> None:
    """Write the heading of a panel upwards from y, its last line first."""
    wide, high = made.get_size_inches()
    for text, colour in reversed(key):
        if colour is None:
            draw_text(made, x, y, text, weight="bold", linespacing=1.15)
        else:
            swatch = Rectangle((x / wide, y / high), 0.2 / wide, 0.12 / high, transform=made.transFigure)
            swatch.set(facecolor=colour, edgecolor=QUIET, linewidth=0.4)
            made.add_artist(swatch)
            draw_text(made, x + 0.28, y, text, linespacing=1.15)
        y += len(text.splitlines()) * line_height(BODY)


def _name_rows(
    made: Figure, x: float, top: float, width: float, rows: Sequence[str], total: str, scenario: Scenario
) -> None:
    """Write the considerations under one another, on bands that lead the eye, and what their sum is called."""
    high = (len(rows) + 1) * ROW
    ground = axes_at(made, x, top - high, width, high, xlim=(0, 1), ylim=(-len(rows) - 1, 0), zorder=-1)
    ground.set_axis_off()
    for row in range(0, len(rows), 2):
        ground.axhspan(-row - 1, -row, color=BAND, linewidth=0)
    ground.axhline(-len(rows), color=INK, linewidth=0.8)
    for row, name in enumerate(rows):
        draw_text(
            made,
            x + 0.04,
            top - (row + 0.5) * ROW,
            capitalised(consideration_name(name, scenario)),
            va="center_baseline",
        )
    draw_text(made, x + 0.04, top - high + ROW / 2, total, weight="bold", va="center_baseline")


def _limits(columns: Sequence[Amounts], width: float) -> tuple[float, float]:
    """Return the ends of an axis of this width (inches) on which each bar has room for its number across the zero."""
    amounts = [amount for column in columns for amount in (*column.rows, column.total)]
    down, up = max(0.0, -min(amounts)), max(0.0, max(amounts))
    if down == up == 0.0:
        return -1.0, 1.0
    left = min(max(width * down / (down + up), NUMBER), width - NUMBER)  # inches
    scale = max(down / left, up / (width - left))
    return -scale * left, scale * (width - left)


def _bars(axes: Axes, amounts: Amounts, limits: tuple[float, float]) -> None:
    """Draw a column of bars from zero, each with its number on the other side of the zero."""
    count = len(amounts.rows)
    axes.set(xlim=limits, ylim=(-count - 1, 0), xticks=[], yticks=[])
    axes.patch.set_visible(False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.axvline(0.0, color=RULE, linewidth=0.8)
    for row, amount in enumerate([*amounts.rows, amounts.total]):
        is_total = row == count
        if abs(amount) < SEEN and not is_total:
            continue
        colour = amounts.up if amount > 0.0 else amounts.down
        axes.barh(
            -row - 0.5, amount, height=BAR, color=colour, edgecolor=INK if is_total else QUIET,
            linewidth=1.0 if is_total else 0.4,
        )  # fmt: skip
        side = -1 if amount > 0.0 else 1
        axes.annotate(
            signed(amount), (0.0, -row - 0.5), xytext=(3 * side, 0), textcoords="offset points", size=SMALL, color=INK,
            weight="bold" if is_total else "normal", ha="right" if side < 0 else "left", va="center_baseline",
            annotation_clip=False,
        )  # fmt: skip
