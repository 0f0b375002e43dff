"""Another version of the protocol: what it would change of the past stands beside it and in what its approvers sign."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from kernel.documents.queries import find_effective
from kernel.tables import SignatureRow
from manufacturing.tables.trial import SubjectRow
from tests.integration.release.giving_factory import (
    change,
    draft_protocol,
    infused,
    new_giving,
    new_patient,
    new_product,
    react,
)
from tests.places import along, remembered


@pytest.fixture
def giving(app, database, person):
    return remembered(database, "giving", lambda: new_giving(database, person))


@pytest.fixture
def treated(giving):
    """NK-03 infused with one severe reaction, NK-04 included at three years."""

    def made():
        react(giving, infused(giving, new_product(giving, new_patient(giving))))
        return new_patient(giving, "NK-04", collected=False, age_years=3, age_months=0)

    return along(giving, "one infused with a reaction, one of three years", made)


def told(answer):
    return [(one["subject"], [each["code"] for each in one["refusals"]]) for one in answer.json["effects"]]


@pytest.mark.on_both
@pytest.mark.req("TR-PROV", "TR-N")
def test_a_change_names_the_past_it_would_change_before_it_is_signed_and_leaves_the_past_as_it_is(
    giving, treated, person, api, browser
):
    draft = draft_protocol(
        giving, person("QA"), age_lowest_months="48", safety_at_most_patients="0", downtime_kit_hours="12"
    )
    page = f"/administration/documents/{draft}"
    found = api("Sp").get(f"{page}/effects")
    assert told(found) == [("NK-04", ["INCLUSION_AGE"]), (None, []), (None, [])]
    assert found.json["effects"][1]["list"] == "Included of the transplanted of the accepted age and donor type"
    assert found.json["effects"][2]["effect"] == "The figure of safety would hold the trial."
    assert [one["en"][:20] for one in found.json["not_looked_at"]] == ["Hours for which a pr"]
    before = api("Sp").get("/trial/feasibility").json

    for who, role in (("Sp", "Sp"), ("QA", "QA")):
        form = browser(who).get(f"{page}/approve?lang=en").text
        assert "Included; this version would refuse it." in form
        assert api(who).act(f"{page}/approve", {"role": role}).status_code == 200
    with giving.database.reading() as session:
        assert find_effective(session, "protocol").id == draft
        signed = (
            session.execute(sa.select(SignatureRow.document).where(SignatureRow.record_id == draft)).scalars().all()
        )
        assert session.get_one(SubjectRow, treated.id).included_at is not None
    (last,) = [json.loads(one)["content"] for one in signed]
    assert last["decided otherwise by this version"][0] == {
        "subject": "NK-04",
        "effect": "Included; this version would refuse it.",
        "codes": "INCLUSION_AGE",
    }
    after = api("Sp").get("/trial/feasibility").json
    assert [one["subjects"] for one in after["stages"]] == [one["subjects"] for one in before["stages"]]
    assert (before["safety"]["hold"], after["safety"]["hold"]) == (False, True)


@pytest.mark.req("TR-PROV")
def test_what_happens_after_the_effects_were_shown_sends_the_approver_back(giving, treated, person, api):
    draft = draft_protocol(giving, person("QA"), age_lowest_months="48")
    page, sponsor = f"/administration/documents/{draft}", api("Sp")
    seen = sponsor.get(f"{page}/approve").json["seen"]
    change(giving, SubjectRow, treated.id, age_years=4)
    assert sponsor.codes(sponsor.act(f"{page}/approve", {"role": "Sp"}, seen=seen)) == ["STALE_VERSION"]
    assert told(sponsor.get(f"{page}/effects")) == []


@pytest.mark.req("TR-ROLE")
def test_whoever_makes_the_product_reads_the_version_and_nothing_of_what_it_would_change(
    giving, treated, person, browser
):
    draft = draft_protocol(giving, person("QA"), age_lowest_months="48")
    page = f"/administration/documents/{draft}"
    reads = {role: browser(role).get(f"{page}?lang=en").text for role in ("T", "In")}
    assert {role: "would change of the past" in text for role, text in reads.items()} == {"T": False, "In": True}
    assert browser("T").get(f"{page}/effects").status_code == 403
    with giving.database.reading() as session:
        in_force = find_effective(session, "protocol").id
    assert "Nothing to compare" in browser("In").get(f"/administration/documents/{in_force}/effects?lang=en").text
