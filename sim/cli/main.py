"""The command line: each command is imported when it is called, and errors become messages and exit codes."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from importlib import import_module
from importlib.metadata import version
from typing import NoReturn

import click

from sim.cli.interruption import NOTHING_LOST
from sim.cli.printing import EXIT_CODE
from sim.errors import WillingError

COMMANDS = {  # name: where the command is, and what it does
    "run": ("sim.cli.run:run", "Simulate a scenario and report which states join which option."),
    "check": ("sim.cli.check:check", "Check scenarios and experiments for mistakes."),
    "sweep": ("sim.cli.sweep:sweep", "Run an experiment: vary a scenario, summarise each point and draw figures."),
    "explain": ("sim.cli.explain:explain", "Explain the stance of a state, option by option."),
    "compare": ("sim.cli.compare:compare", "Compare runs: which states move, and by how much."),
    "stability": ("sim.cli.stability:stability", "Test whether the final profiles are stable equilibria."),
    "pivots": ("sim.cli.pivots:pivots", "Find the states whose choice moves the others or decides the ask."),
    "thresholds": ("sim.cli.thresholds:thresholds", "Find how far settings must change to reach a target."),
    "sensitivity": ("sim.cli.sensitivity:sensitivity", "Measure how much an outcome depends on each setting."),
    "discover": ("sim.cli.discover:discover", "Find the ranges of settings in which a condition holds."),
    "hindcast": ("sim.cli.hindcast:hindcast", "Score the model and simpler forecasts against what governments said."),
    "fit": ("sim.cli.fit:fit", "Fit the weights to what governments said."),
    "plot": ("sim.cli.plot:plot", "Draw the figures of a run or a sweep again as PNG, SVG or PDF."),
    "report": ("sim.cli.report:report", "Write a run as one HTML page."),
    "ui": ("sim.cli.ui:ui", "Open the browser page: change a scenario and watch the bargaining."),
    "collect": ("sim.cli.collect:collect", "Combine the shards of a sweep that several processes have run."),
    "cluster": ("sim.cli.cluster:cluster", "Write the job script that runs an experiment on a cluster."),
    "patterns": ("sim.cli.patterns:patterns", "Test whether the model reproduces reported patterns."),
    "ablations": ("sim.cli.ablations:ablations", "Measure the effect of leaving out each part of the model."),
    "gallery": ("sim.cli.gallery:gallery", "Write a table and a map of each scenario, and one page of all."),
    "list": ("sim.cli.list:list_", "List scenarios, experiments, states, options, outcomes or settings."),
    "schema": ("sim.cli.schema:schema", "Write the JSON Schema of scenario or experiment files, for editors."),
}

FORMER_NAMES = {"whatittakes": "thresholds"}  # commands that were renamed; not listed


class LazyGroup(click.Group):
    """A group of commands that are imported only when they are called."""

    def invoke(self, ctx: click.Context) -> object:
        """Run a command, then report compiled code that was damaged or could not be cached."""
        try:
            return super().invoke(ctx)
        finally:
            compiled = sys.modules.get("sim.theory.jit_cache")  # which few commands import
            for note in compiled.take_notes() if compiled else ():
                click.echo(note, err=True)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands in the order in which they are used."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        cmd_name = FORMER_NAMES.get(cmd_name, cmd_name)
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name][0].split(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each command with its description, without importing it."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command, or suggest the one that was probably meant; `help run` is `run --help`."""
        if args[:1] == ["help"]:
            args = [*args[1:2], "--help"]
        if args == ["--help"]:
            click.echo(ctx.get_help())
            ctx.exit()
        if args and not args[0].startswith("-") and args[0] not in {*COMMANDS, *FORMER_NAMES}:
            from difflib import get_close_matches

            close = get_close_matches(args[0], COMMANDS, n=1)
            hint = f"; did you mean '{close[0]}'?" if close else f"; the commands are {', '.join(COMMANDS)}"
            ctx.fail(f"unknown command '{args[0]}'{hint}")
        return super().resolve_command(ctx, args)


def _version(ctx: click.Context, parameter: click.Parameter, requested: bool) -> None:
    if requested and not ctx.resilient_parsing:
        click.echo(f"willing {version('willing')}")
        ctx.exit()


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: willing run paris-march-2025",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Print the version."
)
def cli() -> None:
    """Simulate the bargaining over a force for Ukraine: which states join, and why.

    It explores possibilities; it is not a forecast.
    """


_DISK_ERRORS = (errno.EACCES, errno.EBADF, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENOSPC, errno.EPERM, errno.EROFS)


def _system_error(error: Exception) -> str | None:
    """Return the message for an error that the system causes; None for a defect of the program."""
    if isinstance(error, MemoryError):
        return "Not enough memory; use fewer replicates or rounds, or fewer --workers."
    if isinstance(error, RuntimeError):
        threads = "can't start new thread" in str(error)
        return "The system does not allow more threads; use fewer --workers, or raise its limit." if threads else None
    if not isinstance(error, OSError):
        return None
    if error.errno == errno.ENAMETOOLONG:
        return f"{str(error.filename)[:60]}...: this name is too long for a file; use a shorter one"
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return "Too many open files; raise the limit, for example with `ulimit -n 256`, and try again."
    if error.errno not in _DISK_ERRORS:
        return None
    why = os.strerror(error.errno)
    if error.filename is not None:
        return f"{error.filename}: {why}; correct this, or choose another path"
    _discard_stdout()
    return f"Cannot write the output: {why}. Saved results are complete, and the same command prints them again."


def _discard_stdout() -> None:
    """Send further output nowhere, so that flushing it at exit does not fail again."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run a command line.

    Exit codes: 0 success, 2 an error that the user can fix, 1 a defect of the program, 130 interrupted.
    """
    os.environ["MPLBACKEND"] = "agg"  # figures are files; matplotlib refuses to start with a backend that is missing
    try:
        if "_WILLING_COMPLETE" in os.environ:
            from sim.cli.completion import complete

            complete(cli)
        with cli.make_context("willing", sys.argv[1:] if arguments is None else arguments) as context:
            cli.invoke(context)
        sys.stdout.flush()
        sys.exit(context.meta.get(EXIT_CODE, 0))
    except click.exceptions.Exit as exit_:
        sys.exit(exit_.exit_code)
    except WillingError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo(f"\n{NOTHING_LOST}", err=True)
        sys.exit(130)
    except BrokenPipeError:  # the reader closed the pipe early, as `| head` does
        _discard_stdout()
        sys.exit(0)
    except (MemoryError, OSError, RuntimeError) as error:
        message = _system_error(error)
        if message is None:
            raise
        click.echo(message, err=True)
        sys.exit(2)
