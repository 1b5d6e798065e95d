"""What a plan says, as one canonical text: kept at each approval, printed, and compared (modules 1.7, INV-14)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from bmms.domain import merging
from bmms.domain.planning.names import Names
from bmms.domain.planning.queries import Outline
from bmms.models.indicators import Indicator

PLAN_FIELDS = ("title", "start_year", "end_year", "vision", "mission", "narrative", "span_reason")
GOAL_FIELDS = ("title", "statement", "focus_area", "sector", "priority", "weight", "target_year")
OBJECTIVE_FIELDS = ("title", "statement", "priority", "starts_on", "target_on", "weight")
KPI_FIELDS = (
    "name", "definition", "measure", "direction", "accumulation", "frequency", "baseline", "baseline_year",
    "baseline_source", "baseline_pending", "end_target", "tolerance", "source", "method",
)  # fmt: skip
COPY = "-R"  # ends the code of a KPI in a revision, until it takes the place of the first one
_COPY = re.compile(rf"{COPY}\d*$")  # with a number in a revision that was given up
RISK_FIELDS = ("description", "likelihood", "impact", "mitigation")


def payload_of(session: Session, outline: Outline) -> dict[str, Any]:
    """The content of a plan in plain values: names instead of ids, so that it can be read for ever."""
    names = Names(session)
    plan = outline.plan
    return {
        "kind": "strategic_plan",
        **fields_of(plan, PLAN_FIELDS),
        "lead_officer": names.member(plan.lead_officer_id),
        "lead_unit": names.unit(plan.lead_unit_id),
        "themes": [theme.title for theme in outline.themes],
        "codes": [f"{code.code} {code.title}" for code in outline.codes],
        "goals": [
            {
                **fields_of(branch.goal, GOAL_FIELDS),
                "theme": names.theme(branch.goal.theme_id),
                "lead_unit": names.unit(branch.goal.lead_unit_id),
                "objectives": [
                    {
                        **fields_of(each.objective, OBJECTIVE_FIELDS),
                        "unit": names.unit(each.objective.unit_id),
                        "owner": names.member(each.objective.owner_id),
                        "kpis": [_kpi(kpi, names) for kpi in each.kpis],
                        "risks": [
                            {**fields_of(risk, RISK_FIELDS), "owner": names.member(risk.owner_id)}
                            for risk in each.risks
                        ],
                    }
                    for each in branch.objectives
                ],
            }
            for branch in outline.goals
        ],
    }


def _kpi(kpi: Indicator, names: Names) -> dict[str, Any]:
    return {
        "code": _COPY.sub("", kpi.code),
        **fields_of(kpi, KPI_FIELDS),
        "unit": names.unit_of_measure(kpi.unit_of_measure_id),
        "owner": names.member(kpi.owner_id),
        "targets": {target.label: merging.word(target.target) for target in kpi.targets if not target.superseded_at},
    }


def fields_of(row: Any, names: tuple[str, ...]) -> dict[str, str]:
    """Columns of a row as texts."""
    return {name: merging.word(getattr(row, name)) for name in names}


@dataclass(frozen=True)
class Difference:
    """One field that two versions say differently; `place` tells where it stands."""

    place: str
    field: str
    before: str
    after: str


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """What changed from one version to another, field by field; parts are known again by code, title or place."""
    return list(_compare("Plan", before, after))


def _compare(place: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    for name in [*after, *(name for name in before if name not in after)]:
        was, is_now = before.get(name, ""), after.get(name, "")
        if isinstance(was, list) and isinstance(is_now, list) and any(isinstance(x, dict) for x in (*was, *is_now)):
            yield from _compare_parts(place, name, was, is_now)
        elif was != is_now:
            yield Difference(place, name, _told(was), _told(is_now))


def _compare_parts(place: str, name: str, before: list[Any], after: list[Any]) -> Iterator[Difference]:
    was = {_identity(part): part for part in before}
    is_now = {_identity(part): part for part in after}
    for old, new in zip(before, after, strict=False):  # what has no code may have got another title in its place
        key, key_now = _identity(old), _identity(new)
        if "code" not in new and key in was and key not in is_now and key_now not in was:
            was[key_now] = was.pop(key)
    for key, part in is_now.items():
        where = _where(place, part)
        if key in was:
            yield from _compare(where, was[key], part)
        else:
            yield Difference(where, name, "", "added")
    for key, part in was.items():
        if key not in is_now:
            yield Difference(_where(place, part), name, "", "removed")


def _identity(part: Mapping[str, Any]) -> str:
    return str(part.get("code") or _title(part))


def _title(part: Mapping[str, Any]) -> str:
    return str(part.get("title") or part.get("description") or part.get("name") or "")


def _where(place: str, part: Mapping[str, Any]) -> str:
    """The way to a part, which is called by its code and its title."""
    called = " ".join(filter(None, (part.get("code"), _title(part))))
    return f"{place} › {called}" if place != "Plan" else called


def _told(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {one}" for key, one in value.items())
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)
