"""`python -m sim` is `willing`: streams and interruptions are seen to before anything large is imported."""

import os
import sys

from sim.cli.interruption import watch


def start() -> None:
    """Run the command line of this process."""
    _open_standard_streams()
    watch()
    from sim.cli.main import main

    main()


def _open_standard_streams() -> None:
    """Open what is closed, since the next file to be opened would take its place and be written to."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", closefd=False)
    if sys.stdout is None:
        sys.exit(
            "Standard output is closed, so nothing can be printed; redirect it to /dev/null if you need no answer."
        )


if __name__ == "__main__":
    start()
