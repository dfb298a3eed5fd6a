"""Alembic's migrations of the fleet's database."""
