"""THE BRIEF: a run as one page that can be mailed."""
