"""A sentence without Dutch fails here (decision 21), and so does a translation that loses a place."""

from __future__ import annotations

import re

import pytest

from tests.contracts.messages import PACKAGES, catalogue, in_template, untranslated

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


def test_a_planted_sentence_is_seen(tmp_path):
    planted = tmp_path / "planted.html"
    planted.write_text('<p>{{ _("Never translated") }} {{ _("Nor %(this)s", this=1) }}</p>', encoding="utf-8")
    assert in_template(planted) == {"Never translated", "Nor %(this)s"}
