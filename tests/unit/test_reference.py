"""The reference pages show the keys, figures and columns that there are; a failure prints the right table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import dropwhile, takewhile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic.fields import FieldInfo

from sim.experiment import load_experiment
from sim.experiment.design import count_points
from sim.experiment.figure_specs import KINDS, FigureSpec
from sim.experiment.load import shipped_experiments
from sim.experiment.plan import Plan, plan_of
from sim.experiment.schema import DesignSchema, ExperimentSchema, RangeSchema
from sim.experiment.shard import schema
from sim.experiment.store import open_folder
from sim.experiment.sweep import simulate
from sim.results.outcomes import find_outcome, numeric_outcomes
from sim.scenario.field_types import SettingsBlock
from tests.pages import EXPERIMENTS, ROOT

REFERENCE = ROOT / "docs" / "reference"
FILE = "experiment-file.md"
FOLDER = "sweep-folder.md"
TINY = """
question: Which columns does a sweep have?
scenario: paris-march-2025
vary:
  environment.us_backing: [0, 1]
  menu.troops.ask: [25000, 1000]
  activation: [simultaneous, leads_first]
rounds: 2
replicates: 3
outcomes: [{outcomes}]
"""

type Row = tuple[str, ...]


def table(page: str, heading: str) -> list[Row]:
    """Return the cells of the first table after a heading, its head included."""
    text = (REFERENCE / page).read_text("utf-8")
    after = dropwhile(lambda line: line.lstrip("#").strip() != heading, text.splitlines())
    lines = takewhile(lambda line: line.startswith("|"), dropwhile(lambda line: not line.startswith("|"), after))
    rows = [tuple(cell.strip().replace("`", "") for cell in line.strip("|").split("|")) for line in lines]
    assert len(rows) > 2, f"docs/reference/{page}: no table under {heading!r}"
    return [rows[0], *rows[2:]]


def printed(rows: list[Row]) -> str:
    """Return a table as it has to stand on the page."""
    head, *body = rows
    lines = [head, ("---",) * len(head), *((f"`{row[0]}`", *row[1:]) for row in body)]
    return "\n" + "\n".join("| " + " | ".join(row) + " |" for row in lines)


def same(page: str, heading: str, right: list[Row]) -> None:
    assert table(page, heading) == right, f"docs/reference/{page}, {heading}, must be{printed(right)}"


def limits(field: FieldInfo) -> str:
    """Return the range that a key leaves, such as 0 to 1; words that it may be, or nothing."""
    found = {name: getattr(limit, name) for limit in field.metadata for name in ("ge", "le") if hasattr(limit, name)}
    said = {(1 << 63) - 1: "2^63 - 1", 1 << 32: "2^32"}
    return " to ".join(said.get(found[name], f"{found[name]:,}") for name in ("ge", "le") if name in found)


def unless_given(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    default = field.get_default(call_default_factory=True)
    if isinstance(default, DesignSchema):
        return "grid"
    if isinstance(default, bool):
        return str(default).lower()
    return "" if default in (None, "", ()) else str(default)


def keys(part: type[SettingsBlock], but: tuple[str, ...] = ()) -> Iterator[Row]:
    """Yield key, what it is unless given, range and meaning of each key of a part of the file."""
    for name, field in part.model_fields.items():
        if name not in but:
            yield field.alias or name, unless_given(field), limits(field), field.description or ""


def phrase(sentence: str | None) -> str:
    """Return a sentence as it stands in a table: without its capital and its full stop."""
    text = (sentence or "").strip().rstrip(".")
    return text[:1].lower() + text[1:]


HEAD: Row = ("key", "default", "range", "meaning")


def test_every_key_of_an_experiment_is_told() -> None:
    rows = [HEAD, *keys(ExperimentSchema)]
    name, *rest = rows[1:]
    same(FILE, "Keys", [HEAD, (name[0], "the file's", *name[2:]), *rest])


def test_every_key_of_a_range_is_told() -> None:
    same(FILE, "Ranges", [HEAD, *keys(RangeSchema)])


def test_every_design_is_told_with_its_keys() -> None:
    rows: list[Row] = []
    for name, field in DesignSchema.model_fields.items():
        kind = next(kind for kind in getattr(field.annotation, "__args__", ()) if kind is not type(None))
        own = [] if kind is str else [f"{key} ({given})" for key, given, _, _ in keys(kind)]
        about = field.description if kind is str else kind.__doc__
        rows.append((name, ", ".join(own), phrase(about)))
    same(FILE, "Designs", [("design", "keys (default)", "points"), *rows])


def test_every_kind_of_figure_is_told() -> None:
    rows: list[Row] = [(kind, phrase(figure.__doc__)) for kind, figure in KINDS.items()]
    same(FILE, "Figures", [("kind", "shows"), *rows])


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_of_a_figure_is_told(kind: str) -> None:
    same(FILE, kind, [HEAD, *keys(KINDS[kind], but=("kind", *FigureSpec.model_fields))])


def test_what_every_figure_may_say_is_told() -> None:
    same(FILE, "Every figure", [HEAD, *keys(FigureSpec)])


def test_the_page_of_experiments_lists_every_experiment_that_is_included() -> None:
    right = []
    for name in shipped_experiments():
        experiment = load_experiment(name)
        runs = count_points(experiment.design, experiment.factors) * experiment.replicates
        right.append(f"| `{name}` | {experiment.question} | {runs:,} |")
    listed = re.findall(r"^\| `[a-z-]+` \| [^|]+\? \| [\d,]+ \|$", EXPERIMENTS.read_text("utf-8"), re.MULTILINE)
    assert listed == right, "docs/experiments.md must be\n" + "\n".join(right)


# What a sweep leaves


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """A sweep of all outcomes, so that every column is there."""
    names = ["headline", *numeric_outcomes(["abstain", "troops"]), "stance.DEU", "conditional.DEU", "joins.DEU"]
    path = tmp_path_factory.mktemp("tiny") / "tiny.yaml"
    path.write_text(TINY.format(outcomes=", ".join(names)), "utf-8")
    return plan_of(load_experiment(path), str(path))


def kinds(plan: Plan) -> dict[str, str]:
    """Return what each column of the table of runs holds, by name."""
    said: Mapping[str, str] = {"double": "float64"}
    return {
        field.name: "word" if pa.types.is_dictionary(field.type) else said.get(str(field.type), str(field.type))
        for field in schema(plan)
    }


def test_every_column_of_the_table_of_runs_is_told(tiny: Plan) -> None:
    known = kinds(tiny)
    measured = numeric_outcomes(["abstain", "troops"])
    further = ("headline", "stance.DEU", "conditional.DEU", "joins.DEU")
    about = {
        "point": ("", "number of the point, from 0, in the order of the design"),
        "replicate": ("", "number of the replicate, from 0; the same random draws at every point"),
        **{name: (outcome.unit, outcome.about) for name, outcome in measured.items()},
        **{name: (outcome.unit, outcome.about) for name in further if (outcome := find_outcome(name))},
    }
    rows = []
    for name, kind in known.items():
        if name in about:
            unit, meaning = about[name]
            rows.append((_general(name), kind, unit, meaning.replace("troops", "the option")))
    same(FOLDER, "Columns of runs.parquet", [("column", "type", "unit", "meaning"), *rows])
    levels = [kind for name, kind in known.items() if name not in about]
    assert levels == ["float64", "int64", "word"]  # as the page says of factors


def test_every_column_of_the_summary_is_told(tiny: Plan, tmp_path: Path) -> None:
    folder = open_folder(tmp_path / "tiny", tiny)
    simulate(folder, workers=1)
    columns = pq.read_schema(folder.summary).names
    told = [row[0] for row in table(FOLDER, "Columns of summary.parquet")[1:]]
    options = tiny.experiment.options
    expected = ["point", *(factor.name for factor in tiny.experiment.factors), "runs"]
    for outcome in tiny.experiment.outcomes:
        of_word = tiny.experiment.is_word(outcome)
        pattern = [name for name in told if name.startswith("WORD" if of_word else "NUMBER")]
        for name in pattern:
            for option in options if "OPTION" in name else ("",):
                expected.append(name.replace("WORD", outcome).replace("NUMBER", outcome).replace("OPTION", option))
    assert columns == expected
    assert {name for name in told if name.isupper() is False and "." not in name} == {"point", "runs"}


def test_every_file_of_a_sweep_is_told(tiny: Plan, tmp_path: Path) -> None:
    folder = open_folder(tmp_path / "tiny", tiny)
    simulate(folder, workers=1)
    told = {row[0] for row in table(FOLDER, "Files")[1:]}
    there = {path.name + "/" * path.is_dir() for path in folder.folder.iterdir() if not path.name.startswith(".")}
    assert there <= told
    assert told - there <= {"failed.csv", "figures/"}


def test_every_entry_of_the_manifest_of_a_sweep_is_told(tiny: Plan) -> None:
    told = [name for row in table(FOLDER, "Manifest")[1:] for name in row[0].split(", ")]
    assert told == list(tiny.as_dict())


def _general(name: str) -> str:
    """Return the name of a column with OPTION and CODE in place of one of them."""
    if name.endswith(".DEU"):
        return name.replace("DEU", "CODE")
    option = {
        "troop_states": "OPTION_states",
        "troop_states_conditional": "OPTION_states_conditional",
        "personnel_troops": "personnel_OPTION",
    }
    return option.get(name, name)
