"""The register of programs over the web."""


def test_a_planner_adds_and_changes_a_program(reader, cast) -> None:
    badar = reader("badar")
    answers = {"code": "MOH-P09", "title": "Clean water", "cost_structure": "operations", "level": "program"}
    made = badar.post("planning.program_new", answers, org="MOH")
    assert made.status_code == 303
    page = badar.get(made.headers["Location"])
    assert page.h1.get_text() == "Clean water"
    edit = badar.get(page.select_one("a[href$='/edit']")["href"])
    changed = {**answers, "title": "Clean water for all", "seen": edit.find(id="seen")["value"]}
    assert badar.post(edit.select_one("#form")["action"], changed).status_code == 303
    assert "Clean water for all" in badar.get("planning.program_list", org="MOH").get_text()
    twice = badar.post("planning.program_new", {**answers, "title": "Other"}, org="MOH")
    assert twice.status_code == 422
    assert "Another program has this code." in twice.get_data(as_text=True)


def test_two_entries_are_declared_the_same(reader, cast) -> None:
    badar = reader("badar")
    for code, title in (("A", "Community Health Services"), ("B", "Community Health Service")):
        answers = {"code": code, "title": title, "cost_structure": "operations", "level": "program"}
        badar.post("planning.program_new", answers, org="MOH")
    page = badar.get("planning.program_list", org="MOH")
    proposal = page.select_one("#near ~ ul a")
    asked = badar.get(proposal["href"])
    chosen = asked.select_one("option[selected]")
    assert chosen.get_text() == "A Community Health Services"
    assert badar.post(asked.select_one("#form")["action"], {"same_as_id": chosen["value"]}).status_code == 303
    assert badar.get("planning.program_list", org="MOH").find(id="near") is None


def test_readers_see_the_register_and_cannot_change_it(reader, cast) -> None:
    yusuf = reader("yusuf")
    assert yusuf.get("planning.program_list", org="MOH").find("a", string="Add a program") is None
    assert yusuf.post("planning.program_new", {"code": "X"}, org="MOH").status_code == 403
