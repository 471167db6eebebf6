"""`willing list`: list what a user can choose from."""

from __future__ import annotations

from typing import Any

import click

from sim.cli import options
from sim.cli.output import Output

KINDS = ("scenarios", "experiments", "states", "options", "considerations", "outcomes", "parameters")


class Kind(click.Choice[str]):
    """One of the kinds, with a suggestion for a misspelt one."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the kind, or fail with the one that was probably meant."""
        from sim.scenario.suggestions import did_you_mean

        if value not in KINDS:
            self.fail(f"'{value}' cannot be listed{did_you_mean(str(value), KINDS)}", param, ctx)
        return str(value)


@click.command(name="list", epilog="Example: willing list states --scenario us-opposes")
@click.argument("kind", type=Kind(KINDS), default="scenarios")
@click.option(
    "--scenario",
    "reference",
    default="base",
    show_default=True,
    help="Scenario whose states, options, weights or settings are listed.",
)
@options.settings
@options.output()
def list_(kind: str, reference: str, settings: tuple[str, ...], output: Output) -> None:
    """List scenarios, experiments, states, options, considerations, outcomes or parameters (settings).

    States are those that the scenario asks, with the soldiers that each would offer to each option.
    """
    from sim import api
    from sim.cli import console

    result = api.catalogue(kind, reference, settings)
    if output.as_json:
        output.write_tables(result)
        console.print_json(result.to_dict()[kind])
    else:
        output.answer(result)
