"""Units as pages: the tree, its changes, and a list of many at once."""

from io import BytesIO

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.actors import command_actor
from bmms.domain.units import actions
from bmms.models.memberships import Membership
from bmms.models.organizations import Unit
from bmms.tenancy import bind_scope
from tests import uploads


@pytest.fixture
def units(app, engine, cast) -> dict[str, int]:
    """Two divisions of Health; sections in one of them, where Badar works; and a closed unit."""
    operator = command_actor(cast.moh.id)
    with Session(engine, info={"installation": app.extensions["installation"]}) as session:
        bind_scope(session, cast.moh.id)
        planning = actions.create_unit(session, operator, name="Planning Division", code="PD")
        finance = actions.create_unit(session, operator, name="Finance Division")
        section = actions.create_unit(session, operator, name="Monitoring Section", parent_id=planning.id)
        closed = actions.create_unit(session, operator, name="Records Unit")
        actions.deactivate_unit(session, operator, closed)
        session.get_one(Membership, cast.memberships["badar"].id).unit_id = section.id
        made = {"planning": planning.id, "finance": finance.id, "section": section.id, "closed": closed.id}
        session.commit()
    return made


def stored(engine, cast, unit_id: int) -> Unit:
    """The row as it stands."""
    with Session(engine) as session:
        bind_scope(session, cast.moh.id)
        return session.get_one(Unit, unit_id)


def names(engine, cast) -> list[str]:
    """All units of Health."""
    with Session(engine) as session:
        bind_scope(session, cast.moh.id)
        return list(session.scalars(select(Unit.name).order_by(Unit.name)))


def test_the_tree_shows_units_in_their_place_with_their_members(reader, units):
    page = reader("yusuf").get("admin.unit_list", org="MOH")
    tree = page.select_one("nav.tree")
    tops = [item.a.span.get_text() for item in tree.ul.find_all("li", recursive=False)]
    assert tops == ["Finance Division", "Planning Division PD", "Records Unit Closed"]
    inner = tree.select_one("ul ul a")
    assert inner.span.get_text() == "Monitoring Section"
    assert inner.small.get_text() == "1\xa0member"
    assert not page.find("a", string="New unit"), "Yusuf reads only"


def test_the_search_finds_by_name_and_code_as_page_and_fragment(reader, units):
    badar = reader("badar")
    page = badar.get("admin.unit_list", org="MOH", q="pd")
    assert [row.get_text() for row in page.select("tbody th")] == ["Planning Division"]
    part = badar.fragment("admin.unit_list", "results", org="MOH", q="section")
    assert [row.get_text() for row in part.select("tbody th")] == ["Monitoring Section"]
    assert "No unit fits" in badar.get("admin.unit_list", org="MOH", q="nowhere").get_text()


def test_the_search_of_the_masthead_leads_to_units(reader, units):
    page = reader("badar").get("workplace.search_results", org="MOH", q="monitoring")
    assert page.find("a", string="Monitoring Section")["href"] == f"/moa/MOH/admin/units/{units['section']}"


def test_a_number_beyond_all_numbers_is_404(reader):
    for path in ("admin/units", "admin/designations", "files"):
        assert reader("jamila").browser.get(f"/moa/MOH/{path}/{10**20}").status_code == 404


def test_a_unit_shows_the_way_to_it_and_what_lies_under_it(reader, units):
    yusuf = reader("yusuf")
    page = yusuf.get("admin.unit_show", org="MOH", unit_id=units["section"])
    crumbs = [crumb.get_text() for crumb in page.select(".crumbs li")]
    assert crumbs == ["Units", "Planning Division", "Monitoring Section"]
    page = yusuf.get("admin.unit_show", org="MOH", unit_id=units["planning"])
    assert [figure.get_text() for figure in page.select(".figure")] == ["0", "1"]
    assert not page.select("main form")


@pytest.mark.parametrize("name", ["amina", "badar", "yusuf"])
def test_only_the_administrator_changes_units(reader, units, name):
    person = reader(name)
    planning = units["planning"]
    for path in ("new", "import", f"{planning}/edit", f"{planning}/move", f"{planning}/merge", f"{planning}/close"):
        assert person.browser.get(f"/moa/MOH/admin/units/{path}").status_code == 403
        assert person.post(f"/moa/MOH/admin/units/{path}").status_code == 403
    assert person.post(f"/moa/MOH/admin/units/{planning}/open").status_code == 403


def test_a_unit_is_made_under_another_one(engine, cast, reader, units):
    jamila = reader("jamila")
    page = jamila.get("admin.unit_new", org="MOH", parent=units["planning"])
    assert page.select_one("select[name=parent] option[selected]")["value"] == str(units["planning"])
    answer = jamila.post(
        "admin.unit_new", {"name": "Research  Section", "code": "RS", "parent": units["planning"]}, org="MOH"
    )
    assert answer.status_code == 303
    assert "Research Section is made." in jamila.get(answer.location).get_text()
    assert "Research Section" in names(engine, cast)


