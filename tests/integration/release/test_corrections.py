"""An early count corrected in a certified batch: what changes is shown first, what rested on it falls, nothing else."""

from __future__ import annotations

import json
import secrets
from datetime import timedelta
from decimal import Decimal

import pytest

from config.demo import Stage
from config.example import Teller
from config.playing import text
from kernel.canonical import plain
from kernel.errors import Refused
from kernel.quantities import expanded
from kernel.web.i18n import Speech
from manufacturing.queries.trial import get_protocol, get_trial
from manufacturing.tables.batches import ContainerRow
from release.domain.metrics import feasibility
from release.domain.patient_figures import StageKey
from release.drawing.paper import draw_paper
from release.queries.decision_certificate import decision_certificate
from release.queries.metrics import patient_histories, trial_rules
from tests.integration.release.printing import flat
from tests.races.installations import Installation, borrowed, story

COUNTED = "4"
REASON = "one digit was read from the wrong line of the print"
CERTIFY = {"manufacturing_authorised": True, "national_duties": True, "register_entry": True}
WHY = "a count was corrected by one digit; every result is still within its limits"
SPONSOR = {"trial_authorised": True, "site_ready": True}


@pytest.fixture
def here(database, tmp_path):
    """On the engine of the ``database`` that everything in this folder is given anyway."""
    with borrowed(story(database.engine.dialect.name)["ready"], tmp_path / "copy") as found:
        yield found


@pytest.fixture
def stage(here: Installation):
    found = here.stage()
    yield found
    found.site.database.engine.dispose()


def read(stage: Stage, path: str, login: str = "tech1"):
    return plain(Teller(stage).read(login, path))


def as_typed(stage: Stage, batch: str, position: str) -> dict[str, str]:
    """The step as a form would send it again."""
    bench = read(stage, f"/batches/{batch}/steps/{position}")["bench"]
    typed = {"performed_at": bench["step"]["performed_at"]}
    for one in bench["fields"]:
        value = next((one[name] for name in ("number", "moment", "text") if one[name] is not None), None)
        typed[one["key"]] = value
        if one["not_applicable"]:
            typed[one["key"] + "_na"] = one["not_applicable"]
    return {name: str(value) for name, value in typed.items() if value is not None}


def a_little_less(number: str) -> str:
    return str(Decimal(number) - Decimal("0.4"))


def codes(act, *args, **given):
    try:
        act(*args, **given)
    except RuntimeError as broken:
        if isinstance(broken.__cause__, Refused):
            return [one.code for one in broken.__cause__.refusals]
        raise
    return []


def verdict(stage: Stage, facts) -> tuple[str, list[str]]:
    given = {"label_code": facts["label_code"], "subject_code": facts["subject"], "place": "pharmacy"}
    said = stage.act("pharm1", "container.scan", nonce=secrets.token_urlsafe(12), **given).body
    return said["verdict"], [one["code"] for one in said["reasons"]]


def changed_since(here: Installation, seq: int) -> dict[str, set[str]]:
    """Every column of every record that an act changed after this link, by entity."""
    found: dict[str, set[str]] = {}
    for row in here.rows("SELECT payload FROM trail WHERE seq > :seq ORDER BY seq", seq=seq):
        for change in json.loads(row.payload).get("changes", []):
            found.setdefault(change["entity"], set()).update(change["new"])
    return found


def head(here: Installation) -> int:
    return here.rows("SELECT seq FROM trail_head")[0].seq


