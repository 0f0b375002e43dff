"""What every form of every package keeps to: bounded texts and numbers, labels people read, nothing lost in the envelope."""

from __future__ import annotations

import re

import pytest
from marshmallow import fields, validate

import config.wiring  # noqa: F401  (every package has declared its acts)
from kernel.permissions import PERMISSIONS
from kernel.web.fields import Attachment, CalendarDay, Moment, Number, YesNo
from kernel.web.registry import ACTS, DOWNLOADS, NAVIGATION, SIGNED_IN, VIEWS
from kernel.web.submissions import ENVELOPE

OWN = (Number, Moment, CalendarDay, YesNo, fields.Boolean, Attachment)  # a file is bounded by the installation
REPORTS = {
    "deviation.report",
    "deviation.report_about",
}  # what is told about a record rests on nothing that could be stale
STATIC = [act for act in ACTS.values() if not act.dynamic_schema]


def inner_fields(one):
    """A field and those within it."""
    yield one
    if isinstance(one, fields.List):
        yield from inner_fields(one.inner)
    if isinstance(one, fields.Nested):
        for part in one.schema.fields.values():
            yield from inner_fields(part)


def is_bounded(one):
    rules = one.validators
    if isinstance(one, OWN):
        return True
    if isinstance(one, fields.List | fields.Nested):
        return True
    if isinstance(one, fields.Integer):
        return any(isinstance(rule, validate.Range) and rule.max is not None for rule in rules)
    if isinstance(one, fields.String):
        return any(
            isinstance(rule, validate.OneOf | validate.Regexp)
            or (isinstance(rule, validate.Length) and (rule.max is not None or rule.equal is not None))
            for rule in rules
        )
    return False


@pytest.mark.parametrize("act", STATIC, ids=lambda act: act.name)
def test_every_field_is_bounded_and_of_a_known_kind(act):
    loose = [name for name, one in act.schema().fields.items() for part in inner_fields(one) if not is_bounded(part)]
    assert loose == []


@pytest.mark.parametrize("act", STATIC, ids=lambda act: act.name)
def test_no_field_hides_behind_a_name_of_the_envelope(act):
    assert set(act.schema().fields) & set(ENVELOPE) == set()


@pytest.mark.parametrize("act", STATIC, ids=lambda act: act.name)
def test_every_field_has_a_label(act):
    bare = [name for name, one in act.schema().fields.items() if not {"label", "hidden"} & set(one.metadata)]
    assert bare == []


@pytest.mark.parametrize("act", STATIC, ids=lambda act: act.name)
def test_no_schema_takes_what_it_does_not_know(act):
    assert act.schema().unknown == "raise"


def test_every_act_view_file_and_menu_names_a_permission_that_somebody_has():
    named = {one.permission for table in (ACTS, VIEWS, DOWNLOADS) for one in table.values()}
    named |= {one.permission for one in NAVIGATION} | {act.second_permission for act in ACTS.values()} - {None}
    assert {name for name in named - {SIGNED_IN} if not PERMISSIONS.get(name)} == set()


def test_every_menu_leads_to_a_page():
    paths = {one.path for table in (ACTS, VIEWS) for one in table.values()}
    assert [one.path for one in NAVIGATION if one.path not in paths] == []


@pytest.mark.req("P11-50a")
def test_every_signature_says_what_it_means():
    assert [act.name for act in ACTS.values() if act.signs and not act.meaning] == []


@pytest.mark.req("DI-6.16", "AC-INSP", "P11-200a2")
def test_every_second_signature_belongs_to_a_role_of_the_work():
    for act in ACTS.values():
        if act.signs == 2:
            assert PERMISSIONS[act.second_permission] - {"Ad", "In"} == PERMISSIONS[act.second_permission], act.name


@pytest.mark.req("SIG-WYSIWYS")
def test_every_signature_on_a_record_shows_what_is_signed():
    signed = [act for act in ACTS.values() if act.signs and re.search(r"<\w+>", act.path)]
    assert [act.name for act in signed if act.content is None] == []


def test_every_act_that_changes_a_record_rests_on_what_was_seen():
    changing = [act for act in ACTS.values() if re.search(r"<\w+>", act.path)]
    assert {act.name for act in changing if act.content is None} <= REPORTS
