"""The rules: pure functions from numbers to numbers, compiled where they are called often.

Nothing here knows a scenario, a table, Mesa or a generator. Every engine calls these same functions, so that every
engine gives the same bits. docs/odd.md describes them under Submodels.
"""
