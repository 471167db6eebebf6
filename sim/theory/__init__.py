"""The rules of the model as pure functions of numbers, compiled where they are called often.

They know neither scenarios nor tables, Mesa or random generators. Both engines call the same functions and so give the
same numbers to the last bit. docs/odd.md describes the rules under Submodels.
"""
