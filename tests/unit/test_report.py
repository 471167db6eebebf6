"""A report shows the numbers of the tables, escapes all texts and loads nothing."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from matplotlib.figure import Figure

from sim.model.setup import prepare
from sim.model.simulate import simulate
from sim.plots import FIGURES, option_styles
from sim.report.page import report_page
from sim.report.pictures import Picture, pictures
from sim.report.run import percent, summary
from sim.results.manifest import create_manifest
from sim.results.run import Run
from sim.results.summary import stance_chances
from sim.results.tables import tabulate
from sim.scenario import Scenario, load_scenario
from sim.scenario.differences import differences, in_words
from sim.text.heading import heading

BASE = load_scenario("base")
EVIL = '<script>alert("x")</script> & <b>co</b> {{ 7 * 7 }}'
VOID = {"meta", "img", "link", "br", "hr", "input", "base", "source"}


def run_of(scenario: Scenario, *, replicates: int = 6, settings: tuple[str, ...] = ()) -> Run:
    """Return a run that was simulated but not saved."""
    setup = prepare(scenario)
    tables = tabulate(setup, simulate(setup, seed=0, replicates=range(replicates), workers=1))
    manifest = create_manifest(
        scenario, reference="base", settings=settings, seed=0, replicates=replicates, engine="agents", started="today"
    )
    return Run(folder=Path("one"), manifest=manifest.with_checksums({"rounds.parquet": "0" * 64}), tables=tables)


def reasons_of(run: Run) -> pd.DataFrame:
    """Return invented reasons, each state with another amount."""
    against = [("cost", -0.25)]
    rows = [
        (code, run.scenario.deepest, 0.5, "abstain", [("solidarity", 1.0 + number), ("own_reason", 0.5)], against)
        for number, code in enumerate(run.setup.codes)
    ]
    return pd.DataFrame(rows, columns=["state", "stance", "chance", "alternative", "for_", "against"])


PICTURE = Picture(name="map", source="data:image/svg+xml;base64,AA==", alt="A map.", caption="Map", width=9, height=6)


def page_of(run: Run, *, reasons: pd.DataFrame | None = None) -> str:
    reasons = reasons_of(run) if reasons is None else reasons
    return report_page(run, standing=BASE, figures=[PICTURE], reasons=reasons)


@dataclass
class Element:
    """An element of a page with its contents."""

    tag: str
    attributes: dict[str, str | None]
    inside: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        said = (part if isinstance(part, str) else part.text for part in self.inside)
        return " ".join("".join(said).split())

    def all(self, tag: str, **attributes: str) -> list[Element]:
        found = []
        for part in self.inside:
            if isinstance(part, Element):
                wanted = {name.rstrip("_"): value for name, value in attributes.items()}
                if part.tag == tag and wanted.items() <= part.attributes.items():
                    found.append(part)
                found += part.all(tag, **attributes)
        return found


class Reader(HTMLParser):
    """Reads a page and refuses one that is not well nested."""

    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("page", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, dict(attrs))
        self.open[-1].inside.append(made)
        if tag not in VOID:
            self.open.append(made)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)


def read(page: str) -> Element:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert len(reader.open) == 1, "not everything is closed"
    return reader.open[0]


def fetched(page: Element) -> list[str]:
    """Return what a browser would go and get for the page."""
    found = []
    for element in [
        part for tag in ("img", "a", "link", "script", "iframe", "style", "source") for part in page.all(tag)
    ]:
        found += [value for name in ("src", "href", "srcset") if (value := element.attributes.get(name))]
        if element.tag == "style":
            found += re.findall(r"url\(([^)]*)\)", element.text) + re.findall(r"@import\s+(\S+)", element.text)
    return [address for address in found if not address.startswith(("data:", "#"))]


@pytest.fixture(scope="module")
def run() -> Run:
    settings = ("rounds=6", "menu.troops.ask=9000", "roster.states=[GBR, FRA, POL, HUN]")
    return run_of(load_scenario("base", settings), settings=settings)


@pytest.fixture(scope="module")
def page(run: Run) -> Element:
    return read(page_of(run))


def test_a_page_is_complete_and_loads_nothing(page: Element) -> None:
    assert [len(page.all(tag)) for tag in ("html", "head", "body", "title", "h1", "main")] == [1] * 6
    assert fetched(page) == []
    assert not page.all("script")
    assert not page.all("link")


def test_everything_that_would_be_loaded_is_detected() -> None:
    seen = fetched(
        read('<img src="http://a/b.png"><style>p { background: url(x.png) }</style><a href="https://c">d</a>')
    )
    assert set(seen) == {"http://a/b.png", "x.png", "https://c"}


def test_every_link_leads_to_a_section_of_the_page(page: Element) -> None:
    targets = [link.attributes["href"] for link in page.all("a")]
    assert targets
    for target in targets:
        assert target is not None
        assert [tag for tag in ("section", "h2") if page.all(tag, id=target[1:])]


def test_the_question_is_the_heading_and_the_answer_the_title(page: Element, run: Run) -> None:
    assert page.all("h1")[0].text == run.scenario.question
    assert page.all("title")[0].text.startswith(f"{heading(run.scenario)}: ")
    assert " ".join(run.scenario.about.split()) in page.text
    assert "6 replicates of 6 rounds, 26 March 2025 to 30 April 2025; seed 0" in page.text
    assert "it is not a forecast" in page.text


def test_titles_and_text_of_a_run_give_the_same_number_of_states() -> None:
    run = run_of(load_scenario("paris-march-2025", ["rounds=4"]), replicates=5)
    last = run.tables.stances[run.tables.stances["round"] == 4]
    means = [f"{(last[column].astype(str) == 'troops').sum() / 5:.1f}" for column in ("stance", "conditional")]
    assert means[0] != means[1]
    sentence = f"On average {means[0]} states would send troops"
    titles = {name: _title(FIGURES[name](run.tables, run.scenario)) for name in ("map", "probabilities", "stances")}
    assert titles["map"] == f"{sentence}; {means[1]} would if the conditions were met"
    assert titles["probabilities"].startswith(sentence)
    assert titles["probabilities"].endswith(f"; {means[1]} would if the conditions were met")
    assert f"to {means[0]} on average; {means[1]} would if the conditions were met" in titles["stances"]
    said = dict(summary(run))
    assert said["Troops, firm"].startswith(f"{means[0]} states (")
    assert said["Troops, if the conditions were met"].startswith(f"{means[1]} states (")
    assert titles["map"] in read(page_of(run)).all("title")[0].text


def _title(made: Figure) -> str:
    return next(" ".join(text.get_text().split()) for text in made.texts if text.get_gid() == "title")


def test_the_summary_is_that_of_the_command(page: Element, run: Run) -> None:
    said = [(row.all("dt")[0].text, row.all("dd")[0].text) for row in page.all("dl", class_="summary")[0].all("div")]
    assert said == summary(run)


def test_the_main_numbers_are_means_over_the_replicates(page: Element, run: Run) -> None:
    outcomes = run.tables.outcomes
    numbers = [key.text for key in page.all("span", class_="number")]
    assert numbers[0] == percent(outcomes["viable"].mean())
    assert numbers[3].replace(",", "").split()[0] == f"{outcomes['personnel_troops'].mean():.0f}"
    assert numbers[1].split()[0] == f"{outcomes['troop_states'].mean():.1f}"
    assert numbers[2].split()[0] == f"{outcomes['troop_states_conditional'].mean():.1f}"
    assert "9,000 asked at the start" in page.all("ul", class_="keys")[0].text


def test_every_state_has_the_numbers_of_the_tables(page: Element, run: Run) -> None:
    names = run.scenario.option_names
    chances = stance_chances(run.tables.stances, names)
    bodies = page.all("table", class_="states")[0].all("tbody")
    codes = [body.all("span", class_="code")[0].text for body in bodies]
    assert sorted(codes) == sorted(run.setup.codes)
    for code, body in zip(codes, bodies, strict=True):
        cells = [cell.inside[-1] for cell in body.all("tr")[0].all("td")]
        place = run.setup.codes.index(code)
        assert cells == [
            *(percent(chances.loc[code, name]) for name in reversed(names)),
            percent(chances.loc[code, f"{names[-1]}_conditional"]),
            f"{run.setup.offers[place, -1]:,.0f}",
        ]
        assert run.setup.states[place].name in body.all("th")[0].text
        assert ("★" in body.all("th")[0].text) == bool(run.setup.leads[place])


def test_the_reasons_are_those_of_the_analysis_in_words(page: Element, run: Run) -> None:
    for body in page.all("table", class_="states")[0].all("tbody"):
        place = run.setup.codes.index(body.all("span", class_="code")[0].text)
        why = body.all("tr", class_="why")[0].text
        assert why.startswith("Troops in Ukraine (50%) rather than Abstain.")
        assert f"For: solidarity +{1 + place:.2f}; own reason +0.50." in why
        assert "Against: cost −0.25." in why


def test_a_state_without_reasons_against_has_no_such_line(run: Run) -> None:
    reasons = reasons_of(run)
    reasons["against"] = [[] for _ in range(len(reasons))]
    table = read(page_of(run, reasons=reasons)).all("table", class_="states")[0]
    assert "For: " in table.text
    assert "Against:" not in table.text


def test_options_have_the_colours_of_the_figures(page: Element, run: Run) -> None:
    heads = page.all("table", class_="states")[0].all("thead")[0].all("th")[1:]
    for head, style in zip(heads, reversed(option_styles(run.scenario).values()), strict=False):
        assert head.text == style.label
        assert head.all("i")[0].attributes["style"] == f"background:{style.colour}"


def test_the_manifest_gives_the_command_that_reproduces_the_run(page: Element, run: Run) -> None:
    said = page.all("section", id="manifest")[0].text
    assert run.manifest.command in said
    assert "--set 'roster.states=[GBR, FRA, POL, HUN]'" in said
    for word in (run.manifest.identity, run.manifest.digest, run.manifest.code, run.manifest.facts, "0" * 64):
        assert word in said
    for package, version in run.manifest.versions.items():
        assert f"{package} {version}" in said


def test_the_scenario_on_the_page_is_the_one_that_was_simulated(run: Run, tmp_path: Path) -> None:
    written = read(page_of(run)).all("details")[0].all("pre")[0].inside
    (tmp_path / "again.yaml").write_text("".join(part for part in written if isinstance(part, str)))
    assert load_scenario(tmp_path / "again.yaml") == run.scenario


def test_sources_of_the_scenario_and_of_the_figures_are_named(page: Element, run: Run) -> None:
    said = page.all("section", id="sources")[0].text
    assert all(source in said for source in run.scenario.sources)
    assert "World Bank, World Development Indicators" in said
    assert "Kiel Institute" in said
    assert "Russian share of natural gas" not in said  # no consideration needs it


def test_texts_of_a_scenario_are_escaped() -> None:
    changes: dict[str, Any] = BASE.model_dump() | {
        "question": EVIL,
        "about": EVIL,
        "sources": (EVIL, 'https://plain.example/a?b=1&c=2 <img src="http://evil.example/x.png">'),
        "rounds": 2,
        "roster": {"states": ("GBR", "POL")},
        "leads": ("GBR",),
        "states": {"POL": {"name": EVIL}},
    }
    changes["menu"]["troops"]["label"] = EVIL
    scenario = Scenario.model_validate(changes)
    run = run_of(scenario, replicates=2, settings=(f"question={EVIL}",))
    picture = replace(PICTURE, alt=EVIL, caption=EVIL)
    page = read(report_page(run, standing=BASE, figures=[picture], reasons=reasons_of(run)))
    assert not page.all("script")
    assert len(page.all("img")) == 1
    assert fetched(page) == []
    assert page.all("h1")[0].text == EVIL
    assert EVIL in " ".join(row.text for row in page.all("th", scope="row"))
    assert page.all("img")[0].attributes["alt"] == page.all("figcaption")[0].text == EVIL


def test_figures_are_inside_the_page_with_alternative_texts(run: Run) -> None:
    steps: list[int] = []
    found = pictures(run, steps.append)
    assert [picture.name for picture in found] == ["map", "probabilities", "stances", "personnel", "environment"]
    assert steps == [1] * 5
    for picture in found:
        kind, _, content = picture.source.partition(";base64,")
        assert kind == "data:image/svg+xml"
        assert base64.b64decode(content).startswith(b"<?xml")
        assert picture.caption
        assert picture.alt.endswith(picture.caption)
        assert len(picture.alt) > len(picture.caption) + 20
    assert sum(len(picture.source) for picture in found) < 2_500_000


# Changed settings


def changed(*settings: str) -> dict[str, tuple[str, str]]:
    return {each.path: (each.standing, each.here) for each in differences(load_scenario("base", settings), BASE)}


def test_a_scenario_that_changes_nothing_has_no_differences() -> None:
    assert changed() == {}
    assert changed("question=Why?", "name=other") == {}
    assert changed("leads=[FRA, GBR]") == {}  # another order means the same


@pytest.mark.parametrize(
    ("setting", "path", "standing", "here"),
    [
        ("menu.troops.ask=40000", "menu.troops.ask", "25,000", "40,000"),
        ("weights.cost=-5", "weights.cost", "−10", "−5"),
        ("menu.troops.raises.clarity=0.25", "menu.troops.raises.clarity", "1", "0.25"),
        ("start=2025-05-01", "start", "26 March 2025", "1 May 2025"),
        ("proposal.redimensions=false", "proposal.redimensions", "yes", "no"),
        ("sharpness=.inf", "sharpness", "2.4", "∞"),
        ("opening={FRA: troops}", "opening", "abstain", "FRA troops"),
        ("roster.leave_out=[HUN]", "roster.leave_out", "none", "HUN"),
        ("momentum.formats=[NB8]", "momentum.formats", "all", "NB8"),
        ("states.POL.facts.land_forces=200000", "states.POL.facts.land_forces", "65,000", "200,000"),
        ("states.POL.facts.population_m=null", "states.POL.facts.population_m", "36.6", "unknown"),
        ("states.POL.feels.opinion=1", "states.POL.feels.opinion", "–", "1"),
        ("environment.us_backing=0.5", "environment.us_backing", "0.27", "0.5"),
        (
            "environment.clarity={process: ramp, start_value: 0.3, end_value: 0.6, end_round: 9}",
            "environment.clarity",
            "0.3",
            "0.3 to 0.6, evenly from round 1 to round 9",
        ),
    ],
)
def test_a_changed_setting_is_shown_beside_its_standing_value(
    setting: str, path: str, standing: str, here: str
) -> None:
    found = changed(setting)
    assert list(found) == [path]
    assert found[path][1] == here
    assert found[path][0] == standing or path.endswith("population_m")


def test_a_long_list_is_described_by_its_changes() -> None:
    fewer = ", ".join(code for code in (*BASE.roster.states, "KOR") if code not in ("HUN", "MLT"))
    assert changed(f"roster.states=[{fewer}]") == {
        "roster.states": ("38 in all", "37 in all: without HUN, MLT; with KOR"),
    }
    assert changed("roster.states=[GBR, FRA]") == {"roster.states": ("38 in all", "GBR, FRA")}


def test_an_own_option_is_described_completely() -> None:
    dish = (
        "{label: Training, rung: 2, ask: 500, share: 0.02, home_tie_counts: 0, deters: 1, punishes: 0.3, provokes: 0, "
    )
    scenario = load_scenario("base", [f"menu.training={dish}peer_norm: 0.4, raises: {{solidarity: 0.5}}}}"])
    (found,) = differences(scenario, BASE)
    assert found.path == "menu.training"
    assert found.standing == "–"
    assert found.here.startswith("Training: rung 2, ask 500, share 0.02, ")
    assert found.here.endswith("; raises solidarity 0.5")


def test_many_dated_values_are_described_by_their_ends_and_extremes() -> None:
    found = {each.path: each.here for each in differences(load_scenario("replay-2025"), BASE)}
    assert re.match(
        r"\d+ dated values, 0.45 from 22 January 2025 to .* never under 0.05", found["environment.us_backing"]
    )
    assert "Russia" not in found["environment.us_backing"]


def test_a_difference_has_the_meaning_and_the_unit_of_the_setting() -> None:
    (found,) = differences(load_scenario("base", ["states.POL.facts.land_forces=200000"]), BASE)
    assert (found.about, found.unit) == ("active members of the army or land component", "soldiers")


def test_values_are_written_for_readers() -> None:
    assert [in_words(value) for value in (None, True, 0.1, -3, (), ("a", "b"), {})] == [
        "–", "yes", "0.1", "−3", "none", "a, b", "none",
    ]  # fmt: skip
