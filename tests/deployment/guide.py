"""PILOT_DATABASE_SETUP.md as its reader types it: block by block, into one shell."""

import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from tests.deployment.units import CHECKOUT

GUIDE = CHECKOUT / "docs" / "deployment" / "PILOT_DATABASE_SETUP.md"
PARTS = re.compile(r"^##+ (?P<heading>[^\n]+)$|^```sh ?(?P<kind>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """What is to be typed. Its kind: "" as it stands; "values" of the reader's own; "functions"; "system", which only a
    real machine can do; "old", on the machine that is moved from."""

    heading: str
    kind: str
    text: str


def blocks() -> list[Block]:
    """All blocks of the guide, in its order."""
    found, heading = [], ""
    for part in PARTS.finditer(GUIDE.read_text()):
        if part["heading"]:
            heading = part["heading"]
        else:
            found.append(Block(heading, part["kind"], part["text"]))
    return found


def under(heading: str, kind: str = "") -> list[str]:
    """The blocks of one kind under a heading, which has some."""
    found = [block.text for block in blocks() if (block.heading, block.kind) == (heading, kind)]
    assert found, f"the guide has no such block under {heading!r}"
    return found


@dataclass
class Shell:
    """The one shell of the guide, which ends at the first command that fails.

    Attributes:
        folder: where it keeps what is typed and what is said.
        environ: its environment.
        said: everything that the commands said so far.
    """

    folder: Path
    environ: dict[str, str]
    said: list[str] = field(default_factory=list)

    def __enter__(self) -> "Shell":
        self.folder.mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen(
            ["bash", "-eE", "-o", "pipefail"], env=self.environ, cwd=self.folder,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=60)

    def type(self, text: str, answers: str = "") -> str:
        """Type a block, and what it asks for; what it said."""
        assert self._process.stdin
        assert self._process.stdout
        (self.folder / "typed").write_text(text)
        (self.folder / "answers").write_text(answers)
        typed, asked, told = (self.folder / name for name in ("typed", "answers", "told"))
        self._process.stdin.write(f". {typed} < {asked} > {told} 2>&1\necho typed\n")
        self._process.stdin.flush()
        done = self._process.stdout.readline() == "typed\n"
        said = told.read_text()
        assert done, f"{text}\nended with:\n{said}"
        self.said.append(said)
        return said

    def follow(self, heading: str, answers: str = "") -> str:
        """Type every block that stands under this heading; what they said."""
        return "".join(self.type(text, answers) for text in under(heading))

    def set(self, **values: object) -> None:
        """The values of one's own, in place of those that the guide shows: each of them, and no other."""
        [shown] = under("Names of this installation", "values")
        assert set(re.findall(r"^(\w+)=", shown, re.MULTILINE)) == set(values)
        self.type("".join(f"{name}='{value}'\n" for name, value in values.items()))


def clean_environment() -> dict[str, str]:
    """What a fresh shell of a server has."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ", "TMPDIR") if name in os.environ}
    pip = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "UV_", "SSL_", "GIT_"))}
    return kept | pip
