"""An early count corrected in a certified batch: what changes is shown first, what rested on it falls, nothing else."""

from __future__ import annotations

import json
import secrets
from decimal import Decimal

import pytest

from config.demo import Stage
from config.example import Teller
from kernel.canonical import plain
from kernel.errors import Refused
from tests.databases import databases
from tests.races.installations import Installation, borrowed, story

COUNTED = "4"
REASON = "one digit was read from the wrong line of the print"
CERTIFY = {"manufacturing_authorised": True, "national_duties": True, "register_entry": True}
SPONSOR = {"trial_authorised": True, "site_ready": True}


@pytest.fixture(params=databases())
def here(request, tmp_path):
    with borrowed(story(request.param)["ready"], tmp_path / "copy") as found:
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
    stage.act("qp1", "release.stage_one", batch_id=batch, **CERTIFY)
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
