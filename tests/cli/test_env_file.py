"""Files of environment variables are read as systemd and a shell read them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bmms.cli.env_file import EnvFile, read_env_file
from tests.cli.test_validate_env import quoted


def read(folder: Path, text: str) -> EnvFile:
    path = folder / "env"
    path.write_bytes(text.encode())
    return read_env_file(path)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=one", "one"),
        ("  A=one  ", "one"),
        ("export A=one", "one"),
        ("A=", ""),
        ("A= # nothing", ""),
        ("A=one # a comment", "one"),
        ("A=one#two", "one#two"),
        ("A=#one", "#one"),
        ("A=one=two", "one=two"),
        ("A='one # two'  # a comment", "one # two"),
        ('A="one # two"', "one # two"),
        (r'A="one \"two\" \\ \$three"', r'one "two" \ $three'),
        (r"A='one \ two'", r"one \ two"),
        ('A={"max_users": 50}', '{"max_users": 50}'),
        ("A=one\r", "one"),
        ("\ufeffA=one", "one"),
        ("A=zero\nA=one", "one"),
    ],
)
def test_a_line_gives_its_value(tmp_path, line, value):
    assert read(tmp_path, line) == EnvFile({"A": value}, [])


@pytest.mark.parametrize(
    "line", ["A", "A one", "=one", "A =one", "1A=one", "A-B=one", "A='one", 'A="one', "A='o'ne", "A=\0"]
)
def test_a_line_that_cannot_be_read_is_counted(tmp_path, line):
    assert read(tmp_path, f"# a comment\n\n{line}\nB=two\n") == EnvFile({"B": "two"}, [3])


@given(value=st.text(st.characters(exclude_categories=["Cc", "Cs"])))
def test_whatever_is_put_in_quotes_comes_back(tmp_path_factory, value):
    assert read(tmp_path_factory.getbasetemp(), f"A={quoted(value)}\n").values == {"A": value}