@pytest.mark.req("ATMP-6.1-CORR", "A11D-13")
def test_a_count_corrected_after_certification_shows_and_voids_what_rested_on_it_and_nothing_else(here, stage):
    facts, batch = here.facts, here.facts["batch"]
    step = {"batch_id": batch, "position": COUNTED}
    assert verdict(stage, facts)[0] == "ALLOW_CONDITIONAL"
    typed = as_typed(stage, batch, COUNTED)
    assert codes(stage.act, "tech1", "step.correct", **step, **typed, reason=REASON) == ["STATE_NOT_ALLOWED"]

    stage.act("qa1", "batch.open_for_correction", batch_id=batch, reason="a count is wrong, see the print")
    assert verdict(stage, facts) == ("DENY", ["RECORD_UNDER_CORRECTION"])

    typed["wbc"] = a_little_less(typed["wbc"])
    assert codes(stage.act, "tech1", "step.correct", **step, **typed, reason=REASON) == ["EFFECT_UNSEEN"]
    before = head(here)
    shown = stage.act("tech1", "step.effect", **step, **typed, reason=REASON).body
    figures = {(one["figure"], one["of"]["en"]) for one in shown["effect"]}
    assert {figure for figure, _ in figures} >= {"nucleated cells", "viable NK cells", "recovery in total"}
    assert changed_since(here, before) == {}, "looking changes nothing"

    stage.act("tech1", "step.correct", **step, **typed, reason=REASON, effect_seen=shown["effect_seen"])
    changes = changed_since(here, before)
    assert set(changes) == {"step", "step_value", "step_correction", "signature", "disposition"}
    assert changes["step_value"] == {"number", "shown"}
    assert changes["disposition"] == {"status", "sponsor_released"}
    page = read(stage, f"/batches/{batch}/steps/{COUNTED}")["bench"]
    assert [one["void_since"] is not None for one in page["signatures"]] == [True, True, False]
    assert page["corrections"][0]["effect"] == plain(shown["effect"])
    verdict_now, reasons = verdict(stage, facts)
    assert (verdict_now, set(reasons)) == ("DENY", {"NOT_CERTIFIED"})
    certificate = here.rows("SELECT id FROM decision WHERE kind = 'stage1'")[0].id
    assert read(stage, f"/decisions/{certificate}", "qp1")["decision"]["void_since"] is not None
    assert codes(stage.act, "qp1", "release.stage_one", batch_id=batch, **CERTIFY) != []


@pytest.mark.req("A11D-13")
def test_verified_completed_reviewed_and_certified_again_it_can_be_dispensed_again(here, stage):
    facts, batch = here.facts, here.facts["batch"]
    step = {"batch_id": batch, "position": COUNTED}
    stage.act("qa1", "batch.open_for_correction", batch_id=batch, reason="a count is wrong, see the print")
    typed = as_typed(stage, batch, COUNTED)
    typed["wbc"] = a_little_less(typed["wbc"])
    shown = stage.act("tech1", "step.effect", **step, **typed, reason=REASON).body
    stage.act("tech1", "step.correct", **step, **typed, reason=REASON, effect_seen=shown["effect_seen"])
    assert codes(stage.act, "tech1", "batch.complete", batch_id=batch) == ["STEP_UNVERIFIED"]
    assert codes(stage.act, "tech1", "step.verify", **step) == ["SOD_STEP"]
    stage.act("tech2", "step.verify", **step)
    assert codes(stage.act, "qa1", "batch.review", batch_id=batch) == ["STATE_NOT_ALLOWED"]
    stage.act("tech1", "batch.complete", batch_id=batch)
    stage.act("qa1", "batch.review", batch_id=batch)
    assert codes(stage.act, "qp1", "release.stage_one", batch_id=batch, **CERTIFY) == ["SUPERSEDING_UNEXPLAINED"]
    stage.act("qp1", "release.stage_one", batch_id=batch, **CERTIFY, superseding_reason=WHY)
    old, new = read(stage, "/release/register", "qp1")["entries"][-2:]
    assert (new["superseding_reason"], new["supersedes"]["id"], new["void_since"]) == (WHY, old["id"], None)
    assert old["superseded_by"]["register_number"] == new["register_number"] == old["register_number"] + 1
    stage.act("sponsor1", "release.sponsor", batch_id=batch, **SPONSOR)
    assert verdict(stage, facts)[0] == "ALLOW_CONDITIONAL"
    assert not here.verified().faults


def test_a_record_that_was_opened_and_needed_no_correction_keeps_its_certification(here, stage):
    facts, batch = here.facts, here.facts["batch"]
    stage.act("qa1", "batch.open_for_correction", batch_id=batch, reason="a count seemed wrong")
    stage.act("tech1", "batch.complete", batch_id=batch)
    assert verdict(stage, facts) == ("DENY", ["RECORD_UNDER_CORRECTION"])
    stage.act("qa1", "batch.review", batch_id=batch)
    assert verdict(stage, facts)[0] == "ALLOW_CONDITIONAL"


