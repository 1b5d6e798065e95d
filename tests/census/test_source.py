"""What the source may and may not say: one commit per duty, one hatch, small modules, nothing of the machine."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
COMMITS = {
    "bmms/web/transaction.py",
    "tasks/queue.py",
    "bmms/domain/journal.py",
    "bmms/cli/session.py",
}
HATCH = ("bmms/domain/ocm/", "bmms/domain/platform/", "bmms/tenancy.py")
READS_USERS = ("bmms/domain/accounts/", "bmms/domain/people/", "bmms/domain/platform/", "bmms/models/", "tests/")
READS_USERS_BECAUSE = {
    "bmms/domain/deadlines/queries.py": "names whose matter a report is, through the membership that owns it",
    "bmms/web/identity.py": "the person who is signed in",
    "bmms/web/people_acts.py": "hands the person of a page on to domain/people",
    "bmms/domain/access.py": "the principals of a deputy, through memberships",
    "bmms/domain/offices/acting.py": "the person who is signed in, as one of a central office",
    "bmms/domain/members.py": "colleagues, through memberships",
    "bmms/domain/holders.py": "who holds a permission, through memberships",
    "bmms/domain/notices/telling.py": "colleagues who are told, through memberships",
    "bmms/domain/workplace.py": "colleagues in figures and the administrators, through memberships",
    "bmms/domain/search.py": "colleagues, through memberships",
    "bmms/domain/merging.py": "who changed an answer meanwhile",
    "bmms/domain/planning/demo.py": "who could have made the demo plans",
    "bmms/domain/planning/names.py": "officers of a plan, through memberships",
    "bmms/domain/designations/queries.py": "deputies and principals, through memberships",
    "bmms/domain/signatories/queries.py": "signatories, through memberships",
    "bmms/domain/mails.py": "whom a mail goes to",
    "bmms/domain/mail_log.py": "whom a mail went to",
    "tasks/mail.py": "whom a mail goes to",
    "tasks/running.py": "whether the owner of a job still has access",
    "tasks/owners.py": "as whom a job acts",
}
BINDS = {
    "bind_office": {"bmms/tenancy.py", "bmms/web/guard.py"},
    "bind_scope": {
        "bmms/tenancy.py",
        "bmms/web/guard.py",
        "bmms/cli/session.py",
        "tasks/queue.py",  # the organization of a job
        "tasks/mail.py",  # the organization of a mail
        "bmms/domain/changes/transfers.py",  # the other side of a transfer, on the same connection (D25)
        "tasks/each_organization.py",  # each organization in turn, in a session of its own
    },
    "bind_platform": {
        "bmms/tenancy.py",
        "bmms/web/guard.py",
        "bmms/cli/session.py",
        "bmms/domain/journal.py",
        "bmms/domain/platform/starting.py",
        "tasks/queue.py",  # a job without an organization
        "tasks/mail.py",  # mails that an operator asks for, to people of any organization
        "tasks/ledger.py",  # a ledger that disagrees with itself, told to the platform team
    },
}
MOST_LINES, MOST_FUNCTION_LINES = 400, 60
DRAWERS = {"utils.py", "helpers.py", "services.py", "misc.py"}


def sources(*roots: str) -> Iterator[tuple[str, ast.Module, str]]:
    """(path, tree, text) of each Python file under these folders."""
    for root in roots:
        for path in sorted((PROJECT / root).rglob("*.py")):
            text = path.read_text()
            yield str(path.relative_to(PROJECT)), ast.parse(text), text


def calls(tree: ast.AST, name: str) -> bool:
    """Is something of this name called (or, as an attribute, reached and called)?"""
    return any(
        isinstance(node, ast.Call) and name in (getattr(node.func, "attr", ""), getattr(node.func, "id", ""))
        for node in ast.walk(tree)
    )


def names(tree: ast.AST, name: str) -> bool:
    """Does this name stand anywhere in the code?"""
    return any(
        name in (getattr(node, "id", ""), getattr(node, "attr", ""), getattr(node, "name", ""))
        for node in ast.walk(tree)
    )


def test_commit_stands_in_its_few_places():
    assert calls(ast.parse("session.commit()"), "commit")
    assert {path for path, tree, _ in sources("bmms", "tasks") if calls(tree, "commit")} == COMMITS


def test_the_hatch_is_named_in_oversight_and_platform_only():
    assert names(ast.parse("from x import cross_tenant"), "cross_tenant")
    assert names(ast.parse("tenancy.cross_tenant(engine, 'x')"), "cross_tenant")
    outside = [
        path for path, tree, _ in sources("bmms", "tasks") if names(tree, "cross_tenant") and not path.startswith(HATCH)
    ]
    assert outside == []


@pytest.mark.parametrize("binder", BINDS)
def test_scopes_are_bound_in_few_places(binder):
    assert names(ast.parse(f"tenancy.{binder}(session, 1)"), binder)
    assert {path for path, tree, _ in sources("bmms", "tasks") if names(tree, binder)} == BINDS[binder]


def test_two_sessions_share_a_connection_in_one_place():
    """Only a transfer between organizations opens a second session on the connection of the first (decision D25)."""
    assert names(ast.parse("tenancy.speak_again(session)"), "speak_again")
    assert shares_a_connection(ast.parse("Session(bind=session.connection())"))
    assert shares_a_connection(ast.parse("Session(connection)"))
    assert not shares_a_connection(ast.parse("Session(db.engine, info={})"))
    place = {"bmms/domain/changes/transfers.py"}
    modules = list(sources("bmms", "tasks"))
    assert {path for path, tree, _ in modules if shares_a_connection(tree)} == place
    assert {path for path, tree, _ in modules if names(tree, "speak_again")} == place | {"bmms/tenancy.py"}


def shares_a_connection(tree: ast.AST) -> bool:
    """Is a session opened on anything but an engine?"""
    return any(
        isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Session"
        and not any("engine" in ast.unparse(one) for one in node.args)
        for node in ast.walk(tree)
    )


def imports_user(tree: ast.AST) -> bool:
    """Does this module take `User` from the models?"""
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "bmms.models.accounts"
        and "User" in {alias.name for alias in node.names}
        for node in ast.walk(tree)
    )


def test_accounts_are_read_in_few_places_each_with_a_reason():
    """Pages reach people through memberships only (decision D39)."""
    assert imports_user(ast.parse("from bmms.models.accounts import User, UserStatus"))
    found = {path for path, tree, _ in sources("bmms", "tasks") if imports_user(tree)}
    elsewhere = {path for path in found if not path.startswith(READS_USERS)}
    assert elsewhere == set(READS_USERS_BECAUSE)


def too_long(tree: ast.Module, text: str) -> list[str]:
    """What of a module exceeds the house's sizes."""
    whole = ["the module"] if text.count("\n") > MOST_LINES else []
    return whole + [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno > MOST_FUNCTION_LINES
    ]


