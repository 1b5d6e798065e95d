"""A budget proposal as a snapshot, as large as wanted: for the tests of its paper, and for measuring it."""

from decimal import Decimal
from typing import Any

from bmms.domain.canonical import fingerprint
from bmms.models.documents import Document
from tests import papers

PROGRAMS = (
    "General administration and support",
    "Promotive, preventive and primary care in barangays that are more than an hour from a doctor",
    "Hospitals",
    "Health human resource development, with scholarships and training of those who serve in island municipalities",
    "Immunization",
)
LINES = (
    ("5-02-02-010-00 Training Expenses", "MOOE", "Training of vaccinators of all municipalities", "person"),
    ("5-02-03-070-00 Drugs and Medicines Expenses", "MOOE", "Vaccines and syringes", "lot"),
    ("5-01-01-010-01 Basic Salary - Civilian", "PS", "Salaries of nurses", "position"),
    ("5-06-04-060-01 Motor Vehicles", "CO", "Ambulance, land, with equipment for emergencies", "unit"),
)
NAMES = {"PS": "ps", "MOOE": "mooe", "CO": "co"}
ITEMS = (
    ("C-01", "The proposal is filed for the right year and in time.", "Sec. 18", "yes", "met", "The call is open."),
    ("C-05", "BPDA has certified each program.", "", "yes", "not_met", "The certification is not confirmed yet."),
    ("C-17", "Projects are ready to be implemented: site, design, permits.", "Sec. 20", "no", "", ""),
    ("C-26", "Budgets of attached corporations stand apart.", "", "no", "not_applicable", "None is attached."),
)  # fmt: skip


def line(number: int, unit_cost: Decimal) -> dict[str, str]:
    """A line of so many persons, spread evenly."""
    code, kind, description, unit = LINES[number % len(LINES)]
    quarter = unit_cost * 2
    return {
        "description": f"{description}, batch {number}", "object": code, "object_code": code[:14].replace("-", ""),
        "expense_class": kind, "quantity": "8", "unit": unit, "source": "gaab", "tier": "within",
        "is_not_itemised": "no", "unit_cost": f"{unit_cost:.2f}", "amount": f"{8 * unit_cost:.2f}",
        **dict.fromkeys(("q1", "q2", "q3", "q4"), f"{quarter:.2f}"), "place": "Region-wide",
        "gad_percent": "50.00" if number % 3 == 0 else "0.00", "work_item": "", "justification": "",
    }  # fmt: skip


def added(lines: list[dict[str, str]], name: str, kind: str = "") -> Decimal:
    """A column of lines, of one class or of all."""
    return sum((Decimal(one[name]) for one in lines if kind in ("", one["expense_class"])), Decimal("0.00"))


def told(rank: int, title: str, lines: list[dict[str, str]], kind: str, given: Decimal) -> dict[str, Any]:
    """A row of the summary."""
    total = added(lines, "amount")
    return {
        "rank": str(rank) if rank else "", "title": title, "kind": kind, "finex": "0.00", "total": f"{total:.2f}",
        **{column: f"{added(lines, 'amount', name):.2f}" for name, column in NAMES.items()},
        "before": [f"{given:.2f}", f"{given * 2:.2f}"], "change": f"{(total - given * 2) / (given * 2):.4f}",
        "recommended": f"{total:.2f}", "approved": "",
    }  # fmt: skip