def given(stage: Stage, facts) -> None:
    """Dispensed, handed over and infused, under the certification that is still without the culture."""
    said = stage.act("pharm1", "container.scan", label_code=facts["label_code"], subject_code=facts["subject"])
    stage.act("pharm1", "container.dispense", second="pharm2", scan_id=said.body["scan_id"])
    dispensing = read(stage, f"/orders/{facts['order']}", "pharm1")["order"]["dispensing"]["id"]
    handed = {"temperature_c": "20.5", "condition": "intact, label legible", "transport_box": "BOX-02"}
    now = stage.clock.now()
    stage.act(
        "pharm1", "dispensing.hand_over", second="nurse1", dispensing_id=dispensing, handed_over_at=text(now), **handed
    )
    bedside = {"label_code": facts["label_code"], "subject_code": facts["subject"], "place": "bedside"}
    stage.act("nurse1", "container.scan", **bedside)
    stage.clock.move_to(now + timedelta(hours=1))
    infusion = {
        "outcome": "complete",
        "volume_given_ml": volume_of(stage, facts),
        "premedication": True,
        "identity_checked": True,
    }
    times = {"started_at": text(now), "stopped_at": text(stage.clock.now())}
    stage.act("nurse1", "administration.record", dispensing_id=dispensing, **infusion, **times)


def volume_of(stage: Stage, facts) -> str:
    with stage.site.database.reading() as session:
        return expanded(session.get_one(ContainerRow, facts["container"]).volume_ml)


def corrected(stage: Stage, batch: str) -> None:
    """A count is corrected and verified; the record is not declared complete again yet."""
    step = {"batch_id": batch, "position": COUNTED}
    stage.act("qa1", "batch.open_for_correction", batch_id=batch, reason="a count is wrong, see the print")
    typed = as_typed(stage, batch, COUNTED)
    typed["wbc"] = a_little_less(typed["wbc"])
    shown = stage.act("tech1", "step.effect", **step, **typed, reason=REASON).body
    stage.act("tech1", "step.correct", **step, **typed, reason=REASON, effect_seen=shown["effect_seen"])
    stage.act("tech2", "step.verify", **step)


def state(here: Installation, facts) -> str:
    return here.rows("SELECT status FROM disposition WHERE container_id = :id", id=facts["container"])[0].status


def counted(stage: Stage, facts) -> bool:
    """Whether the subject counts as infused with a product that met its criteria."""
    with stage.site.database.reading() as session:
        patients = patient_histories(session, get_trial(session), stage.clock.now())
        found = feasibility(patients, trial_rules(get_protocol(session)))
    return facts["subject"] in found.stages[StageKey.F]


def certificate_text(stage: Stage, decision_id: str) -> str:
    """What the printed certificate says."""
    with stage.site.database.reading() as session:
        return flat(draw_paper(decision_certificate(session, decision_id, Speech("en"), by="P", at=stage.clock.now())))


def tasks(stage: Stage, login: str, batch: str) -> str:
    """What the Work page of this person says about the batch."""
    found = read(stage, "/", login)["tasks"]
    return "; ".join(one["reason"] for one in found if f"/batches/{batch}" in one["location"])


@pytest.mark.req("A11D-13", "A16-REG", "ATMP-11.3.2-3")
def test_what_was_given_before_the_correction_is_certified_anew_and_only_after_a_review(here, stage):
    facts, batch = here.facts, here.facts["batch"]
    given(stage, facts)
    assert codes(stage.act, "qp1", "release.given", batch_id=batch, **CERTIFY) == ["CERTIFICATION_STANDS"]
    assert codes(stage.act, "qp1", "release.given_failed", batch_id=batch, reason=WHY) == ["CERTIFICATION_STANDS"]
    corrected(stage, batch)
    assert state(here, facts) == "certified_pending", "what was given stays as it was given"
    early = codes(stage.act, "qp1", "release.given", batch_id=batch, **CERTIFY, superseding_reason=WHY)
    assert {"PRODUCTION_NOT_COMPLETE", "AUDIT_REVIEW_STALE"} <= set(early)
    assert "CERTIFICATION_VOID" in codes(stage.act, "qp1", "release.stage_two", batch_id=batch, **CERTIFY)
    assert "open for correction" in tasks(stage, "tech1", batch)
    stage.act("tech1", "batch.complete", batch_id=batch)
    assert "waits for the QA review" in tasks(stage, "qa1", batch)
    assert tasks(stage, "qp1", batch) == ""
    stage.act("qa1", "batch.review", batch_id=batch)
    assert "was given before its record was corrected" in tasks(stage, "qp1", batch)
    assert codes(stage.act, "qp1", "release.given", batch_id=batch, **CERTIFY) == ["SUPERSEDING_UNEXPLAINED"]
    assert codes(stage.act, "qp1", "release.reject", batch_id=batch, reason=WHY) == ["STATE_NOT_ALLOWED"]
    stage.act("qp1", "release.given", batch_id=batch, **CERTIFY, superseding_reason=WHY)
    old, new = read(stage, "/release/register", "qp1")["entries"][-2:]
    assert (new["kind"], new["supersedes"]["id"], new["void_since"]) == ("given", old["id"], None)
    assert old["superseded_by"]["id"] == new["id"]
    assert f"Superseded by no. {new['register_number']}" in certificate_text(stage, old["id"])
    assert f"{old['register_number']}: {WHY}" in certificate_text(stage, new["id"])
    assert state(here, facts) == "certified_pending", "the culture is still awaited"
    assert tasks(stage, "qp1", batch) == ""
    assert codes(stage.act, "qp1", "release.given", batch_id=batch, **CERTIFY) == ["CERTIFICATION_STANDS"]
    assert not here.verified().faults


