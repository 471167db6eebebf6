"""Results: the list of runs and sweeps, and the figures, tables and manifest of the chosen one."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import solara
import solara.lab

from sim.errors import ResultsError
from sim.text.heading import heading
from sim.ui.result_index import ROOT, ResultEntry, find, list_results
from sim.ui.result_reader import COMMAND, StoredResult, open_result
from sim.ui.results_components import ErrorMessage, ResultList, attempt
from sim.ui.results_figures import AnyTwoFactors, StoredFigures
from sim.ui.results_table import Tables

STYLE = Path(__file__).parent / "results.css"
MAX_ENTRIES = 500  # in the list
HASH_DIGITS = 12  # shown
AS_SAVED = "The content of its folder is shown as it was saved."
EXAMPLES = ("willing run paris-march-2025", "willing sweep clarity-x-mandate")


@solara.component
def ResultsView(chosen: str | None, on_choose: Callable[[str], None], root: Path = ROOT) -> None:
    """Show the list of results beside the chosen one; chosen: its address, runs/NAME or sweeps/NAME."""
    refreshes, set_refreshes = solara.use_state(0)
    entries, error = solara.use_memo(lambda: list_or_error(root), [str(root), refreshes])
    solara.Style(STYLE)
    with solara.Div(classes=["willing-results"]):
        with solara.Div():
            with solara.Div(classes=["willing-result-head"]):
                solara.v.Html(tag="h2", children=["Runs and sweeps"])
                solara.Button(
                    "Refresh", icon_name="mdi-refresh", on_click=lambda: set_refreshes(refreshes + 1), text=True
                )
            if error:
                ErrorMessage(error)
            if entries:
                ResultList(
                    entries=[_listed(entry) for entry in entries[:MAX_ENTRIES]], chosen=chosen, event_choose=on_choose
                )
            if len(entries) > MAX_ENTRIES:
                solara.v.Html(
                    tag="p", class_="willing-hint", children=[f"Showing the newest {MAX_ENTRIES} of {len(entries):,}."]
                )
        with solara.Div():
            if chosen is not None:
                ChosenResult(root, chosen, refreshes).key(f"{chosen} {refreshes}")
            elif entries:
                solara.v.Html(tag="p", class_="willing-hint", children=["Choose a run or a sweep from the list."])
            elif not error:
                NoResults(root)


@solara.component
def NoResults(root: Path) -> None:
    """Explain how to create results."""
    with solara.Div(classes=["willing-empty"]):
        solara.v.Html(tag="h1", children=["No results yet"])
        solara.v.Html(tag="p", children=[f"Runs and sweeps under {root}/ appear here. To create one, run"])
        for example in EXAMPLES:
            solara.v.Html(tag="p", children=[solara.v.Html(tag="code", children=[example])])
        solara.v.Html(tag="p", children=["in the folder where this page was started, then refresh the list."])


@solara.component
def ChosenResult(root: Path, address: str, refreshes: int) -> None:
    """Open a run or a sweep and show it or the error; open it again after each refresh."""
    opening = solara.lab.use_task(lambda: attempt(lambda: open_result(find(root, address))), dependencies=[refreshes])
    solara.ProgressLinear(bool(opening.pending))
    opened = opening.value if opening.finished else None
    if opened is None:
        return
    if opened.value is None:
        ErrorMessage(opened.error)
    else:
        OpenResult(opened.value)


@solara.component
def OpenResult(stored: StoredResult) -> None:
    """Show the question of a run or a sweep, and in tabs its figures, tables and manifest."""
    entry, experiment = stored.entry, stored.experiment
    solara.v.Html(tag="h1", children=[stored.question])
    solara.v.Html(tag="p", class_="willing-hint", children=[_summary_line(stored)])
    if stored.note:
        solara.Warning(children=[solara.v.Html(tag="pre", children=[f"{stored.note}\n{AS_SAVED}"])])
    if stored.damage:
        ErrorMessage(stored.damage)
    with solara.lab.Tabs(lazy=True):
        with solara.lab.Tab("Figures"), solara.Div(classes=["willing-tab"]):
            StoredFigures(stored)
        if experiment is not None and stored.tables:
            with solara.lab.Tab("Two factors"), solara.Div(classes=["willing-tab"]):
                AnyTwoFactors(stored, experiment)
        if stored.tables:
            with solara.lab.Tab("Tables" if entry.kind == "run" else "Table"), solara.Div(classes=["willing-tab"]):
                Tables(stored)
        with solara.lab.Tab("Manifest"), solara.Div(classes=["willing-tab"]):
            ManifestTable(stored)


@solara.component
def ManifestTable(stored: StoredResult) -> None:
    """Show the manifest, with long hashes cut."""
    with solara.v.Html(tag="table", class_="willing-manifest"), solara.v.Html(tag="tbody"):
        for label, text in {"Question": stored.question, **stored.manifest, "Folder": str(stored.entry.folder)}.items():
            with solara.v.Html(tag="tr"):
                solara.v.Html(tag="th", children=[label], attributes={"scope": "row"})
                if re.fullmatch(r"[0-9a-f]{32,}", text):
                    short = f"{text[:HASH_DIGITS]}…"
                    solara.v.Html(
                        tag="td", children=[solara.v.Html(tag="code", children=[short])], attributes={"title": text}
                    )
                elif label == COMMAND:
                    solara.v.Html(tag="td", children=[solara.v.Html(tag="code", children=[text])])
                else:
                    solara.v.Html(tag="td", children=[text])


def list_or_error(root: Path) -> tuple[list[ResultEntry], str]:
    """Return the list of results and no error, or an empty list and the error."""
    try:
        return list_results(root), ""
    except ResultsError as error:
        return [], str(error)


def _listed(entry: ResultEntry) -> dict[str, str]:
    return {
        "address": entry.address,
        "kind": entry.kind,
        "name": entry.name,
        "when": _when(entry.started),
        "error": entry.error,
    }


def _summary_line(stored: StoredResult) -> str:
    entry = stored.entry
    points = f"{stored.manifest['Points']} points, " if entry.kind == "sweep" else ""
    count = "?" if entry.replicates is None else f"{entry.replicates:,}"
    each = " each" if points else ""
    subject = entry.of if stored.scenario is None else heading(stored.scenario)
    return f"{subject} · {points}{count} replicates{each} · seed {entry.seed} · {_when(entry.started)}"


def _when(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"
