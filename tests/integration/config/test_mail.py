"""From the act that makes something wait to the letter in a mailbox: written with it, sent after it, tried again."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

import config.wiring  # noqa: F401  (who hears of a late result)
from config.mail import deliver, deliver_one
from config.mail_settings import Mail
from config.sending import send_for_ever
from kernel.work import SYSTEM, unit_of_work
from release.domain.messages import SCHEDULE
from release.ports import mail_is_sent
from release.queries.messages import message_content, undelivered
from release.services.messages import send_again
from release.tables.messages import MessageRow
from release.tables.recalls import ContactRow
from tests.integration.manufacturing.story import Story
from tests.integration.manufacturing.test_lookbacks import look_back
from tests.integration.release.conftest import integrity, made  # noqa: F401  (the batch of the release tests)
from tests.integration.release.factory import tested_and_reviewed as ready
from tests.post_office import post_office

CHANNELS = {"physician": "arts@ward.example", "qp": "+31 71 000 00 00; qp@gmp.example, deputy@gmp.example"}


@pytest.fixture
def office(monkeypatch):
    monkeypatch.setattr(mail_is_sent, "answer", lambda: True)
    with post_office() as found:
        yield found


@pytest.fixture
def late(made, office):  # noqa: F811
    """A certified batch whose late result failed; physician and QP have an address, the sponsor has none."""
    for duty, channel in CHANNELS.items():
        made.put(
            ContactRow(
                duty=duty,
                channel=channel,
                hours="always",
                valid_from=date(2026, 1, 1),
                entered_by=made.qa.id,
                entered_at=made.now,
            )
        )
    ready(made)
    made.stage_one()
    made.later(days=5)
    made.conclude("positive")
    made.verify("sterility")
    return made


def mail(office):
    return Mail("127.0.0.1", office.port, "nktrace@gmp.example", "none", "https://nktrace.example")


def messages(made):  # noqa: F811
    return {row.duty: row for row in made.rows(MessageRow)}


def test_each_duty_has_its_message_in_the_transaction_of_the_late_result_and_the_letter_follows(late, office):
    rows = messages(late)
    assert set(rows) == {"physician", "qp", "sponsor"}
    assert office.letters == []
    assert deliver(late.database, mail(office)) == 2
    letters = {letter["To"]: letter for letter in office.letters}
    assert set(letters) == {"arts@ward.example", "qp@gmp.example, deputy@gmp.example"}
    letter = letters["arts@ward.example"]
    text = letter.get_content()
    assert letter["Message-ID"] == f"<{rows['physician'].id}@nktrace>"
    assert letter["Subject"].startswith("NKTrace NK-2026-001: Een late uitslag is buiten specificatie")
    assert "A late result is out of specification. Acknowledge it: Sterility" in text
    assert f"https://nktrace.example/batches/{late.batch_id}/release" in text
    assert "NK-01" not in text
    sent = messages(late)
    assert {duty: row.status for duty, row in sent.items()} == {"physician": "sent", "qp": "sent", "sponsor": "unsent"}
    assert (sent["qp"].receivers, sent["sponsor"].problem) == (2, "no e-mail address is on the list for this duty")
    assert deliver(late.database, mail(office)) == 0, "nothing is sent twice"


@pytest.mark.parametrize("trouble", ["refuse", "drop"])
def test_a_server_that_does_not_take_it_is_tried_again_and_the_letter_is_not_lost(late, office, trouble):
    setattr(office, trouble, "451 not now" if trouble == "refuse" else True)
    assert deliver(late.database, mail(office)) == 0
    row = messages(late)["physician"]
    assert (row.status, row.attempts) == ("unsent", 1)
    assert row.problem in {"SMTPDataError 451", "SMTPServerDisconnected"}
    setattr(office, trouble, "" if trouble == "refuse" else False)
    assert deliver(late.database, mail(office)) == 0, "not before its time"
    late.later(minutes=1)
    assert deliver(late.database, mail(office)) == 2


def test_after_the_last_attempt_it_is_given_up_and_a_person_has_it_tried_anew(late, office):
    office.refuse = "554 never"
    row = messages(late)["physician"]
    late.change(MessageRow, row.id, attempts=SCHEDULE.most - 1)
    deliver(late.database, mail(office))
    assert messages(late)["physician"].status == "given_up"
    late.later(days=2)
    assert deliver(late.database, mail(office)) == 0
    with late.act("message.send_again", late.qa, message_content, row.id) as work:
        send_again(work, row.id)
    office.refuse = ""
    assert deliver(late.database, mail(office)) >= 1
    assert messages(late)["physician"].status == "sent"


def test_two_that_send_at_once_send_one_letter(late, office):
    row = messages(late)["physician"]
    with unit_of_work(late.database, SYSTEM, "message.try") as work:
        work.lock(MessageRow, row.id).next_at = late.now + timedelta(minutes=1)  # the other one has claimed it
    assert not deliver_one(late.database, mail(office), row.id)
    assert office.letters == []


def test_without_a_mail_server_nothing_is_written(made):  # noqa: F811
    ready(made)
    made.stage_one()
    made.later(days=5)
    made.conclude("positive")
    made.verify("sterility")
    assert made.rows(MessageRow) == []


def test_a_look_back_is_written_to_the_three_who_acknowledge_it(database, person, office):
    story = Story(database, person)
    row = look_back(story, story.open(story.accepted(), volume="100"))
    written = story.read(lambda session: session.query(MessageRow).order_by(MessageRow.duty).all())
    assert [(one.duty, one.record) for one in written] == [
        (duty, row.number) for duty in ("physician", "qp", "sponsor")
    ]


def test_what_is_not_sent_within_an_hour_is_told_whatever_keeps_it(late, office):
    deliver(late.database, mail(office))
    late.later(minutes=59)
    assert late.read(undelivered, late.now) == []
    late.later(minutes=1)
    assert [row.duty for row in late.read(undelivered, late.now)] == ["sponsor"]


def test_one_that_cannot_be_written_stops_no_other_and_says_why(late, office):
    late.change(MessageRow, messages(late)["physician"].id, sentence="%(nothing)s was found")
    assert deliver(late.database, mail(office)) == 1
    row = messages(late)["physician"]
    assert (row.status, row.problem) == ("unsent", "KeyError")


def test_a_database_that_is_away_does_not_end_the_sending(monkeypatch, caplog):
    answers = iter([ConnectionError("gone"), 0])

    def once():
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        monkeypatch.setattr("os.getppid", lambda: -1)
        return answer

    send_for_ever([once], pause=lambda _seconds: None)
    assert list(answers) == []
    assert "ConnectionError: gone" in caplog.text
