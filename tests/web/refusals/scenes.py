"""What the example does not show: a plan, a quarantine, a bench at its last step, tests half done - told by its acts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from config.demo import Stage, Tale, make_people, tell
from config.example import HOUR, Teller, documents_and_subjects, made, making, stories, weigh, weight_of
from config.making import Making
from config.materials import receive as receive_lot
from config.playing import text
from config.products import TESTING, WAITING
from config.releasing import Releasing
from kernel.accounts.queries import find_person
from kernel.accounts.services import activate

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
PLANNED, RECEIVED, ACCEPTED = "A999926000021", "A999926000022", "A999926000023"
NEWER = "newer depletion set"  # went into NK-08, NK-10 and NK-11 and nothing else
NEWER_SET = ("depletion_set", "Cell Separation Supplies", "6110288", "40")
MANY = "many1"
FRESH = "fresh1"  # came after the training was given
DONOR = {
    "htlv_risk": "no",
    "blood_or_colloids_48h": "no",
    "crystalloids_1h": "no",
    "identity_check": "two identifiers against the order",
    "interview_suitable": "yes",
    "examination_suitable": "yes",
    "laboratory": "Laboratory for donor testing",
    "kit": "CE-IVD serology panel",
    "report_reference": "LAB-D-07-2",
    "outside_eu": "no",
    **dict.fromkeys(("anti_hiv", "hbsag", "anti_hbc", "anti_hcv", "syphilis"), "non_reactive"),
}
ANSWERS = {
    "anti-HBc": {"anti_hbc": "reactive"},
    "anti-HIV": {"anti_hiv": "reactive"},
    "interview": {"interview_suitable": "no"},
    "HTLV": {"htlv_risk": "yes"},
    "colloids": {"blood_or_colloids_48h": "yes"},
    "window": {"sampled_at": text(NOW - 30 * HOUR)},
    "syphilis": {"syphilis": None},
}
DOUBTS = {name: f"A9999260001{place:02}" for place, name in enumerate(ANSWERS)}
IMPACT = "stopped and restarted within the minute; no effect on the cells"
CAUSE = {"root_cause": "a kink in the tubing before the pump", "action": "tubing laid straight, pump started again"}


def tell_everything(stage: Stage, now: datetime) -> None:
    """The six stories and the scenes beside them, interleaved up to ``now``."""
    make_people(stage)
    ask_person(stage, MANY, ("QA", "QP", "Sp", "Ph"), approved=True)
    documents_and_subjects(stage, now)
    ask_person(stage, FRESH, ("T", "QA", "Ph"), approved=True)
    stage.lots[NEWER] = receive_lot(Teller(stage), stage.clock.now(), *NEWER_SET)
    tales = [
        *stories(stage, now, lambda _: None),
        three_collections(stage, now),
        doubtful_donors(stage, now),
        without_results(stage, now - 4 * HOUR),
        at_the_fill(stage, now - HOUR),
        before_the_review(stage, now - 5 * HOUR),
        waiting_papers(stage, now - HOUR),
        at(now),
    ]
    tell(stage, tales)


def with_newer_set(made_by: Making) -> Making:
    made_by.lots = made_by.lots | {"depletion_set": made_by.lots[NEWER]}
    return made_by


def at(now: datetime) -> Tale:
    """The clock ends where the tests begin."""
    yield now


def ask_person(stage: Stage, login: str, roles: tuple[str, ...], *, approved: bool) -> None:
    asked = stage.act(
        "admin1", "person.request", login=login, full_name="Maria Kok", roles=list(roles), language="en"
    ).body
    if not approved:
        return
    given = stage.act("qa1", "person.approve", person_id=asked["id"], identity_check="staff card seen").body
    activate(
        stage.site.database,
        stage.site.passwords,
        token=asked["link"].removeprefix("/activate/"),
        code=given["code"],
        password=stage.password,
        accepted=True,
    )


def three_collections(stage: Stage, now: datetime) -> Tale:
    """NK-07: one leukapheresis planned, one in quarantine (verified by QA at the receipt), one accepted."""
    planned, received, accepted = (
        making(stage, "NK-07", int(number[7:]), TESTING, "Clean room 4") for number in (PLANNED, RECEIVED, ACCEPTED)
    )
    yield now - 12 * HOUR
    for one in (planned, received, accepted):
        one.plan()
    yield now - 3 * HOUR
    receive(received, stage, second="qa1")
    accepted.receive(now - 4 * HOUR)
    for one in (received, accepted):
        one.markers()
    accepted.accept()


def doubtful_donors(stage: Stage, now: datetime) -> Tale:
    """NK-07 again: collections in quarantine, each with one thing in the donor's record that speaks against it."""
    waiting = [making(stage, "NK-07", int(number[7:]), TESTING, "Clean room 4") for number in DOUBTS.values()]
    yield now - 12 * HOUR
    for one in waiting:
        one.plan()
    yield now - 3 * HOUR
    for one, answers in zip(waiting, ANSWERS.values(), strict=True):
        one.receive(now - 4 * HOUR)
        donor = DONOR | {"sampled_at": text(now - 8 * HOUR)} | answers
        one.player.act("tech2", "donor.record", collection_id=one.collection, **donor)


