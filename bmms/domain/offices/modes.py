"""Recorded or operated (decision D16): who puts the acts of central offices on record in a fiscal year.

Recorded, the organization enters them from the instrument and somebody else of it confirms. Operated, the office does
both itself, by two persons as well: the guards are the same, only the permission is another.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import audit, workflow
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.permissions import P
from bmms.domain.workflow import Steps
from bmms.models.allotments import AllotmentOrder
from bmms.models.authority import Appropriation
from bmms.models.budgets import BudgetCall
from bmms.models.offices import ActsMode, FiscalYear
from bmms.models.proposals import BudgetProposal

YEARS = range(2020, 2101)
LABELS = {ActsMode.RECORDED: "Recorded by the organizations", ActsMode.OPERATED: "Operated by the offices"}


def mode_of(session: Session, fiscal_year: int) -> ActsMode:
    """How the central acts of a fiscal year come on record; recorded where nothing is said."""
    mode = session.scalar(select(FiscalYear.central_acts).where(FiscalYear.year == fiscal_year))
    return mode or ActsMode.RECORDED


def list_years(session: Session) -> Sequence[FiscalYear]:
    """The years for which something is said, the latest first."""
    return session.scalars(select(FiscalYear).order_by(FiscalYear.year.desc())).all()


def need_of(about: BudgetCall | BudgetProposal | Appropriation | AllotmentOrder, recorded: P) -> P:
    """The permission that an act about this call, proposal, law or order needs: of its organization, or MFBM's."""
    return P.BUDGET_DECIDE if about.is_operated else recorded


def need_in(session: Session, fiscal_year: int, recorded: P) -> P:
    """The same of a year, where there is nothing of the kind yet."""
    return P.BUDGET_DECIDE if mode_of(session, fiscal_year) == ActsMode.OPERATED else recorded


def operated_years(session: Session) -> frozenset[int]:
    """The fiscal years whose central acts are operated."""
    query = select(FiscalYear.year).where(FiscalYear.central_acts == ActsMode.OPERATED)
    return frozenset(session.scalars(query))


def steps_of(about: BudgetCall | BudgetProposal, steps: Steps) -> Steps:
    """The steps of central acts as they are taken in its year: when that is operated, all of them by MFBM."""
    if not about.is_operated:
        return steps
    return {verb: replace(step, need=P.BUDGET_DECIDE) for verb, step in steps.items()}


def refuse_own(actor: Actor, proposal: BudgetProposal) -> None:
    """An office that acts itself has people decide about its own proposal who did not prepare it (INV-7).

    Raises:
        RuleBroken: the actor prepared it.
    """
    if not proposal.is_operated:
        return
    for preparer_id in (proposal.created_by, proposal.submitted_by, proposal.signed_by):
        workflow.refuse_own(actor, preparer_id, "this proposal")


def set_mode(session: Session, actor: Actor, fiscal_year: int, mode: ActsMode) -> None:
    """Say how the central acts of a year come on record from now on; what was entered before stays.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: it is no fiscal year.
    """
    actor.require(P.LIST_CHANGE)
    if fiscal_year not in YEARS:
        raise RuleBroken(f"Type a fiscal year from {YEARS[0]} to {YEARS[-1]}.", field="year")
    row = session.scalar(select(FiscalYear).where(FiscalYear.year == fiscal_year).with_for_update())
    before = row.central_acts if row else ActsMode.RECORDED
    if row is None:
        row = FiscalYear(year=fiscal_year)
        session.add(row)
    row.central_acts = mode
    if before != mode:
        audit.record(session, actor, "fiscal_years:change", row, label=f"FY {fiscal_year}", central_acts=(before, mode))
