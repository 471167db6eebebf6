"""The documents say what the program does: their commands, code, numbers and links are tried."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from ruamel.yaml import YAML

import sim
from sim import facts
from sim.cli.main import COMMANDS as commands_of_the_program
from sim.model.setup import prepare
from sim.results.summary import spreads, stance_chances
from sim.scenario import load_scenario, shipped
from sim.text.numbers import percent
from sim.text.state_counts import states_headline
from tests.conftest import Answer, played
from tests.pages import (
    COMMANDS,
    GUIDES,
    LIMITS,
    PICTURES,
    README,
    RECIPES,
    RESULTS,
    ROOT,
    SCENARIOS,
    TUTORIAL,
    blocks,
    dialogues,
    follow,
    kept_picture,
    prose,
)

PAGES = [
    path
    for path in sorted(ROOT.rglob("*.md"))
    if not any(part.startswith(".") or part == "runs" for part in path.relative_to(ROOT).parts)
]
DECISIONS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
MARCH_2025 = "paris-march-2025"
SHIFT = ("february-2025-optimism", MARCH_2025, "firm-us-backstop")
VERDICTS = ("holds", "fails")
NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def _named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _apart_from_identity(answer: str) -> str:
    """Return an answer without what is another in every version of the code: the end of a folder's name."""
    return re.sub(r"-[0-9a-f]{8}(?=$|/)", "-", answer.rstrip(), flags=re.MULTILINE)


def _dialogues(text: str) -> list[tuple[str, str]]:
    """Return each command that a page shows with what it answers."""
    return [said for block in blocks(text, "console") for said in dialogues(block)]


def _shows(page: Path) -> None:
    """Hold each picture that a page shows against the one that was made by following it in this folder."""
    text = page.read_text("utf-8")
    for kept, made in PICTURES[page].items():
        assert f"]({kept.relative_to(page.parent)})" in text
        assert kept.stat().st_size < 300_000
        now = np.asarray(kept_picture(Path(made)).convert("RGB"), dtype=float)
        with Image.open(kept) as picture:
            shown = np.asarray(picture.convert("RGB"), dtype=float)
        assert shown.shape == now.shape, f"{kept.name} is not {made}; `python -m tests.pages` renews it"
        assert np.abs(shown - now).mean() < 0.5, f"{kept.name} is not {made}; `python -m tests.pages` renews it"


@pytest.mark.parametrize("page", [README, TUTORIAL, *GUIDES, *RECIPES], ids=_named)
def test_a_page_can_be_followed_from_top_to_bottom(page: Path, willing: Callable[..., Answer]) -> None:
    text = page.read_text("utf-8")
    assert _apart_from_identity(follow(text, willing)) == _apart_from_identity(text), (
        f"`python -m tests.pages {_named(page)}` renews the answers"
    )
    if page in PICTURES:
        _shows(page)


def test_the_readme_is_short() -> None:
    assert README.stat().st_size < 10_000


def test_the_picture_of_the_readme_is_described_with_the_numbers_in_its_title(willing: Callable[..., Answer]) -> None:
    title = willing("compare", *SHIFT, "--chain", "--out", "shift").out.partition("\nCompared: ")[0]
    described = re.search(r"!\[(.*?)\]\(docs/shift-2025\.png\)", README.read_text("utf-8"))
    assert described is not None
    numbers = re.findall(r"\d+\.\d", described[1])
    assert len(numbers) == 3
    assert [number for number in numbers if number not in title] == []


def test_every_picture_of_the_tutorial_is_made_by_it() -> None:
    assert {path.name for path in TUTORIAL.parent.glob("tutorial-*.png")} == {path.name for path in PICTURES[TUTORIAL]}


def test_what_the_tutorial_quotes_stands_in_an_answer_or_a_file() -> None:
    text = TUTORIAL.read_text("utf-8")
    shown = " ".join("\n".join([*blocks(text, "console"), *blocks(text, "yaml")]).split())
    quoted = [" ".join(quote.split()) for quote in re.findall(r"`([^`]+)`", prose(text))]
    numbers = [quote for quote in quoted if re.search(r"\d", quote) and not quote.startswith("--")]
    pictured = [number for alt in re.findall(r"!\[(.*?)\]", text) for number in re.findall(r"\d[\d.]*", alt)]
    assert len(numbers) > 15
    assert len(pictured) > 2
    assert [quote for quote in [*numbers, *pictured] if quote not in shown] == []


