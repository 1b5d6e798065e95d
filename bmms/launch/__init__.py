"""How BMMS comes up on a machine: its virtual environment, its PostgreSQL, its web server and its worker.

Stands alone: nothing of BMMS outside this package is imported (a contract in pyproject.toml), and whatever runs before
the virtual environment exists needs the standard library only. Decisions D2, D9, D20, D28, D29 and ADR 0003.
"""
