"""Files that nobody meant to send: whatever they hold, the command answers in words and keeps all or nothing.

A hundred and fifty of them, in parts that the workers share; `make drill` makes it a thousand.
"""

import csv
import io
import os
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bmms.app import create_app
from bmms.config import Pilot
from bmms.extensions import db

PARTS = 5
EXAMPLES = (1000 if os.environ.get("BMMS_DRILL") else 150) // PARTS
COLUMNS = ["email", "first_name", "last_name", "organization", "role", "phone", "department", "position", "username"]
NASTY = [
    "", " ", "\x00", "\x1b[2J", "\u202emoh", "\ufeff", "\u2028", "=cmd|' /C calc'!A0", "+63", "-1", "@x",
    "'", '"', ",", ";", "\n", "\r", "\r\n", "\t", "x" * 300, "é" * 160, "🙂", "ﬁ", "İ", "ß", "١٢٣", "NULL", "nan",
    "1e999", "${jndi:x}", "%s%n", "'; DROP TABLE users; --", "../../etc/passwd", "<script>alert(1)</script>",
]  # fmt: skip
GOOD = {
    "email": st.integers(0, 10**6).map("person{}@moh.gov.ph".format),
    "organization": st.sampled_from(["MOH", "mole", " MAFAR "]),
    "role": st.sampled_from(["planner", "PILOT_ADMIN", "M&E Officer"]),
    "phone": st.sampled_from(["", "09171234567", "(0917) 123-4567"]),
    "username": st.just(""),
}
NEARLY_GOOD = {
    "email": st.sampled_from(["A@MOH.GOV.PH", "a@b", "a..b@moh.gov.ph", "a@[127.0.0.1]", "person1@moh.gov.ph"]),
    "organization": st.sampled_from(["OCM", "XYZ"]),
    "role": st.sampled_from(["ocm_viewer", "king"]),
    "phone": st.sampled_from(["0", "+63"]),
    "username": st.sampled_from(["amina", "Amina", "a", "moh_x"]),
}
TEXT = st.sampled_from(["Amina", "Salik", "Planning Division"])
ANYTHING = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@st.composite
def sheet(draw) -> bytes:
    """A file of people: a third of them good, the others with nasty cells, ragged rows, or damaged as a whole."""
    nastiness = draw(st.sampled_from(["none", "cells", "file"]))
    columns = list(draw(st.permutations(COLUMNS)))
    if nastiness == "file":
        columns = columns[: draw(st.sampled_from([9, 9, 5, 3]))] + draw(st.sampled_from([[], ["email"], ["x", ""]]))
    rows = [[draw(cell(name, nastiness)) for name in columns] for _ in range(draw(st.integers(nastiness == "none", 6)))]
    if nastiness == "file" and rows:
        rows[-1] = rows[-1][: draw(st.integers(0, len(columns)))] + ["more"] * draw(st.integers(0, 3))
    target = io.StringIO(newline="")
    ends = draw(st.sampled_from(["\n", "\r\n"]))
    lines = csv.writer(target, delimiter=draw(st.sampled_from(",;")), lineterminator=ends)
    lines.writerow([name.upper() if draw(st.booleans()) else name for name in columns])
    lines.writerows(rows)
    if nastiness != "file":
        return target.getvalue().encode(draw(st.sampled_from(["utf-8", "utf-8-sig"])))
    content = target.getvalue().encode(draw(st.sampled_from(["utf-8", "utf-16"])))
    place = draw(st.integers(0, len(content)))
    return content[:place] + (draw(st.binary(max_size=20)) + content[place:] if draw(st.booleans()) else b"")


def cell(name: str, nastiness: str) -> st.SearchStrategy[str]:
    """What may stand in a column."""
    good = GOOD.get(name, TEXT)
    if nastiness == "none":
        return good
    return st.one_of(good, good, good, good, NEARLY_GOOD.get(name, TEXT), st.sampled_from(NASTY), ANYTHING)


@pytest.fixture
def crowded(config, emptied):
    """An application with room for everybody who comes out of the files."""
    app = create_app(replace(config, pilot=Pilot(max_users=100_000)))
    runner = app.test_cli_runner()
    assert runner.invoke(args=["load_pilot_moas"]).exit_code == 0
    yield runner
    with app.app_context():
        db.engine.dispose()


@pytest.mark.parametrize("part", range(PARTS))
def test_no_file_produces_a_traceback(crowded, owner, tmp_path, part):
    path = tmp_path / "users.csv"
    seen = set()

    def people() -> int:
        with owner.connect() as connection:
            return connection.scalar(text("SELECT count(*) FROM users"))

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
    )  # fmt: skip
    @given(st.one_of(sheet(), sheet(), sheet(), st.binary(max_size=300)))
    def import_it(content: bytes) -> None:
        path.write_bytes(content)
        before = people()
        for options in (["--dry-run"], [], ["--skip-invalid", "--update-existing"]):
            ran = crowded.invoke(args=["import_pilot_users", *options, str(path)])
            assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exc_info
            assert ran.exit_code in (0, 1, 3)
            assert "\x1b" not in ran.output
            if "--dry-run" in options or ran.exit_code == 1:
                assert people() == before
                assert ran.exit_code == 0 or ran.stderr
            seen.add((options[0] if options else "", ran.exit_code))
            before = people()

    import_it()
    assert seen >= {("--dry-run", 0), ("--dry-run", 1), ("", 0), ("", 1), ("--skip-invalid", 3)}, (
        "too tame to prove much"
    )
