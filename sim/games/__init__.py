"""Reference solutions of small games, which the tests compare with the compiled analysis of stability."""
