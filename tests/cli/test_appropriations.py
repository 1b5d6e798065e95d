"""The acts from the command line: what is printed, which exit code, and all or nothing."""

import json

import pytest

from bmms.domain.reference.rows import FOLDER

ACT = str(FOLDER / "gaab_2024.csv")
TEXT = """\
BAA No. 56 (FY 2024 GAAB): {state}; 377 rows, 39 bodies, 15 lines added for what is not broken down, 5 discrepancies
PS                    33,370,444,961.00
MOOE                  33,190,131,626.00
CO                    31,906,623,413.00
Total                 98,467,200,000.00
Expected              98,467,200,000.00
Difference                         0.00
"""
ROWS = (
    "fiscal_year,moa_code,section,program,subprogram,ps_php,mooe_php,co_php,total_php,act,source_path,level,note\n"
    "2027,MOH,operations,,,0,70,0,70,BAA No. 99,x,section,\n"
    "2027,MOH,operations,Rice,,0,{rice},0,{rice},BAA No. 99,x,program,\n"
    "2027,MOH,total,,,0,70,0,70,BAA No. 99,x,moa_total,\n"
)


def count(owner, table: str) -> int:
    with owner.connect() as connection:
        return connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()


@pytest.fixture
def file(tmp_path):
    def write(rice: str):
        path = tmp_path / "act.csv"
        path.write_text(ROWS.format(rice=rice))
        return str(path)

    return write


def test_import_appropriations_command(runner, owner):
    runner.invoke(args=["load_pilot_moas"])
    dry = runner.invoke(args=["import_appropriations", ACT, "--dry-run", "--expect-total", "98,467,200,000.00"])
    assert (dry.exit_code, dry.stdout) == (0, TEXT.format(state="would be loaded"))
    assert count(owner, "appropriation_acts") == count(owner, "programs") == 0

    ran = runner.invoke(args=["import-appropriations", ACT, "--expect-total", "98467200000"])
    assert ran.exit_code == 0, ran.stderr
    told, _, programs = ran.stdout.rpartition("Programs:")
    assert told == TEXT.format(state="loaded")
    assert programs.endswith("created in 3 organizations\n")
    lines = ran.stderr.splitlines()
    assert len(lines) == 5
    assert all(line.startswith("Does not add up: ") for line in lines)
    assert any("MPW" in line and "164,320,000.00 short in CO" in line for line in lines)
    made = count(owner, "programs")
    assert made > 60

    again = runner.invoke(args=["import_appropriations", ACT, "--format", "json"])
    data = json.loads(again.stdout)
    (act,) = data["acts"]
    assert (act["new"], act["amounts"]["total"], data["programs"]) == (False, "98467200000.00", {})
    assert count(owner, "programs") == made


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--expect-total", "71"], 1, "The bodies come to 70.00, expected were 71.00: difference -1.00"),
        (["--expect-total", "70", "--expect-total", "71"], 2, "1 files, but 2 expected totals"),
        (["--expect-total", "seventy"], 2, "'seventy' is no amount"),
        (["--expect-total", "70.001"], 2, "'70.001' is no amount"),
    ],
)
def test_what_the_operator_expects_is_held_against_the_file(runner, owner, file, arguments, code, words):
    ran = runner.invoke(args=["import_appropriations", file("70"), *arguments])
    assert (ran.exit_code, words in ran.stderr) == (code, True), ran.stderr
    assert count(owner, "appropriation_acts") == 0


def test_several_files_are_loaded_together_or_not_at_all(runner, owner, file):
    acts = [str(FOLDER / f"gaab_{year}.csv") for year in (2024, 2025, 2026)]
    assert runner.invoke(args=["import_appropriations", *acts, file("90")]).exit_code == 1
    assert count(owner, "appropriation_acts") == 0
    totals = ("98467200000.00", "94411666856.24", "114077644141.90")
    expected = [word for total in totals for word in ("--expect-total", total)]
    ran = runner.invoke(args=["import_appropriations", *acts, *expected])
    assert ran.exit_code == 0
    assert ran.stdout.count("Difference                         0.00\n") == 3
    assert f"{'Class not stated':<17}{'942,457,931.00':>22}\n" in ran.stdout


def test_lines_over_their_total_need_a_word(runner, owner, file):
    ran = runner.invoke(args=["import_appropriations", file("90")])
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert "MOH, Operations: the lines below are 20.00 over in MOOE" in ran.stderr
    assert "--accept-discrepancies" in ran.stderr
    assert runner.invoke(args=["import_appropriations", file("90"), "--accept-discrepancies"]).exit_code == 0
    assert count(owner, "act_lines") == 3
    wrong = runner.invoke(args=["import_appropriations", file("1,000")])
    assert (wrong.exit_code, "row 3" in wrong.stderr) == (1, True)


def test_remove_act_command(runner, owner, file):
    runner.invoke(args=["import_appropriations", file("70")])
    asked = runner.invoke(args=["remove_act", "2027"], input="n\n")
    assert (asked.exit_code, "Nothing was removed." in asked.stderr) == (1, True)
    assert count(owner, "appropriation_acts") == 1
    assert runner.invoke(args=["remove_act", "2031", "--yes"]).exit_code == 1
    ran = runner.invoke(args=["remove_act", "2027", "--yes"])
    assert (ran.exit_code, ran.stdout) == (0, "Removed BAA No. 99\n")
    assert count(owner, "act_lines") == count(owner, "act_bodies") == 0
