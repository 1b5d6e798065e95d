"""What only the platform does to an organization; its logo; warnings of switches; parts of the tree of units."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor, command_actor
from bmms.domain.errors import NotAllowed, RuleBroken, Stale
from bmms.domain.files import store
from bmms.domain.installation import Installation
from bmms.domain.organizations import lifecycle, logo
from bmms.domain.organizations.settings import switch_warnings
from bmms.domain.permissions import permissions_of
from bmms.domain.units import outline
from bmms.domain.units.queries import Branch
from bmms.models.audit import AuditEvent
from bmms.models.organizations import Module, Organization, OrganizationKind, StoredFile, Unit
from bmms.tenancy import bind_platform, bind_scope
from tests import uploads

OPERATOR = command_actor()


@pytest.fixture
def platform(engine, cast, app):
    """A session of the platform; nothing of it stays."""
    with Session(engine, info={"installation": app.extensions["installation"]}) as session:
        bind_platform(session, "tests")
        yield session


def test_an_administrator_of_one_ministry_registers_opens_and_flags_nothing(platform, cast):
    jamila = Actor(cast.jamila.id, "Jamila", cast.moh.id, permissions=permissions_of({"pilot_admin"}))
    health = platform.get_one(Organization, cast.moh.id)
    for act in (
        lambda: lifecycle.set_active(platform, jamila, health, False),
        lambda: lifecycle.set_pilot(platform, jamila, health, False),
        lambda: lifecycle.register(platform, jamila, code="X", name="X", kind=OrganizationKind.OFFICE),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_opening_and_closing_is_recorded_once_and_checks_the_version(platform, cast):
    health = platform.get_one(Organization, cast.moh.id)
    assert lifecycle.set_active(platform, OPERATOR, health, False, row_version=health.row_version)
    assert not lifecycle.set_active(platform, OPERATOR, health, False)
    with pytest.raises(Stale):
        lifecycle.set_active(platform, OPERATOR, health, True, row_version=health.row_version - 1)
    events = platform.scalars(select(AuditEvent).where(AuditEvent.action == "organizations:deactivate")).all()
    assert [(event.organization_id, event.changes) for event in events] == [(health.id, {"is_active": [True, False]})]


def test_a_new_organization_is_inactive_and_several_problems_are_all_named(platform):
    made = lifecycle.register(platform, OPERATOR, code=" xyz ", name="Office  of Samples", kind=OrganizationKind.OFFICE)
    assert (made.code, made.name, made.is_active, made.counts_as_moa) == ("XYZ", "Office of Samples", False, False)
    with pytest.raises(RuleBroken) as broken:
        lifecycle.register(platform, OPERATOR, code="-", name="", kind=OrganizationKind.OFFICE, cluster="x" * 101)
    assert set(broken.value.fields) == {"code", "name", "cluster"}


def test_a_replaced_logo_is_forgotten_and_swept(engine, cast, config, tmp_path):
    installation = Installation(replace(config, instance=tmp_path))
    with Session(engine, info={"installation": installation}) as session:
        bind_scope(session, cast.moh.id)
        health = session.get_one(Organization, cast.moh.id)
        operator = command_actor(cast.moh.id)
        for name in ("first.png", "second.png"):
            upload = store.Upload(BytesIO(uploads.picture("PNG")), name)
            logo.change_logo(session, operator, health, upload, row_version=health.row_version)
        assert [file.name for file in session.scalars(select(StoredFile))] == ["second.png"]
        with pytest.raises(Stale):
            logo.remove_logo(session, operator, health, row_version=health.row_version - 1)
        logo.remove_logo(session, operator, health)
        assert session.scalar(select(StoredFile)) is None
        session.commit()
        folder = tmp_path / "files" / str(cast.moh.id)
        assert len(list(folder.iterdir())) == 2
        assert store.sweep_orphans(session, older_than=timedelta(0)) == 2


def organization(**switches: bool) -> Organization:
    """One with everything on, unless said otherwise."""
    values = {f"enable_{module}": True for module in Module}
    return Organization(**values | {f"enable_{name}": on for name, on in switches.items()})


@pytest.mark.parametrize(
    ("switches", "module", "on", "needy"),
    [
        ({}, Module.PLANNING, False, ["Budgeting", "M&E"]),
        ({"budgeting": False}, Module.PLANNING, False, ["M&E"]),
        ({"planning": False}, Module.PLANNING, True, []),
        ({"planning": False, "budgeting": False}, Module.BUDGETING, True, ["Budgeting"]),
        ({"planning": False}, Module.BUDGETING, False, []),
        ({}, Module.BUDGETING, True, []),
        ({}, Module.COORDINATION, False, []),
        ({"planning": False, "coordination": False}, Module.COORDINATION, True, []),
    ],
)
def test_a_switch_warns_of_what_depends_on_planning_before_it_happens(switches, module, on, needy):
    assert [warning.split(" depends")[0] for warning in switch_warnings(organization(**switches), module, on)] == needy


def tree(*depths: int) -> list[Branch]:
    """Units 1, 2, 3 … at these depths, each with as many members as its number."""
    return [
        Branch(Unit(id=number, name=f"Unit {number}"), depth, number) for number, depth in enumerate(depths, start=1)
    ]


def test_the_way_to_a_unit_and_what_lies_below_it():
    units = tree(1, 2, 3, 2, 1, 2)
    assert [unit.id for unit in outline.way_to(units, 3)] == [1, 2, 3]
    assert [unit.id for unit in outline.way_to(units, 4)] == [1, 4]
    assert [unit.id for unit in outline.way_to(units, 6)] == [5, 6]
    assert outline.way_to(units, 7) == []
    assert [(branch.unit.id, branch.depth) for branch in outline.below(units, 1)] == [(2, 1), (3, 2), (4, 1)]
    assert outline.below(units, 3) == []


@pytest.mark.parametrize(
    ("at_most", "shown", "left_out"),
    [(6, [1, 2, 3, 4, 5, 6], {}), (5, [1, 2, 4, 5, 6], {2: 1}), (4, [1, 5], {1: 3, 5: 1}), (1, [1, 5], {1: 3, 5: 1})],
)
def test_a_large_tree_shows_whole_levels_and_says_what_it_leaves_out(at_most, shown, left_out):
    branches, rest = outline.in_brief(tree(1, 2, 3, 2, 1, 2), at_most)
    assert ([branch.unit.id for branch in branches], rest) == (shown, left_out)
    assert outline.in_brief([], at_most) == ([], {})