def test_a_form_that_lacks_its_fields_is_answered_all_the_same(reader, units):
    jamila = reader("jamila")
    assert jamila.post("admin.unit_new", {}, org="MOH").status_code == 422
    assert jamila.post("admin.unit_new", {"name": "Legal Unit"}, org="MOH").status_code == 303


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "", "code": "X1"}, "Give the unit a name."),
        ({"name": "finance division", "code": "X1"}, "Finance Division has this name already."),
        ({"name": "Records Unit", "code": "X1"}, "It is closed, and could be opened again."),
        ({"name": "New one", "code": "pd"}, "Planning Division has this code already."),
        ({"name": "x" * 201, "code": "X1"}, "200"),
        ({"name": "New one", "code": "X1", "parent": "999999"}, "This choice is no longer there."),
        ({"name": "New one", "code": "X1", "parent": "99999999999999999999"}, "<h2>Error: "),
    ],
)
def test_a_bad_unit_is_refused_at_its_field_and_nothing_typed_is_lost(reader, units, fields, said):
    answer = reader("jamila").post("admin.unit_new", {"parent": "", **fields}, org="MOH")
    page = answer.get_data(as_text=True)
    if fields.get("parent") == "99999999999999999999":
        assert answer.status_code == 303, "no id at all: at the top"
        return
    assert answer.status_code == 422
    assert said in page
    assert f'value="{fields["name"]}"' in page
    assert f'value="{fields["code"]}"' in page


def test_a_unit_is_renamed_once_for_each_look_at_it(engine, cast, reader, units):
    jamila = reader("jamila")
    version = stored(engine, cast, units["planning"]).row_version
    fields = {"row_version": version, "name": "Planning and Policy", "code": "PPD"}
    assert jamila.post("admin.unit_edit", fields, org="MOH", unit_id=units["planning"]).status_code == 303
    again = {**fields, "name": "Something else"}
    answer = jamila.post("admin.unit_edit", again, org="MOH", unit_id=units["planning"])
    assert answer.status_code == 422
    assert "Something else" in answer.get_data(as_text=True), "what was typed"
    row = stored(engine, cast, units["planning"])
    assert (row.name, row.code) == ("Planning and Policy", "PPD")


def test_a_unit_moves_but_is_not_offered_places_in_itself(engine, cast, reader, units):
    jamila = reader("jamila")
    page = jamila.get("admin.unit_move", org="MOH", unit_id=units["planning"])
    offered = [option.get_text() for option in page.select("select[name=parent] option")]
    assert offered == ["At the top", "Finance Division"], "neither itself, nor its section, nor a closed unit"
    version = stored(engine, cast, units["section"]).row_version
    fields = {"row_version": version, "parent": units["finance"]}
    assert jamila.post("admin.unit_move", fields, org="MOH", unit_id=units["section"]).status_code == 303
    assert stored(engine, cast, units["section"]).parent_id == units["finance"]


def test_a_unit_with_members_is_not_closed_and_says_why(engine, cast, reader, units):
    jamila = reader("jamila")
    for unit, status in (("section", 422), ("finance", 303)):
        version = stored(engine, cast, units[unit]).row_version
        answer = jamila.post("admin.unit_close", {"row_version": version}, org="MOH", unit_id=units[unit])
        assert answer.status_code == status
        assert stored(engine, cast, units[unit]).is_active is (status == 422)
        if status == 422:
            assert "still has 0 active units and 1 active member" in answer.get_data(as_text=True)


def test_a_closed_unit_is_opened_again(engine, cast, reader, units):
    jamila = reader("jamila")
    page = jamila.get("admin.unit_show", org="MOH", unit_id=units["closed"])
    assert "Closed unit." in page.get_text()
    version = page.select_one("main form input[name=row_version]")["value"]
    answer = jamila.post("admin.unit_open", {"row_version": version}, org="MOH", unit_id=units["closed"])
    assert answer.status_code == 303
    assert stored(engine, cast, units["closed"]).is_active


def test_a_merge_asks_with_the_numbers_first(engine, cast, reader, units):
    jamila = reader("jamila")
    page = jamila.get("admin.unit_merge", org="MOH", unit_id=units["planning"])
    form = page.select_one("main form")
    assert (form["method"], form.select_one("select")["name"]) == ("get", "into")
    page = jamila.get("admin.unit_merge", org="MOH", unit_id=units["planning"], into=units["finance"])
    assert page.h1.get_text() == "Merge Planning Division into Finance Division?"
    assert "no\xa0members" in page.select_one("main form").get_text()
    assert "1\xa0unit" in page.select_one("main form").get_text()
    fields = {field["name"]: field["value"] for field in page.select("main form input[type=hidden]")}
    answer = jamila.browser.post(page.select_one("main form")["action"], data=fields)
    assert answer.status_code == 303
    assert not stored(engine, cast, units["planning"]).is_active
    assert stored(engine, cast, units["section"]).parent_id == units["finance"]


def test_a_merge_into_what_lies_in_the_unit_is_refused(engine, cast, reader, units):
    version = stored(engine, cast, units["planning"]).row_version
    fields = {"row_version": version, "into": units["section"]}
    answer = reader("jamila").post("admin.unit_merge", fields, org="MOH", unit_id=units["planning"])
    assert answer.status_code == 422
    assert stored(engine, cast, units["planning"]).is_active