@pytest.mark.req("A11D-13", "QC-LATE-OOS", "TR-F2")
def test_what_was_given_and_does_not_meet_fails_late_and_leaves_the_figures_of_the_trial(here, stage):
    facts, batch = here.facts, here.facts["batch"]
    given(stage, facts)
    assert counted(stage, facts)
    corrected(stage, batch)
    assert counted(stage, facts)
    assert codes(stage.act, "qp1", "release.given_failed", batch_id=batch, reason="low") == ["MISSING_REASON"]
    failed = stage.act("qp1", "release.given_failed", batch_id=batch, reason="the corrected count is below the minimum")
    assert state(here, facts) == "late_oos"
    assert not counted(stage, facts)
    late = {"decision_id": failed.body["id"], "answer": "the child is seen today, cultures are taken"}
    assert codes(stage.act, "qp1", "late_oos.acknowledge", **late) == ["ALREADY_ACKNOWLEDGED"], "he found it himself"
    stage.act("doctor1", "late_oos.acknowledge", **late)
    assert codes(stage.act, "qp1", "release.given", batch_id=batch, **CERTIFY) == ["STATE_NOT_ALLOWED"]
    assert codes(stage.act, "qp1", "release.given_failed", batch_id=batch, reason=WHY) == ["STATE_NOT_ALLOWED"]


@pytest.mark.req("A11D-13", "ATMP-6.1-CORR")
def test_measuring_again_and_choosing_back_are_shown_first_and_void_what_rested_on_the_record(here, stage):
    facts, batch = here.facts, here.facts["batch"]
    step = {"batch_id": batch, "position": COUNTED}
    again = {**step, "measured_at": text(stage.clock.now()), "use_new": True, "reason": REASON}
    again["wbc"] = a_little_less(as_typed(stage, batch, COUNTED)["wbc"])
    assert codes(stage.act, "tech1", "step.measure_again", **again) == ["STATE_NOT_ALLOWED"]
    stage.act("qa1", "batch.open_for_correction", batch_id=batch, reason="the count is to be made again")
    assert codes(stage.act, "tech1", "step.measure_again", **again) == ["EFFECT_UNSEEN"]
    before = head(here)
    shown = stage.act("tech1", "step.measuring_effect", **again).body
    assert {one["figure"] for one in shown["effect"]} >= {"nucleated cells", "viable NK cells"}
    assert changed_since(here, before) == {}, "looking changes nothing"
    stage.act("tech1", "step.measure_again", **again, effect_seen=shown["effect_seen"])
    assert set(verdict(stage, facts)[1]) == {"NOT_CERTIFIED"}
    stage.act("tech2", "step.verify", **step)
    back = {**step, "choice": "wbc:1", "reason": "the tube of the second count had been left standing"}
    assert codes(stage.act, "tech1", "step.choose_measurement", **back) == ["EFFECT_UNSEEN"]
    shown = stage.act("tech1", "step.choosing_effect", **back).body
    stage.act("tech1", "step.choose_measurement", **back, effect_seen=shown["effect_seen"])
    page = read(stage, f"/batches/{batch}/steps/{COUNTED}")["bench"]
    assert {one["reason"] for one in page["corrections"]} == {REASON, back["reason"]}
    certificate = here.rows("SELECT id FROM decision WHERE kind = 'stage1'")[0].id
    assert read(stage, f"/decisions/{certificate}", "qp1")["decision"]["void_since"] is not None
    assert not here.verified().faults
