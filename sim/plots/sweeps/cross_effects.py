"""Cross effects: the change from one level of a factor to each other level, by state or by outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from sim import facts
from sim.analysis.sweep_view import SweepView
from sim.errors import FigureError
from sim.plots.style import (
    BODY,
    FLOOR,
    MARGIN,
    QUIET,
    RULE,
    SMALL,
    axes_at,
    content_top,
    draw_text,
    figure,
    ink_on,
    line_height,
    type_width,
    under_defaults,
    wrapped,
)
from sim.plots.sweeps.axis import cut
from sim.plots.sweeps.layout import BELOW_AND_ABOVE, GROUND, HATCHING, PlotArea, colour_bar, footer
from sim.text.factor_axis import level_name
from sim.text.numbers import counted, signed
from sim.text.outcome_names import OutcomeText
from sim.text.words import capitalised, state_name

type Values = NDArray[np.float64]

WIDTH, NARROWEST = 12.5, 8.6  # inches
NAMES, LONG_NAMES = 1.75, 3.2  # inches for the names of rows, with few columns and with many
MANY = 12  # columns
SUMS = 0.62  # inches for the sums of rows
BAR = 1.0  # inches for the colour bar
WIDEST, HIGHEST = 0.62, 0.36  # largest size of a cell in inches; wider for outcomes
JOINS = "joins"  # outcomes of each state
OF_OUTCOMES = 1.5
SHORTEST = 0.155
FEW = 80  # number of cells up to which all are labelled
LABELLED = 30  # number of labelled cells if there are more
STRONG = 0.25  # share of the largest change from which on a cell is then labelled
SMALLEST = 4.6  # points
TINY = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectTable:
    """Differences from the level of comparison, as [row, column], in the order in which they are drawn."""

    rows: tuple[str, ...]  # levels
    columns: tuple[OutcomeText, ...]
    change: Values
    significant: NDArray[np.bool_]  # whether the intervals of the two levels do not overlap
    own: NDArray[np.bool_]  # the effect of a forced state on itself
    failed: NDArray[np.bool_]
    total: Values  # per row, without the effect on itself


@under_defaults
def effects(
    sweep: SweepView, *, rows: str, outcome: str | Sequence[str], against: str = "nobody", title: str = ""
) -> Figure:
    """Draw the change of each outcome from one level of a factor to each other level, the strongest first.

    outcome: `joins.*` stands for every state that was measured.
    """
    shown = sweep.shown_with(rows)
    columns = _columns(shown, outcome)
    by_state = all(column.column.partition(".")[0] == JOINS for column in columns)
    table = _table(shown, rows, columns, against)
    alike = len({column.unit for column in columns}) == 1
    names = [_row_name(sweep, level) for level in table.rows]
    heads = [_column_name(column) for column in table.columns]
    headline = title or _title(sweep, table, against, by_state=by_state)
    subtitle = _subtitle(columns, against, by_state=by_state, alike=alike)
    room_of_names = LONG_NAMES if len(heads) < MANY else NAMES
    beside = min(room_of_names, max(type_width(name, BODY) for name in names)) + 0.12
    sums = SUMS if by_state else 0.0
    room = WIDTH - 2 * MARGIN - 0.28 - beside - sums - BAR
    cell = (min(WIDEST if by_state else OF_OUTCOMES, room / len(heads)), 0.0)
    needed = 2 * MARGIN + 0.28 + beside + cell[0] * len(heads) + sums + (BAR if alike else 0.1)
    width = min(WIDTH, max(NARROWEST, needed))
    above = _above(heads, cell[0])
    start = 9.0 - content_top(figure(headline, subtitle, size=(width, 9.0)))
    cell = (cell[0], min(HIGHEST, max(SHORTEST, min(cell[0], 6.6 / len(names)))))
    wide, high = cell[0] * len(heads), cell[1] * len(names)
    fig = figure(headline, subtitle, size=(width, start + 0.3 + above + max(high, 1.2) + FLOOR + 0.15))
    top = content_top(fig) - 0.22 - above
    left = MARGIN + 0.28 + beside
    box = PlotArea(left=left, bottom=top - high, width=wide, height=high)
    most = _largest_change(table)
    _draw_cells(fig, box, cell, table, most=most if alike else None)
    _write_names(fig, box, cell, names, heads, above)
    row_head = "" if not by_state else "Effect of …"
    draw_text(fig, MARGIN, top + 0.06, row_head, size=SMALL, color=QUIET, va="bottom")
    if by_state:
        draw_text(
            fig, left, top + above + 0.06, "… on the probability that a state joins", size=SMALL, color=QUIET,
            va="bottom",
        )  # fmt: skip
    if by_state:
        _draw_sums(fig, box, cell, table)
    if alike:
        tall = max(min(high, 4.0), 1.2)
        bar = PlotArea(left=box.right + sums + 0.3, bottom=top - tall, width=0.18, height=tall)
        measure = columns[0]
        times = 100.0 if measure.is_share else 1.0
        change = OutcomeText(
            column=measure.column, phrase="change", title="Change", unit="points" if measure.is_share else measure.unit
        )
        scale = Normalize(-times * most, times * most)
        colour_bar(fig, bar, change, BELOW_AND_ABOVE, scale)
    footer(fig, sweep, shown, others=shown.others(rows))
    return fig


def _columns(sweep: SweepView, outcome: str | Sequence[str]) -> list[OutcomeText]:
    """Return the outcomes, with joins.* written out."""
    outcomes = [outcome] if isinstance(outcome, str) else list(outcome)
    names = []
    for each in outcomes:
        if each.endswith(".*"):
            start = each.removesuffix("*")
            measured = [name for name in sweep.outcomes if name.startswith(start)]
            if not measured:
                sweep.measure(each)
            names += measured
        else:
            names.append(each)
    return [sweep.as_number(name) for name in names]


def _table(sweep: SweepView, rows: str, columns: Sequence[OutcomeText], against: str) -> EffectTable:
    """Return the differences, the strongest rows and columns first; FigureError without the level of comparison."""
    axis = sweep.axis(rows)
    levels = [str(level) for level in axis.levels]
    if against not in levels:
        raise FigureError(
            f"{sweep.experiment.name}: '{rows}' has no level '{against}' to compare with; it has {_first_few(levels)}; "
            "name one of these under `against`, or add a choice without changes"
        )
    places = axis.level_indices(sweep.points[rows])
    means, lows, highs = (np.full((len(levels), len(columns)), np.nan) for _ in range(3))
    for number, column in enumerate(columns):
        values = sweep.with_shares(column)[column.column].to_numpy(dtype=np.float64, na_value=np.nan)
        bounds = sweep.bounds_of(column)
        for level in range(len(levels)):
            for into, of in ((means, values), (lows, bounds[0]), (highs, bounds[1])):
                known = of[(places == level) & np.isfinite(of)]
                into[level, number] = known.mean() if len(known) else np.nan
    base = levels.index(against)
    if not np.isfinite(means[base]).any():
        raise FigureError(
            f"{sweep.experiment.name}: the level '{against}', with which all others are compared, was not simulated; "
            "find out why it failed, and sweep again"
        )
    others = [level for level in range(len(levels)) if level != base]
    change = means[others] - means[base]
    significant = (lows[others] > highs[base]) | (highs[others] < lows[base])
    own = np.array([[column.column.endswith(f".{levels[level]}") for column in columns] for level in others])
    strength = np.where(own | ~np.isfinite(change), 0.0, np.abs(change))
    scaled = strength / np.maximum(strength.max(axis=0), TINY) if _mixed(columns) else strength
    by_row = np.argsort(-scaled.sum(axis=1), kind="stable")
    by_column = np.argsort(-scaled.sum(axis=0), kind="stable") if not _mixed(columns) else np.arange(len(columns))
    order = np.ix_(by_row, by_column)
    counted_change = np.where(own | ~np.isfinite(change), 0.0, change)
    return EffectTable(
        rows=tuple(levels[others[row]] for row in by_row),
        columns=tuple(columns[int(column)] for column in by_column),
        change=change[order],
        significant=significant[order],
        own=own[order],
        failed=~np.isfinite(change[order]),
        total=counted_change.sum(axis=1)[by_row],
    )


def _mixed(columns: Sequence[OutcomeText]) -> bool:
    return len({column.unit for column in columns}) > 1


def _first_few(levels: Sequence[str]) -> str:
    return ", ".join(levels[:8]) + (f" and {len(levels) - 8} more" if len(levels) > 8 else "")


def _row_name(sweep: SweepView, level: str) -> str:
    """Return the name of a row: that of the state, or the label of the level."""
    if level in facts.states():
        return f"{level} {facts.states()[level].name}"
    return level_name(level)


def _column_name(column: OutcomeText) -> str:
    kind, _, rest = column.column.partition(".")
    return rest if kind == JOINS else capitalised(column.bare)


def _subtitle(columns: Sequence[OutcomeText], against: str, *, by_state: bool, alike: bool) -> str:
    compared = f"relative to “{level_name(against)}”"
    if by_state:
        return (
            f"Change of the probability that each state joins, in percentage points, {compared}; the strongest rows "
            "and columns first; grey: the state itself"
        )
    scale = "one scale" if alike else "each outcome has its own scale"
    return f"Change of {counted(len(columns), 'outcome')} {compared}; {scale}"


def _title(sweep: SweepView, table: EffectTable, against: str, *, by_state: bool) -> str:
    """Return a sentence about the strongest row and, for states, the state that is affected most."""
    strength = np.where(table.own | table.failed, 0.0, np.abs(table.change))
    if _mixed(table.columns):
        strength = strength / np.maximum(strength.max(axis=0), TINY)
    if strength.max() <= TINY:
        return f"No level differs from “{level_name(against)}”"
    row, column = divmod(int(strength.argmax()), strength.shape[1])
    if not by_state:
        if not _mixed(table.columns):
            row, column = 0, int(strength[0].argmax())
        measure, value = table.columns[column], float(table.change[row, column])
        amount = f"{abs(100 * value):.0f} points" if measure.is_share else measure.text_with_unit(abs(value))
        does = "raises" if value > 0 else "lowers"
        name = capitalised(_level_name(sweep, table.rows[row]))
        return f"{name} has the largest effect: it {does} {measure.quantity} by {amount}"
    sums = np.where(table.own | table.failed, 0.0, table.change).sum(axis=0)
    strongest, affected = int(np.abs(table.total).argmax()), int(np.abs(sums).argmax())
    more = "more" if table.total[strongest] > 0 else "fewer"
    most = _change_text(table.columns[affected], float(table.change[int(strength[:, affected].argmax()), affected]))
    return (
        f"{capitalised(_level_name(sweep, table.rows[strongest]))} has the largest effect on other states: "
        f"{abs(table.total[strongest]):.1f} {more} join; {_state_of(sweep, table.columns[affected])} is affected most, "
        f"by up to {most} points"
    )


def _state_of(sweep: SweepView, column: OutcomeText) -> str:
    """Return the name of the state of a column."""
    return state_name(column.column.partition(".")[2], sweep.scenario)


def _level_name(sweep: SweepView, level: str) -> str:
    return state_name(level, sweep.scenario) if level in facts.states() else f"“{level_name(level)}”"


def _largest_change(table: EffectTable) -> float:
    """Return the largest change, without effects of states on themselves."""
    return float(np.where(table.own | table.failed, 0.0, np.abs(table.change)).max()) or 1.0


def _above(heads: Sequence[str], width: float) -> float:
    """Return the height of the names of columns, which are upright if they do not fit side by side."""
    if _upright(heads, width):
        return max(type_width(head, _head_size(width)) for head in heads) + 0.1
    return max(len(wrapped(head, width - 0.06, SMALL).splitlines()) for head in heads) * line_height(SMALL) + 0.06


def _upright(heads: Sequence[str], width: float) -> bool:
    return any(type_width(word_, SMALL) > width - 0.04 for head in heads for word_ in head.split())


def _head_size(width: float) -> float:
    return min(SMALL, width * 72 / 1.2)


def _write_names(
    fig: Figure, box: PlotArea, cell: tuple[float, float], names: Sequence[str], heads: Sequence[str], above: float
) -> None:
    size = min(BODY, max(6.0, cell[1] * 72 / 1.25))
    for index, name in enumerate(names):
        y = box.top - (index + 0.5) * cell[1]
        draw_text(
            fig,
            box.left - 0.08,
            y,
            cut(name, LONG_NAMES if len(heads) < MANY else NAMES, size),
            size=size,
            ha="right",
            va="center_baseline",
            gid="row",
        )
    upright = _upright(heads, cell[0])
    for index, head in enumerate(heads):
        x = box.left + (index + 0.5) * cell[0]
        if upright:
            draw_text(
                fig, x, box.top + 0.05, head, size=_head_size(cell[0]), rotation=90, ha="center", va="bottom",
                gid="column",
            )  # fmt: skip
        else:
            text = wrapped(head, cell[0] - 0.06, SMALL)
            draw_text(
                fig, x, box.top + 0.05, text, size=SMALL, ha="center", va="bottom", linespacing=1.05, gid="column"
            )


def _draw_cells(
    fig: Figure, box: PlotArea, cell: tuple[float, float], table: EffectTable, *, most: float | None
) -> None:
    axes = axes_at(fig, box.left, box.bottom, box.width, box.height)
    rows, columns = table.change.shape
    axes.set(xlim=(0, columns), ylim=(rows, 0), xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set_color(RULE)
    hidden = table.own | table.failed
    own_scales = np.maximum(np.where(hidden, 0.0, np.abs(table.change)).max(axis=0), TINY)
    parts = np.where(hidden, np.nan, table.change / (own_scales if most is None else most))
    axes.pcolormesh(
        np.arange(columns + 1), np.arange(rows + 1), np.ma.masked_invalid(parts), cmap=BELOW_AND_ABOVE, vmin=-1.0,
        vmax=1.0, edgecolors="white", linewidth=0.3,
    )  # fmt: skip
    for row, column in np.argwhere(table.own & ~table.failed):
        axes.add_patch(Rectangle((column, row), 1, 1, facecolor="#C9CED3", edgecolor="white", linewidth=0.3))
    for row, column in np.argwhere(table.failed):
        patch = Rectangle(
            (column, row), 1, 1, facecolor=GROUND, edgecolor=HATCHING, linewidth=0.0, hatch="/////", gid="failed"
        )
        patch.set_hatch_linewidth(0.5)
        axes.add_patch(patch)
    _label_cells(axes, cell, table, parts)


def _label_cells(axes: Axes, cell: tuple[float, float], table: EffectTable, parts: Values) -> None:
    """Write the change into all cells if they are few, otherwise into those with the largest significant changes."""
    hidden = table.own | table.failed
    strength = np.where(hidden, 0.0, np.abs(parts))
    labelled = ~hidden
    if strength.size > FEW:
        strength = np.where(table.significant, strength, 0.0)
        labelled = (strength >= max(np.sort(strength.ravel())[-LABELLED], STRONG)) & ~hidden
    texts = {
        (int(row), int(column)): _change_text(table.columns[column], float(table.change[row, column]))
        for row, column in np.argwhere(labelled)
    }
    widest = max((type_width(text, SMALL, weight="bold") for text in texts.values()), default=0.1)
    size = min(SMALL, cell[1] * 72 / 1.35, SMALL * (cell[0] - 0.02) / widest)
    if size < SMALLEST:
        return
    for (row, column), text in texts.items():
        ground = to_hex(BELOW_AND_ABOVE((parts[row, column] + 1.0) / 2.0))
        axes.text(
            column + 0.5, row + 0.5, text, size=size, color=ink_on(ground), ha="center", va="center_baseline",
            weight="bold" if table.significant[row, column] else "normal", gid="change",
        )  # fmt: skip


def _change_text(measure: OutcomeText, change: float) -> str:
    """Return a change with its sign; for shares in points."""
    text = f"{abs(100 * change):.0f}" if measure.is_share else measure.text(abs(change))
    return text if text == "0" else f"{'+' if change > 0 else '−'}{text}"


def _draw_sums(fig: Figure, box: PlotArea, cell: tuple[float, float], table: EffectTable) -> None:
    """Write the sum of each row, in states that join, beside it."""
    size = min(BODY, max(6.0, cell[1] * 72 / 1.25))
    head = "total,\nstates"
    draw_text(
        fig, box.right + SUMS - 0.08, box.top + 0.06, head, size=SMALL, color=QUIET, ha="right", va="bottom",
        linespacing=1.05,
    )  # fmt: skip
    for index, total in enumerate(table.total):
        y = box.top - (index + 0.5) * cell[1]
        text = signed(total, 1)
        draw_text(fig, box.right + SUMS - 0.08, y, text, size=size, ha="right", va="center_baseline", gid="sum")
