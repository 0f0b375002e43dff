"""Frozen figures as people and clients meet them: freeze, read, compare, print; never changed afterwards."""

from __future__ import annotations

import csv
import hashlib
import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from manufacturing.tables.trial import SubjectRow
from release.tables.snapshots import SnapshotRow
from tests.integration.release.giving_factory import (
    change,
    disposition,
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
def frozen(giving, api):
    """One patient infused, one included; then the figures are frozen."""

    def made():
        infused(giving, new_product(giving, new_patient(giving)))
        return new_patient(giving, "NK-04", collected=False)

    return along(giving, "one infused, one included", made)


def freeze(giving, who, occasion="monitoring visit 1"):
    return who.act(f"/trials/{giving.trial_id}/freeze", {"occasion": occasion})


@pytest.mark.on_both
@pytest.mark.req("TR-PROV", "TR-F1", "TR-F2")
def test_frozen_figures_keep_their_codes_and_tell_who_entered_and_left_since(giving, frozen, api, browser):
    sponsor = api("Sp")
    before = sponsor.get("/trial/feasibility").json
    done = freeze(giving, sponsor)
    assert (done.status_code, done.json["code"]) == (201, "NL-OMON26066-F001")
    place = f"/trial/snapshots/{done.json['id']}"
    kept = sponsor.get(place).json
    assert kept["figures"]["stages"] == before["stages"]
    assert kept["snapshot"]["intact"] is True
    assert sponsor.get(f"{place}/differences").json["changed"] is False

    change(giving, SubjectRow, frozen.id, status="concluded", drop_reason="donor", included_at=None)
    new_patient(giving, "NK-05", collected=False)
    told = sponsor.get(f"{place}/differences").json["difference"]
    (included,) = [one for one in told["stages"] if one["key"] == "I"]
    assert included["entered"] == ["NK-05"]
    assert included["left"] == [{"code": "NK-04", "reason": "donor"}]
    assert (included["before"], included["after"]) == (2, 2)
    assert sponsor.get(place).json["figures"] == kept["figures"]

    second = freeze(giving, sponsor, "monitoring visit 2").json
    assert second["code"] == "NL-OMON26066-F002"
    between = sponsor.get(f"/trial/snapshots/{second['id']}/differences?with={done.json['id']}").json
    assert (between["earlier"]["code"], between["later"]["code"]) == (done.json["code"], second["code"])
    assert between["difference"]["stages"] == told["stages"]

    stored = api("QA").get(f"{place}/document.json").data
    assert hashlib.sha256(stored).hexdigest() == done.json["sha256"]
    with giving.database.reading() as session:
        head = session.execute(
            sa.text("SELECT hash FROM trail WHERE seq = :seq"), {"seq": json.loads(stored)["trail"]["seq"]}
        ).scalar_one()
    assert head == json.loads(stored)["trail"]["hash"]


@pytest.mark.req("TR-PROV", "TR-ROLE")
def test_the_sponsor_alone_freezes_and_whoever_makes_the_product_sees_nothing_of_it(giving, frozen, api, browser):
    done = freeze(giving, api("Sp")).json
    place = f"/trial/snapshots/{done['id']}"
    assert api("QA").codes(freeze(giving, api("QA"))) == ["ROLE_NOT_ALLOWED"]
    assert api("T").codes(api("T").get(place)) == ["ROLE_NOT_ALLOWED"]
    monitor = browser("In")
    for language in ("nl", "en"):
        pages = [monitor.get(f"{path}?lang={language}") for path in ("/trial/snapshots", place, f"{place}/differences")]
        assert [one.status_code for one in pages] == [200, 200, 200]
        assert f"/subjects/{frozen.id}" in pages[1].text
        paper = monitor.get(f"{place}/report.pdf?language={language}")
        assert (paper.status_code, paper.data[:5]) == (200, b"%PDF-")
    lines = monitor.get(f"{place}/figures.csv").data.decode("utf-8-sig").splitlines()
    assert next(line for line in lines if '"I"' in line).endswith('"2","","","","","","NK-03 NK-04"')
    assert monitor.get(f"/find?code={done['code']}").headers["Location"].endswith(place)


def test_the_database_itself_refuses_to_change_what_was_frozen(giving, frozen, api):
    row_id = freeze(giving, api("Sp")).json["id"]
    with pytest.raises(sa.exc.IntegrityError):
        change(giving, SnapshotRow, row_id, occasion="another visit")


@pytest.mark.req("TR-F1", "TR-F2", "TR-S1")
def test_other_readings_and_chances_stand_beside_the_figures(giving, frozen, browser, api):
    readings = api("Sp").get("/trial/feasibility").json["other_readings"]
    assert [one["numerator"] for one in readings["infusion"]][:2] == [1, 1]
    assert [each["rule"] for each in readings["infusion"][0]["verdicts"]] == [
        "100 × 1 > 66 × 2",
        "3 × 1 > 2 × 2",
        "3 × 1 ≥ 2 × 2",
    ]
    chances = api("In").get("/trial/simulation?rates=0.05+0.3").json
    assert [row["safety_stop"][:6] for row in chances["rows"]] == ["0.0195", "0.7471"]
    assert chances["needed"] == {"inclusion_met": 12, "infusion_met": 8, "safety_stop": 3}
    for language in ("nl", "en"):
        monitor = browser("In")
        assert 'id="readings"' in monitor.get(f"/trial?lang={language}").text
        assert monitor.get(f"/trial/simulation?lang={language}").text.count('<svg class="drawing"') == 3


@pytest.mark.on_both
@pytest.mark.req("TR-PROV")
def test_the_figures_as_of_an_instant_are_those_that_were_shown_then(giving, frozen, api, browser):
    sponsor = api("Sp")
    shown = sponsor.get("/trial/feasibility").json
    giving.database.clock.advance(timedelta(minutes=1))
    change(giving, SubjectRow, frozen.id, status="concluded", drop_reason="donor", included_at=None)
    product = new_product(giving, new_patient(giving, "NK-05"), state="certified_pending")
    react(giving, infused(giving, product, "NK-05"))
    disposition(giving, product, status="late_oos")
    now = sponsor.get("/trial/feasibility").json
    assert now["stages"] != shown["stages"]
    assert now["fell"] == ["NK-05"]

    then = sponsor.get(f"/trial/feasibility?as_of={shown['data_cut_off']}").json
    assert then == {**shown, "as_of": shown["data_cut_off"]}
    replayed = sponsor.get(f"/trial/feasibility?as_of={now['data_cut_off']}").json
    assert replayed == {**now, "as_of": now["data_cut_off"]}

    refused = [
        sponsor.get(f"/trial/feasibility?as_of={one}") for one in ("2027-12-01 10:00", "yesterday", "2020-01-01 10:00")
    ]
    assert [sponsor.codes(one) for one in refused] == [["FUTURE_TIME"], ["FIELD_INVALID"], ["NO_TRIAL"]]
    page = browser("In").get("/trial/feasibility?lang=en&as_of=" + shown["data_cut_off"]).text
    assert "/trial/stages/" not in page, "the lists are those of today"
    assert "/trial/stages/F" in browser("In").get("/trial/feasibility?lang=en").text
    assert "As the records stood then" in page


@pytest.mark.req("TR-LOG", "TR-F3")
def test_the_screening_log_has_everybody_by_code_and_its_dictionary_names_each_column_and_code(giving, frozen, api):
    new_patient(giving, "NK-06", included=False, collected=False, status="concluded", drop_reason="no_consent")
    monitor = api("In")
    log, dictionary = (
        list(csv.DictReader(monitor.get(f"/trial/screening-{name}.csv").data.decode().splitlines()))
        for name in ("log", "dictionary")
    )
    assert [(one["record_id"], one["reached"], one["drop_reason"]) for one in log] == [
        ("NK-03", "F", ""),
        ("NK-04", "I", ""),
        ("NK-06", "T", "no_consent"),
    ]
    columns = {one["Variable / Field Name"]: one for one in dictionary}
    assert list(columns) == list(log[0])
    for name, one in columns.items():
        codes = {each.split(",")[0] for each in one["Choices, Calculations, OR Slider Labels"].split(" | ")} - {""}
        values = {each[name] for each in log} - {""}
        assert values <= (codes or values), name
        assert all(each[name] for each in log) or not one["Required Field?"], name
