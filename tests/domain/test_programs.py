"""The register of programs, from the act of FY 2024 and by hand (decision D52)."""

from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bmms.config import Config, Pilot
from bmms.domain.actors import command_actor
from bmms.domain.appropriations.loading import load_act
from bmms.domain.appropriations.reading import read
from bmms.domain.errors import RuleBroken
from bmms.domain.installation import Installation
from bmms.domain.programs import actions, loader, queries, titles
from bmms.domain.reference.rows import FOLDER
from bmms.models.appropriations import ActBody, ActLine, ProgramLine
from bmms.models.organizations import Organization
from bmms.models.programs import CostStructure, Program, ProgramLevel
from bmms.tenancy import bind_platform, bind_scope
from tests.factories import make_organization


@pytest.fixture
def moh(session: Session) -> Organization:
    session.info["installation"] = Installation(Config(environment="test"))
    bind_platform(session, "tests")
    organization = make_organization(session, "MOH", "Ministry of Health")
    load_act(session, command_actor(), read(FOLDER / "gaab_2024.csv"))
    bind_scope(session, organization.id)
    return organization


def test_the_act_fills_the_register_once(session, moh) -> None:
    actor = command_actor(moh.id)
    assert loader.load_programs(session, actor, moh) == 63
    assert loader.load_programs(session, actor, moh) == 0
    promotive = session.scalar(select(Program).where(Program.title == "Access to Promotive Health Care Service"))
    assert (promotive.code, promotive.level, promotive.source) == (
        "MOH-P01", ProgramLevel.PROGRAM, "BAA No. 56 (FY 2024 GAAB)",
    )  # fmt: skip
    immunization = session.scalar(select(Program).where(Program.title.startswith("Bangsamoro Immunization")))
    above = session.get_one(Program, immunization.parent_id)
    assert above.title == "Family Health Cluster"
    assert above.parent_id == promotive.id
    assert {program.cost_structure for program in session.scalars(select(Program))} == set(CostStructure)


def test_each_line_of_the_act_is_tied_to_its_program(session, moh) -> None:
    """So the money of the register is that of the act; a new title changes nothing, for later acts neither."""
    actor = command_actor(moh.id)
    loader.load_programs(session, actor, moh)
    program = session.scalar(select(Program).where(Program.code == "MOH-P01"))
    actions.change_program(session, actor, program, {
        "title": "Promotive care", "code": program.code, "cost_structure": program.cost_structure,
        "level": program.level, "parent_id": None,
    })  # fmt: skip
    load_act(session, actor, read(FOLDER / "gaab_2025.csv"))
    made = loader.load_programs(session, actor, moh)
    titles_at_top = select(Program.title).where(Program.parent_id.is_(None), Program.source.contains("2025"))
    assert "Access to Promotive Health Care Service" not in set(session.scalars(titles_at_top)), made
    tied = select(func.sum(ActLine.total)).join(ProgramLine, ProgramLine.line_id == ActLine.id).where(ActLine.counts)
    bodies = session.scalars(select(ActBody).where(ActBody.code == "MOH")).all()
    assert session.scalar(tied) == sum(body.total for body in bodies)
    below = select(func.sum(ActLine.ps)).join(ProgramLine, ProgramLine.line_id == ActLine.id)
    own = below.where(ActLine.counts, ProgramLine.program_id == program.id)
    assert session.scalar(own) == Decimal("447272652.00") + Decimal("492163381.00"), "PS that no line below has"


def test_the_tree_has_children_under_their_parents(session, moh) -> None:
    loader.load_programs(session, command_actor(moh.id), moh)
    branches = queries.tree(session)
    assert len(branches) == 63
    places = {branch.program.id: number for number, branch in enumerate(branches)}
    for branch in branches:
        if branch.program.parent_id:
            assert places[branch.program.parent_id] < places[branch.program.id]
            assert branch.depth > 1
    assert [branch.program.title for branch in queries.tree(session, search="immunization")] == [
        "Bangsamoro Immunization Program (BIP)"
    ]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Access to Curative & Rehabilitation", "access to curative and  rehabilitation", True),
        ("Health Promotion (HEPO/PIO)", "Health promotion HEPO PIO", True),
        ("Rice Program", "Corn Program", False),
    ],
)
def test_titles_are_compared_without_their_dress(one, other, same) -> None:
    assert (titles.normal(one) == titles.normal(other)) is same


def test_near_titles_are_proposed_and_never_merged(session, moh) -> None:
    actor = command_actor(moh.id)
    rows = [
        actions.create_program(
            session, actor,
            {"code": code, "title": title, "cost_structure": CostStructure.OPERATIONS, "level": ProgramLevel.PROGRAM},
        )
        for code, title in (("A", "Community Health Services"), ("B", "Community Health Service"), ("C", "Roads"))
    ]  # fmt: skip
    assert queries.near_matches(rows) == [(rows[0], rows[1])]
    actions.declare_same(session, actor, rows[1], rows[0])
    assert queries.near_matches(rows) == []
    assert [text for _, text in queries.program_choices(session)] == ["A Community Health Services", "C Roads"]
    with pytest.raises(RuleBroken, match="not itself declared"):
        actions.declare_same(session, actor, rows[2], rows[1])


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"level": ProgramLevel.SUB_PROGRAM}, "parent_id"),
        ({"level": ProgramLevel.OUTCOME, "cost_structure": CostStructure.GAS}, "level"),
        ({"code": "A"}, "code"),
        ({"title": "RICE  program"}, "title"),
    ],
)
def test_what_does_not_fit_is_told_at_its_field(session, moh, answers, field) -> None:
    actor = command_actor(moh.id)
    plain = {"title": "Rice Program", "cost_structure": CostStructure.OPERATIONS, "level": ProgramLevel.PROGRAM}
    actions.create_program(session, actor, {"code": "A", **plain})
    with pytest.raises(RuleBroken) as refused:
        actions.create_program(session, actor, {"code": "B", **plain, "title": "Corn", **answers})
    assert refused.value.field == field


def test_the_pilot_limits_what_people_add_and_not_what_the_act_names(session, moh) -> None:
    session.info["installation"] = Installation(Config(environment="test", pilot=Pilot(max_programs=1)))
    actor = command_actor(moh.id)
    assert loader.load_programs(session, actor, moh) == 63
    plain = {"cost_structure": CostStructure.OPERATIONS, "level": ProgramLevel.PROGRAM}
    actions.create_program(session, actor, {"code": "A", "title": "A", **plain})
    with pytest.raises(RuleBroken, match="MOH already has 1 of 1 allowed pilot programs"):
        actions.create_program(session, actor, {"code": "B", "title": "B", **plain})


def test_a_program_cannot_lie_in_itself(session, moh) -> None:
    actor = command_actor(moh.id)
    plain = {"cost_structure": CostStructure.OPERATIONS}
    top = actions.create_program(session, actor, {"code": "A", "title": "A", "level": ProgramLevel.PROGRAM, **plain})
    sub = {"title": "B", "level": ProgramLevel.SUB_PROGRAM, "parent_id": top.id, **plain}
    below = actions.create_program(session, actor, {"code": "B", **sub})
    lower = actions.create_program(session, actor, {"code": "C", **sub, "title": "C", "parent_id": below.id})
    with pytest.raises(RuleBroken, match="cannot lie in itself"):
        actions.change_program(session, actor, below, {**sub, "parent_id": lower.id})
