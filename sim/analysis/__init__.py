"""Analyses of runs and sweeps: comparison, explanation, stability, thresholds, sensitivity, hindcasts and fits."""