def program(rank: int, lines: list[dict[str, str]]) -> dict[str, Any]:
    """A program with its lines."""
    return {
        "code": f"MOH-P{rank:02}", "title": PROGRAMS[(rank - 1) % len(PROGRAMS)], "rank": rank, "outcome": "",
        "goal": "Bring health services closer to every home", "change_reason": "",
        "thrust": "Reach every child of every island municipality before the rains begin.",
        "expected_result": "All children are immunized, and each family knows whom to call.",
        "targets": [
            {"code": f"MOH-IND-{rank:03}", "name": "Children immunized", "level": "output", "target": "12500"},
            {"code": f"MOH-IND-{rank + 100}", "name": "Deaths prevented", "level": "outcome", "target": "98.5"},
        ],
        "lines": lines,
        "classes": [
            {
                "label": kind, "before": ["900000.00", "1800000.00"], "approved": "", "change": "-0.0421",
                "previous_actual": "1100000.00" if kind == "MOOE" else "",
                **dict.fromkeys(("requested", "recommended"), f"{added(lines, 'amount', kind):.2f}"),
            }
            for kind in NAMES
        ],
        "obligated": "1100000.00",
        "quarters": {name: f"{added(lines, name):.2f}" for name in ("q1", "q2", "q3", "q4")},
    }  # fmt: skip


def content(programs: int, lines: int, unit_cost: Decimal) -> dict[str, Any]:
    """What the proposal says."""
    lists = [[line(number, unit_cost) for number in range(lines)] for _ in range(programs)]
    each = [program(rank, one) for rank, one in enumerate(lists, 1)]
    every = [one for one_list in lists for one in one_list]
    total = added(every, "amount")
    given = Decimal("2700000.00")
    rows = [told(one["rank"], one["title"], one["lines"], "program", given) for one in each]
    return {
        "kind_of_document": "budget_proposal", "title": "MOH FY 2027 Budget Proposal", "fiscal_year": "2027",
        "kind": "annual", "number": "1", "summary": "What the ministry asks for and why. " * 40, "reason": "",
        "legal_source": "", "other_source": "", "no_work_plan_reason": "The work plan follows in March.",
        "sources": ["gaab", "sdf"], "nil_sources": ["sdf"], "plan": "MOH Strategic Plan FY 2026 to 2028",
        "work_plan": "", "call": "Budget Memorandum 2026-01", "ceiling": f"{total + 5000000:.2f}",
        "left": "5000000.00", "total": f"{total:.2f}", "programs": each, "later": ["recommended"] if each else [],
        "table": [*rows, told(0, "All programs", every, "whole", given * max(programs, 1))],
        "years": [
            {"year": "2025", "acts": ["Bangsamoro Appropriations Act 2025"]},
            {"year": "2026", "acts": ["Bangsamoro Appropriations Act 2026", "Supplemental Act"]},
        ],
        "quarters": {name: f"{added(every, name):.2f}" for name in ("q1", "q2", "q3", "q4")},
        "proof": {"rows": str(len(every)), "total": f"{total:.2f}", "source": f"{total:.2f}", "difference": "0.00"},
        "compliance": [
            dict(zip(("code", "text", "citation", "is_hard", "answer", "said"), item, strict=True)) for item in ITEMS
        ],
        "scores": {"hard": ["1", "2"], "soft": ["0", "1"]},
        "endorsements": [{"desk": "bwc", "reference": "BWC 7", "issued_on": "2026-02-20", "amount": "900000.00"}],
        "not_endorsed": [{"desk": "bpda", "amount": f"{total:.2f}"}] if every else [],
    }  # fmt: skip


def proposal(
    programs: int = 2, lines: int = 3, *, unit_cost: str = "12400.00", final: bool = False, title: str = ""
) -> Document:
    """The proposal as a document that no database has.

    Args:
        lines: of each program.
    """
    said = content(programs, lines, Decimal(unit_cost))
    paper = papers.document(final=final)
    paper.kind, paper.title = "proposal", title or said["title"]
    about = {
        **paper.payload["paper"], "period": "Fiscal year 2027", "instrument": "", "version": 3 if final else None,
        "signatories": [
            ["Prepared by", "Rahma Usman", "Budget officer"],
            ["Reviewed by", "Idris Pangandaman", "Head of finance"],
            ["Approved by", "", "Head of the MOA"],
        ],
    }  # fmt: skip
    paper.payload = {"content": said, "paper": about}
    paper.sha256 = fingerprint(paper.payload)
    return paper
