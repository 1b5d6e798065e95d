"""What the repository may not hold: addresses of package indexes, and lock files that carry them (decision D9)."""

import re
import subprocess
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.launch.machine import CHECKOUT

REQUIREMENTS = sorted(path.name for path in CHECKOUT.glob("requirements*.txt"))


def problems_in(text: str) -> list[str]:
    """The lines of a requirements file that are no exact version with hashes: addresses, settings, ranges."""
    entries = text.replace("\\\n", " ").splitlines()
    exact = re.compile(r"[A-Za-z0-9._-]+(\[[a-z0-9,-]+\])?==[^ ;@]+( ; [^@/]+?)?(\s+--hash=sha256:[0-9a-f]{64})+\s*")
    return [entry for entry in entries if entry.strip() and not exact.fullmatch(entry)]


def test_the_check_bites() -> None:
    exact = "flask==3.1.3 ; python_version < '3.12' \\\n    --hash=sha256:" + "0" * 64
    assert problems_in(exact) == []
    for line in (
        "--index-url https://packages.example/simple",
        "--find-links /opt/wheels",
        "flask @ https://packages.example/flask.whl",
        "flask>=3.1",
        "flask==3.1.3",
        "# from https://packages.example",
    ):
        assert problems_in(f"{exact}\n{line}\n") == [line]


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_requirements_are_exact_versions_with_hashes_and_nothing_else(name: str) -> None:
    assert problems_in((CHECKOUT / name).read_text()) == []


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_extras_are_pinned_by_their_names(name: str) -> None:
    """pip before 23.3 takes the newest release for `coverage[toml]` where the file pins `coverage` alone, and fails."""
    pinned = re.findall(r"^([^\s=]+)==", (CHECKOUT / name).read_text(), re.MULTILINE)
    wanted = {extra for one in pinned for extra in wanted_with_extras(one.split("[")[0])}
    assert wanted, "nothing here asks for an extra: look at this test again"
    assert wanted <= set(pinned)


def wanted_with_extras(package: str) -> set[str]:
    """What an installed package asks for by a name with an extra, such as `fonttools[woff]`."""
    try:
        asked = [Requirement(text) for text in requires(package) or ()]
    except PackageNotFoundError:  # for another system or Python
        return set()
    return {
        f"{canonicalize_name(one.name)}[{','.join(sorted(one.extras))}]"
        for one in asked
        if one.extras and (one.marker is None or one.marker.evaluate({"extra": ""}))
    }


def test_the_files_agree() -> None:
    assert [f"requirements{of}.txt" for of in ("-dev", "-embedded", "-s3", "")] == REQUIREMENTS
    dev, embedded, s3, base = (
        set(re.findall(r"^(\S+==\S+)", (CHECKOUT / name).read_text(), re.MULTILINE)) for name in REQUIREMENTS
    )
    assert base <= embedded
    assert base <= s3 <= dev


def test_pyproject_names_no_index() -> None:
    text = (CHECKOUT / "pyproject.toml").read_text()
    assert "://" not in text
    tools = tomllib.loads(text)["tool"]
    assert not {"uv", "pip", "pdm", "poetry"} & set(tools)


def test_no_lock_file_is_tracked() -> None:
    if not (CHECKOUT / ".git").exists():
        pytest.skip("not a clone")
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    names = {Path(path).name for path in tracked.split("\0")}
    assert not names & {"uv.lock", "pylock.toml", "poetry.lock", "Pipfile.lock", "pip.conf", ".pypirc", "uv.toml"}
