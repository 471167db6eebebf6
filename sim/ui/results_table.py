"""A table of a run or a sweep, sorted and cut into pages on the server, so that the browser holds one page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import solara

from sim.errors import ResultsError
from sim.results.files import as_csv
from sim.ui.result_reader import SPREADS, StoredResult, StoredTable
from sim.ui.results_components import ErrorMessage, TablePage
from sim.ui.results_labels import Head, Labels, is_number, labels_of, writer

ROWS = 25  # per page


@dataclass(frozen=True, slots=True, kw_only=True)
class TableView:
    """One page of a table as the page shows it, or the error."""

    heads: list[dict[str, Any]]
    rows: list[list[dict[str, str]]]
    count: int = 0
    page: int = 0
    error: str = ""

    @property
    def last(self) -> int:
        """The number of the last page, from 0."""
        return max(0, (self.count - 1) // ROWS)


@solara.component
def Tables(stored: StoredResult) -> None:
    """Show one of the tables, with a list to choose from."""
    names = list(stored.tables)
    name, choose = solara.use_state(names[0])
    labels = solara.use_memo(lambda: labels_of(stored), [])
    if len(names) > 1:
        with solara.Div(style="max-width: 420px"):
            solara.Select("Table", values=names, value=name, on_value=choose)
    OneTable(stored, name, labels).key(f"table {name}")


@solara.component
def OneTable(stored: StoredResult, name: str, labels: Labels) -> None:
    """Show one table page by page with the selected columns, and a link to download all of it."""
    table = stored.tables[name]
    columns, set_columns = solara.use_state(list(table.first))
    order, set_order = solara.use_state((table.first[0], False))
    page, set_page = solara.use_state(0)
    download_error, set_download_error = solara.use_state("")
    heads = solara.use_memo(lambda: {column: labels.head(name, column) for column in table.columns}, [])
    view = solara.use_memo(
        lambda: view_page(table, columns, order, page, heads, labels, by_row=name == SPREADS), [columns, order, page]
    )
    file = f"{stored.entry.name}-{name.lower().replace(' ', '-')}.csv"

    def select(names: list[str]) -> None:
        selected = [column for column in table.columns if column in names] or list(table.first)
        set_columns(selected)
        if order[0] not in selected:
            set_order((selected[0], False))

    def sort(column: str) -> None:
        if column in columns:
            set_order((column, not order[1] if column == order[0] else False))
            set_page(0)

    def csv() -> str:
        try:
            return as_csv(table.read(None))
        except ResultsError as error:
            set_download_error(str(error))
            return ""

    error = download_error or view.error
    if error:
        ErrorMessage(error)
        return
    with solara.Div(classes=["willing-table-tools"]):
        if len(table.columns) > len(table.first):
            solara.v.Autocomplete(
                label=f"Columns: {len(columns)} of {len(table.columns)} shown; select others",
                prepend_inner_icon="mdi-table-column",
                v_slots=[{"name": "selection", "children": []}],  # the table heads name them
                items=[{"value": column, "text": heads[column].text} for column in table.columns],
                v_model=columns,
                on_v_model=select,
                multiple=True,
                dense=True,
                outlined=True,
                hide_details=True,
            )
        with solara.Div(classes=["willing-download"]):
            solara.FileDownload(csv, filename=file, label="Download as CSV", mime_type="text/csv")
    first = view.page * ROWS + 1
    TablePage(
        heads=view.heads,
        rows=view.rows,
        caption=f"{name} of {stored.entry.name}",
        range=f"{first:,} to {min(first + ROWS - 1, view.count):,} of {view.count:,}" if view.count else "no rows",
        page=view.page,
        last=view.last,
        event_sort=sort,
        event_turn=lambda to: set_page(max(0, min(int(to), view.last))),
    )


def view_page(
    table: StoredTable,
    columns: list[str],
    order: tuple[str, bool],
    page: int,
    heads: dict[str, Head],
    labels: Labels,
    *,
    by_row: bool = False,
) -> TableView:
    """Return a page of a table sorted by a column, descending or not; missing values come last."""
    try:
        values = table.read(columns)
    except ResultsError as error:
        return TableView(heads=[], rows=[], error=str(error))
    column, descending = order
    ordered = values[column].sort_values(ascending=not descending, kind="stable", na_position="last").index
    rows = values.loc[ordered[page * ROWS : (page + 1) * ROWS]]
    write = {name: writer(values[name], head=heads[name], by_row=by_row) for name in columns}
    directions = {column: "descending" if descending else "ascending"}
    return TableView(
        heads=[
            {
                "column": name,
                "text": heads[name].text,
                "unit": heads[name].unit,
                "about": name,
                "number": is_number(values[name]),
                "sorted": directions.get(name, "none"),
            }
            for name in columns
        ],
        rows=[[_cell(name, row[name], write[name], labels) for name in columns] for row in rows.to_dict("records")],
        count=len(values),
        page=page,
    )


def _cell(column: str, value: Any, write: Any, labels: Labels) -> dict[str, str]:
    text = write(value)
    if text in labels.styles:
        return {"text": labels.styles[text].label, "colour": labels.styles[text].colour, "about": text}
    if column == "outcome":
        return {"text": labels.outcome(text), "about": text}
    return {"text": text}
