"""A database that another version made is refused before anybody works in it."""

from __future__ import annotations

import re

import pytest

from config.app import create_app
from config.keys import make_keys
from config.settings import Settings, Unfit
from kernel.db import make_engine


@pytest.fixture
def settings(fresh, tmp_path):
    """``settings("demo")``: of an installation of that mode on a database that its owner changed meanwhile."""
    make_keys(tmp_path)

    def of(mode, *changes):
        owner = make_engine(fresh.owner_url, owner=True)
        with owner.begin() as connection:
            for change in changes:
                connection.exec_driver_sql(change)
        owner.dispose()
        return Settings(mode=mode, database_url=fresh.app_url, keys=tmp_path, head_file=tmp_path / "head")

    return of


@pytest.mark.req("P11-10c")
@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("ALTER TABLE weight RENAME COLUMN kg TO pounds", "weight.kg"),
        ("ALTER TABLE weight RENAME TO weight_of_old", "weight missing"),
    ],
)
def test_a_database_of_another_version_is_refused_by_what_it_lacks(settings, change, named):
    with pytest.raises(Unfit, match=re.escape(named)):
        create_app(settings("demo", change))


def test_a_demo_is_told_how_to_begin_anew_and_another_how_to_go_on(settings):
    change = "ALTER TABLE weight RENAME TO weight_of_old"
    with pytest.raises(Unfit, match="makes the example anew"):
        create_app(settings("demo", change))
    with pytest.raises(Unfit, match="nktrace prepare"):
        create_app(settings("production"))


def test_a_database_of_this_version_is_served(settings):
    app = create_app(settings("test"))
    app.extensions["nktrace"].database.engine.dispose()
    assert app.name == "nktrace"
