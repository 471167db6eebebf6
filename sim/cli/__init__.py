"""THE DOOR: the commands; the only place that prints or exits."""
