"""What the checks of a proposal ask of its lines, counted in one statement, and the rest of what they look at."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from bmms.domain.calls.queries import Due, deadline_of
from bmms.domain.proposals import comparatives, figures, queries
from bmms.domain.proposals.line_rules import is_too_cheap, looks_like_a_lump_sum
from bmms.domain.proposals.programs import Figures, figures_of, indicators_of
from bmms.domain.workflow import LEAST_REMARK
from bmms.models.budgets import BudgetCall
from bmms.models.compliance import Desk, ProposalEndorsement
from bmms.models.indicators import Indicator
from bmms.models.organizations import Organization
from bmms.models.programs import CostStructure
from bmms.models.proposals import BudgetLine, BudgetProposal, ProposalIndicator, Sphere
from bmms.models.reference import ExpenseClass, ObjectCode

LEAST_JUSTIFICATION, LEAST_PRICES = 100, 3  # characters, and price references, of capital outlay
DESK_OF = {Sphere.INFRASTRUCTURE: Desk.MPW, Sphere.ENVIRONMENT: Desk.MENRE, Sphere.ICT: Desk.BICTO}
NONE = Decimal("0.00")


@dataclass(frozen=True)
class LineFacts:
    """Counts of lines, and sums in pesos."""

    lines: int
    without_place: int
    too_cheap: int  # BP-08
    out_of_force: int  # BP-03
    unexplained_lumps: int  # C-22
    not_itemised: int  # D32
    thin_capital: int  # capital outlay without justification, price references or an entry in the procurement plan
    total: Decimal  # of all lines, added up apart from `Sums`
    concerned: Decimal  # the same once for BPDA, and each line once more for each other office that it concerns
    gender: Decimal  # pesos for gender and development: amount x share
    by_desk: Mapping[Desk, Decimal]  # what the lines that need an endorsement come to
    sources: frozenset[str]


@dataclass(frozen=True)
class Facts:
    """A proposal as the checks see it."""

    proposal: BudgetProposal
    call: BudgetCall | None
    deadline: Due | None
    sums: figures.Sums
    lines: LineFacts
    programs: list[queries.Chosen]
    indicators: Mapping[int, list[tuple[ProposalIndicator, Indicator]]]
    figures: Mapping[int, Figures]
    years: list[comparatives.Before]
    endorsements: Mapping[Desk, ProposalEndorsement]

    @property
    def operations(self) -> list[queries.Chosen]:
        """The programs of operations: they have to say what they reach."""
        return [one for one in self.programs if one.program.cost_structure == CostStructure.OPERATIONS]

    @property
    def gender_share(self) -> Decimal | None:
        """Gender and development as a fraction of the total; None where there is no total (INV-23)."""
        total = self.sums.whole.total
        return self.lines.gender / total if total else None

    @property
    def desks(self) -> dict[Desk, Decimal]:
        """The offices whose word is needed, with the pesos that concern each; BPDA certifies all of it."""
        found = {Desk.BPDA: self.sums.whole.total} if self.lines.lines else {}
        return found | dict(self.lines.by_desk)

    def levels_of(self, part_id: int) -> set[str]:
        """The levels on which a program has a target."""
        return {indicator.level for row, indicator in self.indicators.get(part_id, ()) if row.target is not None}


def facts_of(session: Session, proposal: BudgetProposal) -> Facts:
    """Read all of it, in so many statements however long the proposal is."""
    call, register = queries.call_of(session, proposal), queries.register_of(session, proposal)
    code = session.get_one(Organization, proposal.organization_id).code
    sums, lines = _look_at_lines(session, proposal)
    return Facts(
        proposal=proposal,
        call=call,
        deadline=deadline_of(session, call) if call else None,
        sums=sums,
        lines=lines,
        programs=register.chosen,
        indicators=indicators_of(session, proposal),
        figures=figures_of(session, proposal),
        years=comparatives.before(session, proposal, register, code),
        endorsements=endorsements_of(session, proposal),
    )


def endorsements_of(session: Session, proposal: BudgetProposal) -> dict[Desk, ProposalEndorsement]:
    """What was asked of each office, and what it said."""
    query = select(ProposalEndorsement).where(ProposalEndorsement.proposal_id == proposal.id)
    return {row.desk: row for row in session.scalars(query)}


def _look_at_lines(session: Session, proposal: BudgetProposal) -> tuple[figures.Sums, LineFacts]:
    """All lines in one statement: their sums, and what is odd about them."""
    counts = {
        "without_place": BudgetLine.place_psgc.is_(None),
        "too_cheap": is_too_cheap(BudgetLine.object_code, BudgetLine.unit_cost),
        "out_of_force": _is_out_of_force(proposal.fiscal_year),
        "unexplained_lumps": and_(looks_like_a_lump_sum(), _shorter(LEAST_REMARK)),
        "not_itemised": BudgetLine.is_not_itemised.is_(True),
        "thin_capital": _is_thin_capital(),
    }
    tagged = {desk: BudgetLine.sphere == sphere for sphere, desk in DESK_OF.items()}
    tagged[Desk.BWC] = BudgetLine.gad_percent > 0
    alone = select(func.sum(BudgetLine.amount)).where(BudgetLine.proposal_id == proposal.id)
    for_desks = func.num_nonnulls(BudgetLine.sphere, func.nullif(BudgetLine.gad_percent, 0))
    rows = session.execute(
        figures.grouped(proposal)
        .join(ObjectCode, ObjectCode.code == BudgetLine.object_code)
        .add_columns(
            func.sum(BudgetLine.amount * BudgetLine.gad_percent / 100).label("gender"),
            func.array_agg(BudgetLine.source.distinct()).label("sources"),
            alone.scalar_subquery().label("alone"),
            func.sum(BudgetLine.amount * for_desks).label("for_desks"),
            *(func.count().filter(condition).label(name) for name, condition in counts.items()),
            *(func.sum(BudgetLine.amount).filter(condition).label(desk.value) for desk, condition in tagged.items()),
        )
    ).all()
    by_desk = {desk: sum((getattr(row, desk.value) or NONE for row in rows), NONE) for desk in tagged}
    total = rows[0].alone if rows else NONE
    return figures.added_up(rows), LineFacts(
        lines=sum(row.lines for row in rows),
        total=total,
        concerned=total + sum((row.for_desks for row in rows), NONE),
        gender=sum((row.gender for row in rows), NONE),
        by_desk={desk: amount for desk, amount in by_desk.items() if amount},
        sources=frozenset(source for row in rows for source in row.sources),
        **{name: sum(getattr(row, name) for row in rows) for name in counts},
    )


def _shorter(least: int) -> ColumnElement[bool]:
    return func.length(func.trim(BudgetLine.justification)) < least


def _is_out_of_force(fiscal_year: int) -> ColumnElement[bool]:
    first = func.make_date(fiscal_year, 1, 1)
    return or_(ObjectCode.valid_from > first, ObjectCode.valid_to < first)


def _is_thin_capital() -> ColumnElement[bool]:
    prices = func.cardinality(func.string_to_array(func.trim(BudgetLine.price_references), "\n"))
    thin = or_(
        _shorter(LEAST_JUSTIFICATION),
        case((BudgetLine.price_references == "", 0), else_=prices) < LEAST_PRICES,
        BudgetLine.procurement_entry == "",
    )
    return and_(BudgetLine.expense_class == ExpenseClass.CO, thin)
