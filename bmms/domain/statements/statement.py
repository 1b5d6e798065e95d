"""The question that a statement answers: what is asked, how an address says it, and what is refused."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, ClassVar, Self
from urllib.parse import parse_qsl, urlencode

from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.actors import Actor
from bmms.domain.errors import NotAllowed, RuleBroken
from bmms.domain.ledger import accounts
from bmms.domain.ledger.labels import CLUSTERS
from bmms.domain.permissions import P
from bmms.domain.statements.shape import Report

Choices = Mapping[str, str]
# Who may ask what names payees: budget, accounting, approvers; central offices never (modules 6.2).
NAMES_PEOPLE = frozenset({P.LEDGER_EDIT, P.LEDGER_CERTIFY, P.LEDGER_PAY, P.BUDGET_REVIEW, P.BUDGET_APPROVE})
ALL_CLUSTERS: Choices = {"": "All fund clusters", **CLUSTERS}
LABELS = {"fiscal_year": "Fiscal year", "as_of": "As of", "since": "From", "account_id": "Account"}
_READ: Mapping[Any, Callable[[str], Any]] = {int: int, str: str, date: date.fromisoformat}


@dataclass(frozen=True, kw_only=True)
class Statement(ABC):
    """A statement of one organization, asked for with these parameters; equal questions have equal answers.

    Attributes:
        as_of: entries dated later do not count.
        cluster: only accounts of this fund cluster; empty for all.
    """

    kind: ClassVar[str]  # as addresses write it
    code: ClassVar[str]  # begins the id of the report
    name: ClassVar[str]
    title: ClassVar[str]
    about: ClassVar[str]
    choices: ClassVar[Mapping[str, tuple[str, Choices]]] = {"cluster": ("Fund cluster", ALL_CLUSTERS)}
    per_page: ClassVar[int] = 40
    on_paper: ClassVar[int] = 3_000  # rows that are still printed
    is_wide: ClassVar[bool] = False  # needs the width of the screen
    by_quarter: ClassVar[bool] = False  # has columns by quarter, of which a screen may show some
    has_chart: ClassVar[bool] = False  # rows are shares of what is appropriated, and are drawn so
    style: ClassVar[str] = ""  # the official form that it follows
    needs: ClassVar[frozenset[P]] = frozenset({P.LEDGER_VIEW})  # one of them

    fiscal_year: int
    as_of: date
    cluster: str = ""

    @abstractmethod
    def read(self, session: Session, page: int | None = None) -> Report:
        """The figures, all rows or one page of them (from 1 on); PostgreSQL adds them up."""

    def parts(self, session: Session) -> "list[tuple[str, Statement]]":
        """The sheets of a workbook: the name of each and the question that it answers."""
        return [("Statement", self)]

    @classmethod
    def is_open_to(cls, actor: Actor) -> bool:
        """May the actor ask it?"""
        return any(map(actor.may, cls.needs))

    @classmethod
    def require(cls, actor: Actor) -> None:
        """Raises NotAllowed unless the actor may ask it."""
        if not cls.is_open_to(actor):
            raise NotAllowed(f"{cls.name}: this needs one of the permissions {', '.join(sorted(cls.needs))}.")

    @property
    def asked(self) -> str:
        """The question as the query of an address; the same question always reads the same."""
        values = ((each.name, getattr(self, each.name)) for each in fields(self))
        return urlencode([(name, str(value)) for name, value in values if value not in ("", None)])

    @classmethod
    def of(cls, asked: str) -> Self:
        """The question that `asked` has written."""
        return cls(**_converted(cls, dict(parse_qsl(asked))))

    @classmethod
    def fields_of(cls) -> list[str]:
        """What can be asked; a fund cluster only where the statement is not of one account."""
        return [each.name for each in fields(cls) if each.name != "cluster" or "cluster" in cls.choices]

    def in_words(self, session: Session) -> list[tuple[str, str]]:
        """What is asked, for people."""
        told = [("Fiscal year", str(self.fiscal_year)), ("As of", day_in_words(self.as_of))]
        for name, (label, offered) in self.choices.items():
            told.append((label, offered[str(getattr(self, name))]))
        return told

    def window(self, page: int | None) -> tuple[int, int | None]:
        """Place of the first row, and how many there are at most; without a page, all."""
        return (0, None) if page is None else (max(page - 1, 0) * self.per_page, self.per_page)

    @classmethod
    def ask(cls, session: Session, answers: Mapping[str, str], years: Sequence[int] | None = None) -> Self:
        """The question that a person has asked; what is left out is the latest year, as of today or its last day.

        Args:
            years: those with accounts, where they are known already.

        Raises:
            RuleBroken: a day that is none, a year without accounts, a choice that is not offered. Names the field.
        """
        years = accounts.years_of(session) if years is None else years
        year = _year(answers.get("fiscal_year", ""), years)
        given = {name: answers.get(name, "").strip() for name in cls.fields_of()}
        given |= {"fiscal_year": str(year), "as_of": _day(given["as_of"], year, "as_of").isoformat()}
        for name, (label, offered) in cls.choices.items():
            given[name] = given[name] or next(iter(offered))
            if given[name] not in offered:
                raise RuleBroken(f"{label}: choose one from the list.", field=name)
        cls.refine(session, given)
        return cls(**_converted(cls, given))

    @classmethod
    def field_of(cls, session: Session, name: str, asked: "Statement | None") -> tuple[str, Choices]:
        """What a field is called, and what can be chosen in it; nothing for days."""
        return cls.choices.get(name) or (LABELS[name], {})

    @classmethod
    def refine(cls, session: Session, given: dict[str, str]) -> None:
        """Check what only this statement asks, and fill in what was left out. Raises RuleBroken."""
        return


def day_in_words(day: date) -> str:
    """`30 September 2026`."""
    return f"{day.day} {day:%B %Y}"


def _converted(cls: type[Statement], values: Mapping[str, str]) -> dict[str, Any]:
    given = ((each, values.get(each.name, "")) for each in fields(cls))
    return {each.name: _READ[each.type](text) for each, text in given if text}


def _year(text: str, years: Sequence[int]) -> int:
    if not years:
        raise RuleBroken("There are no budget accounts yet: no appropriation is in force.", field="fiscal_year")
    if not text.strip():
        return years[0]
    if not text.strip().isdigit() or int(text) not in years:
        raise RuleBroken(
            f"There are no budget accounts of fiscal year {text.strip()[:10]}. There are some of "
            f"{', '.join(map(str, years))}.", field="fiscal_year",
        )  # fmt: skip
    return int(text)


def _day(text: str, year: int, field: str) -> date:
    today = clock.today()
    if not text:
        return min(today, date(year, 12, 31))
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise RuleBroken("Give a day that there is, for example 2026-09-30.", field=field) from error
    if day > today:
        raise RuleBroken("This day lies in the future. Choose today or an earlier day.", field=field)
    if day.year < year - 1:
        raise RuleBroken(f"This day lies before fiscal year {year}. Choose a later one.", field=field)
    return day
