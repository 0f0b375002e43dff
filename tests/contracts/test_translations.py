"""A sentence without Dutch fails here (decision 21), and so does a translation that loses a place."""

from __future__ import annotations

import re

import pytest
from babel.messages.pofile import read_po

from tests.contracts.messages import PACKAGES, ROOT, catalogue, in_template, untranslated

PLACE = re.compile(r"%\((\w+)\)[sd]")


@pytest.mark.parametrize("package", PACKAGES)
def test_every_sentence_has_dutch(package):
    assert untranslated(package) == []


def test_translations_keep_their_places():
    wrong = {
        message: text
        for message, text in catalogue().items()
        if set(PLACE.findall(message)) != set(PLACE.findall(text))
    }
    assert wrong == {}


def dutch_of(files):
    """Every Dutch text of a message, in one context, and where it stands."""
    found = {}
    for file in files:
        with file.open("rb") as source:
            for message in read_po(source, locale="nl"):
                if message.id and message.string:
                    known = found.setdefault((message.context, str(message.id)), {})
                    known.setdefault(str(message.string), []).append(file.name)
    return found


def test_no_message_is_said_in_two_ways_in_dutch():
    """A later file wins, so the other way would be shown nowhere, or where it means something else."""
    files = [file for package in PACKAGES for file in sorted((ROOT / package / "locale").glob("nl*.po"))]
    assert {message: said for message, said in dutch_of(files).items() if len(said) > 1} == {}


def test_a_second_dutch_is_seen(tmp_path):
    for name, said in (("nl.po", "vervallen"), ("nl.more.po", "ongeldig")):
        (tmp_path / name).write_text(f'msgid "void"\nmsgstr "{said}"\n', encoding="utf-8")
    (found,) = dutch_of(sorted(tmp_path.iterdir())).values()
    assert found == {"ongeldig": ["nl.more.po"], "vervallen": ["nl.po"]}


def test_a_planted_sentence_is_seen(tmp_path):
    planted = tmp_path / "planted.html"
    planted.write_text('<p>{{ _("Never translated") }} {{ _("Nor %(this)s", this=1) }}</p>', encoding="utf-8")
    assert in_template(planted) == {"Never translated", "Nor %(this)s"}
