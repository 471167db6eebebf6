"""A table of a run or a sweep: sorted and cut into pages here, so that the browser never holds more than one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import solara

from sim.errors import ResultsError
from sim.results.files import as_csv
from sim.ui.result_reader import SPREADS, StoredResult, StoredTable
from sim.ui.results_parts import TablePage, Trouble
from sim.ui.results_words import Head, Words, is_number, words_of, written

ROWS = 25  # a page


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """One page of a table as it is shown, or why it cannot be."""

    heads: list[dict[str, Any]]
    rows: list[list[dict[str, str]]]
    count: int = 0
    page: int = 0
    trouble: str = ""

    @property
    def last(self) -> int:
        """The number of the last page, from 0."""
        return max(0, (self.count - 1) // ROWS)


@solara.component
def Tables(stored: StoredResult) -> None:
    """Let one of the tables be chosen and show it."""
    names = list(stored.tables)
    name, choose = solara.use_state(names[0])
    words = solara.use_memo(lambda: words_of(stored), [])
    if len(names) > 1:
        with solara.Div(style="max-width: 420px"):
            solara.Select("Table", values=names, value=name, on_value=choose)
    OneTable(stored, name, words).key(f"table {name}")


@solara.component
def OneTable(stored: StoredResult, name: str, words: Words) -> None:
    """Show one table, page by page, with the columns that are wanted, and let the whole be downloaded."""
    table = stored.tables[name]
    columns, set_columns = solara.use_state(list(table.first))
    order, set_order = solara.use_state((table.first[0], False))
    page, set_page = solara.use_state(0)
    lost, set_lost = solara.use_state("")
    heads = solara.use_memo(lambda: {column: words.head(name, column) for column in table.columns}, [])
    seen = solara.use_memo(
        lambda: look(table, columns, order, page, heads, words, by_row=name == SPREADS), [columns, order, page]
    )
    file = f"{stored.entry.name}-{name.lower().replace(' ', '-')}.csv"

    def want(wanted: list[str]) -> None:
        kept = [column for column in table.columns if column in wanted] or list(table.first)
        set_columns(kept)
        if order[0] not in kept:
            set_order((kept[0], False))

    def sort(column: str) -> None:
        if column in columns:
            set_order((column, not order[1] if column == order[0] else False))
            set_page(0)

    def whole() -> str:
        try:
            return as_csv(table.read(None))
        except ResultsError as error:
            set_lost(str(error))
            return ""

    trouble = lost or seen.trouble
    if trouble:
        Trouble(trouble)
        return
    with solara.Div(classes=["willing-table-tools"]):
        if len(table.columns) > len(table.first):
            solara.v.Autocomplete(
                label=f"Columns: {len(columns)} of {len(table.columns)} are shown; choose others",
                prepend_inner_icon="mdi-table-column",
                v_slots=[{"name": "selection", "children": []}],  # the heads of the table name them
                items=[{"value": column, "text": heads[column].text} for column in table.columns],
                v_model=columns,
                on_v_model=want,
                multiple=True,
                dense=True,
                outlined=True,
                hide_details=True,
            )
        with solara.Div(classes=["willing-download"]):
            solara.FileDownload(whole, filename=file, label="Download as CSV", mime_type="text/csv")
    first = seen.page * ROWS + 1
    TablePage(
        heads=seen.heads,
        rows=seen.rows,
        caption=f"{name} of {stored.entry.name}",
        said=f"{first:,} to {min(first + ROWS - 1, seen.count):,} of {seen.count:,}" if seen.count else "no rows",
        page=seen.page,
        last=seen.last,
        event_sort=sort,
        event_turn=lambda to: set_page(max(0, min(int(to), seen.last))),
    )


def look(
    table: StoredTable,
    columns: list[str],
    order: tuple[str, bool],
    page: int,
    heads: dict[str, Head],
    words: Words,
    *,
    by_row: bool = False,
) -> Looked:
    """Return a page of a table in an order: by a column, from above if so wanted; what is unknown comes last."""
    try:
        values = table.read(columns)
    except ResultsError as error:
        return Looked(heads=[], rows=[], trouble=str(error))
    column, from_above = order
    ordered = values[column].sort_values(ascending=not from_above, kind="stable", na_position="last").index
    rows = values.loc[ordered[page * ROWS : (page + 1) * ROWS]]
    write = {name: written(values[name], head=heads[name], by_row=by_row) for name in columns}
    sorted_as = {column: "descending" if from_above else "ascending"}
    return Looked(
        heads=[
            {
                "column": name,
                "text": heads[name].text,
                "unit": heads[name].unit,
                "about": name,
                "number": is_number(values[name]),
                "sorted": sorted_as.get(name, "none"),
            }
            for name in columns
        ],
        rows=[[_cell(name, row[name], write[name], words) for name in columns] for row in rows.to_dict("records")],
        count=len(values),
        page=page,
    )


def _cell(column: str, value: Any, write: Any, words: Words) -> dict[str, str]:
    text = write(value)
    if text in words.styles:
        return {"text": words.styles[text].label, "colour": words.styles[text].colour, "about": text}
    if column == "outcome":
        return {"text": words.label(text), "about": text}
    return {"text": text}
