"""What the platform team sees of backups, drills and of what is the matter."""

import pytest
from sqlalchemy import text


@pytest.fixture
def runs(owner) -> None:
    """A backup, a drill that failed, and a restore."""
    insert = (
        "INSERT INTO operation_runs (kind, outcome, began_at, ended_at, backup, size, rows, message) VALUES"
        " (:kind, :outcome, :at, CAST(:at AS timestamptz) + interval '95 seconds', :backup, 3500000, 12345, :message)"
    )
    with owner.begin() as connection:
        for kind, outcome, at, message in (
            ("backup", "done", "2026-11-28 18:00Z", ""),
            ("drill", "failed", "2026-11-28 19:30Z", "users: 2 rows were counted, 1 are there."),
            ("restore", "done", "2026-11-29 01:00Z", ""),
        ):
            values = {"kind": kind, "outcome": outcome, "at": at, "message": message}
            connection.execute(text(insert), values | {"backup": "bmms_test_20261129_020000"})


def test_the_page_tells_what_is_the_matter_and_what_stands(reader, cast, runs):
    page = reader("sitti").get("platform.operation_list")
    said = page.get_text(" ", strip=True)
    assert "The last restore drill failed: users: 2 rows were counted, 1 are there." in said
    rows = [row.get_text(" ", strip=True) for row in page.select("tbody tr")]
    assert [row.split(" bmms_")[0] for row in rows] == ["Restore", "Restore drill", "Backup"]
    assert "Needs a look" not in said
    assert "95" in rows[2]
    assert "3.3\N{NO-BREAK SPACE}MB" in rows[2]
    assert "12,345" in rows[2]
    assert "Newest restore drill that passed None" in said


def test_one_kind_at_a_time(reader, cast, runs):
    drills = reader("sitti").fragment("/admin/operations?kind=drill", "results")
    assert [row.select_one(".pill").get_text() for row in drills.select("tbody tr")] == ["Failed"]
    every = reader("sitti").fragment("/admin/operations?kind=nonsense", "results")
    assert len(every.select("tbody tr")) == 3


def test_an_installation_without_any_says_how_they_come_to_be(reader, cast):
    assert (
        "The commands bmms backup and bmms drill write it" in reader("sitti").get("platform.operation_list").get_text()
    )


def test_the_overview_leads_there(reader, cast):
    assert reader("sitti").get("platform.overview").select_one('a[href="/admin/operations"]')
