"""Runs: their outcomes, tables, summary and manifest, and the code that writes and reads result files."""
