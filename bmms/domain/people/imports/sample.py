"""The empty list that people fill in: the columns and a row of invented people for each organization."""

from collections.abc import Sequence

from bmms.domain.people.fields import OPTIONAL, REQUIRED

COLUMNS = (*REQUIRED, *OPTIONAL)
_PEOPLE = (
    ("amina.salik", "Amina", "Salik", "pilot_planner", "Planning Division", "Planning Officer III"),
    ("nasser.usop", "Nasser", "Usop", "pilot_budget_officer", "Finance and Budget Division", "Budget Officer II"),
    ("liza.reyes", "Liza", "Reyes", "pilot_me_officer", "Monitoring Division", "Monitoring Officer II"),
)


def sample_rows(codes: Sequence[str]) -> list[list[str]]:
    """Three rows that could be imported as they are, spread over these organizations; in the order of `COLUMNS`."""
    rows = []
    for number, (name, first, last, role, department, position) in enumerate(_PEOPLE):
        code = codes[number % len(codes)]
        email, phone = f"{name}@{code.lower()}.gov.ph", f"+63917123450{number + 1}"
        rows.append([email, first, last, code, role, phone, department, position, ""])
    return rows
