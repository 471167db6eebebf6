"""The model: a prepared scenario, the random draws of a replicate, and the states that bargain as Mesa agents."""
