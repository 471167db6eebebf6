"""The compiled engine: thousands of replicates and many points at once, equal to the agents to the last bit."""