def receive(made_by: Making, stage: Stage, *, second: str) -> None:
    """As ``Making.receive``, with another second person."""
    player = made_by.player

    class Swapped:
        def act(self, login: str, name: str, /, **given: Any) -> dict[str, Any]:
            return player.act(login, name, **{**given, "second": second})

        def read(self, login: str, path: str) -> Any:
            return player.read(login, path)

        def file(self, login: str, path: str) -> bytes:
            return player.file(login, path)

    made_by.player = Swapped()
    made_by.receive(stage.clock.now() - HOUR)
    made_by.player = player


def without_results(stage: Stage, formulated: datetime) -> Tale:
    """NK-08: made and labelled, nothing tested yet."""
    yield from made(stage, with_newer_set(making(stage, "NK-08", 8, TESTING, "Clean room 7")), formulated)


def at_the_fill(stage: Stage, formulated: datetime) -> Tale:
    """NK-10: half of the product is in its first container, which has no label yet; two deviations wait for QA."""
    made_by = with_newer_set(making(stage, "NK-10", 10, replace(WAITING, fill_ml="20"), "Clean room 5"))
    yield formulated - 30 * HOUR
    made_by.plan()
    weigh(stage, made_by.subject, weight_of(made_by.subject))
    yield formulated - 10 * HOUR
    made_by.receive(formulated - 12 * HOUR)
    made_by.markers()
    made_by.accept()
    made_by.open()
    made_by.start()
    for hours, step in (
        (9, made_by.inspect),
        (7, made_by.wash),
        (6, made_by.label_cd3),
        (3, made_by.deplete),
        (2, made_by.label_cd56),
        (0, made_by.enrich),
    ):
        yield formulated - hours * HOUR
        step()
    made_by.formulate()
    made_by.fill()
    deviate(made_by, assessed=False)
    deviate(made_by, assessed=True)


def deviate(made_by: Making, *, assessed: bool) -> str:
    told = {"classification": "minor", "description": "the pump of the device stopped for less than a minute"}
    deviation: str = made_by.player.act("tech1", "deviation.report", batch_id=made_by.batch, **told)["id"]
    if assessed:
        made_by.player.act("tech2", "deviation.investigate", deviation_id=deviation, **CAUSE)
        made_by.player.act("qa1", "deviation.assess", deviation_id=deviation, impact=IMPACT)
        made_by.player.act("qp1", "deviation.judge", deviation_id=deviation, judgement=IMPACT)
    return deviation


def before_the_review(stage: Stage, formulated: datetime) -> Tale:
    """NK-11: tested but for the Gram stain, the culture not begun; QA verified one result and closed a deviation."""
    product = replace(WAITING, nk_events="29000")
    made_by = with_newer_set(making(stage, "NK-11", 11, product, "Clean room 6"))
    release = Releasing(made_by)
    yield from made(stage, made_by, formulated)
    deviation = deviate(made_by, assessed=True)
    made_by.player.act("qa2", "deviation.close", deviation_id=deviation)
    yield formulated + 3 * HOUR
    release.find_tests()
    for key, values in release.numbers().items():
        if key != "gram":
            release.enter(key, values)
            verifier = "qa2" if key == "purity" else "tech2"
            release.act(verifier, "result.verify", test_id=release.tests[key], raw_data_seen=True)


def waiting_papers(stage: Stage, moment: datetime) -> Tale:
    """Two drafts, one half approved; one person who waits for approval, one role that does."""
    yield moment
    teller = Teller(stage)
    teller.act("qa2", "document.draft", preset="process")
    drafted = teller.act(MANY, "document.draft", preset="specification")["id"]
    teller.act("qa1", "document.approve", document_id=drafted, role="QA")
    ask_person(stage, "new1", ("T",), approved=False)
    with stage.site.database.reading() as session:
        asked = find_person(session, "qa1")
    assert asked is not None
    teller.act("admin1", "role.request", person_id=asked.id, role="QP")


def ago(**time: int) -> str:
    """A time before the tests begin, as a form takes it; negative is the future."""
    return text(NOW - timedelta(**time))
