"""The shelf: the tables of a run, their summary, and the only code that writes under results/."""
