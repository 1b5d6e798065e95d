"""Rows of Health in every table of execution, for the tests that somebody else tries to reach."""

from datetime import date
from typing import Any, TypeVar

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.models.alerts import AlertKind, AlertLimits, BudgetAlert, Severity
from bmms.models.allotments import AllotmentLine, AllotmentOrder, OrderKind, OrderStatus
from bmms.models.authority import (
    Appropriation,
    AppropriationLine,
    AppropriationStatus,
    BudgetAccount,
    ValidityExtension,
)
from bmms.models.bed import BedFigure, BedLine, BedProgram
from bmms.models.changes import BudgetChange, BudgetChangeLine, ChangeKind
from bmms.models.deadlines import ReportingDeadline, ReportSubmission
from bmms.models.disbursements import Disbursement, DisbursementLine, PaymentMode
from bmms.models.ledger import (
    AccountingPeriod,
    CashAuthority,
    CashControl,
    DocumentKind,
    LedgerPosting,
    NumberSeries,
)
from bmms.models.obligations import (
    DueNote,
    Obligation,
    ObligationAdjustment,
    ObligationAdjustmentLine,
    ObligationLine,
    ObligationType,
    RequestBatch,
)
from bmms.models.openings import OpeningLine, OpeningPosition
from bmms.models.organizations import StoredFile
from bmms.models.payees import Payee
from bmms.models.programs import CostStructure
from bmms.models.reference import ExpenseClass
from bmms.models.statements import KeptStatement
from bmms.tenancy import TenantOwned

Row = TypeVar("Row", bound=TenantOwned)
OBJECT = "5020201000"  # planted by tests/cast.py
YEAR = clock.today().year - 1
DAY = date(YEAR, 1, 2)


