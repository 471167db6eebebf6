"""An explanation: the contributions of considerations to each option, and the differences between two options."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.analysis.explain import Explanation
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
    option_name,
)

ROW = 0.25  # inches from consideration to consideration
BAR = 0.64  # of a row
GAP = 0.14  # inches between options
APART = 0.5  # inches between the options and the panel on the right
SEPARATES = 1.6  # inches for the bars of the panel on the right
NUMBER = 0.4  # inches for a number beside a bar
ROOMY = 4  # most options for which the figure keeps its usual width
WIDER = 0.75  # inches for each further option
MOST = 8  # options drawn; of a longer menu those with the highest utility
VISIBLE = 0.005  # smallest amount that two decimals show
BAND = "#F4F6F8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """One column of bars: an amount for each row, 0 for none, and their sum under a rule."""

    rows: Sequence[float]
    total: float
    up: str  # colour of positive amounts
    down: str


def figures(result: Explanation) -> dict[str, Callable[[], Figure]]:
    """Return what draws each kind of figure."""
    return {"considerations": lambda: considerations_by_option(result)}


@under_defaults
def considerations_by_option(result: Explanation) -> Figure:
    """Draw the contribution of each consideration to each option, and what separates the stance from the next best."""
    scenario = result.scenario
    styles = option_styles(scenario)
    drawn = _drawn(result)
    rows = _rows(result, drawn)
    differences = {
        name: difference
        for name, difference in result.differences(result.stance, result.alternative).items()
        if abs(difference) >= VISIBLE
    }
    names = max([0.9, *(type_width(capitalised(consideration_name(name, scenario)), BODY) + 0.12 for name in rows)])
    wide = SIZE[0] + WIDER * max(0, len(drawn) - ROOMY)
    width = (wide - 2 * MARGIN - 2 * names - APART - SEPARATES - GAP * (len(drawn) - 1)) / len(drawn)
    heads = [_head(styles[option].label, width) for option in drawn]
    notes = [_note(result, option) for option in drawn]
    noted = max(len(note.splitlines()) for note in notes) * line_height(SMALL) + 0.12
    key = _key(result, styles, names + SEPARATES)
    head = max(
        max(len(text.splitlines()) for text in heads) * line_height(SMALL) + noted,
        sum(len(text.splitlines()) for text, _ in key) * line_height(BODY) + 0.1,
    )
    title, subtitle = result.headline, _subtitle(result, drawn)
    above = SIZE[1] - content_top(figure(title, subtitle, size=(wide, SIZE[1])))
    high = (len(rows) + 1) * ROW
    fig = figure(title, subtitle, size=(wide, above + 0.1 + head + high + 0.15 + FLOOR))
    top = FLOOR + 0.15 + high  # of the bars
    _name_rows(fig, MARGIN, top, names + len(drawn) * (width + GAP) - GAP, rows, "Utility", scenario)
    terms = [_terms(result, option, rows, styles[option].colour) for option in drawn]
    limits = _limits(terms, width)
    for number, (text, note, amounts) in enumerate(zip(heads, notes, terms, strict=True)):
        left = MARGIN + names + number * (width + GAP)
        _bars(axes_at(fig, left, top - high, width, high), amounts, limits)
        middle = left + width / 2
        draw_text(fig, middle, top + noted, text, size=SMALL, weight="bold", ha="center", linespacing=1.15)
        draw_text(fig, middle, top + noted - 0.05, note, size=SMALL, color=QUIET, ha="center", va="top")
    left = wide - MARGIN - SEPARATES
    _draw_key(fig, left - names, top + 0.1, key)
    _name_rows(fig, left - names, top, names + SEPARATES, list(differences), "Sum", scenario)
    colours = [styles[option].colour for option in (result.stance, result.alternative)]
    total = result.utility(result.stance) - result.utility(result.alternative)
    amounts = Amounts(rows=list(differences.values()), total=total, up=colours[0], down=colours[1])
    high = (len(differences) + 1) * ROW
    _bars(axes_at(fig, left, top - high, SEPARATES, high), amounts, _limits([amounts], SEPARATES))
    footer(fig, scenario, replicates=None, seed=result.seed)
    return fig


def _subtitle(result: Explanation, drawn: Sequence[str]) -> str:
    left_out = len(result.options) - 1 - len(drawn)
    menu = f" Not shown: {left_out} options with lower utility." if left_out else ""
    return (
        f"{heading(result.scenario)} {result.moment}: {result.situation}. Bars: contribution of each consideration to "
        f"an option’s utility. Abstaining has utility 0 and probability {percent(result.probabilities[0])}; "
        f"probabilities are over taste shocks.{menu}"
    )


def _drawn(result: Explanation) -> list[str]:
    """Return the options to draw in the order of the menu: all except abstaining, or those with the highest utility."""
    by_utility = sorted(result.options[1:], key=result.utility, reverse=True)
    first = [option for option in (result.stance, result.alternative) if option in by_utility]
    chosen = list(dict.fromkeys([*first, *by_utility]))[:MOST]
    return [option for option in result.options if option in chosen]


def _rows(result: Explanation, drawn: Sequence[str]) -> list[str]:
    """Return the considerations with a visible contribution to one of the options, the largest first."""
    sizes = np.abs(result.terms[[result.options.index(option) for option in drawn]]).max(axis=0)
    order = np.argsort(-sizes, kind="stable")
    return [result.considerations[c] for c in order if sizes[c] >= VISIBLE]


def _terms(result: Explanation, option: str, rows: Sequence[str], colour: str) -> Amounts:
    terms = dict(zip(result.considerations, result.terms[result.options.index(option)].tolist(), strict=True))
    return Amounts(rows=[terms[name] for name in rows], total=result.utility(option), up=colour, down=colour)


def _note(result: Explanation, option: str) -> str:
    """Return the text under an option's label: its probability, and whether it is the declared stance."""
    probability = f"probability {percent(result.probabilities[result.options.index(option)])}"
    is_declared = result.seed is not None and option == result.declared
    return f"{probability}\ndeclared stance" if is_declared else probability


