#!/usr/bin/env python3
"""Check the environment of BMMS with whatever `python3` the machine has.

    python3 scripts/validate_env.py [FILE] [--profile development|staging|production] [--strict] [--check-smtp]

Hands its arguments over to `bmms validate_env` in the .venv of this checkout. Exit codes: 0 all checks passed, 1 one
failed or BMMS is not set up, 2 wrong usage.
"""

import os
import sys

CHECKOUT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAMS = os.path.join(CHECKOUT, ".venv", "bin")


def command():
    """What to run: the program `bmms`, else the module behind it; None without a .venv."""
    bmms, python = (os.path.join(PROGRAMS, name) for name in ("bmms", "python"))
    if os.access(bmms, os.X_OK):
        return [bmms]
    if os.access(python, os.X_OK):
        return [python, "-m", "bmms.cli.main"]
    return None


def main():
    """Becomes the command; comes back only when that cannot be."""
    argv = command()
    if argv:
        try:
            os.execv(argv[0], [*argv, "validate_env", *sys.argv[1:]])
        except OSError:
            pass
    sys.stderr.write("BMMS is not set up in {}: there is no usable .venv. Run there: make setup\n".format(CHECKOUT))
    return 1


if __name__ == "__main__":
    sys.exit(main())
