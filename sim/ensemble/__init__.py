"""The crowd: the same rounds as the agents play, for thousands of replicates and points at once, bit for bit."""