def test_the_table_of_raises_in_the_tutorial_is_that_of_its_files() -> None:
    text = TUTORIAL.read_text("utf-8")
    whole = [block for block in blocks(text, "yaml") if block.startswith("# mines.yaml")][-1]
    mines = YAML(typ="safe").load(whole)["menu"]["demining"]["raises"]
    menu = load_scenario(MARCH_2025).menu
    rows = re.findall(r"^\| `(\w+)` \| (\S+) \| (\S+) \| (\S+) \| ", text, re.MULTILINE)
    assert [row[0] for row in rows] == list(load_scenario(MARCH_2025).weights)
    for name, backstop, own, troops in rows:
        raised = (menu["backstop"].raises.get(name, 0), mines.get(name, 0), menu["troops"].raises.get(name, 0))
        assert tuple(map(float, (backstop, own, troops))) == raised, name


@pytest.mark.parametrize(
    ("page", "some"),
    [(README, {"demo"}), (ROOT / "docs" / "install.md", {"demo", "install", "test", "bench"}), (TUTORIAL, {"install"})],
    ids=["README", "installation", "tutorial"],
)
def test_make_targets_of_a_page_are_there(page: Path, some: set[str]) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"(?:^|`)make ([a-z]+)", page.read_text("utf-8"), re.MULTILINE))
    assert some <= targets
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_what_the_page_of_results_quotes_stands_in_the_result() -> None:
    text = RESULTS.read_text("utf-8")
    result = " ".join(dict(_dialogues(text))[f"willing run {MARCH_2025}"].split())
    quoted = [" ".join(quote.split()) for quote in re.findall(r"`([^`]+)`", prose(text))]
    numbers = [quote for quote in quoted if re.search(r"\d", quote) and not quote.startswith("sim.")]
    assert len(numbers) >= 8
    assert [quote for quote in numbers if quote not in result] == []


SAME_MENU = [name for name in shipped() if name != "base" and load_scenario(name).menu == load_scenario("base").menu]


def test_the_page_of_scenarios_lists_every_scenario() -> None:
    text = SCENARIOS.read_text("utf-8")
    listed = re.findall(r"^\| `([a-z0-9-]+)` \| [0-9.]+ \|", text, re.MULTILINE)
    assert sorted(listed) == sorted(SAME_MENU)
    others = re.findall(r"^\| `([a-z0-9-]+)` \| [^|0-9]", text, re.MULTILINE)
    assert sorted(others) == sorted(set(shipped()) - {"base", *SAME_MENU})
    assert f"{NUMBERS[len(others)].capitalize()} more scenarios" in text


