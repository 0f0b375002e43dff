"""The worked example: nineteen transplanted, eleven included, six stories (decision 22), told up to now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from flask import g

from config.demo import Stage, Tale
from config.devices import install
from config.instruments import count_from_file, map_counter
from config.making import Making
from config.materials import receive_lots
from config.playing import text
from config.products import BENCH, POSITIVE, PUBLISHED, T_CELLS, TESTING, WAITING, Product
from config.releasing import Releasing
from config.teaching import teach
from kernel.clock import PEOPLE
from kernel.web.registry import DOWNLOADS, VIEWS
from kernel.web.serve import send_file
from labels.tables.labels import LabelRow
from manufacturing.domain.donation_numbers import check_character

BEGIN = timedelta(days=60)
HOUR = timedelta(hours=1)

SUBJECTS = (  # code, diagnosis, donor, years, months, kg (None: not included)
    ("NK-01", "ALL", "mismatched_family", 11, 4, "36.0"),
    ("NK-02", "AML", "volunteer_unrelated", 4, 7, "17.2"),
    ("NK-03", "ALL", "mismatched_family", 5, 2, "18.4"),
    ("NK-04", "AML", "mismatched_family", 14, 0, "51.5"),
    ("NK-05", "ALL", "volunteer_unrelated", 8, 9, "27.3"),
    ("NK-06", "ALL", "mismatched_family", 3, 1, "14.6"),
    ("NK-07", "AML", "volunteer_unrelated", 16, 8, "58.0"),
    ("NK-08", "ALL", "mismatched_family", 9, 5, "30.1"),
    ("NK-09", "AML", "mismatched_family", 2, 3, "12.4"),
    ("NK-10", "ALL", "volunteer_unrelated", 12, 10, "41.7"),
    ("NK-11", "ALL", "mismatched_family", 6, 6, "21.9"),
    ("NK-12", "AML", "volunteer_unrelated", 7, 0, None),
    ("NK-13", "ALL", "mismatched_family", 10, 2, None),
    ("NK-14", "ALL", "cord_blood", 1, 9, None),
    ("NK-15", "AML", "matched_sibling", 13, 3, None),
    ("NK-16", "ALL", "volunteer_unrelated", 0, 10, None),
    ("NK-17", "AML", "mismatched_family", 15, 11, None),
    ("NK-18", "ALL", "matched_sibling", 9, 1, None),
    ("NK-19", "AML", "volunteer_unrelated", 17, 2, None),
)
CONTACTS = (  # how each duty is reached, and when
    ("physician", "pager 5511 of the transplant unit", "day and night"),
    ("pharmacy", "telephone 5520", "day and night"),
    ("qp", "telephone 5501", "day and night"),
    ("qp_deputy", "telephone 5502", "when the QP does not answer"),
    ("quality_assurance", "telephone 5530", "working days 8:00-17:00"),
    ("sponsor", "telephone 5540", "day and night"),
    ("authority", "notification form of IGJ", "day and night"),
)


class Teller:
    """A stage that answers like the API: acts give their body, reads give the view's data."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def act(self, login: str, name: str, /, *, second: str | None = None, **given: Any) -> dict[str, Any]:
        return self.stage.act(login, name, second=second, **given).body

    def read(self, login: str, path: str) -> Any:
        """The data of the view at ``path``."""
        adapter = self.stage.routes.bind("")
        endpoint, ids = adapter.match(path)
        with self.stage.app.test_request_context(path), self.stage.site.database.reading() as session:
            g.viewer = self.stage.viewer(login)
            return VIEWS[endpoint].load(session, g.viewer, **ids)

    def file(self, login: str, path: str) -> bytes:
        """The bytes of the download at ``path``; who fetched it is on the trail as for everybody."""
        adapter = self.stage.downloads.bind("")
        endpoint, ids = adapter.match(path)
        with self.stage.app.test_request_context(path):
            g.viewer = self.stage.viewer(login)
            return bytes(send_file(DOWNLOADS[endpoint])(**ids).get_data())

    def scan(self, label_id: str) -> str:
        """What a scanner reads off the print; the journeys decode a real one."""
        with self.stage.site.database.reading() as session:
            return session.get_one(LabelRow, label_id).payload


