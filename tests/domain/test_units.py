"""The units of an organization: a tree without circles, six levels deep at most, imported whole or not at all."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor, command_actor
from bmms.domain.errors import NotAllowed, NotFound, RuleBroken, Stale
from bmms.domain.units import actions, queries
from bmms.domain.units.importing import import_units
from bmms.models.accounts import User
from bmms.models.audit import AuditEvent
from bmms.models.memberships import Membership
from bmms.models.organizations import Organization, OrganizationKind, Unit
from bmms.tenancy import bind_platform, bind_scope

OPERATOR = command_actor()


def organization(session: Session, code: str) -> Organization:
    row = Organization(code=code, name=f"Organization {code}", kind=OrganizationKind.MINISTRY)
    session.add(row)
    session.flush()
    return row


@pytest.fixture
def session(session: Session) -> Session:
    """A session in the scope of MOH."""
    bind_platform(session, "test")
    bind_scope(session, organization(session, "MOH").id)
    return session


def make(session: Session, name: str, parent: Unit | None = None, code: str = "") -> Unit:
    return actions.create_unit(session, OPERATOR, name=name, code=code, parent_id=parent.id if parent else None)


def chain(session: Session, length: int, start: str = "Level") -> list[Unit]:
    units: list[Unit] = []
    for n in range(length):
        units.append(make(session, f"{start} {n + 1}", units[-1] if units else None))
    return units


def member(session: Session, unit: Unit, name: str, *, active: bool = True) -> Membership:
    user = User(username=name, email=f"{name}@example.org")
    session.add(user)
    session.flush()
    membership = Membership(user_id=user.id, organization_id=unit.organization_id, unit_id=unit.id, is_active=active)
    session.add(membership)
    session.flush()
    return membership


def shape(session: Session) -> list[str]:
    return [f"{'.' * branch.depth}{branch.unit.name}" for branch in queries.unit_tree(session)]


def events(session: Session) -> list[tuple[str, str, dict]]:
    query = select(AuditEvent).where(AuditEvent.subject_type == "units").order_by(AuditEvent.id)
    return [(event.action, event.subject_label, event.changes) for event in session.scalars(query)]


class TestMaking:
    def test_units_make_a_tree_with_their_members(self, session):
        office = make(session, "  Provincial   Office ", code="PO")
        make(session, "Section B", office)
        section = make(session, "Section A", office)
        make(session, "Administration")
        member(session, section, "amina")
        member(session, section, "badar", active=False)
        assert shape(session) == [".Administration", ".Provincial Office", "..Section A", "..Section B"]
        assert [branch.members for branch in queries.unit_tree(session)] == [0, 0, 1, 0]
        assert events(session)[0] == (
            "units:create", "Provincial Office", {"name": [None, "Provincial Office"], "code": [None, "PO"]}
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("named", "field", "message"),
        [
            ({"name": "  "}, "name", "Give the unit a name."),
            ({"name": "x" * 201}, "name", "The name has 201 characters; at most 200 fit."),
            ({"name": "Plan\x07"}, "name", "The name holds a control character."),
            ({"name": "planning division"}, "name", "Planning Division has this name already."),
            ({"name": "Other", "code": "pd"}, "code", "Planning Division has this code already."),
            ({"name": "Other", "code": "x" * 31}, "code", "The code has 31 characters; at most 30 fit."),
        ],
    )
    def test_a_wrong_or_taken_name_or_code_is_refused_by_field(self, session, named, field, message):
        make(session, "Planning Division", code="PD")
        with pytest.raises(RuleBroken, match=message) as refused:
            actions.create_unit(session, OPERATOR, **named)
        assert refused.value.field == field
        other = make(session, "Other one")
        with pytest.raises(RuleBroken, match=message):
            actions.rename_unit(session, OPERATOR, other, **named)

    def test_several_problems_are_told_at_once(self, session):
        with pytest.raises(RuleBroken) as refused:
            actions.create_unit(session, OPERATOR, name="", code="x" * 31)
        assert set(refused.value.fields) == {"name", "code"}

    def test_the_name_of_a_closed_unit_says_that_it_is_closed(self, session):
        actions.deactivate_unit(session, OPERATOR, make(session, "Old Division"))
        with pytest.raises(RuleBroken, match="It is closed, and could be opened again."):
            make(session, "Old division")

    def test_six_levels_fit_and_a_seventh_does_not(self, session):
        levels = chain(session, 6)
        with pytest.raises(RuleBroken, match="6 levels deep at most") as refused:
            make(session, "Level 7", levels[-1])
        assert refused.value.field == "parent"

    def test_a_parent_must_be_there_and_open(self, session):
        with pytest.raises(NotFound):
            actions.create_unit(session, OPERATOR, name="Section", parent_id=999_999)
        closed = make(session, "Closed Division")
        actions.deactivate_unit(session, OPERATOR, closed)
        with pytest.raises(RuleBroken, match="That unit is closed."):
            make(session, "Section", closed)

    def test_every_act_needs_the_permission(self, session):
        nobody, unit, other = Actor(1, "Somebody"), make(session, "One"), make(session, "Two")
        for act in (
            lambda: actions.create_unit(session, nobody, name="Three"),
            lambda: actions.rename_unit(session, nobody, unit, name="Three"),
            lambda: actions.move_unit(session, nobody, unit, parent_id=other.id),
            lambda: actions.deactivate_unit(session, nobody, unit),
            lambda: actions.reactivate_unit(session, nobody, unit),
            lambda: actions.merge_units(session, nobody, unit, other),
            lambda: import_units(session, nobody, "name,code,parent\nThree,,\n"),
        ):
            with pytest.raises(NotAllowed):
                act()


class TestChanging:
    def test_renaming_is_recorded_and_a_stale_version_refused(self, session):
        unit = make(session, "Planing Division", code="PD")
        seen = unit.row_version
        actions.rename_unit(session, OPERATOR, unit, name="Planning Division", code="PD", row_version=seen)
        assert events(session)[-1] == (
            "units:rename", "Planing Division", {"name": ["Planing Division", "Planning Division"]}
        )  # fmt: skip
        for act in (
            lambda: actions.rename_unit(session, OPERATOR, unit, name="Other", row_version=seen),
            lambda: actions.move_unit(session, OPERATOR, unit, parent_id=None, row_version=seen),
            lambda: actions.deactivate_unit(session, OPERATOR, unit, row_version=seen),
            lambda: actions.reactivate_unit(session, OPERATOR, unit, row_version=seen),
            lambda: actions.merge_units(session, OPERATOR, unit, make(session, "Into"), row_version=seen),
        ):
            with pytest.raises(Stale):
                act()

    def test_a_unit_moves_with_what_lies_under_it(self, session):
        top, division, section = chain(session, 3)
        other = make(session, "Other")
        actions.move_unit(session, OPERATOR, division, parent_id=other.id)
        assert shape(session) == [".Level 1", ".Other", "..Level 2", "...Level 3"]
        assert events(session)[-1] == ("units:move", "Level 2", {"parent_id": [top.id, other.id]})
        actions.move_unit(session, OPERATOR, section, parent_id=None)
        assert shape(session) == [".Level 1", ".Level 3", ".Other", "..Level 2"]

    def test_no_circles(self, session):
        top, division, section = chain(session, 3)
        for parent in (top, division, section):
            with pytest.raises(RuleBroken, match="Level 1 cannot lie in itself"):
                actions.move_unit(session, OPERATOR, top, parent_id=parent.id)

    def test_a_moved_branch_must_fit_with_its_whole_height(self, session):
        deep, branch = chain(session, 4), chain(session, 3, "Branch")
        with pytest.raises(RuleBroken, match="6 levels deep at most"):
            actions.move_unit(session, OPERATOR, branch[0], parent_id=deep[3].id)
        actions.move_unit(session, OPERATOR, branch[0], parent_id=deep[2].id)
        assert max(branch.depth for branch in queries.unit_tree(session)) == 6

    def test_a_unit_closes_when_nobody_belongs_to_it_and_opens_again(self, session):
        division = make(session, "Division")
        section = make(session, "Section", division)
        membership = member(session, section, "amina")
        with pytest.raises(RuleBroken, match="still has 1 active unit and 0 active members"):
            actions.deactivate_unit(session, OPERATOR, division)
        with pytest.raises(RuleBroken, match="still has 0 active units and 1 active member"):
            actions.deactivate_unit(session, OPERATOR, section)
        membership.is_active = False
        actions.deactivate_unit(session, OPERATOR, section)
        actions.deactivate_unit(session, OPERATOR, division)
        with pytest.raises(RuleBroken, match="That unit is closed"):
            actions.reactivate_unit(session, OPERATOR, section)
        actions.reactivate_unit(session, OPERATOR, division)
        actions.reactivate_unit(session, OPERATOR, section)
        assert section.is_active
        assert [action for action, _, _ in events(session)[-4:]] == ["units:deactivate"] * 2 + ["units:reactivate"] * 2

    def test_merging_takes_members_and_units_along(self, session):
        old, new = make(session, "Old Division"), make(session, "New Division")
        section = make(session, "Section", old)
        present, ended = member(session, old, "amina"), member(session, old, "badar", active=False)
        seen = present.row_version
        assert actions.merge_units(session, OPERATOR, old, new) == 2
        assert present.unit_id == ended.unit_id == section.parent_id == new.id
        assert present.row_version == seen + 1
        assert not old.is_active
        assert events(session)[-1] == (
            "units:merge", "Old Division",
            {"merged_into": ["Old Division", "New Division"], "members_moved": [None, 2]},
        )  # fmt: skip

    def test_a_unit_merges_neither_into_itself_nor_into_its_own_section_nor_a_closed_one(self, session):
        division = make(session, "Division")
        section = make(session, "Section", division)
        for into in (division, section):
            with pytest.raises(RuleBroken, match="is or lies in Division"):
                actions.merge_units(session, OPERATOR, division, into)
        closed = make(session, "Closed")
        actions.deactivate_unit(session, OPERATOR, closed)
        with pytest.raises(RuleBroken, match="That unit is closed"):
            actions.merge_units(session, OPERATOR, division, closed)

    def test_a_merge_must_not_make_the_tree_too_deep(self, session):
        deep, branch = chain(session, 5), chain(session, 3, "Branch")
        with pytest.raises(RuleBroken, match="6 levels deep at most"):
            actions.merge_units(session, OPERATOR, branch[0], deep[4])
        actions.merge_units(session, OPERATOR, branch[0], deep[3])
        assert max(line.depth for line in queries.unit_tree(session)) == 6


class TestImporting:
    def test_rows_in_any_order_become_a_tree(self, session):
        make(session, "Provincial Office", code="PO")
        units = import_units(
            session, OPERATOR,
            "\ufeffName,Code,Parent\r\nField Section,,Field Division\r\nField Division,FD,po\r\n\r\nFinance,,\r\n",
        )  # fmt: skip
        assert len(units) == 3
        assert shape(session) == [".Finance", ".Provincial Office", "..Field Division", "...Field Section"]
        assert sum(action == "units:create" for action, _, _ in events(session)) == 4

    def test_one_wrong_row_and_nothing_is_imported(self, session):
        make(session, "Finance")
        text_of_file = (
            "name,code,parent\n"
            "Good Division,GD,\n"
            ",XX,\n"
            f"finance,{'x' * 31},\n"
            "Orphan,,Nowhere\n"
            "Good division,,\n"
            "Hen,,Egg\n"
            "Egg,,Hen\n"
        )
        with pytest.raises(RuleBroken, match="Nothing was imported: 7 cells need correction.") as refused:
            import_units(session, OPERATOR, text_of_file)
        lies = "in which this one lies,"
        circle = "could not be made: its row is wrong, or the two lie in each other."
        assert refused.value.fields == {
            "row 3, column name": "Row 3, column name: Give the unit a name.",
            "row 4, column name": "Row 4, column name: Finance has this name already.",
            "row 4, column code": "Row 4, column code: The code has 31 characters; at most 30 fit.",
            "row 6, column name": "Row 6, column name: Good Division has this name already.",
            "row 5, column parent": f"Row 5, column parent: The unit Nowhere, {lies} is neither here nor in this file.",
            "row 7, column parent": f"Row 7, column parent: The unit Egg, {lies} {circle}",
            "row 8, column parent": f"Row 8, column parent: The unit Hen, {lies} {circle}",
        }
        assert shape(session) == [".Finance"]
        assert len(events(session)) == 1

    def test_a_tree_that_is_too_deep_is_refused_by_row(self, session):
        lines = ["name,code,parent", "Level 1,,", *(f"Level {n},,Level {n - 1}" for n in range(2, 8))]
        with pytest.raises(RuleBroken) as refused:
            import_units(session, OPERATOR, "\n".join(lines))
        assert list(refused.value.fields) == ["row 8, column parent"]

    @pytest.mark.parametrize(
        ("text_of_file", "message"),
        [
            ("", "The file, row 1: the columns “name”, “code”, “parent” are missing."),
            ("name;code;parent\n", "The file, row 1: the columns “name”, “code”, “parent” are missing."),
            ("name,parent\nX,\n", "The file, row 1: the column “code” is missing."),
            ("name,code,parent\n", "The file has 0 rows; there must be 1 to 500."),
            ("name,code,parent\n" + "X,,\n" * 501, "The file has 501 rows; there must be 1 to 500."),
            ("name,code,parent\nX,\n", "The file, row 2: has 2 cells under 3 columns."),
            ('name,code,parent\n"X,,\n', "The file, row 2: is not CSV ("),
        ],
    )
    def test_a_file_that_is_no_list_of_units_is_refused(self, session, text_of_file, message):
        with pytest.raises(RuleBroken) as refused:
            import_units(session, OPERATOR, text_of_file)
        assert str(refused.value).startswith(message)


class TestLookingUp:
    def test_units_are_searched(self, session):
        finance, planning = make(session, "Finance", code="F-1"), make(session, "Planning")
        actions.deactivate_unit(session, OPERATOR, planning)

        def names(**filters):
            return [unit.name for unit in session.scalars(queries.list_units(**filters))]

        assert names() == ["Finance", "Planning"]
        assert names(search="f-1") == names(active=True) == ["Finance"]
        assert names(active=False) == ["Planning"]
        assert queries.get_unit(session, finance.id) is finance

    def test_a_unit_of_another_organization_is_not_there(self, session):
        ours = make(session, "Ours")
        with Session(session.connection(), join_transaction_mode="create_savepoint") as other:
            bind_platform(other, "test")
            bind_scope(other, organization(other, "MOLE").id)
            with pytest.raises(NotFound):
                queries.get_unit(other, ours.id)
            with pytest.raises(NotFound):
                actions.create_unit(other, OPERATOR, name="Theirs", parent_id=ours.id)
            assert actions.create_unit(other, OPERATOR, name="Ours").organization_id != ours.organization_id
            assert shape(other) == [".Ours"]


class TestRace:
    """Real transactions on connections of their own; they commit, so the tables are emptied afterwards."""

    @pytest.fixture
    def committed(self, engine: Engine, owner: Engine) -> Iterator[tuple[int, int, int]]:
        with Session(engine) as session:
            bind_platform(session, "test")
            moh = organization(session, "MOH")
            bind_scope(session, moh.id)
            ids = (moh.id, make(session, "First").id, make(session, "Second").id)
            session.commit()
        yield ids
        with owner.begin() as connection:
            connection.execute(text("TRUNCATE organizations, row_history RESTART IDENTITY CASCADE"))

    def test_two_moves_at_once_cannot_make_a_circle(self, engine, committed):
        organization_id, first, second = committed
        outcome: list[str] = []

        def move_second_under_first() -> None:
            with opened(engine, organization_id) as session:
                try:
                    actions.move_unit(session, OPERATOR, queries.get_unit(session, second), parent_id=first)
                    session.commit()
                    outcome.append("moved")
                except RuleBroken as refused:
                    outcome.append(str(refused))

        with opened(engine, organization_id) as session:
            actions.move_unit(session, OPERATOR, queries.get_unit(session, first), parent_id=second)
            other = threading.Thread(target=move_second_under_first)
            other.start()
            other.join(0.4)
            assert (other.is_alive(), outcome) == (True, [])
            session.commit()
            other.join(300)
        assert outcome == ["Second cannot lie in itself. Choose a unit outside it."]
        with opened(engine, organization_id) as session:
            assert shape(session) == [".Second", "..First"]
            assert session.scalar(select(func.count(Unit.id))) == 2


@contextmanager
def opened(engine: Engine, organization_id: int) -> Iterator[Session]:
    with Session(engine) as session:
        bind_scope(session, organization_id)
        yield session
