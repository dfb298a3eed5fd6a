"""What the tables share."""

from __future__ import annotations

from typing import Annotated

from sqlalchemy import BigInteger, ForeignKey, Integer, String
from sqlalchemy.orm import DeclarativeBase, mapped_column

# SQLite gives automatic numbers only to a column of the very type INTEGER.
BigKey = BigInteger().with_variant(Integer, "sqlite")

Ms = Annotated[int, mapped_column(BigInteger)]
Code = Annotated[str, mapped_column(String(40))]
Word = Annotated[str, mapped_column(String(24))]
KitKey = Annotated[str, mapped_column(String(10), ForeignKey("kit.id"), primary_key=True)]
KitRef = Annotated[str, mapped_column(String(10), ForeignKey("kit.id"))]
AutoKey = Annotated[int, mapped_column(BigKey, primary_key=True, autoincrement=True)]


class Base(DeclarativeBase):
    """Base of all tables."""
