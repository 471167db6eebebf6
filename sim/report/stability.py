"""The text and the tables of the stability of final profiles."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from sim.analysis.interval import Interval
from sim.analysis.stability import Cycle, Stability
from sim.results.spreadsheet import Sheet
from sim.text.heading import heading
from sim.text.numbers import counted, percent, with_interval
from sim.view import Block, Heading, Paragraph, TableColumn, TextTable, View

_STATES_LISTED = 10
_GROUPS_LISTED = 5
_CYCLE_TURNS_LISTED = 6
_ORDER_NAMES = {"in_turn": "Further revisions, one state at a time", "at_once": "Further revisions, all at once"}


def view(result: Stability) -> View:
    """Return how many final profiles are stable in each sense, who would deviate, and where deviations lead."""
    return View(
        (
            Heading(
                "Stability",
                f" of {heading(result.setup.scenario)}: {counted(result.replicates, 'final profile')}, seed "
                f"{result.seed}. Shares are of final profiles; brackets hold 95% intervals.",
            ),
            *_verdicts(result),
            *_groups(result),
            _options(result),
            *_states(result),
            *_further_revisions(result),
            *_likelihood(result),
        )
    )


def sheets(result: Stability) -> dict[str, Sheet]:
    """Return the deviations by state, by option and by group, the shares of stable profiles, and further revisions."""
    share = "share of final profiles"
    units = dict.fromkeys(["changes", *(f"to.{name}" for name in result.setup.menu.names)], share)
    intervals = {
        **result.verdicts,
        "movers": result.movers,
        "regret": result.regret,
        "largest_regret": result.largest_regret,
    }
    verdicts = pd.DataFrame.from_dict(
        {name: {part: getattr(value, part) for part in ("mean", "low", "high")} for name, value in intervals.items()},
        orient="index",
    )
    return {
        "states": Sheet(table=result.states, units=units | {"keeps": "share of draws"}),
        "options": Sheet(table=result.options, units=dict.fromkeys(("states", "leave", "enter"), "states")),
        "verdicts": Sheet(table=verdicts.rename_axis("verdict")),
        "joint changes": Sheet(table=result.groups, units={"size": "states", "share": share}),
        "going on": Sheet(table=result.going_on, units=dict.fromkeys(("settles", "cycles", "unfinished"), share)),
    }


def _verdicts(result: Stability) -> Iterator[Block]:
    verdicts = result.verdicts
    yield Paragraph("Nash", f"no state would change alone in {_share(verdicts['nash'])}")
    yield Paragraph(
        "Regret",
        f"{result.movers.mean:.2f} of {len(result.states)} states would change alone; a state would gain "
        f"{_mean(result.regret, 4)} utility on average, and the one that would gain most "
        f"{_mean(result.largest_regret, 3)}",
    )
    yield Paragraph(
        "Individual", f"no state gains by joining an option whose members all agree in {_share(verdicts['individual'])}"
    )
    yield Paragraph(
        "Contractual", f"the same, if those whom it leaves must agree as well, in {_share(verdicts['contractual'])}"
    )


def _groups(result: Stability) -> Iterator[Block]:
    if result.largest_group == 1:
        return
    none = (
        f"no group of up to {result.largest_group} states gains by a joint change in {_share(result.verdicts['core'])}"
    )
    together = [
        f"{'a pair' if size == 2 else 'a group of three'} in {percent(share)}"
        for size, share in result.group_sizes.items()
        if size > 1
    ]
    yield Paragraph("Core", f"{none}; gains that need a joint change exist for {' and for '.join(together)}")
    if result.cut_short:
        yield Paragraph("Warning", f"in {result.cut_short:,} profiles there are more joint changes than could be tried")
    if len(result.groups):
        first = result.groups.head(_GROUPS_LISTED).to_dict("records")
        text = "; ".join(f"{_joint_change(row['moves'])} ({percent(row['share'])})" for row in first)
        yield Paragraph("Most frequent joint changes", text)


def _options(result: Stability) -> TextTable:
    shares = {"internal": "internally\nstable", "external": "externally\nstable"}
    if result.likelihood:
        shares |= {"internal_drawn": "internally,\nweights drawn", "external_drawn": "externally,\nweights drawn"}
    rows = [
        [
            str(option),
            f"{row['states']:.1f}",
            f"{row['leave']:.2f}",
            f"{row['enter']:.2f}",
            *(percent(row[share]) for share in shares),
        ]
        for option, row in result.options.to_dict("index").items()
    ]
    heads = ["states", "would\nleave", "would\nenter", *shares.values()]
    columns = [TableColumn(head="", is_number=False), *(TableColumn(head=head) for head in heads)]
    return TextTable(columns=columns, rows=rows)


def _states(result: Stability) -> Iterator[Block]:
    movers = result.states[result.states["changes"] > 0.0]
    if movers.empty:
        yield Paragraph("", "No state would change its stance in any profile.")
        return
    columns = [
        TableColumn(head="", is_number=False),
        TableColumn(head="stance", is_number=False),
        TableColumn(head="would\nchange"),
        TableColumn(head="gain in\nutility"),
        TableColumn(head="to", is_number=False),
        *([TableColumn(head="stays,\nweights drawn")] if result.likelihood else []),
    ]
    rows = []
    for code, row in movers.head(_STATES_LISTED).to_dict("index").items():
        targets = sorted(((row[f"to.{name}"], name) for name in result.setup.menu.names), key=lambda each: -each[0])
        text = ", ".join(f"{name} {100 * share:.1f}%" for share, name in targets if share > 0.0)
        stays = [percent(row["keeps"])] if result.likelihood else []
        rows.append([str(code), row["stance"], f"{100 * row['changes']:.1f}%", f"{row['regret']:.3f}", text, *stays])
    yield TextTable(columns=columns, rows=rows)
    if len(movers) > _STATES_LISTED:
        yield Paragraph("", f"{counted(len(movers) - _STATES_LISTED, 'further state')} less often; --json lists all.")


def _further_revisions(result: Stability) -> Iterator[Block]:
    for order, row in result.going_on.to_dict("index").items():
        text = f"{percent(row['settles'])} converge, {percent(row['cycles'])} cycle"
        text += f", {percent(row['unfinished'])} are unfinished" if row["unfinished"] else ""
        text += f"; {row['turns']:.2f} turns and {row['changed']:.2f} changed stances on average"
        yield Paragraph(_ORDER_NAMES[str(order)], text)
    for cycle in result.cycles:
        yield Paragraph("Cycle", _cycle(cycle))


def _likelihood(result: Stability) -> Iterator[Block]:
    likelihood = result.likelihood
    if likelihood is None:
        return
    nash = likelihood.nash
    text = (
        f"with weights drawn {likelihood.draws:,} times (spread {likelihood.spread:g}), {percent(nash.mean)} of final "
        f"profiles are Nash ({percent(nash.low)} to {percent(nash.high)} in 90% of draws)"
    )
    if likelihood.stays is not None:
        text += (
            f"; a profile that is Nash under the scenario's weights stays so in {percent(likelihood.stays)} of draws"
        )
    yield Paragraph("Likelihood", text)


def _cycle(cycle: Cycle) -> str:
    order = "one state at a time" if cycle.order == "in_turn" else "all at once"
    turns = [", ".join(map("{} {}".format, cycle.states, stances)) for stances in cycle.stances]
    listed = turns[:_CYCLE_TURNS_LISTED]
    more = [f"{len(turns) - _CYCLE_TURNS_LISTED} more turns"] * (len(turns) > _CYCLE_TURNS_LISTED)
    return f"in replicate {cycle.replicate}, {order}: {' → '.join([*listed, *more, turns[0]])}"


def _joint_change(moves: tuple[tuple[str, str], ...]) -> str:
    targets = {option for _, option in moves}
    if len(targets) == 1:
        return f"{' + '.join(state for state, _ in moves)} to {targets.pop()}"
    return " + ".join(f"{state} to {option}" for state, option in moves)


def _share(value: Interval) -> str:
    return with_interval(value, percent)


def _mean(value: Interval, digits: int) -> str:
    return with_interval(value, lambda number: f"{number:.{digits}f}")
