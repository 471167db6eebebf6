"""Results: the shelf of runs and sweeps, and of the chosen one its figures, its tables and its manifest."""

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
from sim.ui.result_reader import StoredResult, open_result
from sim.ui.results_figures import AnyTwoFactors, Pictures
from sim.ui.results_parts import ShelfList, Trouble, attempt
from sim.ui.results_table import Tables

STYLE = Path(__file__).parent / "results.css"
MOST = 500  # runs and sweeps that are listed
SHOWN_OF_A_HASH = 12
AS_WRITTEN = "What lies in its folder is shown as it was written."
EXAMPLES = ("willing run paris-march-2025", "willing sweep clarity-x-mandate")


@solara.component
def ResultsView(chosen: str | None, on_choose: Callable[[str], None], root: Path = ROOT) -> None:
    """Show what lies on the shelf beside what is chosen of it, by its address: runs/NAME or sweeps/NAME."""
    looked, set_looked = solara.use_state(0)
    entries, trouble = solara.use_memo(lambda: look_over(root), [str(root), looked])
    solara.Style(STYLE)
    with solara.Div(classes=["willing-results"]):
        with solara.Div():
            with solara.Div(classes=["willing-shelf-head"]):
                solara.v.Html(tag="h2", children=["Runs and sweeps"])
                solara.Button("Refresh", icon_name="mdi-refresh", on_click=lambda: set_looked(looked + 1), text=True)
            if trouble:
                Trouble(trouble)
            if entries:
                ShelfList(entries=[_listed(entry) for entry in entries[:MOST]], chosen=chosen, event_choose=on_choose)
            if len(entries) > MOST:
                solara.v.Html(tag="p", class_="willing-under", children=[f"The newest {MOST} of {len(entries):,}."])
        with solara.Div():
            if chosen is not None:
                Chosen(root, chosen, looked).key(f"{chosen} {looked}")
            elif entries:
                solara.v.Html(tag="p", class_="willing-under", children=["Choose a run or a sweep from the list."])
            elif not trouble:
                NothingThere(root)


@solara.component
def NothingThere(root: Path) -> None:
    """Say how to make something to look at."""
    with solara.Div(classes=["willing-empty"]):
        solara.v.Html(tag="h1", children=["Nothing there yet"])
        solara.v.Html(tag="p", children=[f"Runs and sweeps that lie under {root}/ are shown here. To make one, call"])
        for example in EXAMPLES:
            solara.v.Html(tag="p", children=[solara.v.Html(tag="code", children=[example])])
        solara.v.Html(tag="p", children=["in the folder where this page was started, then refresh the list."])


@solara.component
def Chosen(root: Path, address: str, looked: int) -> None:
    """Open a run or a sweep and show it, or say why it cannot be; anew each time that somebody has looked again."""
    opening = solara.lab.use_task(lambda: attempt(lambda: open_result(find(root, address))), dependencies=[looked])
    solara.ProgressLinear(bool(opening.pending))
    came = opening.value if opening.finished else None
    if came is None:
        return
    if came.made is None:
        Trouble(came.trouble)
    else:
        Opened(came.made)


@solara.component
def Opened(stored: StoredResult) -> None:
    """Show what a run or a sweep asks, and behind tabs its figures, its tables and its manifest."""
    entry, experiment = stored.entry, stored.experiment
    solara.v.Html(tag="h1", children=[stored.question])
    solara.v.Html(tag="p", class_="willing-under", children=[_headed(stored)])
    if stored.note:
        solara.Warning(children=[solara.v.Html(tag="pre", children=[f"{stored.note}\n{AS_WRITTEN}"])])
    if stored.damage:
        Trouble(stored.damage)
    with solara.lab.Tabs(lazy=True):
        with solara.lab.Tab("Figures"), solara.Div(classes=["willing-behind"]):
            Pictures(stored)
        if experiment is not None and stored.tables:
            with solara.lab.Tab("Two factors"), solara.Div(classes=["willing-behind"]):
                AnyTwoFactors(stored, experiment)
        if stored.tables:
            with solara.lab.Tab("Tables" if entry.kind == "run" else "Table"), solara.Div(classes=["willing-behind"]):
                Tables(stored)
        with solara.lab.Tab("Manifest"), solara.Div(classes=["willing-behind"]):
            ManifestTable(stored)


@solara.component
def ManifestTable(stored: StoredResult) -> None:
    """Show what a manifest says, long hashes by how they begin."""
    with solara.v.Html(tag="table", class_="willing-manifest"), solara.v.Html(tag="tbody"):
        for label, text in {"Question": stored.question, **stored.said, "Folder": str(stored.entry.folder)}.items():
            with solara.v.Html(tag="tr"):
                solara.v.Html(tag="th", children=[label], attributes={"scope": "row"})
                if re.fullmatch(r"[0-9a-f]{32,}", text):
                    short = f"{text[:SHOWN_OF_A_HASH]}…"
                    solara.v.Html(
                        tag="td", children=[solara.v.Html(tag="code", children=[short])], attributes={"title": text}
                    )
                elif label == "Plays it anew":
                    solara.v.Html(tag="td", children=[solara.v.Html(tag="code", children=[text])])
                else:
                    solara.v.Html(tag="td", children=[text])


def look_over(root: Path) -> tuple[list[ResultEntry], str]:
    """Return what lies on the shelf, or why it cannot be looked into."""
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
        "trouble": entry.trouble,
    }


def _headed(stored: StoredResult) -> str:
    entry, said = stored.entry, stored.said
    of = f"{said['Points']} points, " if entry.kind == "sweep" else ""
    count = "?" if entry.replicates is None else f"{entry.replicates:,}"
    each = " each" if of else ""
    what = entry.of if stored.scenario is None else heading(stored.scenario)
    return f"{what} · {of}{count} replicates{each} · seed {entry.seed} · {_when(entry.started)}"


def _when(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"
