"""Bringing the schema up to this version, by the role that owns it."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Engine

from config.settings import ROOT, Settings
from kernel.db import make_engine


def owner_engine(settings: Settings) -> Engine:
    """On PostgreSQL the owner's address is separate (NKTRACE_OWNER_URL); the server's role owns nothing."""
    return make_engine(settings.owner_url or settings.database_url, owner=True)


def alembic_config(engine: Engine, app_role: str | None) -> Config:
    alembic = Config()
    alembic.set_main_option("script_location", str(ROOT / "migrations"))
    alembic.attributes["engine"] = engine
    alembic.attributes["app_role"] = app_role
    return alembic


def upgrade(settings: Settings) -> None:
    engine = owner_engine(settings)
    try:
        command.upgrade(alembic_config(engine, settings.app_role), "head")
    finally:
        engine.dispose()