def test_no_module_is_longer_than_400_lines_and_no_function_longer_than_60():
    planted = "def long():\n" + "    pass\n" * (MOST_LINES + 1)
    assert too_long(ast.parse(planted), planted) == ["the module", "long"]
    found = {path: names for path, tree, text in sources("bmms", "tasks") if (names := too_long(tree, text))}
    assert found == {}


def is_a_drawer(path: str) -> bool:
    """Is this a module for everything that found no other place?"""
    return Path(path).name in DRAWERS or "/common/" in path


def test_no_drawer_for_everything():
    assert is_a_drawer("bmms/web/utils.py")
    assert is_a_drawer("bmms/common/dates.py")
    assert [path for path, _, _ in sources("bmms", "tasks") if is_a_drawer(path)] == []


def test_every_act_is_recorded():
    """Each public function that writes in an actions.py leaves an audit row (house 4.7)."""
    silent = "def rename(session, actor, unit): unit.name = 'x'"
    assert unrecorded(ast.parse(silent)) == ["rename"]
    for path, tree, _ in sources("bmms/domain"):
        if path.endswith("/actions.py"):
            assert unrecorded(tree) == [], path


def unrecorded(tree: ast.Module) -> list[str]:
    """Public functions with a session that neither record nor call a function of the module that does."""
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    recording = {name for name, node in functions.items() if calls(node, "record")}
    while more := {
        name
        for name, node in functions.items()
        if name not in recording and any(calls(node, other) for other in recording)
    }:
        recording |= more
    return [
        name
        for name, node in functions.items()
        if not name.startswith("_") and node.args.args and node.args.args[0].arg == "session" and name not in recording
    ]


def test_nothing_tells_of_the_machine_it_was_written_on():
    listed = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    for name in filter(None, listed):
        text = (PROJECT / name).read_text(errors="ignore") if (PROJECT / name).is_file() else ""
        assert f"{PROJECT}/" not in text, name


def bare_locks(text: str) -> list[str]:
    """Advisory locks that are not taken from the list of `bmms/models/locks.py`."""
    return re.findall(r"advisory\w*lock\((?:\d|\w*\.?hashtext)[^)]*\)", text)


def test_advisory_locks_come_from_the_one_list():
    """The worker once held, for as long as it lived, the lock that an import waits for."""
    assert bare_locks("SELECT pg_try_advisory_lock(7257)") == ["advisory_lock(7257)"]
    assert bare_locks('func.pg_advisory_xact_lock(func.hashtext("x"))')
    assert {
        path: found for path, _, text in sources("bmms/domain", "bmms/web", "tasks") if (found := bare_locks(text))
    } == {}
