"""How well the office does what it promises, measured against what the machine could do.

`python -m benchmarks NAME` runs one measure and `python -m benchmarks all` runs them all; each
module's docstring says what is measured and against what. docs/benchmarks.md holds the goals, the
figures and how the floors are made.
"""
