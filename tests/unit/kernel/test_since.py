"""What somebody reads of what changed: nothing that is empty, and no brackets of the data."""

from __future__ import annotations

import pytest

from kernel.trail.since import Teller
from kernel.web.i18n import Speech

DUTCH = Teller({}, {}, Speech("nl"))


def change(op, **new):
    return {"op": op, "entity": "eligibility", "id": "1m84frh20a95h6yy", "old": {}, "new": new}


@pytest.mark.req("SIG-WYSIWYS")
def test_of_a_new_record_what_is_empty_is_not_listed():
    told = DUTCH.record(change("create", source="laboratory report", failed="[]", remark="", other=None, typed=False))
    assert {one["name"]: one["to"] for one in told["fields"]} == {"source": "laboratory report", "typed": "Nee"}


@pytest.mark.req("SIG-WYSIWYS")
def test_an_empty_list_of_the_page_is_told_in_a_word():
    assert DUTCH.text({"source": "laboratory report", "failed": []}).endswith(": geen")
