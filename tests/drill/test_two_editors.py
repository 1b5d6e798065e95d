"""Two people edit one thing at the same time, over each pair of answers of each form of planning.

Different answers: both stand. The same answer: whoever comes second sees both and chooses; nothing is lost. A seeded
draw of the pairs in `make test`, all of them by `make drill`.
"""

import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from bmms.domain.planning import actions
from bmms.domain.workplans import items
from bmms.models.indicators import Indicator
from bmms.models.lists import AlignmentCode, AlignmentKind, AlignmentList, Theme, UnitOfMeasure
from bmms.models.organizations import Unit
from bmms.models.planning import Level, StrategicGoal, StrategicObjective
from bmms.models.work import ItemKind
from tests.client import Reader
from tests.ground import Ground
from tests.planning import bring_to, desk_of, make_lists, make_plan
from tests.workplans import make_objective, make_places, make_program, make_work_plan

PAIRS = 0 if os.environ.get("BMMS_DRILL") else 30  # of all forms together; 0: all
SEED = int(os.environ.get("BMMS_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
KEYS = ("csrf_token", "sent_key", "former_key")  # every page draws its own
Values = dict[str, list[str]]  # what a browser sends: name to values


@dataclass
class Edited:
    """One form: its address, two other good values for each answer, and the answers that cannot be tried alone."""

    name: str
    view: str
    values: dict[str, tuple[list[str], list[str]]]
    ids: dict[str, int] = field(default_factory=dict)
    alone: tuple[str, ...] = ()  # answers whose rule looks at other rows (weights add up) or at two answers at once

    def pairs(self) -> list[tuple["Edited", str, str]]:
        return [(self, first, second) for first in self.values for second in self.values]


def text(*two: str) -> tuple[list[str], list[str]]:
    return [two[0]], [two[1]]


def fields_of(page: BeautifulSoup) -> Values:
    """What the browser would send of the long form of this page."""
    found: Values = {}
    for tag in page.select("form[data-draft] [name]"):
        kind = tag.get("type", "")
        if tag.name == "select":
            values = [option.get("value", "") for option in tag.find_all("option") if option.has_attr("selected")]
            found.setdefault(tag["name"], []).extend(values or ([] if tag.has_attr("multiple") else [""]))
        elif tag.name == "textarea":
            found[tag["name"]] = [tag.get_text().removeprefix("\n").strip()]
        elif kind in ("checkbox", "radio"):
            found.setdefault(tag["name"], []).extend([tag.get("value", "y")] if tag.has_attr("checked") else [])
        elif tag.name == "input" and kind != "submit":
            found[tag["name"]] = [tag.get("value", "")]
    return found


@pytest.fixture
def forms(app, engine, cast) -> list[Edited]:
    """One complete row behind each form, in drafts; committed."""
    theme, hours = make_lists(engine)
    make_places(engine)
    badar = desk_of(engine, app, cast, "badar")
    amina = desk_of(engine, app, cast, "amina")
    session = badar.session
    officers = [str(cast.memberships[name].id) for name in ("badar", "amina", "jamila")]
    themes = [Theme(code=code, title=f"Theme {code}", ordinal=2) for code in ("T2", "T3")]
    units = [Unit(name=name) for name in ("Field Office", "Finance Division", "Records")]
    days = UnitOfMeasure(name="days")
    weeks = UnitOfMeasure(name="weeks")
    listed = AlignmentList(kind=AlignmentKind.DEVELOPMENT_PLAN, year=2023, title="Development plan")
    session.add_all([*themes, *units, days, weeks, listed])
    session.flush()
    codes = [AlignmentCode(list_id=listed.id, code=f"1.{n}", title=f"Outcome {n}") for n in (1, 2)]
    session.add_all(codes)
    in_force = make_plan(badar, theme, hours, cast.memberships["badar"].id, title="In force")
    bring_to(in_force, badar, amina, "submit", "approve", "activate")
    plan = make_plan(badar, theme, hours, cast.memberships["badar"].id, title="Edited", start_year=2030, end_year=2032)
    goal = session.scalars(select(StrategicGoal).where(StrategicGoal.plan_id == plan.id)).first()
    objective = session.scalars(select(StrategicObjective).where(StrategicObjective.goal_id == goal.id)).first()
    kpi = session.scalars(select(Indicator).where(Indicator.objective_id == objective.id)).first()
    risk = actions.add_risk(
        session, badar.actor, plan, objective,
        {"description": "Rain", "likelihood": Level.LOW, "impact": Level.LOW, "mitigation": "", "owner_id": None},
    )  # fmt: skip
    programs = [make_program(badar)]
    work = make_work_plan(badar, in_force)
    annual = make_objective(badar, work)
    common = {"starts_on": date(2026, 2, 1), "ends_on": date(2026, 11, 30)}
    project, first, second = (
        items.add_item(session, badar.actor, work, annual, None, {"kind": ItemKind.PROJECT, "title": title, **common})
        for title in ("Edited", "Before", "Earlier")
    )
    session.commit()
    ids = {"plan_id": plan.id}
    pick = ([officers[0]], [officers[1]])
    unit = ([str(units[1].id)], [str(units[2].id)])  # the first one is taken by the plan
    found = [
        Edited("plan", "plan_basics", {
            "title": text("One", "Two"), "start_year": text("2029", "2028"), "end_year": text("2033", "2034"),
            "span_reason": text("a", "b"), "narrative": text("More", "Less"), "vision": text("Near", "Far"),
            "mission": text("Serve\r\nall", "Serve"), "themes": ([str(themes[0].id)], [str(themes[1].id)]),
            "codes": ([str(codes[0].id)], [str(codes[1].id)]), "lead_officer_id": pick, "lead_unit_id": unit,
        }, ids),
        Edited("goal", "goal_edit", {
            "title": text("One", "Two"), "statement": text("a", "b"), "priority": text("high", "low"),
            "focus_area": text("a", "b"), "theme_id": ([str(themes[0].id)], [str(themes[1].id)]),
            "sector": text("social", "economic"), "target_year": text("2031", "2032"), "lead_unit_id": unit,
        }, {**ids, "goal_id": goal.id}, ("weight",)),
        Edited("objective", "objective_edit", {
            "title": text("One", "Two"), "statement": text("a", "b"), "priority": text("high", "low"),
            "target_on": text("2030-11-30", "2030-10-31"),
        }, {**ids, "objective_id": objective.id}, ("weight",)),
        Edited("KPI", "kpi_edit", {
            "name": text("One", "Two"), "definition": text("a", "b"), "measure": text("ratio", "amount"),
            "unit_of_measure_id": ([str(days.id)], [str(weeks.id)]), "baseline": text("49", "50.5"),
            "baseline_year": text("2024", "2023"), "end_target": text("20", "21.5"),
            "tolerance": text("1", "2.5"), "frequency": text("quarterly", "annual"), "source": text("a", "b"),
            "accumulation": text("additive", "average"), "owner_id": (pick[1], [officers[2]]),
            "target_2030": text("40", "41"), "target_2031": text("30", "31"), "target_2032": text("25", "26"),
        }, {**ids, "objective_id": objective.id, "kpi_id": kpi.id}, ("direction", "baseline_pending", "may_exceed")),
        Edited("risk", "risk_edit", {
            "description": text("Flood", "Storm"), "likelihood": text("medium", "high"),
            "impact": text("medium", "high"), "mitigation": text("a", "b"), "owner_id": pick,
        }, {**ids, "objective_id": objective.id, "risk_id": risk.id}),
        Edited("responsibilities", "plan_responsibilities", {
            f"o{objective.id}_unit_id": unit, f"o{objective.id}_owner_id": (pick[1], [officers[2]]),
            f"o{objective.id}_starts_on": text("2030-02-01", "2030-03-01"),
            f"o{objective.id}_target_on": text("2030-11-30", "2030-10-31"),
        }, ids),
        Edited("program", "program_edit", {
            "code": text("A", "B"), "title": text("One", "Two"), "outcome": text("a", "b"),
        }, {"program_id": programs[0].id}, ("cost_structure", "level", "parent_id")),
        Edited("work plan", "work_plan_edit", {
            "title": text("One", "Two"), "narrative": text("a", "b"),
        }, {"work_plan_id": work.id}),
        Edited("annual objective", "annual_objective_edit", {
            "statement": text("One", "Two"), "q1": text("a", "b"), "q2": text("a", "b"), "q3": text("a", "b"),
            "q4": text("a", "b"), "owner_id": (pick[1], [officers[2]]),
        }, {"work_plan_id": work.id, "annual_objective_id": annual.id}, ("weight", "objective_id")),
        Edited("work item", "work_item_edit", {
            "title": text("One", "Two"), "description": text("a", "b"), "starts_on": text("2026-03-01", "2026-04-01"),
            "ends_on": text("2026-10-31", "2026-09-30"), "officer_id": (pick[1], [officers[2]]), "unit_id": unit,
            "priority": text("high", "low"), "planned_cost": text("1,000.00", "2,000.50"),
            "people": ([officers[1]], [officers[2]]),
            "places": text("Upi, Maguindanao del Norte", "Sultan Mastura, Maguindanao del Norte"),
            "predecessors": text(first.code, second.code), "beneficiaries": text("100", "200"),
            "tags": (["gad"], ["climate"]),
        }, {"work_item_id": project.id}, ("is_multi_year", "on_calendar", "program_id", "female", "male")),
    ]  # fmt: skip
    for desk in (badar, amina):
        desk.session.close()
    return found


@dataclass
class Editors:
    """Badar sends first, Amina second; both opened the form before."""

    badar: Reader
    amina: Reader
    first: dict[str, Values] = field(default_factory=dict)  # each form as it is before anything happens

    def opened(self, form: Edited) -> Values:
        """What the form says now, and what goes along with it unseen."""
        found = fields_of(self.badar.get(f"planning.{form.view}", org="MOH", **form.ids))
        return {name: values for name, values in found.items() if name not in KEYS}

    def send(self, who: Reader, form: Edited, values: Values) -> tuple[int, str]:
        answer = who.post(f"planning.{form.view}", {**values, "sent_key": uuid4().hex}, org="MOH", **form.ids)
        return answer.status_code, answer.get_data(as_text=True)


def told(values: Values, form: Edited) -> Values:
    return {name: values[name] for name in form.values}


def try_pair(editors: Editors, form: Edited, first: str, second: str) -> None:
    """Badar changes the first answer, Amina the second."""
    before = editors.first[form.name]
    hers, his = form.values[second][1], form.values[first][0]
    status, body = editors.send(editors.badar, form, {**before, first: his})
    assert status == 303, f"{form.name}, {first} = {his}: {status} {said(body)}"
    status, body = editors.send(editors.amina, form, {**before, second: hers})
    if first != second:
        assert status == 303, f"{form.name}, {first} and {second}: {status} {said(body)}"
        assert told(editors.opened(form), form) == told({**before, first: his, second: hers}, form)
        return
    assert status == 422, f"{form.name}, {first} twice: {status}"
    asked = BeautifulSoup(body, "html.parser")
    assert asked.select_one(f"input[name=chosen-{first}][value=theirs]"), f"{form.name}, {first}: nothing to choose"
    kept = {name: values for name, values in fields_of(asked).items() if name not in KEYS}
    assert kept[first] == hers, f"{form.name}, {first}: what she typed is gone"
    status, body = editors.send(editors.amina, form, {**kept, f"chosen-{first}": ["mine"]})
    assert status == 303, f"{form.name}, {first} chosen: {status} {said(body)}"
    assert told(editors.opened(form), form) == told({**before, first: hers}, form)


def said(body: str) -> str:
    page = BeautifulSoup(body, "html.parser")
    return " | ".join(tag.get_text(" ", strip=True) for tag in page.select(".error, [role=alert]"))[:300]


@pytest.mark.drill
@pytest.mark.timeout(3600)
def test_two_editors_over_each_pair_of_answers(forms, reader: Callable[..., Reader], ground: Ground) -> None:
    editors = Editors(reader("badar"), reader("amina"))
    for form in forms:
        editors.first[form.name] = editors.opened(form)
        own = {name for name in editors.first[form.name] if name != "seen"}
        untried = {name for name in own if not name.startswith("o") or form.name != "responsibilities"}
        assert untried - set(form.alone) - set(form.values) == set(), f"{form.name}: an answer that nobody tries"
    pairs = [pair for form in forms for pair in form.pairs()]
    print(f"BMMS_SEED={SEED}, {len(pairs)} pairs")
    drawn = random.Random(SEED).sample(pairs, PAIRS) if PAIRS else pairs
    rows = ground.keep()
    for form, first, second in drawn:
        try_pair(editors, form, first, second)
        ground.empty()
        ground.bring_back(rows)