def _head(label: str, width: float) -> str:
    """Return an option's label in lines of at most that width (inches), with long words cut."""
    words = []
    for word in label.split():
        cut = word
        while len(cut) > 1 and type_width(cut, SMALL, weight="bold") > width:
            cut = f"{cut.rstrip('…')[:-1]}…"
        words.append(cut)
    return wrapped(" ".join(words), width, SMALL, weight="bold")


def _key(result: Explanation, styles: Mapping[str, OptionStyle], width: float) -> list[tuple[str, str | None]]:
    """Return the texts above the panel on the right: its heading, and each side with its colour."""
    stance, other = result.stance, result.alternative
    question = f"{capitalised(option_name(stance))} compared with {option_name(other)}"
    return [
        (wrapped(question, width, BODY, weight="bold"), None),
        (wrapped(f"favours {option_name(stance)}", width - 0.28, BODY), styles[stance].colour),
        (wrapped(f"favours {option_name(other)}", width - 0.28, BODY), styles[other].colour),
    ]


def _draw_key(fig: Figure, x: float, y: float, key: Sequence[tuple[str, str | None]]) -> None:
    """Write the heading of a panel from y upwards, its last line first."""
    wide, high = fig.get_size_inches()
    for text, colour in reversed(key):
        if colour is None:
            draw_text(fig, x, y, text, weight="bold", linespacing=1.15)
        else:
            swatch = Rectangle((x / wide, y / high), 0.2 / wide, 0.12 / high, transform=fig.transFigure)
            swatch.set(facecolor=colour, edgecolor=QUIET, linewidth=0.4)
            fig.add_artist(swatch)
            draw_text(fig, x + 0.28, y, text, linespacing=1.15)
        y += len(text.splitlines()) * line_height(BODY)


def _name_rows(
    fig: Figure, x: float, top: float, width: float, rows: Sequence[str], total: str, scenario: Scenario
) -> None:
    """Write the names of the considerations as rows on alternating bands, and the name of their sum."""
    high = (len(rows) + 1) * ROW
    ground = axes_at(fig, x, top - high, width, high, xlim=(0, 1), ylim=(-len(rows) - 1, 0), zorder=-1)
    ground.set_axis_off()
    for row in range(0, len(rows), 2):
        ground.axhspan(-row - 1, -row, color=BAND, linewidth=0)
    ground.axhline(-len(rows), color=INK, linewidth=0.8)
    for row, name in enumerate(rows):
        draw_text(
            fig,
            x + 0.04,
            top - (row + 0.5) * ROW,
            capitalised(consideration_name(name, scenario)),
            va="center_baseline",
        )
    draw_text(fig, x + 0.04, top - high + ROW / 2, total, weight="bold", va="center_baseline")


def _limits(columns: Sequence[Amounts], width: float) -> tuple[float, float]:
    """Return the limits of an axis of this width (inches) that leave room for numbers on the other side of zero."""
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
        if abs(amount) < VISIBLE and not is_total:
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
