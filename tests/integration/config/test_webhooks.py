"""From the act that changes the count to the trial's EDC: written with it, signed, sent after it, tried again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from config.webhooks import NOT_CALLED, Caller, call_one, call_waiting
from kernel.canonical import instant_text
from kernel.errors import Refused
from kernel.tables import TrailRow
from kernel.work import SYSTEM, unit_of_work
from manufacturing.queries.trial import get_trial
from manufacturing.tables.trial import TrialRow
from release import ports
from release.domain.receivers import SCHEDULE
from release.queries.metrics import patient_histories
from release.queries.patient_records import FIGURE_TABLES
from release.queries.receivers import receiver_content, undelivered_webhooks, webhook_content
from release.services.receivers import (
    approve_receiver,
    close_receiver,
    enter_receiver,
    renew_key,
    send_webhook_again,
)
from release.tables.decisions import DispositionRow
from release.tables.receivers import ReceiverRow, WebhookRow
from tests.integration.release.giving_factory import (
    administer,
    check,
    disposition,
    give_out,
    giving_installation,  # noqa: F401
    infused,
    new_patient,
    new_product,
    order,
    scan,
    supplied_product,
    to_the_ward,
)
from tests.places import along
from tests.printer import port_of_nobody
from tests.receiver import OK, drip, flood, receiver

INSIDE = frozenset({"127.0.0.1"})


def secret_of(key_id):
    return key_id.encode() * 2


@pytest.fixture
def edc(monkeypatch):
    monkeypatch.setattr(ports.hosts_inside, "answer", lambda: INSIDE)
    monkeypatch.setattr(ports.receiver_secret, "answer", secret_of)
    with receiver() as found:
        yield found


@pytest.fixture
def listening(giving, person, edc):
    """Entered by one administrator, approved by another; the first message, how the count stands, waits."""
    along(giving, "listening", lambda: listen(giving, person))
    point(giving, edc.url)
    return giving


@pytest.fixture
def counted(giving, person, edc):
    """And then one subject was infused with a product that is certified with its culture pending."""
    along(giving, "listening", lambda: listen(giving, person))
    giving.product = along(giving, "counted", lambda: given(giving))
    point(giving, edc.url)
    return giving


def listen(giving, person):
    giving.people |= {"admin": person("Ad"), "admin2": person("Ad")}
    giving.receiver, giving.key, giving.secret = entered(giving, "https://edc.example/nktrace")
    approved(giving)


def point(giving, url):
    with unit_of_work(giving.database, SYSTEM, "test.change") as work:
        work.lock(ReceiverRow, giving.receiver).url = url


def given(giving):
    product = new_product(giving, new_patient(giving), state="certified_pending")
    infused(giving, product)
    return product


def entered(giving, url):
    with giving.act("receiver.enter", giving.admin) as work:
        row, key, secret = enter_receiver(work, code="EDC-01", title="EDC of the trial", url=url)
    return row.id, key.id, secret


def approved(giving, by="admin2"):
    content = lambda s: receiver_content(s, giving.receiver)  # noqa: E731
    with giving.act("receiver.approve", giving.people[by], content=content) as work:
        return approve_receiver(work, giving.receiver)


def caller(giving, **changes):
    return replace(Caller(giving.database, INSIDE, secret_of, seconds=0.4), **changes)


def rows(giving):
    with giving.database.reading() as session:
        return list(session.execute(sa.select(WebhookRow).order_by(WebhookRow.number)).scalars())


def again(giving, row):
    content = lambda s: webhook_content(s, row.id)  # noqa: E731
    with giving.act("webhook.send_again", giving.admin, content=content) as work:
        send_webhook_again(work, row.id)


@pytest.mark.req("TR-PROV", "QC-LATE-OOS")
def test_an_infusion_tells_up_and_the_late_failure_of_its_batch_tells_down_with_the_reason(counted, edc):
    assert [row.event for row in rows(counted)] == ["count.stands", "count.up"], "nothing else on the way changed it"
    disposition(counted, counted.product, status="late_oos")
    assert edc.calls == [], "written with the act, sent after it"
    assert call_waiting(caller(counted)) == 3
    stands, up, down = [call.told for call in edc.calls]
    assert stands["figures"]["F"] == {"before": None, "after": 0}
    about = (up["type"], up["act"], up["trial"], up["definitions"])
    assert about == ("count.up", "administration.record", "NL-OMON26066", 1)
    assert up["figures"] == {
        "infused": {"before": 0, "after": 1},
        "F": {"before": 0, "after": 1},
        "F_final": {"before": 0, "after": 0},
        "supplied": {"before": 0, "after": 0},
    }
    of_subject = {"code": "NK-03", "batches": [counted.product.number]}
    entered_both = {"entered": ["infused", "F"], "left": [], "reason": "infused_met_all_criteria"}
    assert up["subjects"] == [of_subject | entered_both]
    assert (down["type"], down["act"], down["number"]) == ("count.down", "test.change", 3)
    assert down["subjects"] == [of_subject | {"entered": [], "left": ["F"], "reason": "late_failure"}]
    assert down["figures"]["F"] == {"before": 1, "after": 0}
    assert down["figures"]["infused"] == {"before": 1, "after": 1}
    assert down["at"] == instant_text(counted.now)


@pytest.mark.req("TR-PROV")
def test_a_message_names_the_line_of_the_trail_that_holds_it_and_no_person(counted, edc):
    call_waiting(caller(counted))
    call = edc.calls[-1]
    named = call.told["trail"]
    with counted.database.reading() as session:
        line = session.execute(sa.select(TrailRow).where(TrailRow.seq == named["seq"])).scalar_one()
    assert (line.action, line.prev_hash) == ("administration.record", named["previous_hash"])
    assert call.headers["webhook-id"] in line.payload
    text = call.body.decode()
    assert not [one for one in counted.people.values() if one.id in text or one.name in text]


@pytest.mark.req("TR-OOSFLAG")
def test_a_supply_out_of_specification_counts_as_infused_and_never_in_f(listening, edc):
    product = supplied_product(listening, new_patient(listening))
    row = order(listening)
    check(listening, row)
    out = give_out(listening, scan(listening, product), oos_acknowledged=True)
    to_the_ward(listening, out)
    scan(listening, product, by=listening.nurse, place="bedside")
    assert [one.event for one in rows(listening)] == ["count.stands"], "supplied is not infused yet"
    administer(listening, out)
    call_waiting(caller(listening))
    last = edc.calls[-1].told
    assert (last["type"], last["figures"]["F"]) == ("count.up", {"before": 0, "after": 0})
    assert last["subjects"][0]["reason"] == "supplied_out_of_specification"
    assert last["subjects"][0]["entered"] == ["infused", "supplied"]


def test_a_change_and_its_way_back_are_two_messages(counted):
    disposition(counted, counted.product, status="late_oos")
    disposition(counted, counted.product, status="certified_pending")
    assert [row.event for row in rows(counted)] == ["count.stands", "count.up", "count.down", "count.up"]
    disposition(counted, counted.product, sponsor_released=False)
    assert len(rows(counted)) == 4, "what changes no count tells nothing"


def test_an_act_that_is_refused_tells_nothing(counted):
    with pytest.raises(Refused), unit_of_work(counted.database, SYSTEM, "test.refused") as work:
        work.session.execute(sa.select(DispositionRow)).scalar_one().status = "late_oos"
        work.require("batch:review")
    assert [row.event for row in rows(counted)] == ["count.stands", "count.up"]


def test_each_message_is_signed_anew_with_every_key_in_force_under_one_id(listening, edc):
    edc.answer = b"HTTP/1.1 500 no\r\n\r\n"
    call_waiting(caller(listening))
    first = edc.calls[-1]
    assert first.signed_with(listening.secret)
    assert first.headers["webhook-key-id"] == listening.key
    key, newer = renewed(listening, overlap_hours=24)
    assert newer != listening.secret
    listening.database.clock.advance(timedelta(hours=23))
    call_waiting(caller(listening))
    repeated = edc.calls[-1]
    assert (repeated.headers["webhook-id"], repeated.body) == (first.headers["webhook-id"], first.body)
    assert repeated.headers["webhook-timestamp"] != first.headers["webhook-timestamp"]
    assert repeated.signed_with(listening.secret)
    assert repeated.signed_with(newer)
    listening.database.clock.advance(timedelta(hours=1))
    call_waiting(caller(listening))
    assert edc.calls[-1].signed_with(newer)
    assert not edc.calls[-1].signed_with(listening.secret)
    assert edc.calls[-1].headers["webhook-key-id"] == key


def renewed(giving, **given):
    content = lambda s: receiver_content(s, giving.receiver)  # noqa: E731
    with giving.act("receiver.renew_key", giving.admin, content=content) as work:
        _row, key, secret = renew_key(work, giving.receiver, **given)
    return key.id, secret


BAD = {
    "an error": (b"HTTP/1.1 500 no\r\n\r\n", "HTTP 500"),
    "a redirect": (
        b"HTTP/1.1 302 x\r\nLocation: http://127.0.0.1:1/\r\n\r\n",
        "the receiver redirects, which is not followed; enter its final address",
    ),
    "no end": (drip, "the receiver does not answer in time"),
    "no web": (b"220 mail ready\r\n", "the receiver does not answer as a web server does"),
    "nothing": (b"", "the receiver broke the connection off"),
}


@pytest.mark.parametrize("behaviour", BAD)
def test_a_receiver_that_behaves_badly_is_tried_again_and_stops_nothing(counted, edc, behaviour):
    edc.answer, problem = BAD[behaviour]
    assert call_waiting(caller(counted)) == 0
    assert len(edc.calls) == 1, "one that fails is left alone for this pass"
    failed, waiting = sorted(rows(counted), key=lambda row: -row.attempts)
    assert (failed.status, failed.attempts, failed.problem) == ("unsent", 1, problem)
    assert (waiting.status, waiting.attempts) == ("unsent", 0)
    edc.answer = OK
    assert call_waiting(caller(counted)) == 1, "the other one; the first is not due"
    counted.database.clock.advance(timedelta(minutes=1))
    assert call_waiting(caller(counted)) == 1


def test_after_a_day_it_is_given_up_and_a_person_sends_it_again_with_the_same_id(listening, edc):
    edc.answer = b"HTTP/1.1 503 no\r\n\r\n"
    row = rows(listening)[0]
    with unit_of_work(listening.database, SYSTEM, "test.change") as work:
        work.lock(WebhookRow, row.id).attempts = SCHEDULE.most - 1
    call_waiting(caller(listening))
    assert rows(listening)[0].status == "given_up"
    with listening.database.reading() as session:
        assert [(one.id, code) for one, code in undelivered_webhooks(session, listening.now)] == [(row.id, "EDC-01")]
    listening.database.clock.advance(timedelta(days=2))
    assert call_waiting(caller(listening)) == 0
    again(listening, row)
    edc.answer = OK
    assert call_waiting(caller(listening)) == 1
    again(listening, row)
    assert call_waiting(caller(listening)) == 1
    assert [call.headers["webhook-id"] for call in edc.calls] == [row.id] * 3


def test_a_huge_answer_is_not_read_and_where_encryption_is_asked_for_nothing_is_told_without_it(counted, edc):
    edc.answer = flood
    assert call_waiting(caller(counted)) == 2
    point(counted, f"https://127.0.0.1:{edc.port}/")
    edc.calls.clear()
    again(counted, rows(counted)[1])
    assert call_waiting(caller(counted)) == 0
    assert not [call for call in edc.calls if b"OMON" in call.body]


NOWHERE = {
    "no longer named": ("http://127.0.0.1:{port}/", frozenset(), NOT_CALLED),
    "a name that leads inside": ("https://localhost:{port}/", frozenset(), NOT_CALLED),
    "an address in disguise": ("https://0x7f.1:{port}/", frozenset(), NOT_CALLED),
    "nobody listens": ("http://127.0.0.1:{nobody}/", INSIDE, "the receiver takes no connection"),
}


@pytest.mark.parametrize("place", NOWHERE)
def test_what_may_not_be_called_is_not_and_why_stands_in_words(listening, edc, place):
    url, inside, problem = NOWHERE[place]
    point(listening, url.format(port=edc.port, nobody=port_of_nobody()))
    assert call_waiting(caller(listening, inside=inside)) == 0
    assert (rows(listening)[0].problem, edc.calls) == (problem, [])


def test_who_entered_a_receiver_does_not_approve_it_and_nothing_is_written_before(giving, person, edc):
    giving.people |= {"admin": person("Ad")}
    giving.receiver, *_ = entered(giving, edc.url)
    with unit_of_work(giving.database, SYSTEM, "test.change") as work:
        work.lock(TrialRow, giving.trial_id).title = "NK cells"
    assert rows(giving) == []
    with pytest.raises(Refused) as refused:
        approved(giving, "admin")
    assert [one.code for one in refused.value.refusals] == ["SOD_RECEIVER"]
    approved(giving, "qa")
    assert [(row.event, row.number) for row in rows(giving)] == [("count.stands", 1)]
    with pytest.raises(Refused) as refused:
        approved(giving, "qa")
    assert [one.code for one in refused.value.refusals] == ["STATE_NOT_ALLOWED"]


def test_what_waits_for_a_closed_receiver_is_not_sent_and_it_is_told_nothing_more(counted, edc):
    content = lambda s: receiver_content(s, counted.receiver)  # noqa: E731
    with counted.act("receiver.close", counted.admin, content=content) as work:
        close_receiver(work, counted.receiver)
    disposition(counted, counted.product, status="late_oos")
    assert call_waiting(caller(counted)) == 0
    assert [row.status for row in rows(counted)] == ["cancelled", "cancelled"]
    with pytest.raises(Refused) as refused:
        again(counted, rows(counted)[0])
    assert [one.code for one in refused.value.refusals] == ["RECEIVER_CLOSED"]


def test_a_message_that_another_process_has_claimed_is_not_sent_twice(listening, edc):
    row = rows(listening)[0]
    with unit_of_work(listening.database, SYSTEM, "webhook.try") as work:
        work.lock(WebhookRow, row.id).next_at = listening.now + timedelta(minutes=1)
    assert not call_one(caller(listening), row.id)
    assert edc.calls == []


def test_every_table_that_the_figures_are_read_from_is_watched(counted):
    read = set()

    def note(state):
        read.update(one.name for one in sa.sql.visitors.iterate(state.statement) if isinstance(one, sa.Table))

    with counted.database.reading() as session:
        sa.event.listen(session, "do_orm_execute", note)
        patient_histories(session, get_trial(session), counted.now)
    assert read <= {table.__tablename__ for table in FIGURE_TABLES}
    assert len(read) >= 12