def test_the_page_of_commands_lists_every_command() -> None:
    text = COMMANDS.read_text("utf-8").split("## Examples")[0]
    assert sorted(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == sorted(commands_of_the_program)


def test_the_page_of_limits_counts_the_patterns_as_their_page_does() -> None:
    page = (ROOT / "docs" / "patterns.md").read_text("utf-8")
    holding, failing = (len(re.findall(rf"^## Pattern \d+ {verdict}$", page, re.MULTILINE)) for verdict in VERDICTS)
    counted = " ".join(LIMITS.read_text("utf-8").split())
    assert f"{holding} of {holding + failing} hold, {NUMBERS[failing]} do" in counted


@pytest.mark.parametrize("name", SAME_MENU)
def test_the_table_of_scenarios_is_current(name: str) -> None:
    scenario, tables = load_scenario(name), played(name)
    outcomes = spreads(tables.outcomes, scenario.option_names)
    mean = {outcome: spread["mean"] or 0.0 for outcome, spread in outcomes.items()}
    row = (
        f"| `{name}` | {mean['troop_states']:.1f} | {mean['troop_states_conditional']:.1f} "
        f"| {mean['backstop_states']:.1f} | {mean['personnel_troops']:,.0f} | {percent(mean['viable'])} |"
    )
    assert row in SCENARIOS.read_text("utf-8")


def test_the_map_of_the_page_of_results_is_described_with_the_numbers_in_its_title() -> None:
    scenario = load_scenario(MARCH_2025)
    title = states_headline(stance_chances(played(MARCH_2025).stances, scenario.option_names), scenario)
    described = re.search(
        r"!\[(.*?)\]\(\.\./results/gallery/paris-march-2025/map\.png\)", RESULTS.read_text("utf-8"), re.DOTALL
    )
    assert described is not None
    numbers = re.findall(r"\d+\.\d", described[1])
    assert len(numbers) == 2
    assert [number for number in numbers if number not in title] == []


def test_pages_know_what_the_leads_offer() -> None:
    setup = prepare(load_scenario(MARCH_2025))
    british, french = (setup.offers[setup.codes.index(code), -1] for code in ("GBR", "FRA"))
    text = " ".join(RESULTS.read_text("utf-8").split())
    assert f"British and French offers are {british:,.0f} and {french:,.0f} soldiers" in text
    text = " ".join(LIMITS.read_text("utf-8").split())
    assert f"France and Britain alone offer {british + french:,.0f}" in text


def test_the_page_of_limits_admits_what_the_run_of_march_2025_gets_wrong() -> None:
    last = played(MARCH_2025).stances.query("round == round.max()")
    leads = (
        last[last["state"].isin(["GBR", "FRA"])]
        .groupby("replicate")["stance"]
        .agg(lambda held: (held == "troops").all())
    )
    rung = played(MARCH_2025).outcomes.set_index("replicate")["headline_rung"]
    assert (rung[leads[leads].index] == 3).all()
    chances = stance_chances(played(MARCH_2025).stances, load_scenario(MARCH_2025).option_names)
    text = " ".join(LIMITS.read_text("utf-8").split())
    assert f"ready to send troops; here it abstains in {chances.loc['TUR', 'abstain']:.0%} of replicates" in text
    assert f"declares the backstop in {chances.loc['ISL', 'backstop']:.0%} of replicates" in text


def test_the_page_of_limits_counts_the_polls_rightly() -> None:
    kinds = [facts.provenance(code, "peacekeeping_support_pct").kind for code in facts.default_roster()]
    polled, converted, imputed = (kinds.count(kind) for kind in ("poll", "converted", "imputed"))
    assert polled + converted + imputed == len(kinds)
    text = " ".join(LIMITS.read_text("utf-8").split())
    assert f"Of the {len(kinds)} states asked, {polled} were polled" in text
    assert f"from another question ({converted}) or filled in from similar states ({imputed})" in text
    readme = " ".join(README.read_text("utf-8").split())
    assert f"exists for only {polled} of the {len(kinds)} states" in readme


@pytest.mark.parametrize("page", RECIPES, ids=_named)
def test_a_recipe_can_be_tried(page: Path) -> None:
    text = page.read_text("utf-8")
    assert blocks(text, "python") or blocks(text, "sh") or _dialogues(text)


@pytest.mark.parametrize("page", PAGES, ids=_named)
def test_relative_links_lead_to_files(page: Path) -> None:
    text = prose(page.read_text("utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not target.startswith(("https://", "http://", "#", "mailto:")):
            assert (page.parent / target.split("#")[0]).exists(), f"{_named(page)}: {target}"


@pytest.mark.parametrize("page", PAGES, ids=_named)
def test_places_that_a_page_names_are_there(page: Path) -> None:
    text = prose(page.read_text("utf-8"))
    tops = "sim|scenarios|experiments|tests|docs|benchmarks"
    for named in re.findall(rf"`((?:{tops})/[A-Za-z0-9_./-]*)`", text):
        assert (ROOT / named).exists(), f"{_named(page)}: {named}"


def test_every_decision_has_context_decision_and_consequences() -> None:
    assert [path.name[:4] for path in DECISIONS] == [f"{number:04}" for number in range(1, len(DECISIONS) + 1)]
    for path in DECISIONS:
        text = path.read_text("utf-8")
        headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequences"], _named(path)
        assert re.match(rf"# {path.name[:4]} \S", text), _named(path)


def test_the_glossary_explains_each_term_once() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text("utf-8")
    rows = re.findall(r"^\| (?!term \| meaning)(.+?) \|", text, re.MULTILINE)
    words = [word for row in rows for word in row.split(", ")]
    explained = [word for word in words if not re.fullmatch("-+", word)]
    assert len(explained) > 80
    assert sorted(explained) == sorted(set(explained))


def test_every_release_says_which_results_changed() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    releases = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    assert releases
    for release in releases:
        assert "### Changed results" in release, release.splitlines()[0]


def test_citation_is_whole() -> None:
    cited = YAML(typ="safe").load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert cited["cff-version"] == "1.2.0"
    assert {"message", "title", "authors", "version", "license", "type", "references"} <= set(cited)
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    assert f'version = "{cited["version"]}"' in project
    assert cited["authors"] == [{"name": "Willing contributors"}]
    released = re.search(rf"^## {re.escape(cited['version'])}, (.+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert released is not None
    assert released[1] in ("not yet released", str(cited["date-released"]))
    for reference in cited["references"]:
        assert {"type", "title", "authors"} <= set(reference), reference.get("title")
        assert "year" in reference or "url" in reference, reference["title"]


def test_every_work_that_the_description_cites_is_in_the_citation() -> None:
    cited = YAML(typ="safe").load((ROOT / "CITATION.cff").read_text("utf-8"))["references"]
    titles = {(reference["title"].casefold(), reference.get("year")) for reference in cited}
    listed = (ROOT / "docs" / "odd.md").read_text("utf-8").split("## References")[1].replace("\n  ", " ")
    works = re.findall(r"^- .+? (\d{4})\. (.+?)\. ", listed, re.MULTILINE)
    assert len(works) == len(re.findall("^- ", listed, re.MULTILINE))
    for year, title in works:
        assert any(known.startswith(title.casefold()) and when == int(year) for known, when in titles), title


def test_public_names_of_the_package_can_be_imported() -> None:
    for name in sim.__all__:
        assert getattr(sim, name) is not None