def test_a_merge_into_a_unit_of_another_ministry_is_404(engine, cast, reader, units, app):
    with Session(engine, info={"installation": app.extensions["installation"]}) as session:
        bind_scope(session, cast.mbhte.id)
        theirs = actions.create_unit(session, command_actor(cast.mbhte.id), name="Theirs").id
        session.commit()
    version = stored(engine, cast, units["finance"]).row_version
    answer = reader("jamila").post(
        "admin.unit_merge", {"row_version": version, "into": theirs}, org="MOH", unit_id=units["finance"]
    )
    assert answer.status_code == 404


# many at once


def import_file(reader, content: str | bytes, name: str = "units.csv", **more):
    """Send a list of units."""
    content = content.encode() if isinstance(content, str) else content
    return uploads.send(reader, "admin.unit_import", {"file": (BytesIO(content), name)}, org="MOH", **more)


def test_a_list_is_imported_whole_in_any_order(engine, cast, reader, units):
    jamila = reader("jamila")
    answer = import_file(
        jamila, "\ufeffname,code,parent\nCash Section,CS,HR Division\nHR Division,HR,\nBudget,,finance division\n"
    )
    assert answer.status_code == 303
    assert "3 units are made." in jamila.get(answer.location).get_text()
    assert {"Cash Section", "HR Division", "Budget"} <= set(names(engine, cast))


@pytest.mark.parametrize("htmx", [False, True])
def test_each_wrong_cell_is_named_and_nothing_is_imported(engine, cast, reader, units, htmx):
    before = names(engine, cast)
    answer = import_file(
        reader("jamila"), "name,code,parent\nGood,,\nFinance Division,,\n,X,\nSection,pd,Nowhere\n", htmx=htmx
    )
    assert answer.status_code == 422
    page = uploads.soup(answer)
    rows = [[cell.get_text(" ", strip=True) for cell in row.find_all(["th", "td"])] for row in page.select("tbody tr")]
    assert [(row[0].split()[-1], row[1], row[2]) for row in rows] == [
        ("3", "name", "Finance Division"),
        ("4", "name", "empty"),
        ("5", "parent", "Nowhere"),
    ]
    assert rows[0][3] == "Finance Division has this name already."
    assert "Nothing was imported: 3 cells need correction." in page.get_text()
    assert names(engine, cast) == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Choose the file first."),
        ("name;code\nX;1\n", "the columns “name”, “code”, “parent” are missing"),
        ("name,code,parent\n", "The file has 0 rows"),
        ("name,code,parent\nCafé,,\n".encode("latin-1"), "Row 2 holds signs that are not UTF-8. Save it as CSV UTF-8"),
        (uploads.xlsx(), "This is an Excel workbook. Save it as CSV UTF-8"),
        (b"x" * (1024 * 1024 + 1), "The file is larger than 1 MB"),
    ],
)
def test_a_file_that_is_no_list_is_refused_with_the_remedy(reader, units, content, said):
    answer = import_file(reader("jamila"), content, name="units.csv" if content else "")
    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True)


def test_a_hundred_wrong_cells_show_the_first_fifty(reader, units):
    rows = "".join(f"Section {number},,Nowhere\n" for number in range(100))
    page = uploads.soup(import_file(reader("jamila"), f"name,code,parent\n{rows}"))
    assert len(page.select("tbody tr")) == 50
    assert "And 50\xa0more cells." in page.get_text()


def test_the_example_can_be_imported_as_it_is(reader, cast):
    jamila = reader("jamila")
    example = jamila.browser.get("/moa/MOH/admin/units/import/template")
    assert example.headers["Content-Disposition"] == 'attachment; filename="units.csv"'
    assert import_file(jamila, example.get_data()).status_code == 303


@pytest.mark.parametrize("deep", [False, True])
def test_five_hundred_units_fit_the_budgets(engine, cast, reader, app, deep):
    """The client checks bytes and queries of each page."""
    operator = command_actor(cast.moh.id)
    with Session(engine, info={"installation": app.extensions["installation"]}) as session:
        bind_scope(session, cast.moh.id)
        tops = [
            actions.create_unit(
                session, operator, name=f"Integrated Provincial Office number {number}", code=f"IP-{number}"
            ).id
            for number in range(20 if deep else 1)
        ]
        session.add_all(
            Unit(
                name=f"Section for matters of kind {n} of the office",
                code=f"S-{n}",
                parent_id=tops[n % 20] if deep else None,
            )
            for n in range(480)
        )
        session.commit()
    jamila = reader("jamila")
    page = jamila.get("admin.unit_list", org="MOH")
    if deep:
        assert len(page.select("nav.tree a")) == 20
        assert page.select_one("nav.tree small").get_text() == "no\xa0members, 24\xa0units below"
    jamila.get("admin.unit_show", org="MOH", unit_id=tops[0])
    for view in ("unit_move", "unit_merge"):
        jamila.get(f"admin.{view}", org="MOH", unit_id=tops[0])
    jamila.get("admin.unit_new", org="MOH")