def documents_and_subjects(stage: Stage, now: datetime) -> None:
    """Presets drafted by one, approved by two others; the trial opened; everybody registered, eleven included."""
    teller = Teller(stage)
    for preset, approvals in (
        ("environment", (("qa1", "QA"), ("qp1", "QP"))),
        ("materials", (("qa1", "QA"), ("qp1", "QP"))),
        ("process", (("qa1", "QA"), ("qp1", "QP"))),
        ("specification", (("qa1", "QA"), ("qp1", "QP"))),
        ("dossier", (("qp1", "QP"), ("sponsor1", "Sp"))),
        ("label_template", (("qa1", "QA"), ("qp1", "QP"))),
        ("protocol", (("sponsor1", "Sp"), ("qa1", "QA"))),
        ("training", (("qa1", "QA"), ("qp1", "QP"))),
    ):
        document = teller.act("qa2", "document.draft", preset=preset)["id"]
        for login, role in approvals:
            teller.act(login, "document.approve", document_id=document, role=role)
    teach(teller, stage.clock.now().astimezone(PEOPLE).date())
    map_counter(teller)
    teller.act(
        "sponsor1",
        "trial.open",
        code="NL-OMON26066",
        title="Natural killer cell infusion after stem cell transplantation for leukemia",
        eu_trial_number="2011-001514-34",
    )
    stage.lots.update(receive_lots(teller, stage.clock.now()) | install(teller, stage.clock.now()))
    for duty, channel, hours in CONTACTS:
        first = stage.clock.now().astimezone(PEOPLE).date().isoformat()
        teller.act("qa1", "contact.add", duty=duty, channel=channel, hours=hours, valid_from=first)
    start = (now - BEGIN).astimezone(PEOPLE).date()
    for place, (code, diagnosis, donor, years, months, kg) in enumerate(SUBJECTS):
        done = teller.act(
            "sponsor1",
            "subject.register",
            code=code,
            diagnosis=diagnosis,
            donor_type=donor,
            age_years=str(years),
            age_months=str(months),
            transplanted_on=(start - timedelta(days=30 - place)).isoformat(),
            eighteenth_birthday=False,
        )
        stage.subjects[code] = done["id"]
        if kg is not None:
            consent = {"consent_reference": f"IC-{code}", "consented_on": start.isoformat()}
            teller.act("sponsor1", "subject.include", subject_id=done["id"], **consent)


def weigh(stage: Stage, code: str, kg: str) -> None:
    """A weight of the day, typed by physician and nurse."""
    teller = Teller(stage)
    subject = stage.subjects[code]
    measured = text(stage.clock.now() - timedelta(minutes=15))
    teller.act(
        "doctor1", "weight.record", second="nurse1", subject_id=subject, kg=kg, kg_again=kg, measured_at=measured
    )


def making(stage: Stage, code: str, number: int, product: Product, room: str) -> Making:
    teller = Teller(stage)
    din = f"A999926{number:06d}"
    return Making(
        player=teller,
        now=stage.clock.now,
        scan=teller.scan,
        subject=code,
        donor=code.replace("NK", "D"),
        number=din,
        check=check_character(din),
        product=product,
        lots=stage.lots,
        monitored=True,
        room=room,
    )


def weight_of(code: str) -> str:
    return next(kg for subject, *_, kg in SUBJECTS if subject == code and kg)


def made(stage: Stage, made_by: Making, formulated: datetime) -> Tale:
    """From the apheresis bag to the labelled container; 14 hours of work, times counted back from formulation."""
    yield formulated - 30 * HOUR
    made_by.plan()
    weigh(stage, made_by.subject, weight_of(made_by.subject))
    yield formulated - 17 * HOUR
    made_by.receive(formulated - 19 * HOUR)
    made_by.markers()
    yield formulated - 16 * HOUR
    made_by.accept()
    made_by.open()
    made_by.start()
    yield formulated - 15 * HOUR
    made_by.inspect()
    yield formulated - 13 * HOUR
    made_by.wash()
    yield formulated - 11 * HOUR
    made_by.label_cd3()
    yield formulated - 8 * HOUR
    made_by.deplete()
    yield formulated - 5 * HOUR
    made_by.label_cd56()
    yield formulated - 2 * HOUR
    made_by.enrich()
    yield formulated
    made_by.formulate()
    yield formulated + HOUR / 4
    made_by.fill()
    made_by.label()
    made_by.complete()


def tested(release: Releasing, formulated: datetime) -> Tale:
    yield formulated + HOUR / 2
    release.find_tests()
    release.inoculate()
    yield formulated + 3 * HOUR
    release.test_all()


def certified(release: Releasing, formulated: datetime) -> Tale:
    yield from tested(release, formulated)
    yield formulated + 3.5 * HOUR
    release.review()
    release.certify("release.stage_one")
    release.sponsor()


def infused(release: Releasing, formulated: datetime) -> Tale:
    yield from certified(release, formulated)
    yield formulated + 5 * HOUR
    release.prescribe()
    release.eligible()
    yield formulated + 5.5 * HOUR
    release.dispense()
    release.hand_over()
    yield formulated + 6 * HOUR
    release.infuse()
    yield formulated + 7 * HOUR
    release.administer()
    release.no_reaction()
    yield formulated + 3 * 24 * HOUR
    release.read_culture()
    release.read_plates()


def freeze_figures(stage: Stage, occasion: str) -> None:
    teller = Teller(stage)
    trial = teller.read("sponsor1", "/trial")["figures"]["trial"]["id"]
    teller.act("sponsor1", "trial.freeze", trial_id=trial, occasion=occasion)


