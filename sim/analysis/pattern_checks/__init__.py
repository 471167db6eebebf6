"""The measures of the patterns: from the simulated situations to the numbers that decide."""
