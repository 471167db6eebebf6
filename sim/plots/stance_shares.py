"""Figure of stance probabilities by state, the likeliest to hold the deepest option at the top."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from sim.model.setup import Setup, prepare
from sim.plots.map_states import STAR
from sim.plots.rounds import replicates
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
    ink_on,
    option_styles,
    type_width,
    under_defaults,
)
from sim.results.summary import stance_chances
from sim.results.tables import RunTables
from sim.scenario.schema import Scenario
from sim.text.heading import with_heading
from sim.text.numbers import counted
from sim.text.state_counts import is_certain, states_headline
from sim.text.words import date_text, promise

ROW = 0.25  # inches per state
BAR = 0.76  # of a row
UNDER = 0.34  # inches for the axis under the bars
LONGEST_NAME = 1.9  # inches
CODE = 0.62  # inches for star and code at the left
OFFERS = 0.85  # inches for the soldiers at the right
MARK = "|"  # placeholder in the legend for the mark of the conditional probability
NAMED = 3  # number of likeliest states in the title


@dataclass(frozen=True, slots=True, kw_only=True)
class StanceRow:
    """One state in the figure."""

    code: str
    name: str
    leads: bool
    chances: tuple[float, ...]  # from the deepest option to abstaining
    conditional: float  # probability of the deepest option if the conditions were met
    offer: float  # soldiers for the deepest option


@under_defaults
def probabilities_by_state(tables: RunTables, scenario: Scenario, *, seed: int | None = None) -> Figure:
    """Draw the probability of every stance by state, with a mark for the deepest option if the conditions were met."""
    styles = option_styles(scenario)
    chances = stance_chances(tables.stances, scenario.option_names)
    rows = rows_from_deepest(chances, prepare(scenario).last)
    deepest = scenario.deepest
    offers = scenario.menu[deepest].share > 0.0
    count = replicates(tables)
    likeliest = [row.code for row in rows[:NAMED] if row.chances[0] > 0.0] if len(rows) > NAMED else []
    title = states_headline(chances, scenario, likeliest)
    over = "one replicate" if count == 1 else f"share of {count:,} replicates in %"
    means = "" if is_certain(chances) else "; counts of states are means over replicates"
    brings = f"; right: soldiers that each would contribute to {styles[deepest].label}" if offers else ""
    subtitle = (
        f"Stances of {counted(len(rows), 'state')} on {date_text(tables.rounds['date'].max())}, {over}{means}{brings}"
    )
    subtitle = with_heading(scenario, subtitle)
    names = min(LONGEST_NAME, max(type_width(row.name, BODY, weight=_weight(row)) for row in rows))
    left = MARGIN + CODE + names + 0.14
    right = SIZE[0] - MARGIN - (OFFERS if offers else 0.15)
    key = _key(styles, scenario, width=SIZE[0] - 2 * MARGIN)
    height = len(rows) * ROW
    head = SIZE[1] - content_top(figure(title, subtitle))
    size = (SIZE[0], head + key.height + 0.24 + height + UNDER + FLOOR)
    fig = figure(title, subtitle, size=size)
    top = content_top(fig) - 0.04
    _draw_key(fig, key, top)
    bottom = FLOOR + UNDER
    axes = axes_at(fig, left, bottom, right - left, height)
    _frame(axes, len(rows))
    if offers:
        x, y = SIZE[0] - MARGIN, bottom + height + 0.04
        draw_text(fig, x, y, "soldiers", size=SMALL, color=QUIET, ha="right", va="bottom")
    for index, row in enumerate(rows):
        y = bottom + height - (index + 0.5) * ROW
        if row.leads:
            draw_text(fig, MARGIN, y, STAR, va="center_baseline")
        draw_text(fig, MARGIN + 0.2, y, row.code, weight="bold", size=SMALL, va="center_baseline")
        draw_text(fig, MARGIN + CODE, y, _cut(row.name, names, _weight(row)), weight=_weight(row), va="center_baseline")
        _draw_bar(fig, axes, row, list(reversed(styles.values())), y, len(rows) - index - 0.5)
        if offers:
            draw_text(fig, SIZE[0] - MARGIN, y, f"{row.offer:,.0f}", ha="right", va="center_baseline")
    footer(fig, scenario, replicates=count, seed=seed)
    return fig


def rows_from_deepest(chances: pd.DataFrame, setup: Setup) -> list[StanceRow]:
    """Return a row per state, sorted by the probability of the deepest option, then of the next, and so on."""
    scenario = setup.scenario
    from_deepest = list(reversed(scenario.option_names))
    table = chances.loc[list(setup.codes), [*from_deepest, f"{scenario.deepest}_conditional"]].to_numpy(dtype=float)
    rows = []
    for i, state in enumerate(setup.states):
        *shares, conditional = table[i].tolist()
        rows.append(
            StanceRow(
                code=state.code,
                name=state.name,
                leads=bool(setup.leads[i]),
                chances=tuple(shares),
                conditional=conditional,
                offer=float(setup.offers[i, -1]),
            )
        )
    return sorted(rows, key=lambda row: row.chances, reverse=True)


def _weight(row: StanceRow) -> str:
    return "bold" if row.leads else "normal"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Key:
    """The legend in lines of entries: label, distance from the left, and colour or mark."""

    lines: tuple[tuple[tuple[str, float, str], ...], ...]

    @property
    def height(self) -> float:
        return 0.25 * len(self.lines) + 0.08


def _key(styles: dict[str, OptionStyle], scenario: Scenario, *, width: float) -> _Key:
    entries = [(style.label, style.colour) for style in reversed(styles.values())]
    entries.append((f"would {promise(scenario.deepest, scenario)} if the conditions were met", MARK))
    if set(scenario.leads) & set(scenario.roster.asked):
        entries.append(("leads the proposal", STAR))
    lines: list[list[tuple[str, float, str]]] = [[]]
    x = 0.0
    for label, colour in entries:
        cut = _cut(label, width - 0.3, "normal")
        wide = 0.3 + type_width(cut, BODY) + 0.28
        if lines[-1] and x + wide - 0.28 > width:
            lines.append([])
            x = 0.0
        lines[-1].append((cut, x, colour))
        x += wide
    return _Key(lines=tuple(map(tuple, lines)))


def _draw_key(fig: Figure, key: _Key, top: float) -> None:
    wide, high = fig.get_size_inches()
    for number, line in enumerate(key.lines):
        y = top - 0.25 * number - 0.12
        for label, offset, colour in line:
            x = MARGIN + offset
            if colour == MARK:
                _mark(fig, x + 0.1, y, 0.2)
            elif colour == STAR:
                draw_text(fig, x + 0.1, y, STAR, ha="center", va="center_baseline")
            else:
                swatch = Rectangle((x / wide, (y - 0.08) / high), 0.2 / wide, 0.16 / high, transform=fig.transFigure)
                swatch.set(facecolor=colour, edgecolor="white", linewidth=0.0)
                fig.add_artist(swatch)
            draw_text(fig, x + 0.28, y, label, va="center_baseline")


def _mark(fig: Figure, x: float, y: float, height: float) -> None:
    """Draw the mark of the conditional probability; positions in inches."""
    wide, high = fig.get_size_inches()
    ends = ([x / wide, x / wide], [(y - height / 2) / high, (y + height / 2) / high])
    for colour, width in (("white", 4.4), (INK, 2.0)):
        fig.add_artist(Line2D(*ends, color=colour, linewidth=width, solid_capstyle="butt"))


def _frame(axes: Axes, states: int) -> None:
    axes.set(xlim=(0, 1), ylim=(0, states), yticks=[], xticks=[0, 0.25, 0.5, 0.75, 1])
    axes.set_xticklabels(["0%", "25%", "50%", "75%", "100%"])
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(labelsize=BODY, colors=INK, length=3, color=RULE, pad=3)
    axes.grid(axis="x", color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)


def _draw_bar(fig: Figure, axes: Axes, row: StanceRow, styles: Sequence[OptionStyle], y: float, middle: float) -> None:
    """Draw the bar of a state, from the deepest option, with numbers where there is room; y in inches."""
    box = axes.get_position()
    left, width = box.x0 * fig.get_figwidth(), box.width * fig.get_figwidth()
    start = 0.0
    for style, chance in zip(styles, row.chances, strict=True):
        if chance > 0.0:
            axes.barh(middle, chance, left=start, height=BAR, color=style.colour, edgecolor="white", linewidth=0.5)
            text = f"{100 * chance:.0f}"
            room = type_width(text, SMALL, weight="bold") + 0.06
            for low, high in _free(start * width, (start + chance) * width, row.conditional * width):
                if high - low >= room:
                    look = {"size": SMALL, "weight": "bold", "color": ink_on(style.colour)}
                    draw_text(fig, left + (low + high) / 2, y, text, ha="center", va="center_baseline", **look)
                    break
        start += chance
    _mark(fig, left + row.conditional * width, y, ROW)


def _free(low: float, high: float, mark: float) -> Iterator[tuple[float, float]]:
    """Yield the parts of a bar beside the mark, the wider first; in inches."""
    if mark <= low - 0.04 or mark >= high + 0.04:
        yield low, high
        return
    yield from sorted(((low, mark - 0.04), (mark + 0.04, high)), key=lambda part: part[0] - part[1])


def _cut(text: str, width: float, weight: str) -> str:
    """Return the text, shortened if it is wider than a width in inches."""
    if type_width(text, BODY, weight=weight) <= width + 0.15:
        return text
    while text and type_width(f"{text}…", BODY, weight=weight) > width:
        text = text[:-1].rstrip()
    return f"{text}…"
