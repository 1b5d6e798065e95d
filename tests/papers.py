"""A strategic plan as large as plans get, as a snapshot: for the tests of papers, and for measuring them."""

from datetime import UTC, datetime
from typing import Any

from bmms.domain.canonical import fingerprint
from bmms.models.documents import Document

GOALS = (
    "Bring health services closer to every home",
    "Make hospitals safe, clean and well equipped",
    "Train and keep the people who care for others",
    "Protect mothers, infants and young children",
    "Stop what spreads: tuberculosis, dengue, measles",
    "Pay for health so that nobody becomes poor by it",
    "Decide by records that can be trusted",
)
OBJECTIVES = (
    "Open or renew primary care stations in barangays that are more than an hour from a doctor",
    "Shorten the time from a call to the arrival of help",
    "Keep essential medicines in stock in all facilities",
    "Reach the households that no programme has reached",
    "Publish what was promised and what was done",
)
KPIS = (
    "Share of barangays with a station that is open five days a week",
    "Average response time",
    "Days without stock of any of the 32 tracer medicines",
    "Households visited at least once a quarter by a health worker of their own barangay",
    "Cost of a visit, ₱ per patient",
)
ARABIC = "وزارة الصحة"


def kpi(goal: int, objective: int, number: int) -> dict[str, Any]:
    """One KPI, with a target for each year."""
    return {
        "code": f"MOH-KPI-{goal:02}{objective}{number:02}", "name": KPIS[number - 1], "definition": "", "unit": "days",
        "measure": "count", "direction": "decrease", "accumulation": "snapshot", "frequency": "quarterly",
        "baseline": str(48 * number), "baseline_year": "2025", "baseline_source": "", "baseline_pending": "no",
        "end_target": f"{1200 * number}.5", "tolerance": "0", "source": "Register of facilities", "method": "",
        "owner": "Badar Lim", "targets": {str(year): str(100 * number + year - 2025) for year in (2026, 2027, 2028)},
    }  # fmt: skip


def content(goals: int = 7, objectives: int = 5, kpis: int = 5) -> dict[str, Any]:
    """What the plan says."""
    return {
        "kind": "strategic_plan", "title": "MOH Strategic Plan FY 2026 to 2028", "start_year": "2026",
        "end_year": "2028", "vision": f"Healthy families in every barangay ({ARABIC}).",
        "mission": "To serve with competence, honesty and respect for the dignity of each person.",
        "narrative": "\n".join(["How the ministry will serve people better, closer to their homes. " * 6] * 3),
        "span_reason": "", "lead_officer": "Badar Lim", "lead_unit": "Planning Division",
        "themes": ["Human Development", "Good Governance"], "codes": ["BDP-4.1 Health for all (sample list)"],
        "goals": [
            {
                "title": GOALS[goal - 1], "statement": "What we mean by it, and how we shall know. " * 3,
                "focus_area": "Primary care", "sector": "social", "priority": "high", "weight": "14.25",
                "target_year": "2028", "theme": "Human Development", "lead_unit": "Field Services Division",
                "objectives": [
                    {
                        "title": f"{OBJECTIVES[objective - 1]} ({goal}.{objective})", "statement": "",
                        "priority": "medium", "starts_on": "2026-01-01", "target_on": "2028-12-31", "weight": "20",
                        "unit": "Planning Division", "owner": "Amina Salik",
                        "kpis": [kpi(goal, objective, number) for number in range(1, kpis + 1)],
                        "risks": [
                            {
                                "description": "Roads are shut in the rainy months", "likelihood": "high",
                                "impact": "medium", "mitigation": "Stock for eight weeks before June", "owner": "",
                            }
                        ]
                        if objective == 1
                        else [],
                    }
                    for objective in range(1, objectives + 1)
                ],
            }
            for goal in range(1, goals + 1)
        ],
    }  # fmt: skip


