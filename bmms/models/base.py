"""What tables have in common."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from sqlalchemy import BigInteger, DateTime, Identity, Integer, Numeric, func
from sqlalchemy import Enum as EnumType
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from bmms.extensions import Base

__all__ = ["Base", "Identified", "Moment", "Money", "Timestamped", "Versioned", "one_of"]

Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]  # a point in time, kept as UTC
Money = Annotated[Decimal, mapped_column(Numeric(18, 2))]  # pesos and centavos, exact (decision D13)


class Identified:
    """A BIGINT identity as primary key."""

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)


class Timestamped:
    """When the row was made and last changed (UTC)."""

    created_at: Mapped[Moment] = mapped_column(server_default=func.now())
    updated_at: Mapped[Moment] = mapped_column(server_default=func.now(), onupdate=func.now())


class Versioned:
    """Two people who save the same row: the second is told, never overwritten silently (law 3)."""

    row_version: Mapped[int] = mapped_column(Integer, server_default="1")

    @declared_attr.directive
    def __mapper_args__(cls) -> dict:
        return {"version_id_col": cls.row_version}


def one_of(kind: type[StrEnum], name: str = "") -> EnumType:
    """A word from a fixed list, stored as text with a CHECK; no PostgreSQL enum types, so lists can grow.

    Args:
        name: of the CHECK, where a table has two columns of one kind.
    """
    return EnumType(
        kind,
        native_enum=False,
        create_constraint=True,
        name=name or kind.__name__.lower(),
        values_callable=lambda words: [word.value for word in words],
        length=40,
    )
