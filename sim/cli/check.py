"""`willing check`: check scenarios and experiments."""

from __future__ import annotations

import click

from sim.cli import options


@click.command(epilog="Example: willing check paris-march-2025 my-scenario.yaml")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@options.what_if
@click.pass_context
def check(context: click.Context, files: tuple[str, ...], settings: tuple[str, ...]) -> None:
    """Check scenarios and experiments, and report every mistake with its line and a suggestion.

    FILE is a file or the name of an included scenario or experiment; a file with `vary` is an experiment. A scenario is
    valid if it can be simulated: every figure that it needs is known. Settings without effect cause a warning. Exit
    code 2 if there is any mistake.
    """
    from sim.errors import WillingError

    mistakes = 0
    for file in files:
        try:
            text = _check_experiment(file) if _is_experiment(file) else _check_scenario(file, settings)
        except WillingError as error:
            mistakes += 1
            click.echo(str(error), err=True)
        else:
            click.echo(f"{file}: {text}")
    if mistakes:
        context.exit(2)


def _check_scenario(file: str, settings: tuple[str, ...]) -> str:
    from sim.cli import console
    from sim.model.setup import prepare
    from sim.scenario import digest
    from sim.scenario.base_values import kept_of_the_standing_case

    scenario = console.load_scenario(file, settings)
    prepare(scenario)
    kept = kept_of_the_standing_case(scenario)
    return f"valid (digest {digest(scenario)[:12]})" + (f"\n{file}: unchanged {kept}" if kept is not None else "")


def _check_experiment(file: str) -> str:
    from sim.experiment import load_experiment
    from sim.experiment.design import count_points

    experiment = load_experiment(file)
    points = count_points(experiment.design, experiment.factors)
    return f"valid ({points:,} points x {experiment.replicates:,} replicates, digest {experiment.digest[:12]})"


def _is_experiment(file: str) -> bool:
    """Return whether a name or a file is that of an experiment; a file that cannot be read counts as a scenario."""
    from sim.errors import ScenarioError
    from sim.experiment import shipped_experiments
    from sim.scenario import shipped
    from sim.scenario.files import find_scenario, take_text
    from sim.scenario.tree_from_yaml import read_tree

    if file in shipped() or file in shipped_experiments():
        return file not in shipped()
    try:
        path = find_scenario(file)
        tree, _ = read_tree(str(path), take_text(path))
    except ScenarioError:
        return False
    return "vary" in tree.entries
