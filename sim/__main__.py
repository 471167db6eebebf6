"""`python -m sim` is `willing`."""

from sim.cli.main import main

main()
