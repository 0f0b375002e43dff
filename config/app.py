"""The application: settings in, a Flask app out. Everything it serves comes from the registry."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined

import config.wiring
from config.demo_clock import ShiftedClock, offer
from config.schema import missing_in
from config.settings import ROOT, Settings, Unfit, read_secret
from config.tables import audited_tables
from kernel.accounts.passwords import Passwords
from kernel.clock import Clock
from kernel.database import Database
from kernel.db import make_engine
from kernel.signatures import load_seal
from kernel.web import rendering, serve
from kernel.web.pages import pages
from kernel.web.site import Site

VERSION = "0.1.0"
PACKAGES = ("kernel/web", "manufacturing", "labels", "release", "config")


def clock_of(settings: Settings) -> Clock:
    """One for every process of the installation; that of a demo can be moved forward."""
    return ShiftedClock(settings.head_file.parent / "clock") if settings.demo else Clock()


def open_database(settings: Settings, clock: Clock | None = None) -> Database:
    """The database as the application's own role sees it."""
    seal = settings.keys / "seal.pem"
    read_secret(seal)
    engine = make_engine(settings.database_url)
    return Database(engine, clock or Clock(), load_seal(seal), settings.head_file, VERSION)


def refuse_other_schema(database: Database, settings: Settings) -> None:
    """A database that another version made is told from this one before anybody writes to it."""
    missing = missing_in(database.engine)
    if missing:
        database.engine.dispose()
        shown = ", ".join(missing[:3]) + (" …" if len(missing) > 3 else "")
        way = (
            "“python3 run.py fresh” makes the example anew"
            if settings.demo
            else "“nktrace prepare” brings it up to date"
        )
        raise Unfit(f"The database is not of this version ({shown} missing): {way}.")


def create_app(settings: Settings, clock: Clock | None = None) -> Flask:
    """Refuses to start (``Unfit``) with missing, short or known secrets, or a schema that is not this version's."""
    clock = clock or clock_of(settings)
    database = open_database(settings, clock)
    refuse_other_schema(database, settings)
    app = Flask("nktrace", static_folder=None)
    app.config.update(
        SECRET_KEY=None, MAX_CONTENT_LENGTH=2 * 1024 * 1024, MAX_FORM_PARTS=500, MAX_FORM_MEMORY_SIZE=512 * 1024
    )
    site = Site(
        database=database,
        passwords=Passwords(cheap=settings.cheap_passwords),
        secret=read_secret(settings.keys / "session.key"),
        badge="DEMO" if settings.demo else "",
        secure=not settings.demo,
        version=VERSION,
        largest_file=settings.largest_file,
        extras={"audited_tables": audited_tables(), "mode": settings.mode},
    )
    app.extensions["nktrace"] = site
    loaders = [FileSystemLoader(Path(ROOT, package, "templates")) for package in PACKAGES]
    app.jinja_env.loader = ChoiceLoader(loaders)
    app.jinja_env.undefined = StrictUndefined
    rendering.prepare(app)
    app.register_blueprint(pages)
    serve.register(app)
    if isinstance(clock, ShiftedClock):
        offer(app, clock)
    config.wiring.connect(site, settings)
    return app
