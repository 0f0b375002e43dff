"""The path from a transplanted patient to a completed batch, made by the services as people make it."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from config.products import NOT_COUNTED
from kernel.canonical import digest
from kernel.documents.queries import approval_content
from kernel.documents.services import approve_document, draft_document
from kernel.work import unit_of_work
from manufacturing.domain.conditions import ConditionAnswer
from manufacturing.domain.donors import ALWAYS
from manufacturing.queries.batch_content import batch_content, condition_content, step_content
from manufacturing.queries.batches import get_deviation
from manufacturing.queries.collections import collection_content
from manufacturing.queries.deviations import deviation_content
from manufacturing.queries.holds import held_content, hold_content
from manufacturing.queries.steps import batch_steps, get_step
from manufacturing.queries.trial import inclusion_content, subject_content
from manufacturing.services.batches import complete_batch, open_batch, start_batch, terminate_batch
from manufacturing.services.collections import plan_collection, receive_collection
from manufacturing.services.conditions import decide_condition
from manufacturing.services.containers import fill_container
from manufacturing.services.deviations import (
    assess_deviation,
    close_deviation,
    investigate_deviation,
    judge_deviation,
    report_deviation,
)
from manufacturing.services.donors import justify_window, record_donor_markers
from manufacturing.services.holds import lift_hold, lift_trial_hold, place_hold
from manufacturing.services.material import accept_at_risk, accept_collection, dispose_of_collection, reject_collection
from manufacturing.services.measurements import choose_measurement, measure_again
from manufacturing.services.steps import check_step, correct_step, perform_step, verify_step
from manufacturing.services.trial import (
    conclude_subject,
    include_subject,
    open_trial,
    record_weight,
    register_subject,
)
from tests.places import told_once
from tests.presets import without_materials
from tests.training import train_everybody

PRESETS = Path(__file__).parents[3] / "config" / "presets"
D = Decimal
AT_RISK = "The donor was negative four weeks ago; the cells do not keep until the laboratory answers on Thursday."
WINDOW = "The same donor gave stem cells with this sample; no risk behaviour since, by interview of today."

# The running example of the process design, section 3: 212 mL with 2 mL sampled, then 84.0 mL, then 40.5 mL.
COUNTS = {
    "inspect": {
        "volume": D("212"),
        "sampled": D("2"),
        "wbc": D("98.6"),
        "viability": D("99.1"),
        "nk_percent": D("11.8"),
        "cd3_percent": D("61.5"),
    },
    "deplete_cd3": {
        "volume": D("84.0"),
        "wbc": D("48.2"),
        "viability": D("98.0"),
        "nk_percent": D("41.0"),
        "cd3_percent": D("0.052"),
    },
    "deplete_cd3_again": {
        "volume": D("62.0"),
        "wbc": D("40.1"),
        "viability": D("97.0"),
        "nk_percent": D("44.0"),
        "cd3_percent": D("0.012"),
    },
    "enrich_cd56": {
        "volume": D("45.0"),
        "wbc": D("28.4"),
        "viability": D("96.0"),
        "nk_percent": D("95.1"),
        "cd3_percent": D("0.011"),
    },
    "formulate": {
        "volume": D("40.5"),
        "wbc": D("28.4"),
        "viability": D("96.0"),
        "nk_percent": D("95.1"),
        "cd3_percent": D("0.011"),
    },
}


class Story:
    """People and acts; each method does one act the way the product does it, with the content read just before."""

    def __init__(self, database, person):
        self.database = database
        self.t1, self.t2 = person("T"), person("T")
        self.qa, self.qa2 = person("QA"), person("QA")
        self.qp, self.sp, self.dr, self.nurse = person("QP"), person("Sp"), person("Dr"), person("N")

    @property
    def now(self):
        return self.database.clock.now()

    def later(self, **time):
        self.database.clock.advance(timedelta(**time))

    @contextmanager
    def act(self, name, *signers, content=None, reason=None, actor=None):
        with unit_of_work(
            self.database,
            actor or signers[0],
            name,
            signers=signers,
            seen=digest(self.read(*content) if content else {}),
            reason=reason,
        ) as work:
            yield work

    def read(self, query, *ids):
        with self.database.reading() as session:
            return query(session, *ids)

    @told_once
    def documents(self):
        protocol, process = (json.loads((PRESETS / name).read_text()) for name in ("protocol.json", "process.json"))
        self.effective("protocol", protocol["body"], (self.sp, "Sp"), (self.qa2, "QA"))
        self.effective("process", process["body"], (self.qa2, "QA"), (self.qp, "QP"))
        self.effective("specification", self.specification(), (self.qa2, "QA"), (self.qp, "QP"))

    def specification(self):
        preset = json.loads((PRESETS / "specification.json").read_text())
        return preset.get("body", preset)

    def body_of(self, kind, body):
        """What is approved of a body; a process asks for no materials unless a test says otherwise."""
        return without_materials(body) if kind == "process" else body

    def effective(self, kind, body, *approvals):
        body = self.body_of(kind, body)
        with self.act("document.draft", self.qa) as work:
            row = draft_document(work, kind=kind, code=kind.upper(), title=kind, body=body)
        for approver, role in approvals:
            with self.act("document.approve", approver, content=(approval_content, row.id)) as work:
                row = approve_document(work, row.id, role=role)
        train_everybody(self.database)
        return row

    @told_once
    def trial(self):
        self.documents()
        with self.act("trial.open", self.sp) as work:
            return open_trial(
                work, code="NL-OMON26066", title="NK cells after HSCT", eu_trial_number="2026-500000-00-00"
            )

    def register(self, code="NK-01", **changed):
        fields = {
            "diagnosis": "AML",
            "donor_type": "mismatched_family",
            "age_years": 6,
            "age_months": 3,
            "transplanted_on": date(2026, 9, 1),
            **changed,
        }
        with self.act("subject.register", self.sp) as work:
            return register_subject(work, code=code, **fields)

    def include(self, subject, **changed):
        fields = {"consent_reference": "IC-2026-014", "consented_on": date(2026, 9, 20), **changed}
        with self.act("subject.include", self.sp, content=(inclusion_content, subject.id)) as work:
            return include_subject(work, subject.id, **fields)

    def subject(self, code="NK-01", **changed):
        return self.include(self.register(code, **changed))

    def conclude(self, subject, reason="withdrawal"):
        with self.act("subject.conclude", self.sp, content=(subject_content, subject.id)) as work:
            return conclude_subject(work, subject.id, drop_reason=reason)

    def weigh(self, subject, kg="18.4", again=None, measured_at=None):
        with self.act("weight.record", self.dr, self.nurse, content=(subject_content, subject.id)) as work:
            return record_weight(
                work, subject.id, kg=D(kg), kg_again=D(again or kg), measured_at=measured_at or self.now
            )

    def plan(self, subject_code="NK-01", **changed):
        fields = {
            "donor_code": "DN-101",
            "number_kind": "facility",
            "number": "LA-2026-0041",
            "planned_on": date(2026, 11, 23),
            "mobilised": False,
            "consent_reference": "DC-2026-007",
            "consented_on": date(2026, 11, 1),
            **changed,
        }
        with self.act("collection.plan", self.t1) as work:
            return plan_collection(work, subject_code=subject_code, **fields)

    def receive(self, collection, *, second=None, **changed):
        fields = {
            "number": collection.number,
            "subject_code": "NK-01",
            "started_at": self.now - timedelta(hours=6),
            "ended_at": self.now - timedelta(hours=2),
            "shipped_at": self.now - timedelta(hours=1),
            "received_at": self.now,
            "mobilised": False,
            "container_intact": True,
            "label_matches": True,
            "free_of_clots": True,
            "logger_low_c": D("17.5"),
            "logger_high_c": D("21.0"),
            "temperature_c": D("19.5"),
            "volume_ml": D("212"),
            "wbc": D("98.6"),
            "viability": D("99.1"),
            **changed,
        }
        content = (collection_content, collection.id)
        with self.act("collection.receive", self.t1, second or self.t2, content=content) as work:
            return receive_collection(work, collection.id, **fields)

    def markers(self, collection, *, by=None, **changed):
        fields = {
            "sampled_at": self.now - timedelta(hours=6),
            "htlv_risk": False,
            "blood_or_colloids_48h": False,
            "crystalloids_1h": False,
            "identity_check": "code list of the collection centre",
            "interview_suitable": True,
            "examination_suitable": True,
            "laboratory": "Virology",
            "kit": "serology panel",
            "report_reference": "VR-881",
            **{marker.value: "non_reactive" for marker in ALWAYS},
            **changed,
        }
        with self.act("donor.record", by or self.t1, content=(collection_content, collection.id)) as work:
            return record_donor_markers(work, collection.id, **fields)

    def accept(self, collection, *, by=None, assessment=None):
        with self.act("collection.accept", by or self.qa, content=(collection_content, collection.id)) as work:
            return accept_collection(work, collection.id, assessment=assessment)

    def accept_at_risk(self, collection, *, by=None, agreed=None, assessment=AT_RISK):
        content = (collection_content, collection.id)
        with self.act("collection.accept_at_risk", by or self.qa, agreed or self.qp, content=content) as work:
            return accept_at_risk(work, collection.id, assessment=assessment)

    def justify(self, collection, *, by=None, justification=WINDOW):
        with self.act("donor.justify_window", by or self.qp, content=(collection_content, collection.id)) as work:
            return justify_window(work, collection.id, justification=justification)

    def dispose(self, collection, volume="212", *, second=None, method="autoclaved at 134 degrees"):
        content = (collection_content, collection.id)
        with self.act("collection.dispose", self.t1, second or self.t2, content=content) as work:
            return dispose_of_collection(work, collection.id, volume_ml=D(volume), method=method)

    def reject(self, collection):
        content = (collection_content, collection.id)
        with self.act("collection.reject", self.qa, content=content, reason="the bag leaked") as work:
            return reject_collection(work, collection.id)

    @told_once
    def received(self):
        self.trial()
        self.subject()
        return self.receive(self.plan())

    @told_once
    def accepted(self):
        collection = self.received()
        self.markers(collection)
        return self.accept(collection)

    def open(self, collection, *, volume=None):
        with self.act("batch.open", self.t1, content=(collection_content, collection.id)) as work:
            return open_batch(work, collection.id, volume_ml=None if volume is None else D(volume))

    def start(self, batch, *, second=None, **changed):
        fields = {"room": "C1", "number": "LA-2026-0041", "subject_code": "NK-01", "cleared": True, **changed}
        content = (batch_content, batch.id)
        with self.act("batch.start", self.t1, second or self.t2, content=content) as work:
            return start_batch(work, batch.id, **fields)

    @told_once
    def started(self):
        batch = self.start(self.open(self.accepted()))
        self.later(minutes=5)
        return batch

    def values(self, key, *, at=None, **changed):
        at = at or self.now
        label = {"vials": D("2"), "incubation": D("30"), "temperature": D("20")}
        run = {"program": "2.1", "run_started": at - timedelta(minutes=1), "run_ended": at}
        extra = {
            "inspect": {"label_matches": True, "appearance": True, "culture_sample": "ST-0042"},
            "wash": {
                "program": "low speed",
                "spin_started": at,
                "volume": D("200"),
                "wbc": D("95"),
                "viability": D("98"),
            },
            "label_cd3": label,
            "label_cd3_again": label,
            "label_cd56": label,
            "deplete_cd3": run,
            "deplete_cd3_again": run,
            "enrich_cd56": run,
            "formulate": {"medium": "NaCl with 5 % HSA", "formulated_at": at},
            "fill": {"appearance": True, "seals": True, "retained": D("1")},
        }
        counted = key in COUNTS or "nk_percent" in changed
        left_out = {"b_percent_na": NOT_COUNTED, "monocyte_percent_na": NOT_COUNTED} if counted else {}
        return {**COUNTS.get(key, {}), **left_out, **extra.get(key, {}), **changed}

    def perform(self, batch, position, key, *, by=None, performed_at=None, late_reason=None, **changed):
        content = (step_content, batch.id, str(position))
        with self.act("step.perform", by or self.t1, content=content) as work:
            return perform_step(
                work,
                batch.id,
                str(position),
                performed_at=performed_at or self.now,
                late_reason=late_reason,
                **self.values(key, **changed),
            )

    def verify(self, batch, position, *, by=None):
        content = (step_content, batch.id, str(position))
        with self.act("step.verify", by or self.t2, content=content) as work:
            return verify_step(work, batch.id, str(position))

    def check(self, batch, position, *, second=None):
        content = (step_content, batch.id, str(position))
        with self.act("step.check", self.t1, second or self.t2, content=content) as work:
            return check_step(work, batch.id, str(position))

    def correct(self, batch, position, key, *, by=None, reason="read the wrong line of the print", **changed):
        content = (step_content, batch.id, str(position))
        with self.act("step.correct", by or self.t1, content=content, reason=reason) as work:
            performed_at = get_step(work.session, batch.id, position).performed_at
            return correct_step(work, batch.id, str(position), **self.values(key, at=performed_at, **changed))

    def steps(self, batch, first=1, last=10):
        """Those that are needed; a part that is not is passed over."""
        for row in self.read(batch_steps, batch.id)[first - 1 : last]:
            position = row.position
            if self.read(get_step, batch.id, position).status == "not_needed":
                continue
            self.perform(batch, position, row.key)
            self.verify(batch, position)
            self.later(minutes=20)

    def again(self, batch, position, *, by=None, use_new=True, reason="the first count was of clumped cells", **typed):
        content = (step_content, batch.id, str(position))
        with self.act("step.measure_again", by or self.t1, content=content, reason=reason) as work:
            return measure_again(work, batch.id, str(position), measured_at=self.now, use_new=use_new, **typed)

    def choose(self, batch, position, field, number, *, reason="the second tube was diluted wrongly"):
        content = (step_content, batch.id, str(position))
        with self.act("step.choose_measurement", self.t1, content=content, reason=reason) as work:
            return choose_measurement(work, batch.id, str(position), field=field, number=number)

    def decide(self, batch, part, answer, reason="too few cells are left for another run"):
        with self.act("condition.decide", self.t1, content=(condition_content, batch.id, part), reason=reason) as work:
            return decide_condition(work, batch.id, part, ConditionAnswer(answer))

    @told_once
    def formulated(self):
        batch = self.started()
        self.steps(batch, last=9)
        return batch

    def fill(self, batch, **changed):
        fields = {
            "batch_number": batch.number,
            "subject_code": "NK-01",
            "container_type": "bag_50",
            "volume_ml": D("38"),
            **changed,
        }
        with self.act("container.fill", self.t1, self.t2, content=(batch_content, batch.id)) as work:
            return fill_container(work, batch.id, **fields)

    def complete(self, batch):
        with self.act("batch.complete", self.t1, content=(batch_content, batch.id)) as work:
            return complete_batch(work, batch.id)

    def terminate(self, batch):
        content = (batch_content, batch.id)
        with self.act("batch.terminate", self.qa, content=content, reason="the tubing set leaked") as work:
            return terminate_batch(work, batch.id)

    def deviate(self, batch, *, step=None, by=None):
        with self.act("deviation.report", by or self.t1) as work:
            return report_deviation(
                work, batch.id, classification="minor", description="Room at 26 degrees for an hour.", step=step
            )

    def investigate(self, deviation, *, by=None, root_cause="The cooling of the room failed."):
        content = (deviation_content, deviation.id)
        with self.act("deviation.investigate", by or self.qa, content=content) as work:
            return investigate_deviation(
                work, deviation.id, root_cause=root_cause, action="The cells went to another room."
            )

    def assess(self, deviation, *, by=None, impact="No effect on the cells: viability unchanged."):
        """Investigated first, by the same person, where nobody has done it yet."""
        if self.read(get_deviation, deviation.id).status == "open":
            self.investigate(deviation, by=by)
        content = (deviation_content, deviation.id)
        with self.act("deviation.assess", by or self.qa, content=content) as work:
            return assess_deviation(work, deviation.id, impact=impact)

    def judge(self, deviation, *, by=None, judgement="Neither count nor viability of the batch is affected."):
        content = (deviation_content, deviation.id)
        with self.act("deviation.judge", by or self.qp, content=content) as work:
            return judge_deviation(work, deviation.id, judgement=judgement)

    def close(self, deviation, *, by=None):
        with self.act("deviation.close", by or self.qa2, content=(deviation_content, deviation.id)) as work:
            return close_deviation(work, deviation.id)

    def hold(self, scope, record_id, *, by=None):
        content = (held_content, scope, record_id)
        with self.act("hold.set", by or self.qa, content=content, reason="courier called") as work:
            return place_hold(work, scope, record_id)

    def lift(self, hold, *, by=None):
        with self.act("hold.lift", by or self.qp, content=(hold_content, hold.id), reason="logger read") as work:
            return lift_hold(work, hold.id)

    def lift_of_trial(self, hold):
        content = (hold_content, hold.id)
        with self.act("trial.lift", self.sp, content=content, reason="board decided") as work:
            return lift_trial_hold(work, hold.id, document="DSMB 2026-3 v1")
