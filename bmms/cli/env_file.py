"""Files of environment variables: `NAME=value` on each line, comments after #, values in quotes if need be."""

import re
from dataclasses import dataclass, field
from pathlib import Path

_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)")
_QUOTED = re.compile(r"""'(?P<single>[^']*)'|"(?P<double>(?:[^"\\]|\\.)*)\"""")
_ENDS = re.compile(r"\s*(#.*)?")


@dataclass(frozen=True)
class EnvFile:
    """What such a file says, and the numbers of the lines that nobody can read."""

    values: dict[str, str] = field(default_factory=dict)
    unreadable: list[int] = field(default_factory=list)


def read_env_file(path: Path) -> EnvFile:
    """Read a file as systemd and a shell do; of two lines for one name the later counts.

    Raises:
        OSError: it cannot be opened.
        UnicodeDecodeError: it is no text in UTF-8.
    """
    found = EnvFile()
    for number, line in enumerate(path.read_bytes().decode("utf-8-sig").split("\n"), 1):
        said = line.strip()
        if not said or said.startswith("#"):
            continue
        assigned = _LINE.fullmatch(said)
        value = None if assigned is None or "\0" in said else _value(assigned[2])
        if assigned is None or value is None:
            found.unreadable.append(number)
        else:
            found.values[assigned[1]] = value
    return found


def _value(written: str) -> str | None:
    """What stands after the =, without quotes and comment; None if a quote is not closed or more follows it."""
    if not written.startswith(("'", '"')):
        return re.split(r"(?:^|\s)\s*#" if written[:1].isspace() else r"\s#", written, maxsplit=1)[0].strip()
    quoted = _QUOTED.match(written)
    if quoted is None or not _ENDS.fullmatch(written, quoted.end()):
        return None
    if quoted["single"] is not None:
        return quoted["single"]
    return re.sub(r'\\(["\\$`])', r"\1", quoted["double"])
