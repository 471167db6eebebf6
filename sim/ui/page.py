"""The page: each visitor has a case, seen as one bargaining or as probabilities; and the stored results."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import solara
from mesa.visualization.utils import force_update, update_counter

from sim.errors import AddressError, WillingError
from sim.scenario import Scenario
from sim.ui.bargaining import Bargaining
from sim.ui.case import Case, PageState, address_of, error_text, read_address, seed_of, with_settings
from sim.ui.catalogue import USUAL
from sim.ui.components import Address
from sim.ui.live_model import LiveModel
from sim.ui.probabilities import ProbabilitiesView
from sim.ui.results import ResultsView
from sim.ui.sidebar import Sidebar, setting_text

VIEWS = {"": "Bargaining", "probabilities": "Probabilities", "results": "Results"}
STYLE = Path(__file__).parent / "page.css"


@solara.component
def Layout(children: list[Any]) -> None:
    """Replace Solara's own layout, which is wider than a phone."""
    solara.Div(classes=["willing-page"], children=children)


@solara.component
def WillingPage() -> None:
    """Show the page; every visitor has a case of their own."""
    router = solara.use_router()
    address, error = solara.use_memo(lambda: read_address(router.search), [])
    with solara.Div():
        solara.Title("Willing")
        solara.Style(STYLE)
        VisitorCase(address, error)


@solara.component
def VisitorCase(opened: PageState, address_error: str) -> None:
    """Hold one visitor's case and show it in the view that the address names."""
    router = solara.use_router()
    view = "/".join(router.parts)
    first_model, first_error = solara.use_memo(lambda: _first_model(opened), [])
    model, set_model = solara.use_state(first_model)
    error, set_error = solara.use_state("\n".join(filter(None, (address_error, first_error))))
    failed, set_failed = solara.use_state(opened.case if first_error else None)  # requested, but cannot be simulated
    chosen, set_chosen = solara.use_state(opened.state)
    pinned, set_pinned = solara.use_state(opened.pinned)
    result, set_result = solara.use_state(opened.result)
    update_counter.get()
    case = model.case

    def begin(requested: Case) -> None:
        try:
            set_model(LiveModel(requested))
        except WillingError as mistake:
            set_failed(requested)
            set_error(_message(mistake, case))
        else:
            set_failed(None)
            set_error("")

    def begin_with(seed: str) -> None:
        try:
            begin(replace(case, seed=seed_of(seed)))
        except AddressError as mistake:
            set_error(str(mistake))

    def change(apply: Callable[[], None]) -> None:
        try:
            apply()
        except WillingError as mistake:
            set_error(error_text(mistake))
        else:
            set_failed(None)
            set_error("")
        force_update()

    address = address_of(PageState(case=failed or case, round=model.round, state=chosen, pinned=pinned, result=result))
    with solara.Div():
        Address(address=f"/{view}?{address}")
        Views(view, address)
        with solara.Div(classes=["willing-body" if view != "results" else "willing-alone"]):
            scenario = with_settings(model.source, case.in_force) if view == "probabilities" else model.setup.scenario
            if view != "results":
                Sidebar(model, case, scenario, (failed or case).scenario, begin, begin_with, change, view == "")
            with solara.v.Html(tag="main", class_="willing-main"):
                if error:
                    with solara.Div(classes=["willing-error"]):
                        solara.Error(children=[solara.v.Html(tag="pre", children=[error])])
                if view == "results":
                    ResultsView(result, set_result)
                else:
                    Question(case, scenario, view == "")
                if view == "probabilities":
                    ProbabilitiesView(case, scenario, pinned, set_pinned, chosen, set_chosen)
                elif view == "":
                    Bargaining(model, chosen, set_chosen)


@solara.component
def Views(view: str, address: str) -> None:
    """Show the bar at the top of the page with links to the views."""
    with solara.v.Html(tag="header", class_="willing-bar"):
        solara.v.Html(tag="span", children=["Willing"], class_="willing-name")
        with solara.v.Html(tag="nav", class_="willing-views"):
            for path, title in VIEWS.items():
                with solara.Link(f"/{path}?{address}"):
                    here = " willing-here" if path == view else ""
                    solara.v.Html(tag="span", children=[title], class_=f"willing-view{here}")


@solara.component
def Question(case: Case, scenario: Scenario, is_bargaining: bool) -> None:
    """Show the question of the scenario, and the settings that were changed during the run."""
    solara.v.Html(tag="h1", children=[scenario.question], class_="willing-question")
    if scenario.about:
        with solara.Details(summary="Assumptions"):
            solara.v.Html(tag="p", children=[scenario.about])
            for source in scenario.sources:
                solara.v.Html(tag="p", children=[f"Source: {source}"], class_="willing-note")
    for change in case.changes if is_bargaining else ():
        text = f"From round {change.after + 1}: {setting_text(change.setting, scenario)}"
        solara.v.Html(tag="p", children=[text], class_="willing-change")
    if case.changes and not is_bargaining:
        solara.v.Html(
            tag="p",
            children=["Settings that were changed during the run apply from the first round here."],
            class_="willing-change",
        )


def _first_model(opened: PageState) -> tuple[LiveModel, str]:
    """Return the model of a case and no message; or of the nearest case that is valid, and what is wrong."""
    try:
        return LiveModel(opened.case, opened.round), ""
    except WillingError as mistake:
        for nearest in (Case(scenario=opened.case.scenario), Case(scenario=USUAL)):
            with contextlib.suppress(WillingError):
                return LiveModel(nearest), _message(mistake, nearest)
        raise


def _message(mistake: WillingError, fallback: Case) -> str:
    return f"{error_text(mistake)}\nShown instead: {fallback.scenario}"


routes = [
    solara.Route(path=view or "/", component=WillingPage, layout=None if view else Layout, label="Willing")
    for view in VIEWS
]
