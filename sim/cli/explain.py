"""`willing explain`: why a state stands where it stands, option by option."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.drawing import figure_option
from sim.cli.tables import TableFiles, table_options
from sim.cli.what_if import load_and_warn, what_if_options

if TYPE_CHECKING:
    from sim.analysis.explain import Explanation
    from sim.scenario import Scenario

EXPLANATIONS = Path("results") / "explain"
_PEERS = 8  # named
_REASONS = 4  # named on either side
_GUTTER = 2  # characters between columns


@click.command(epilog="Example: willing explain paris-march-2025 POL --round 26 --seed 1")
@click.argument("scenario")
@click.argument("state")
@click.option(
    "--round",
    "number",
    type=click.IntRange(1),
    metavar="T",
    help="After T rounds of a replicate, in place of the start, when everybody abstains.",
)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Where the luck of these rounds starts from; 0.")
@click.option("--replicate", type=click.IntRange(0, 2**32 - 1), help="Which replicate of that seed; 0.")
@click.option("--conditional", is_flag=True, help="As if the conditions of the proposal were met.")
@what_if_options
@figure_option
@table_options
@click.option("--json", "as_json", is_flag=True, help="Answer for programs.")
def explain(
    scenario: str,
    state: str,
    number: int | None,
    seed: int | None,
    replicate: int | None,
    conditional: bool,
    settings: tuple[str, ...],
    figure: Path | None,
    tables: TableFiles,
    as_json: bool,
) -> None:
    """Print what each consideration adds to each option's value for STATE, and what decides between two options.

    SCENARIO is a name or a YAML file, STATE a code such as POL or PL, or a name. By default all states abstain, as
    at the start; with --round they hold the stances of that round. Tastes, which are random, are left out.
    """
    from sim.analysis.explain import explain_round, explain_start
    from sim.cli.drawing import check_figure, draw
    from sim.cli.progress import progress
    from sim.model.setup import prepare
    from sim.report.sheets import of_explanation

    if number is None and (seed is not None or replicate is not None):
        raise click.UsageError("--seed and --replicate go with --round: no luck has fallen at the start")
    check_figure(figure, None if as_json else EXPLANATIONS)
    _check_not_a_run(scenario, state)
    setup = prepare(load_and_warn(scenario, settings))
    if number is None:
        explained = explain_start(setup, state, conditional=conditional)
    else:
        with progress(f"Playing {setup.scenario.name}", number) as on_progress:
            explained = explain_round(
                setup,
                state,
                round=number,
                seed=seed or 0,
                replicate=replicate or 0,
                conditional=conditional,
                on_progress=on_progress,
            )
    drawn = None
    if not as_json or figure is not None:
        from sim.plots import explanation

        drawn = draw(lambda: explanation(explained, setup.scenario), figure, _by_default(explained, setup.scenario))
    tables.write(lambda: of_explanation(explained))
    if as_json:
        _print_json(explained, setup.scenario, drawn)
    else:
        _print(explained, setup.scenario)
        if drawn is not None:
            click.echo(f"\nFigure: {drawn}")


def _check_not_a_run(reference: str, state: str) -> None:
    """Raise ResultsError for the folder of a run, saying how to ask about its scenario."""
    from shlex import join

    from sim.errors import ResultsError
    from sim.results.store import MANIFEST, read_manifest
    from sim.scenario import shipped
    from sim.scenario.settings import as_options

    folder = Path(reference)
    if reference in shipped() or not (folder / MANIFEST).is_file():
        return
    manifest = read_manifest(folder)
    settings = as_options(manifest.settings)
    last = ["--round", str(manifest.rounds), "--seed", str(manifest.seed)]
    command = join(["willing", "explain", manifest.reference, state, *settings, *last])
    raise ResultsError(f"{reference}: is the folder of a run; name its scenario, such as: {command}")


def _by_default(explained: Explanation, scenario: Scenario) -> Path:
    """Return where the figure lies unless another place is named; the name says all that it shows."""
    from sim.scenario import digest

    parts = [scenario.name, explained.code]
    if explained.seed is not None:
        parts += [f"round{explained.round}", f"seed{explained.seed}"]
    parts += [f"replicate{explained.replicate}"] if explained.replicate else []
    parts += ["conditional"] if explained.is_conditional else []
    return EXPLANATIONS / f"{'-'.join([*parts, digest(scenario)[:8]])}.png"


def _print_json(explained: Explanation, scenario: Scenario, drawn: Path | None) -> None:
    import json

    from sim.scenario import digest

    def by_option(values: Sequence[float]) -> dict[str, float]:
        return dict(zip(explained.options, values, strict=True))

    answer: dict[str, Any] = {
        "state": explained.code,
        "name": explained.name,
        "scenario": scenario.name,
        "digest": digest(scenario),
        "round": explained.round,
        "date": explained.date.isoformat(),
        "seed": explained.seed,
        "replicate": explained.replicate,
        "conditional": explained.is_conditional,
        "environment": {**explained.environment, "phase": explained.phase},
        "stance": explained.held,
        "forced": explained.is_forced,
        "options": {
            option: {"value": value, "considerations": dict(zip(explained.considerations, terms, strict=True))}
            for option, value, terms in zip(
                explained.options, explained.values.tolist(), explained.terms.tolist(), strict=True
            )
        },
        "chances": by_option(explained.chances.tolist()),
        "if_conditions_were_met": {
            "values": by_option(explained.values_if_met.tolist()),
            "chances": by_option(explained.chances_if_met.tolist()),
        },
        "asks": by_option(explained.asks.tolist()),
        "offers": by_option(explained.offers.tolist()),
        "enough_backing": explained.enough_backing,
        "peers": [
            {"state": peer.code, "name": peer.name, "weight": peer.weight, "stance": peer.stance}
            for peer in explained.peers
        ],
        "figure": None if drawn is None else str(drawn),
    }
    click.echo(json.dumps(answer, indent=2, ensure_ascii=False, allow_nan=False))


def _print(explained: Explanation, scenario: Scenario) -> None:
    from sim.cli.printing import paragraph
    from sim.plots.explanation import situation, when
    from sim.text.heading import heading
    from sim.text.words import capitalised, state_name

    words = f"{state_name(explained.code, scenario)} ({explained.code})"
    click.echo(f"{click.style(capitalised(words), bold=True)} in {heading(scenario)}, {when(explained)}")
    if explained.seed is not None or explained.is_forced:
        stance = f"{explained.held}, which the scenario forces it to declare" if explained.is_forced else explained.held
        paragraph("Conditional stance" if explained.is_conditional else "Stance", stance)
    paragraph("Situation", situation(explained, scenario))
    paragraph("Value and chance", _valued(explained, explained.values.tolist(), explained.chances.tolist()))
    if not explained.is_conditional:
        met = _valued(explained, explained.values_if_met.tolist(), explained.chances_if_met.tolist())
        paragraph("If the conditions were met", met)
    click.echo()
    _print_terms(explained, scenario)
    click.echo()
    paragraph(*_difference(explained, scenario))
    paragraph("Enough US backing", _enough_backing(explained))
    paragraph("Would bring", _offers(explained))
    paragraph("Peers", _peers(explained))


def _valued(explained: Explanation, values: list[float], chances: list[float]) -> str:
    """Return the options with their values and chances, the highest first."""
    from sim.text.numbers import percent, signed

    ordered = sorted(zip(explained.options, values, chances, strict=True), key=lambda option: -option[1])
    return ", ".join(f"{option} {signed(value)} ({percent(chance)})" for option, value, chance in ordered)


def _print_terms(explained: Explanation, scenario: Scenario) -> None:
    """Print what each consideration adds to each option."""
    from rich.box import SIMPLE
    from rich.table import Table

    from sim.analysis.explain import by_size
    from sim.cli.printing import print_table, screen
    from sim.text.numbers import signed
    from sim.text.words import capitalised, consideration_name

    sizes = by_size(explained.considerations, abs(explained.terms).max(axis=0))
    options = explained.options[1:]
    table = Table(box=SIMPLE, pad_edge=False, padding=(0, 0, 0, _GUTTER - 1), show_footer=True)
    table.add_column("adds to the value of", "Value", no_wrap=True)
    for option in options:
        width = max(map(len, (*option.split("_"), "-00.00")))
        table.add_column(option.replace("_", " "), signed(explained.value(option)), justify="right", width=width)
    for name, size in sizes.items():
        if size > 0.0:
            terms = explained.terms[1:, explained.considerations.index(name)].tolist()
            table.add_row(
                capitalised(consideration_name(name, scenario)),
                *("" if term == 0.0 else signed(term) for term in terms),
            )
    print_table(table)
    none = [consideration_name(name, scenario) for name, size in sizes.items() if size == 0.0]
    if none:
        click.echo(click.wrap_text(f"Nothing comes from {', '.join(none)}.", width=min(screen() or 100, 100)))


def _difference(explained: Explanation, scenario: Scenario) -> tuple[str, str]:
    """Return what separates the stance from the next option, with its heading."""
    from sim.text.numbers import signed
    from sim.text.words import capitalised, consideration_name, option_name

    stance, other = explained.stance, explained.alternative
    differences = {name: by for name, by in explained.between(stance, other).items() if abs(by) >= 0.005}
    for_, against = (
        [
            f"{consideration_name(name, scenario)} {signed(by)}"
            for name, by in differences.items()
            if (by > 0.0) is speaks_for
        ]
        for speaks_for in (True, False)
    )
    said = ", ".join(for_[:_REASONS]) or "nothing speaks for it"
    if against:
        said += f"; against it {', '.join(against[:_REASONS])}"
    total = explained.value(stance) - explained.value(other)
    said += f"; all in all {signed(total)}"
    if total < 0.0:
        why = "it is forced to" if explained.is_forced else "of its taste, or it has not revised its stance since"
        said += f". It still holds it because {why}"
    name = option_name(stance)
    return f"{capitalised(name)} over {option_name(other)}", f"{said}."


def _enough_backing(explained: Explanation) -> str:
    """Return the least US backing at which the deepest option is the best, beside the backing that there is."""
    from sim.text.words import option_name

    name, enough, backing = (
        option_name(explained.deepest),
        explained.enough_backing,
        explained.environment["us_backing"],
    )
    else_ = f"all else as it is ({'supposed' if explained.is_conditional else 'now'} {backing:.2f}"
    if enough is None:
        return f"none: at no US backing would {name} be its best option, {else_})"
    if explained.best != explained.deepest and enough < backing:
        else_ += ", where it is not any more"
    if enough == 0.0:
        return f"0: {name} would be its best option even without any, {else_})"
    return f"{enough:g} for {name} to be its best option, {else_})"


def _offers(explained: Explanation) -> str:
    offered = [
        f"{offer:,.0f} soldiers to {option}" + (f" (the ask is {ask:,.0f})" if ask else "")
        for option, offer, ask in zip(
            explained.options, explained.offers.tolist(), explained.asks.tolist(), strict=True
        )
        if offer or ask
    ]
    return ", ".join(offered) or "no soldiers to any option"


def _peers(explained: Explanation) -> str:
    from sim.text.numbers import percent

    if not explained.peers:
        return "none; it meets no other state of the roster in a format"
    first = explained.peers[:_PEERS]
    more = len(explained.peers) - len(first)
    stances = {peer.stance for peer in explained.peers}
    one = stances.pop() if len(stances) == 1 else None
    named = ", ".join(f"{peer.code} {percent(peer.weight)}{'' if one else f' {peer.stance}'}" for peer in first)
    rest = f", and {more} more" if more else ""
    return f"{named}{rest}; all {one}" if one else f"{named}{rest}"
