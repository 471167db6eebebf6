"""The command line: options in, one call of `sim.api`, printed results; only this package prints or exits."""
