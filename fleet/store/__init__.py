"""The fleet's database: tables, migrations, transactions. SQLite with a write-ahead log by default."""

from fleet.store.engine import Store

__all__ = ["Store"]
