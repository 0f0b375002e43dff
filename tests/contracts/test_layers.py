"""Imports point down, rules are pure, functions are short, one clock, no text is trusted; and these checks can fail."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.contracts.layers import PACKAGES, long_functions, module_faults, template_faults

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
TEMPLATES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("templates/**/*") if path.is_file())
TOOLS = sorted([*ROOT.glob("*.py"), *(ROOT / "tests").rglob("*.py")])


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_a_module_keeps_its_place(path):
    assert module_faults(place(path), path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", TOOLS, ids=place)
def test_functions_of_tools_and_tests_are_short(path):
    assert list(long_functions(ast.parse(path.read_text(encoding="utf-8")))) == []


def test_templates_escape_everything():
    faults = {place(path): list(template_faults(path.read_text(encoding="utf-8"))) for path in TEMPLATES}
    assert {path: found for path, found in faults.items() if found} == {}


def test_every_package_was_looked_at():
    assert {place(path).split("/")[0] for path in MODULES} == set(PACKAGES)


LONG = "def long():\n" + "    x = 1\n" * 50
PLANTED = [
    ("kernel/work.py", "import release.services.dispensing", "imports point down"),
    ("manufacturing/services/batches.py", "def f():\n    from labels.queries import labels", "imports point down"),
    ("labels/tables/labels.py", "from config import settings", "imports point down"),
    ("release/tables/results.py", "from release.services.results import enter", "imports point left"),
    ("release/queries/results.py", "from release import services", "imports point left"),
    ("kernel/accounts/domain.py", "from kernel.accounts.services import find_person", "imports point left"),
    ("release/api.py", "from release.pages import pages", "imports point left"),
    ("release/domain/results.py", "from sqlalchemy import select", "are pure"),
    ("release/domain/results.py", "import time", "are pure"),
    ("manufacturing/domain/batches.py", "import flask.helpers", "are pure"),
    ("kernel/lifecycle.py", "import sqlalchemy", "are pure"),
    ("kernel/quantities.py", "from os import environ", "are pure"),
    ("labels/drawing/pdf.py", "import sqlalchemy.orm", "are pure"),
    ("release/domain/review.py", "from manufacturing.tables.batches import BatchRow", "rules import rules"),
    ("release/domain/review.py", "from .results import judge", "is relative"),
    ("kernel/db.py", "from . import canonical", "is relative"),
    ("release/services/results.py", LONG, "has 51 lines"),
    ("release/services/results.py", "at = datetime.now(UTC)", "kernel/clock.py only"),
    ("kernel/ids.py", "at = datetime.datetime.utcnow()", "kernel/clock.py only"),
    ("labels/domain/content.py", "day = date.today()", "kernel/clock.py only"),
    ("config/app.py", "eval('1')", "trusts a text"),
    ("config/app.py", "exec('1')", "trusts a text"),
    ("kernel/web/slots.py", "import markupsafe\nmarkupsafe.Markup(text)", "trusts a text"),
    ("kernel/web/slots.py", "from markupsafe import Markup\nMarkup(f'<b>{x}</b>')", "trusts a text"),
]


@pytest.mark.parametrize(("path", "source", "fault"), PLANTED, ids=[f"{place}: {why}" for place, _, why in PLANTED])
def test_a_planted_fault_is_found(path, source, fault):
    assert any(fault in found for found in module_faults(path, source)), module_faults(path, source)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("release/services/results.py", "from labels.queries import labels\nfrom release.domain import results"),
        ("release/services/results.py", "now = work.clock.now()"),
        ("release/domain/results.py", "from kernel.refusals import Refusal\nfrom decimal import Decimal"),
        ("release/domain/results.py", "from manufacturing.domain.yields import recovery"),
        ("release/pages.py", "import flask\nfrom release.schemas import ResultSchema"),
        ("kernel/clock.py", "at = datetime.now(UTC)"),
        ("kernel/ids.py", "import secrets"),
        ("kernel/web/slots.py", "from markupsafe import Markup\nMarkup('<b>{}</b>').format(text)"),
        ("release/services/results.py", LONG.removesuffix("    x = 1\n")),
    ],
)
def test_good_sources_pass(path, source):
    assert module_faults(path, source) == []


@pytest.mark.parametrize("line", ["{{ x|safe }}", "{{ x | safe }}", "{% autoescape false %}", "{%- autoescape off -%}"])
def test_a_template_that_trusts_a_text_is_found(line):
    assert list(template_faults(f"<p>\n{line}\n"))


def test_a_template_may_speak_of_safety():
    assert not list(template_faults("<p>{{ x|unsafe_name }} is safe {{ y|safety }}</p>"))
