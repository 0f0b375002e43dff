"""Alembic's entry: one transaction for the whole upgrade, with the engine of whoever owns the schema."""

from __future__ import annotations

from alembic import context

from config.tables import METADATA

engine = context.config.attributes["engine"]

with engine.begin() as connection:
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_as_batch=True,
        compare_type=True,
        transactional_ddl=True,
    )
    context.run_migrations()
