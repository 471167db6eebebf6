"""The actors: a scenario made ready, the luck of a replicate, and the states that bargain."""
