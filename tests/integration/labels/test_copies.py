"""What a reader gets of a label beside the container: its words, and nothing that a scanner would take for it."""

from __future__ import annotations

import pytest

from kernel.web.i18n import Speech
from labels.queries.facts import stored_facts
from release.domain.paper import Printed
from release.drawing.paper import draw_paper
from release.queries.accompanying import label_sections
from tests.integration.labels.factory import labelled
from tests.integration.release.printing import flat


@pytest.mark.req("DSP-DOCS")
@pytest.mark.parametrize("language", ["en", "nl"])
def test_with_a_container_go_whom_to_call_how_it_is_given_and_a_copy_of_its_label(bench, language):
    label = labelled(bench, bench.containers[0])
    facts, say = stored_facts(label), Speech(language).say
    found = label_sections(label, Speech(language))
    text = flat(draw_paper(Printed("t", "s", "h", "f", "page %(page)s of %(of)s", "c", "cc", tuple(found))))
    for words in ("Whom to call", "How it is given", "Copy of the label"):
        assert say(words) in text
    for fact in (facts.contact_phone, facts.expiry_text, facts.donor_code, facts.subject_code, label.short_number):
        assert fact in text
    route = facts.route.dutch if language == "nl" else facts.route.english
    assert route in text
    assert label.payload not in text