def item(number: int, depth: int = 0) -> dict[str, Any]:
    """A project with an activity with a task and a milestone."""
    kind = ("project", "activity", "task")[depth]
    below = [item(number, depth + 1)] if depth < 2 else []
    if depth == 1:
        below.append({**item(number, 2), "kind": "milestone", "title": "Course done", "items": []})
    return {
        "code": f"MOH-2026-{number:03}{depth}", "kind": kind, "title": f"Help line {number}, {kind}", "description": "",
        "starts_on": "2026-01-01", "ends_on": "2026-12-31", "is_multi_year": "no", "priority": "high",
        "planned_cost": "1250000" if depth == 1 else "", "beneficiaries": "", "female": "", "male": "", "tags": "",
        "program": "Family health", "unit": "Planning Division", "officer": "Badar Lim", "team": [],
        "places": ["Upi, Maguindanao del Norte"], "predecessors": [], "items": below,
    }  # fmt: skip


def work_plan(objectives: int = 2, projects: int = 3) -> Document:
    """A work plan as a document that no database has."""
    said = {
        "kind": "annual_work_plan", "title": "Annual Work Plan FY 2026", "fiscal_year": "2026", "narrative": "",
        "objectives": [
            {
                "statement": f"Answer calls within a day ({number})", "title": f"Answer calls within a day ({number})",
                "q1": "Hire", "q2": "Train", "q3": "Open", "q4": "", "weight": "50", "owner": "Amina Salik",
                "strategic_objective": OBJECTIVES[1], "items": [item(10 * number + one) for one in range(projects)],
            }
            for number in range(1, objectives + 1)
        ],
    }  # fmt: skip
    paper = document()
    paper.kind, paper.title = "work_plan", said["title"]
    paper.payload = {"content": said, "paper": {**paper.payload["paper"], "period": "Fiscal year 2026"}}
    paper.sha256 = fingerprint(paper.payload)
    return paper


def timeline(rows: int = 3) -> Document:
    """The timeline of a work plan as a document that no database has."""
    line = {
        "code": "MOH-2026-PPA-0001", "kind": "activity", "title": "Train the staff", "starts_on": "2026-01-05",
        "ends_on": "2026-03-25", "progress": "45", "status": "in_progress", "officer": "Badar Lim", "depth": 1,
        "light": "red", "plan": ["1.1", "21.9"], "done": ["1.1", "9.6"], "actual": ["1.4", "88.2"],
    }  # fmt: skip
    mark = {**line, "kind": "milestone", "title": "Course done", "light": "blue", "plan": ["98.9", "0.3"]}
    said = {
        "kind": "timeline", "title": "Annual Work Plan FY 2026", "today": "2026-11-24", "today_at": "89.6",
        "ticks": [[f"M{month}", f"{month * 8.3:.1f}"] for month in range(12)], "holidays": [["0.0", "0.3"]],
        "groups": [{"title": "1. Answer calls within a day", "lines": [*[line] * rows, mark]}],
    }  # fmt: skip
    paper = document()
    paper.kind, paper.title = "timeline", f"Timeline: {said['title']}"
    paper.payload = {
        "content": said, "paper": {**paper.payload["paper"], "period": "Fiscal year 2026", "signatories": []}
    }  # fmt: skip
    paper.sha256 = fingerprint(paper.payload)
    return paper


def document(*, final: bool = False, demo: bool = True, **sizes: int) -> Document:
    """The plan as a document that no database has."""
    said = content(**sizes)
    payload = {
        "content": said,
        "paper": {
            "organization": {"code": "MOH", "name": "Ministry of Health", "logo": ""},
            "signatories": [
                ["Prepared by", "Badar Lim", "Planning officer"],
                ["Reviewed by", "Amina Salik", "Head of planning"],
                ["Approved by", "", "Head of the MOA"],
            ],
            "site": "https://bmms.example", "period": "2026 to 2028", "status": "Approved" if final else "Draft",
            "is_open": not final, "is_final": final, "is_demo": demo, "version": 2 if final else None,
            "approved_by": "Amina Salik" if final else "",
            "approved_at": "2026-11-20T03:00:00+00:00" if final else "", "instrument": "MO 2026-14" if final else "",
        },
    }  # fmt: skip
    return Document(
        kind="strategic_plan", title=said["title"], code="3f9a07c1d2e84b65a0917c3e5d6f8a2b", payload=payload,
        sha256=fingerprint(payload), made_by_label="Badar Lim", made_at=datetime(2026, 11, 24, 8, 58, tzinfo=UTC),
        is_demo=demo,
    )  # fmt: skip
