"""The door: commands are imported only when they are called, and errors end here."""

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

COMMANDS = {
    "run": ("sim.cli.run:run", "Play a scenario and say who joins what."),
    "check": ("sim.cli.check:check", "Look a scenario over and name every mistake in it."),
    "sweep": ("sim.cli.sweep:sweep", "Play an experiment: many scenarios, point by point, with its figures."),
    "explain": ("sim.cli.explain:explain", "Say why a state stands where it stands, option by option."),
    "compare": ("sim.cli.compare:compare", "Say what differs between runs: which states move, and how surely."),
    "stability": (
        "sim.cli.stability:stability",
        "Say whether the final profiles would hold: alone, in groups, under other weights.",
    ),
    "pivots": ("sim.cli.pivots:pivots", "Say whom each state moves, and whose soldiers decide."),
    "thresholds": ("sim.cli.thresholds:thresholds", "Say how far levers would have to move to reach a target."),
    "sensitivity": (
        "sim.cli.sensitivity:sensitivity",
        "Say how much of an outcome hangs on each number that is varied.",
    ),
    "discover": ("sim.cli.discover:discover", "Say within which limits of what is varied something is the case."),
    "hindcast": (
        "sim.cli.hindcast:hindcast",
        "Hold the model against what governments said, beside simpler ways to foresee it.",
    ),
    "fit": ("sim.cli.fit:fit", "Fit the weights to what governments said, and say how much comes from the record."),
    "plot": ("sim.cli.plot:plot", "Draw the figures of a run anew, as PNG, SVG or PDF."),
    "report": ("sim.cli.report:report", "Write a run as one page that can be mailed."),
    "ui": ("sim.cli.ui:ui", "Open the page in the browser: watch the bargaining, ask what if."),
    "collect": ("sim.cli.collect:collect", "Join the shards of a sweep that several have played."),
    "cluster": ("sim.cli.cluster:cluster", "Write what a cluster needs to play an experiment."),
    "patterns": ("sim.cli.patterns:patterns", "Say whether the model shows what was reported."),
    "ablations": ("sim.cli.ablations:ablations", "Say what each part of the model is there for, leaving it out."),
    "gallery": ("sim.cli.gallery:gallery", "Keep a small table and figure of each scenario."),
    "list": (
        "sim.cli.list:list_",
        "Show scenarios, experiments, states, options, considerations, outcomes or parameters.",
    ),
    "schema": ("sim.cli.schema:schema", "Write the JSON Schema of scenario or experiment files, for editors."),
}

FORMER_NAMES = {"whatittakes": "thresholds"}  # commands that were renamed; not listed


class LazyGroup(click.Group):
    """A group of commands that are imported only when they are called."""

    def invoke(self, ctx: click.Context) -> object:
        """Run a command, and say what of compiled code was damaged or could not be kept."""
        try:
            return super().invoke(ctx)
        finally:
            compiled = sys.modules.get("sim.theory.compiled")  # which few commands import
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
        """Write the commands with what they do, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command, or say which one was probably meant; `help run` is `run --help`."""
        if args[:1] == ["help"]:
            args = [*args[1:2], "--help"]
        if args == ["--help"]:
            click.echo(ctx.get_help())
            ctx.exit()
        if args and not args[0].startswith("-") and args[0] not in {*COMMANDS, *FORMER_NAMES}:
            from difflib import get_close_matches

            close = get_close_matches(args[0], COMMANDS, n=1)
            hint = f"; did you mean '{close[0]}'?" if close else f"; there are {', '.join(COMMANDS)}"
            ctx.fail(f"no command '{args[0]}'{hint}")
        return super().resolve_command(ctx, args)


def _version(ctx: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        click.echo(f"willing {version('willing')}")
        ctx.exit()


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: willing run paris-march-2025",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Say which version."
)
def cli() -> None:
    """Who joins a force for Ukraine, and why: a simulation of the bargaining.

    It explores; it is no forecast.
    """


_OF_THE_DISK = (errno.EACCES, errno.EBADF, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENOSPC, errno.EPERM, errno.EROFS)


def _trouble_of_the_machine(error: Exception) -> str | None:
    """Return the message for an error of the machine or of the call; None for a fault of the program."""
    if isinstance(error, MemoryError):
        return "There is not enough memory for this; use fewer replicates or rounds, or fewer --workers."
    if isinstance(error, RuntimeError):
        threads = "can't start new thread" in str(error)
        return "The system allows no further threads; use fewer --workers, or raise its limit." if threads else None
    if not isinstance(error, OSError):
        return None
    if error.errno == errno.ENAMETOOLONG:
        return f"{str(error.filename)[:60]}...: the name is too long for a file; give a shorter one"
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return "Too many files are open; raise the limit, for example with `ulimit -n 256`, and try again."
    if error.errno not in _OF_THE_DISK:
        return None
    why = os.strerror(error.errno)
    if error.filename is not None:
        return f"{error.filename}: {why}; correct this, or name another place"
    _leave_stdout()
    return f"The answer cannot be written: {why}; saved results are kept, and the same command shows them."


def _leave_stdout() -> None:
    """Let nothing more be written to standard output, so that leaving does not fail in its turn."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run a command line; exit 0 if well, 2 if the user can mend it, 1 if the mistake is ours, 130 if interrupted."""
    os.environ["MPLBACKEND"] = "agg"  # figures are files; matplotlib does not start under a backend that it lacks
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
    except BrokenPipeError:  # the reader left early, as `| head` does
        _leave_stdout()
        sys.exit(0)
    except (MemoryError, OSError, RuntimeError) as error:
        if (said := _trouble_of_the_machine(error)) is None:
            raise
        click.echo(said, err=True)
        sys.exit(2)
