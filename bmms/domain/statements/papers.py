"""Statements on paper: A3, signed by budget officer, chief accountant and head; made from a snapshot (D33)."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.documents.papers import Paper, Told, declare
from bmms.domain.errors import NotFound, RuleBroken
from bmms.domain.ledger import labels
from bmms.domain.organizations.queries import organization_by_id
from bmms.domain.permissions import Permission
from bmms.domain.signatories.kinds import DocumentKind
from bmms.domain.statements import shape
from bmms.domain.statements.catalogue import BY_KIND, STATEMENTS
from bmms.domain.statements.statement import Statement
from bmms.models.statements import KeptStatement

WORDS: ModuleType = labels


def mark_of(session: Session, organization_id: int, asked: Statement, report: shape.Report) -> str:
    """`FAR1-MOH-20260930-1f2e3d4c`: the id of a report, on the screen as on paper and in the workbook."""
    code = organization_by_id(session, organization_id).code
    return f"{asked.code}-{code}-{asked.as_of:%Y%m%d}-{shape.mark_of(asked.asked, report)}"


def get_kept(session: Session, actor: Actor, statement_id: int) -> KeptStatement:
    """A question that was put on paper. Raises NotFound."""
    row = session.scalar(select(KeptStatement).where(KeptStatement.id == statement_id))
    if row is None or row.kind not in BY_KIND or not BY_KIND[row.kind].is_open_to(actor):
        raise NotFound("There is no such statement.")
    return row


def kept_of(session: Session, asked: Statement) -> KeptStatement | None:
    """Where the papers of a question hang, once there are any."""
    query = select(KeptStatement).where(KeptStatement.kind == asked.kind, KeptStatement.asked == asked.asked)
    return session.scalar(query)


def asked_of(row: KeptStatement) -> Statement:
    """The question of a row."""
    return BY_KIND[row.kind].of(row.asked)


def tell_statement(session: Session, row: KeptStatement) -> Told:
    """The statement with all its rows, as the ledger gives it now.

    Raises:
        RuleBroken: it has more rows than are printed.
    """
    asked = asked_of(row)
    report = asked.read(session)
    if report.count > asked.on_paper:
        raise RuleBroken(
            f"This statement has {report.count:,} rows; at most {asked.on_paper:,} are printed. Ask for less, or take "
            "the workbook."
        )
    return Told(
        content={
            "kind": row.kind, "name": asked.name, "title": asked.title, "style": asked.style,
            "asked": [list(pair) for pair in asked.in_words(session)],
            "mark": mark_of(session, row.organization_id, asked, report), **shape.told(report),
        },
        title=asked.title,
        period=f"FY {asked.fiscal_year} as of {asked.as_of.isoformat()}",
        status="System-generated",
        is_open=False,
        is_final=True,
        is_demo=report.is_demo,
    )  # fmt: skip


def _find(kind: str) -> Callable[[Session, Actor, int], Any]:
    def find(session: Session, actor: Actor, statement_id: int) -> KeptStatement:
        row = get_kept(session, actor, statement_id)
        if row.kind != kind:
            raise NotFound("There is no such statement.")
        return row

    return find


PAPERS = {
    each.kind: Paper(
        kind=each.kind.replace("-", "_"),
        subject="statement_id",
        find=_find(each.kind),
        tell=tell_statement,
        see_drafts=Permission.LEDGER_VIEW,
        template="documents/statement.html",
        words=WORDS,
        name=each.name,
        signed=DocumentKind.FINANCIAL_STATEMENT,
    )
    for each in STATEMENTS
}
for _paper in PAPERS.values():
    declare(_paper)
