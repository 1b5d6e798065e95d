"""Organizations: seeding all of them, loading the pilots, looking them up, and what people change about them."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from bmms.config import Config, Pilot
from bmms.domain.actors import Actor, command_actor
from bmms.domain.errors import NotAllowed, NotFound, RuleBroken, Stale
from bmms.domain.installation import Installation
from bmms.domain.organizations import moas, queries, settings
from bmms.domain.organizations.pilots import load_pilot_moas
from bmms.domain.organizations.seed import seed_organizations
from bmms.models.accounts import User
from bmms.models.audit import AuditEvent
from bmms.models.memberships import Membership
from bmms.models.organizations import MailMode, Module, Organization, OrganizationKind
from bmms.tenancy import bind_platform, bind_scope

OPERATOR = command_actor()
CONFIG = Config(environment="test", secret_key="s" * 50, data_keys=("d" * 50,))


@pytest.fixture
def session(session: Session) -> Session:
    session.info["installation"] = Installation(CONFIG)
    bind_platform(session, "test")
    return session


@pytest.fixture
def moh(session: Session) -> Organization:
    load_pilot_moas(session, OPERATOR)
    return queries.get_organization(session, "MOH")


def pilot_codes(session: Session, *codes: str) -> None:
    session.info["installation"] = Installation(replace(CONFIG, pilot=Pilot(organization_codes=codes)))


def organization(session: Session, code: str, **values) -> Organization:
    row = Organization(**{"code": code, "name": f"Office {code}", "kind": OrganizationKind.OFFICE} | values)
    session.add(row)
    session.flush()
    return row


def codes(session: Session, **filters) -> set[str]:
    return {row.code for row in session.scalars(queries.list_organizations(**filters))}


def events(session: Session, action: str) -> list[AuditEvent]:
    return list(session.scalars(select(AuditEvent).where(AuditEvent.action == action).order_by(AuditEvent.id)))


class TestSeeding:
    def test_first_the_44_and_the_parliament_then_nothing_more(self, session):
        first = seed_organizations(session, OPERATOR)
        assert len(first.created) == first.total == 45
        assert (first.moas, first.pilots, first.warnings) == (44, ("MAFAR", "MOH", "MOLE"), ())
        second = seed_organizations(session, OPERATOR)
        assert (second.created, second.updated, len(second.unchanged)) == ((), (), 45)
        assert len(events(session, "organizations:create")) == 45
        assert events(session, "organizations:seed") == []

    def test_only_the_pilots_are_open_and_the_parliament_does_not_count(self, session):
        seed_organizations(session, OPERATOR)
        assert codes(session, active=True) == codes(session, pilot=True) == {"MOH", "MOLE", "MAFAR"}
        assert {"OCM", "MFBM", "BPDA"} <= codes(session, active=False)
        assert not queries.get_organization(session, "BTA").counts_as_moa
        assert [row.code for row in session.scalars(select(Organization).where(Organization.central_oversight))] == [
            "OCM"
        ]
        assert session.scalar(select(func.count()).where(Organization.enable_mana)) == 0

    def test_a_seeded_pilot_is_as_load_pilot_moas_makes_it(self, session):
        seed_organizations(session, OPERATOR)
        loaded = load_pilot_moas(session, OPERATOR)
        assert (loaded.created, loaded.updated, loaded.unchanged) == ((), (), ("MOH", "MOLE", "MAFAR"))

    def test_facts_are_set_right_and_what_people_decided_stays(self, session):
        mssd = organization(
            session, "MSSD", is_pilot=True, email="desk@mssd.example.org", website="https://own.example.org/",
            enable_budgeting=False, go_live_on=date(2026, 3, 2),
        )  # fmt: skip
        seeded = seed_organizations(session, OPERATOR)
        assert seeded.updated == ("MSSD",)
        assert (mssd.name, mssd.kind) == ("Ministry of Social Services and Development", OrganizationKind.MINISTRY)
        assert (mssd.email, mssd.website) == ("desk@mssd.example.org", "https://own.example.org/")
        assert (mssd.is_pilot, mssd.is_active, mssd.enable_budgeting) == (True, True, False)
        assert seeded.warnings == ("There are 4 pilot MOAs, not 3: MAFAR, MOH, MOLE, MSSD.",)
        (event,) = events(session, "organizations:seed")
        assert event.changes["name"] == ["Office MSSD", "Ministry of Social Services and Development"]
        assert "email" not in event.changes
        assert event.organization_id == mssd.id

    def test_an_organization_that_the_list_does_not_name_is_told_and_closed_only_on_demand(self, session):
        old = organization(session, "OLD")
        told = seed_organizations(session, OPERATOR)
        assert told.warnings == (
            "Not in moas.csv: OLD. Correct the file, or run again with --deactivate-missing.",
            "There are 45 MOAs, not 44.",
        )
        assert old.is_active
        closed = seed_organizations(session, OPERATOR, deactivate_missing=True)
        assert (closed.deactivated, closed.warnings, closed.moas) == (("OLD",), (), 44)
        assert not old.is_active
        assert seed_organizations(session, OPERATOR, deactivate_missing=True).deactivated == ()

    def test_a_dry_run_tells_the_same_and_leaves_no_trace(self, session):
        old = organization(session, "OLD")
        dry = seed_organizations(session, OPERATOR, dry_run=True, deactivate_missing=True)
        assert codes(session) == {"OLD"}
        assert old.is_active
        assert events(session, "organizations:create") == []
        assert dry == seed_organizations(session, OPERATOR, deactivate_missing=True)

    def test_it_needs_the_right_to_make_organizations(self, session):
        with pytest.raises(NotAllowed):
            seed_organizations(session, Actor(1, "Somebody"))
        with pytest.raises(NotAllowed):
            load_pilot_moas(session, Actor(1, "Somebody"))

    @pytest.mark.parametrize(
        ("before", "after", "message"),
        [
            ("\nMOH,", "\nmoh,", "moas.csv, row 7, column code: must be up to 20 of A-Z"),
            ("\nMOH,", "\nMOLE,", "column code: MOLE stands in the list already."),
            (",MOTC,,no,yes", ",MOTX,,no,yes", "column parent_code: MOTX is not in the list."),
            (
                "Ministry of Health,ministry",
                "Ministry of Health,bureau",
                "row 7, column kind: must be one of ministry,",
            ),
        ],
    )
    def test_a_malformed_list_is_refused_by_row_and_column(self, tmp_path, before, after, message):
        path = tmp_path / "moas.csv"
        path.write_text(moas.FILE.read_text().replace(before, after))
        with pytest.raises(RuleBroken, match=message):
            moas.read_moas(path)


class TestPilots:
    def test_made_once_with_their_modules(self, session):
        loaded = load_pilot_moas(session, OPERATOR)
        assert loaded.created == ("MOH", "MOLE", "MAFAR")
        for row in session.scalars(queries.list_organizations()):
            assert (row.is_active, row.is_pilot, row.kind, row.acronym) == (True, True, "ministry", row.code)
            assert set(row.enabled_modules) == set(Module) - {Module.MANA}
        assert load_pilot_moas(session, OPERATOR).unchanged == ("MOH", "MOLE", "MAFAR")

    def test_flags_are_applied_again_and_contacts_members_and_dates_kept(self, session, moh):
        moh.is_active = moh.is_pilot = moh.enable_planning = False
        moh.enable_mana = True
        moh.email, moh.pilot_starts_on, moh.enable_policies = "desk@moh.example.org", date(2026, 1, 5), False
        user = User(username="amina", email="amina@example.org")
        session.add(user)
        session.flush()
        session.add(Membership(user_id=user.id, organization_id=moh.id))
        loaded = load_pilot_moas(session, OPERATOR)
        assert (loaded.updated, loaded.unchanged) == (("MOH",), ("MOLE", "MAFAR"))
        assert moh.is_active
        assert moh.is_pilot
        assert moh.enabled_modules == [Module.PLANNING, Module.BUDGETING, Module.MONITORING, Module.COORDINATION]
        assert (moh.email, moh.pilot_starts_on) == ("desk@moh.example.org", date(2026, 1, 5))
        assert queries.member_counts(session, [moh]) == {moh.id: 1}

    def test_a_code_in_use_by_another_kind_is_updated_with_a_warning(self, session):
        row = organization(session, "MOH")
        loaded = load_pilot_moas(session, OPERATOR)
        assert loaded.updated == ("MOH",)
        assert loaded.warnings == ("MOH was registered as office; it is now ministry.",)
        assert (row.kind, row.name) == ("ministry", "Ministry of Health")

    def test_other_pilots_are_listed(self, session):
        organization(session, "MSSD", is_pilot=True)
        organization(session, "BHB", is_pilot=True)
        assert load_pilot_moas(session, OPERATOR).warnings == (
            "Other organizations are flagged as pilots too: BHB, MSSD.",
        )

    def test_the_setting_names_the_pilots(self, session):
        pilot_codes(session, "MSSD", "MBHTE", "MSSD")
        assert load_pilot_moas(session, OPERATOR).created == ("MSSD", "MBHTE")
        assert "MSSD" in seed_organizations(session, OPERATOR).pilots

    def test_unknown_codes_are_refused_and_nothing_is_made(self, session):
        pilot_codes(session, "MOH", "XYZ", "ABC")
        with pytest.raises(RuleBroken, match=r"does not know: XYZ, ABC\."):
            load_pilot_moas(session, OPERATOR)
        assert codes(session) == set()


class TestQueries:
    def test_codes_are_found_in_any_case(self, session, moh):
        assert queries.get_organization(session, " moh ") is moh
        with pytest.raises(NotFound, match="no organization with the code XYZ"):
            queries.get_organization(session, "XYZ")

    def test_the_list_is_filtered_and_searched(self, session):
        seed_organizations(session, OPERATOR)
        assert codes(session, search="health") == {"MOH"}
        assert codes(session, search="moh") == {"MOH"}
        assert codes(session, search="%") == set()
        assert codes(session, kind=OrganizationKind.PARLIAMENT) == {"BTA"}
        assert len(codes(session, pilot=False)) == 42
        assert codes(session, kind=OrganizationKind.MINISTRY, active=True) == {"MOH", "MOLE", "MAFAR"}
        names = [row.name for row in session.scalars(queries.list_organizations())]
        assert len(names) == 45

    def test_members_are_the_active_memberships(self, session, moh):
        mole = queries.get_organization(session, "MOLE")
        for n, active in enumerate((True, True, False)):
            user = User(username=f"person{n}", email=f"person{n}@example.org")
            session.add(user)
            session.flush()
            session.add(Membership(user_id=user.id, organization_id=moh.id, is_active=active))
        assert queries.member_counts(session, [moh, mole]) == {moh.id: 2, mole.id: 0}
        assert queries.member_counts(session, []) == {}


class TestSettings:
    def test_changed_fields_are_stored_and_recorded_with_before_and_after(self, session, moh):
        changed = settings.change_settings(
            session, OPERATOR, moh, row_version=moh.row_version,
            email=" Desk@MOH.Example.org ", website="https://moh.example.org/", phone="(064)  421 0000 loc. 12",
            address="Line one\r\nLine two", mail_mode="daily", head_official="Dr.  A. Sample",
            onboarded_on=date(2026, 1, 5), go_live_on=date(2026, 1, 5), pilot_ends_on=None,
        )  # fmt: skip
        assert changed
        session.refresh(moh)
        assert (moh.email, moh.phone) == ("desk@moh.example.org", "(064) 421 0000 loc. 12")
        assert (moh.address, moh.mail_mode) == ("Line one\nLine two", MailMode.DAILY)
        (event,) = events(session, "organizations:change_settings")
        assert event.changes["email"] == ["", "desk@moh.example.org"]
        assert event.changes["go_live_on"] == [None, "2026-01-05"]
        assert "pilot_ends_on" not in event.changes
        assert event.organization_id == moh.id

    def test_saving_what_is_there_already_records_nothing(self, session, moh):
        assert not settings.change_settings(session, OPERATOR, moh, email="", website=moh.website)
        assert events(session, "organizations:change_settings") == []

    @pytest.mark.parametrize(
        ("fields", "messages"),
        [
            ({"email": "desk"}, {"email": "The email address 'desk' is not valid: "}),
            ({"reply_to": "desk@moh"}, {"reply_to": "The reply-to address 'desk@moh' is not valid: "}),
            ({"website": "moh.example.org"}, {"website": "Write it like https://moh.example.org/."}),
            ({"website": "javascript:alert(1)"}, {"website": "is not valid."}),
            ({"website": "https://[moh/"}, {"website": "is not valid."}),
            ({"website": "https://a:b@moh.example.org"}, {"website": "is not valid."}),
            ({"website": "https://moh.example.org/a b"}, {"website": "is not valid."}),
            ({"website": "https://" + "m" * 200}, {"website": "The website has 208 characters; at most 200 fit."}),
            ({"phone": "1" * 41}, {"phone": "The phone number has 41 characters; at most 40 fit."}),
            ({"mandate": "x" * 5_001}, {"mandate": "The mandate has 5001 characters; at most 5000 fit."}),
            ({"head_title": "Minister\x00"}, {"head_title": "holds a control character."}),
            ({"mail_mode": "hourly"}, {"mail_mode": "must be one of immediate, daily, weekly."}),
            ({"go_live_on": "soon"}, {"go_live_on": "The go-live day must be a date."}),
            ({"go_live_on": datetime(2026, 1, 1)}, {"go_live_on": "The go-live day must be a date."}),  # noqa: DTZ001
            (
                {"pilot_starts_on": date(2026, 3, 1), "pilot_ends_on": date(2026, 2, 1)},
                {"pilot_ends_on": "The end of the pilot lies before the start of the pilot."},
            ),
            (
                {"email": "desk", "phone": "1" * 41, "acronym": "x" * 21},
                {"email": "not valid", "phone": "at most 40", "acronym": "at most 20"},
            ),
            ({"code": "MOX"}, {"code": "code cannot be changed here."}),
            ({"is_active": False}, {"is_active": "is_active cannot be changed here."}),
        ],
    )  # fmt: skip
    def test_what_is_wrong_is_refused_by_field_and_nothing_is_changed(self, session, moh, fields, messages):
        with pytest.raises(RuleBroken) as refused:
            settings.change_settings(session, OPERATOR, moh, head_official="Dr. A. Sample", **fields)
        assert refused.value.fields.keys() == messages.keys()
        for field, message in messages.items():
            assert message in refused.value.fields[field]
        assert str(refused.value) in refused.value.fields.values()
        assert moh.head_official == ""

    def test_a_date_is_compared_with_the_one_that_is_stored(self, session, moh):
        settings.change_settings(session, OPERATOR, moh, pilot_ends_on=date(2026, 2, 1))
        with pytest.raises(RuleBroken) as refused:
            settings.change_settings(session, OPERATOR, moh, pilot_starts_on=date(2026, 2, 2))
        assert refused.value.field == "pilot_starts_on"

    def test_a_stale_version_is_refused(self, session, moh):
        seen = moh.row_version
        settings.change_settings(session, OPERATOR, moh, row_version=seen, phone="1")
        with pytest.raises(Stale, match="changed the settings of MOH meanwhile"):
            settings.change_settings(session, OPERATOR, moh, row_version=seen, phone="2")
        with pytest.raises(Stale):
            settings.switch_module(session, OPERATOR, moh, Module.MANA, True, row_version=seen)
        assert moh.phone == "1"

    def test_it_needs_the_permission(self, session, moh):
        with pytest.raises(NotAllowed):
            settings.change_settings(session, Actor(1, "Somebody", moh.id), moh, phone="1")
        with pytest.raises(NotAllowed):
            settings.switch_module(session, Actor(1, "Somebody", moh.id), moh, Module.MANA, True)

    def test_the_database_lets_an_organization_change_only_itself(self, session, moh):
        mole = queries.get_organization(session, "MOLE")
        with Session(session.connection(), join_transaction_mode="create_savepoint") as tenant:
            bind_scope(tenant, mole.id)
            assert settings.change_settings(tenant, OPERATOR, queries.get_organization(tenant, "MOLE"), phone="1")
            with pytest.raises(StaleDataError):
                settings.change_settings(tenant, OPERATOR, queries.get_organization(tenant, "MOH"), phone="1")


class TestModules:
    def test_a_switch_is_stored_and_recorded(self, session, moh):
        assert settings.switch_module(session, OPERATOR, moh, Module.COORDINATION, False) == []
        assert not moh.has(Module.COORDINATION)
        (event,) = events(session, "organizations:switch_module")
        assert event.changes == {"enable_coordination": [True, False]}
        assert settings.switch_module(session, OPERATOR, moh, Module.COORDINATION, False) == []
        assert len(events(session, "organizations:switch_module")) == 1

    def test_planning_off_warns_for_each_module_that_needs_it(self, session, moh):
        warnings = settings.switch_module(session, OPERATOR, moh, Module.PLANNING, False)
        assert [warning.split(" depends")[0] for warning in warnings] == ["Budgeting", "M&E"]
        assert settings.switch_module(session, OPERATOR, moh, Module.MONITORING, False) == []
        (again,) = settings.switch_module(session, OPERATOR, moh, Module.MONITORING, True)
        assert again.startswith("M&E depends on Planning: while that is off, what is linked to plans stays, but no new")
        assert settings.switch_module(session, OPERATOR, moh, Module.PLANNING, True) == []
        settings.switch_module(session, OPERATOR, moh, Module.BUDGETING, False)
        (only,) = settings.switch_module(session, OPERATOR, moh, Module.PLANNING, False)
        assert only.startswith("M&E depends on Planning")
