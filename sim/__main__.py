"""`python -m sim` is `willing`: interruptions are answered before anything large is imported."""

from sim.cli.interruption import watch


def start() -> None:
    """Run the command line of this process."""
    watch()
    from sim.cli.main import main

    main()


if __name__ == "__main__":
    start()
