"""The gallery: a table and a map of each scenario, and one page of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.errors import ResultsError
from sim.plots.thumbnail import save_thumbnail
from sim.results.files import as_csv, write_files
from sim.results.run import Run
from sim.results.store import MANIFEST
from sim.results.summary import spreads
from sim.scenario.checksum import checksum, seal_json
from sim.scenario.schema import ABSTAIN
from sim.text.numbers import percent
from sim.text.state_counts import states_headline

MARK = "<!-- Made by `willing gallery`; change it there. -->"
PAGE = "README.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class GalleryEntry:
    """The text about one scenario on the page."""

    name: str
    question: str
    counts: str  # states at each option, deepest first
    force: str  # soldiers for the initial headline, and whether it is viable
    title: str  # what the map shows, in a sentence


def states_table(run: Run) -> str:
    """Return as CSV one row per state: the share of each stance after the last round, and the soldiers it offers."""
    setup = run.setup
    table = run.probabilities().round(4).reset_index()
    table.insert(1, "name", [state.name for state in setup.states])
    for index, option in enumerate(setup.menu.names):
        if setup.offers[:, index].any():
            table[f"soldiers_{option}"] = setup.offers[:, index].astype(int)
    return as_csv(table)


def entry(run: Run) -> GalleryEntry:
    """Return the text about a scenario."""
    setup, names = run.setup, run.setup.menu.names
    measured = spreads(run.outcomes, names)
    shares = run.probabilities()
    counts = shares[list(names)].sum()
    headline = names[setup.headline]
    soldiers, viable = measured[f"personnel_{headline}"]["mean"] or 0.0, measured["viable"]["mean"] or 0.0
    ask = setup.menu.asks[setup.headline]
    if ask:
        force = f"{soldiers:,.0f} of {ask:,.0f} soldiers asked for {headline}, viable in {percent(viable)}"
    elif soldiers:
        force = f"{soldiers:,.0f} soldiers for {headline}, no number asked"
    else:
        force = f"no soldiers asked for {headline.replace('_', ' ')}"
    return GalleryEntry(
        name=run.scenario.name,
        question=run.scenario.question,
        counts=", ".join(f"{name.replace('_', ' ')} {counts[name]:.1f}" for name in reversed(names) if name != ABSTAIN),
        force=force,
        title=states_headline(shares, run.scenario),
    )


def page(entries: Sequence[GalleryEntry], *, seed: int, replicates: int) -> str:
    """Return the page of all scenarios."""
    lines = [
        MARK,
        "",
        "# Every scenario at a glance",
        "",
        f"Each scenario was simulated with {replicates} replicates and seed {seed}. Numbers are means after the last "
        "round: the number of states at each option, and the soldiers for the headline compared with its initial ask. "
        "Each folder contains the table of states, the map and the manifest; `willing run NAME` gives all results.",
        "",
        "| scenario | question | states | force |",
        "|---|---|---|---|",
    ]
    lines += [f"| [{each.name}](#{each.name}) | {each.question} | {each.counts} | {each.force} |" for each in entries]
    for each in entries:
        lines += [
            "",
            f"## {each.name}",
            "",
            each.question,
            "",
            f"![Map: {each.title}]({each.name}/map.png)",
            "",
            f"[Table of states]({each.name}/states.csv), [manifest]({each.name}/manifest.json)",
        ]
    return "\n".join(lines) + "\n"


def write_entry(out: Path, run: Run) -> None:
    """Write the table, the map and the manifest of a scenario into its folder in the gallery."""
    table = states_table(run)
    manifest = run.manifest.with_checksums({"states.csv": checksum(table.encode())})
    write_files(
        out / run.scenario.name,
        ["map.png"],
        lambda folder: save_thumbnail(run.plot("map"), folder / "map.png"),
        texts={"states.csv": table, MANIFEST: seal_json(manifest.as_dict())},
        overwrite=True,
    )


def check_gallery(out: Path, names: Sequence[str]) -> None:
    """Raise ResultsError if the folder holds anything but a gallery, or if two scenarios have the same name."""
    for name in names:
        if names.count(name) > 1:
            raise ResultsError(f"{out / name}: two scenarios are called {name}; rename one of them")
    page = out / PAGE
    if page.is_file() and page.read_text("utf-8", errors="replace").startswith(MARK):
        return
    is_other = out.is_file() or (out / MANIFEST).exists()  # the latter in a run or a comparison
    existing = [out] if is_other else [path for path in (page, *(out / name for name in names)) if path.exists()]
    if existing:
        raise ResultsError(f"{existing[0]}: already exists and is not a gallery; choose another folder with --out")
