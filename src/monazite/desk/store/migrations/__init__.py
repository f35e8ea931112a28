"""Migrations of the store's tables, run by Alembic when a store is opened."""