def execution_rows(session: Session, cast: Any, ids: dict[str, int], file: StoredFile) -> dict[str, int]:
    """An appropriation in force and an order in the ledger; a draft of every other document."""
    badar, jamila = cast.badar.id, cast.jamila.id
    law = _add(session, Appropriation(
        fiscal_year=YEAR, reference="BAA No. 9", dated=DAY, effective_on=DAY, obligate_until=date(YEAR, 12, 31),
        pay_until=date(YEAR, 12, 31), total=1000, entered_by=badar, entered_label="Badar Lim",
    ))  # fmt: skip
    kind = {"cost_structure": CostStructure.OPERATIONS, "program_id": ids["program_id"],
            "expense_class": ExpenseClass.MOOE}  # fmt: skip
    _add(session, AppropriationLine(appropriation_id=law.id, amount=1000, **kind))
    account_id = session.execute(
        insert(BudgetAccount).returning(BudgetAccount.id),
        {"organization_id": cast.moh.id, "fiscal_year": YEAR, "number": 1, "appropriation_id": law.id, "source": "gaab",
         "fund_cluster": "01", "obligate_until": law.obligate_until, "pay_until": law.pay_until, "by_object": False,
         "is_demo": False, **kind},
    ).scalar_one()  # fmt: skip
    law.status, law.confirmed_by = AppropriationStatus.IN_FORCE, jamila
    _post(session, cast, DocumentKind.APPROPRIATION, law, DAY)
    released = _order(session, badar, "1", account_id)
    released.status, released.released_by = OrderStatus.RELEASED, jamila
    _post(session, cast, DocumentKind.ALLOTMENT_ORDER, released, DAY)
    order = _order(session, badar, "2", account_id)
    payee = _add(session, Payee(name="A supplier"))
    batch = _add(session, RequestBatch(fiscal_year=YEAR, entered_by=badar))
    obligation = _add(session, Obligation(
        fiscal_year=YEAR, dated=DAY, payee_id=payee.id, kind=ObligationType.OTHER, particulars="Supplies", total=10,
        entered_by=badar, entered_label="Badar Lim",
    ))  # fmt: skip
    line = _add(
        session, ObligationLine(obligation_id=obligation.id, account_id=account_id, object_code=OBJECT, amount=10)
    )
    adjustment = _add(session, ObligationAdjustment(
        obligation_id=obligation.id, fiscal_year=YEAR, dated=DAY, reason="Less", entered_by=badar
    ))  # fmt: skip
    disbursement = _add(session, Disbursement(
        fiscal_year=YEAR, dated=DAY, payee_id=payee.id, mode=PaymentMode.CHECK, gross=5, tax=0, net=5,
        submitted_by=badar,
    ))  # fmt: skip
    change = _add(session, BudgetChange(fiscal_year=YEAR, kind=ChangeKind.REALIGNMENT, reference="R 1", dated=DAY))
    opening = _add(session, OpeningPosition(
        fiscal_year=YEAR, reference="FAR 1", cut_over=DAY, stated_allotted=5, stated_obligated=0, stated_disbursed=0,
        entered_by=badar, file_id=file.id,
    ))  # fmt: skip
    validity = _add(session, ValidityExtension(
        appropriation_id=law.id, law="BAA No. 10", effective_on=DAY, obligate_until=date(YEAR + 1, 3, 31),
        pay_until=date(YEAR + 1, 3, 31), entered_by=badar,
    ))  # fmt: skip
    note = _add(session, DueNote(line_id=line.id, dated=DAY, amount=1, entered_by=badar))
    cash = _add(session, CashAuthority(fund_cluster="01", number="NCA 1", received_on=DAY, amount=5, entered_by=badar))
    bed = _add(session, BedProgram(fiscal_year=YEAR, prepared_by=badar, prepared_label="Badar Lim"))
    bed_line = _add(session, BedLine(bed_id=bed.id, **kind))
    alert = _add(session, BudgetAlert(
        kind=AlertKind.NEAR_LIMIT, severity=Severity.INFO, account_id=account_id, fiscal_year=YEAR, period=str(YEAR),
        facts={"obligated": "5.00", "allotted": "5.00", "rate": "100.00"},
    ))  # fmt: skip
    due = _add(session, ReportingDeadline(
        fiscal_year=YEAR, kind="financial", period=1, due_on=date(YEAR, 4, 30), owner_role="pilot_budget_officer"
    ))  # fmt: skip
    _add(session, ReportSubmission(
        deadline_id=due.id, file_id=file.id, submitted_on=date(YEAR, 4, 30), submitted_by=badar, submitted_label="Badar"
    ))  # fmt: skip
    kept = _add(session, KeptStatement(kind="far-1", asked=f"fiscal_year={YEAR}&as_of={DAY}"))
    session.add_all([
        BedFigure(line_id=bed_line.id, month=1, obligation=10, disbursement=5),
        ObligationAdjustmentLine(adjustment_id=adjustment.id, line_id=line.id, amount=-1),
        DisbursementLine(disbursement_id=disbursement.id, line_id=line.id, amount=5),
        BudgetChangeLine(change_id=change.id, account_id=account_id, appropriation=1),
        OpeningLine(opening_id=opening.id, account_id=account_id, dated=DAY, allotted=5),
        AccountingPeriod(month=date(YEAR - 1, 12, 1)),
        NumberSeries(fiscal_year=YEAR, series="ors-01"),
        AlertLimits(),
        CashControl(fund_cluster="01"),
    ])  # fmt: skip
    session.flush()
    return {
        "appropriation_id": law.id, "account_id": account_id, "order_id": order.id, "payee_id": payee.id,
        "obligation_id": obligation.id, "obligation_line_id": line.id, "adjustment_id": adjustment.id,
        "disbursement_id": disbursement.id, "change_id": change.id, "opening_id": opening.id,
        "validity_id": validity.id, "note_id": note.id, "cash_id": cash.id, "statement_id": kept.id,
        "bed_id": bed.id, "bed_line_id": bed_line.id, "alert_id": alert.id,
        "deadline_id": due.id,
        "batch_id": batch.id,
    }  # fmt: skip


def _add(session: Session, row: Row) -> Row:
    session.add(row)
    session.flush()
    return row


def _order(session: Session, by: int, number: str, account_id: int) -> AllotmentOrder:
    order = _add(session, AllotmentOrder(
        fiscal_year=YEAR, number=number, kind=OrderKind.SPECIAL, request="SBR 1", dated=DAY, total=100, entered_by=by
    ))  # fmt: skip
    session.add(AllotmentLine(order_id=order.id, account_id=account_id, object_code=OBJECT, amount=100))
    session.flush()
    return order


def _post(session: Session, cast: Any, kind: DocumentKind, document: Any, day: date) -> None:
    """Into the ledger, without the rules of the domain: those of the database hold anyway."""
    posting = _add(session, LedgerPosting(
        key=f"planted {kind}", document_kind=kind, document_id=document.id, doc_date=day, label="Planted",
        posted_by=cast.jamila.id, posted_label="Jamila Usop",
    ))  # fmt: skip
    session.execute(
        text(
            "INSERT INTO ledger_entries (organization_id, posting_id, account_id, object_code, obligation_line_id,"
            " measure, statement_column, amount, doc_date) SELECT :organization, :posting, account_id, object_code,"
            " obligation_line_id, measure, statement_column, amount, doc_date FROM entries_of(:kind, :document)"
        ),
        {"organization": cast.moh.id, "posting": posting.id, "kind": kind, "document": document.id},
    )