def infused_and_final(stage: Stage, formulated: datetime) -> Tale:
    """NK-01: the published product, infused, its culture negative to the end, finally certified."""
    made_by = making(stage, "NK-01", 1, PUBLISHED, "Clean room 1")
    release = Releasing(made_by)
    yield from made(stage, made_by, formulated)
    yield from infused(release, formulated)
    yield formulated + 8 * 24 * HOUR
    release.conclude_culture("final_negative")
    release.potency()
    release.review()
    release.certify("release.stage_two")


def infused_then_positive(stage: Stage, formulated: datetime) -> Tale:
    """NK-02: infused with results pending; on day five the culture grows, and everybody who has to know answers."""
    made_by = making(stage, "NK-02", 2, POSITIVE, "Clean room 1")
    release = Releasing(made_by)
    yield from made(stage, made_by, formulated)
    yield from infused(release, formulated)
    yield formulated + 4 * 24 * HOUR
    freeze_figures(stage, "monitoring visit 1")
    yield formulated + 5 * 24 * HOUR
    release.conclude_culture("positive")
    for minutes, login in ((20, "doctor1"), (35, "pharm1"), (90, "qp1"), (300, "sponsor1")):
        yield formulated + 5 * 24 * HOUR + timedelta(minutes=minutes)
        release.answer_late(login)


def rejected_for_t_cells(stage: Stage, formulated: datetime) -> Tale:
    """NK-05: too many T cells per kg; held by the result, rejected by the QP."""
    made_by = making(stage, "NK-05", 5, T_CELLS, "Clean room 1")
    release = Releasing(made_by)
    yield from made(stage, made_by, formulated)
    yield from tested(release, formulated)
    yield formulated + 4 * HOUR
    release.act(
        "qp1",
        "release.reject",
        batch_id=release.batch,
        reason="CD3+ dose above the limit, no second depletion possible",
    )


def waiting_for_dispensing(stage: Stage, formulated: datetime, now: datetime) -> Tale:
    """NK-03: certified with sterility pending, ordered for today, eligible today: the pharmacist's next scan."""
    made_by = making(stage, "NK-03", 3, WAITING, "Clean room 1")
    release = Releasing(made_by)
    yield from made(stage, made_by, formulated)
    yield from certified(release, formulated)
    midnight = now.astimezone(PEOPLE).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    yield now - min(timedelta(minutes=12), (now - midnight) / 2)
    release.prescribe()
    release.eligible()


def in_testing(stage: Stage, formulated: datetime) -> Tale:
    """NK-04: made and labelled; the laboratory is half-way."""
    made_by = making(stage, "NK-04", 4, TESTING, "Clean room 2")
    release = Releasing(made_by)
    yield from made(stage, made_by, formulated)
    yield formulated + HOUR / 2
    release.find_tests()
    release.inoculate()
    yield formulated + HOUR
    for key in ("purity", "viability"):
        release.enter(key, release.numbers()[key])
        release.verify(key)
    release.enter("gram", release.numbers()["gram"])


def at_the_bench(stage: Stage, now: datetime) -> Tale:
    """NK-06: received this morning, 60 mL of it kept apart, counted by file, CD3 depletion running."""
    made_by = replace(making(stage, "NK-06", 6, BENCH, "Clean room 3"), kept_ml="60")
    yield now - 12 * HOUR
    made_by.plan()
    weigh(stage, made_by.subject, weight_of(made_by.subject))
    yield now - 7 * HOUR
    made_by.receive(now - 9 * HOUR)
    made_by.markers()
    yield now - 6 * HOUR
    made_by.accept()
    made_by.split()
    made_by.open()
    made_by.start()
    yield now - 5 * HOUR
    count_from_file(made_by, 1, BENCH.apheresis)
    made_by.inspect(counted=True)
    yield now - 3 * HOUR
    made_by.wash()
    yield now - HOUR / 2
    made_by.label_cd3()
    made_by.take_kit()
    made_by.bring(4)


def midday(now: datetime, days: int) -> datetime:
    """Noon in Amsterdam, so many days ago: what is given in the hours after it is given on the day it was checked for,
    at whatever hour the example is told."""
    day = now.astimezone(PEOPLE).date() - timedelta(days=days)
    return datetime.combine(day, time(12), PEOPLE).astimezone(UTC)


def stories(stage: Stage, now: datetime, told: Callable[[str], None]) -> list[Tale]:
    def announced(name: str, tale: Tale) -> Tale:
        yield from tale
        told(f"story told: {name}")

    return [
        announced("infused and final (the published product)", infused_and_final(stage, midday(now, 40))),
        announced("infused, then the culture turned positive", infused_then_positive(stage, midday(now, 25))),
        announced("rejected for T cells", rejected_for_t_cells(stage, midday(now, 15))),
        announced("waiting for dispensing, sterility pending", waiting_for_dispensing(stage, now - 8 * HOUR, now)),
        announced("in testing", in_testing(stage, now - 3 * HOUR)),
        announced("at the bench", at_the_bench(stage, now)),
    ]
