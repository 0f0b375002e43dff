"""Sending what the outbox holds: claim, hand to the mail server, note the outcome; each a transaction of its own.

The process beside the server does it (``config/sending.py``) where a mail server is configured. Between the
claim and the note a message may be handed over twice; both copies have one Message-ID.
"""

from __future__ import annotations

import json
import smtplib
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from sqlalchemy.orm import Session

from config.mail_settings import Mail
from kernel.database import Database
from kernel.outbox.queries import due
from kernel.web.i18n import Speech
from kernel.words import LANGUAGES
from kernel.work import SYSTEM, unit_of_work
from manufacturing.domain.expiry import local_day
from release.domain.messages import addresses, mail_words
from release.queries.contacts import contacts_on
from release.queries.testing import get_record
from release.services.messages import NO_ADDRESS, begin_message, message_failed, message_sent
from release.tables.messages import MessageRow

PATIENCE = 30


def deliver(database: Database, mail: Mail) -> int:
    """One pass over what is due; answers how many were sent."""
    with database.reading() as session:
        waiting = due(session, MessageRow, database.clock.now())
    return sum(deliver_one(database, mail, message_id) for message_id in waiting)


def deliver_one(database: Database, mail: Mail, message_id: str) -> bool:
    with unit_of_work(database, SYSTEM, "message.try") as work:
        if begin_message(work, message_id) is None:
            return False
    receivers, problem = attempted(database, mail, message_id)
    with unit_of_work(database, SYSTEM, "message.failed" if problem else "message.sent") as work:
        if problem:
            message_failed(work, message_id, problem)
        else:
            message_sent(work, message_id, receivers)
    return not problem


def attempted(database: Database, mail: Mail, message_id: str) -> tuple[int, str]:
    """How many addresses it was handed over for, or what went wrong; one that cannot be written stops no other."""
    try:
        with database.reading() as session:
            row = get_record(session, MessageRow, message_id)
            letter = compose(session, row, mail, database.clock.now())
    except Exception as error:  # noqa: BLE001  (whatever is wrong with it is noted with it)
        return 0, type(error).__name__
    return (0, NO_ADDRESS) if letter is None else (len(letter["To"].addresses), handed_over(mail, letter))


def compose(session: Session, row: MessageRow, mail: Mail, at: datetime) -> EmailMessage | None:
    """The letter to everybody who has this duty today; None where the list has no address for it."""
    receivers = addresses(one.channel for one in contacts_on(session, local_day(at))[row.duty])
    if not receivers:
        return None
    facts = json.loads(row.facts)
    sentences = {language: Speech(language).say(row.sentence, **facts) for language in LANGUAGES}
    subject, text = mail_words(sentences, row.record, f"{mail.site}{row.location}")
    letter = EmailMessage()
    letter["Subject"], letter["From"], letter["To"] = subject, mail.sender, ", ".join(receivers)
    letter["Date"], letter["Message-ID"] = format_datetime(row.written_at), f"<{row.id}@nktrace>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(text)
    return letter


def handed_over(mail: Mail, letter: EmailMessage) -> str:
    """Empty when the server took it for every receiver; otherwise what went wrong, without any address."""
    try:
        with connected(mail) as server:
            refused = server.send_message(letter)
    except smtplib.SMTPResponseException as error:
        return f"{type(error).__name__} {error.smtp_code}"
    except (OSError, smtplib.SMTPException) as error:
        return type(error).__name__
    return f"{len(refused)} addresses refused" if refused else ""


def connected(mail: Mail) -> smtplib.SMTP:
    """Encrypted, unless the server is on this machine and the installation says so."""
    if mail.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            mail.host, mail.port, timeout=PATIENCE, context=ssl.create_default_context()
        )
    else:
        server = smtplib.SMTP(mail.host, mail.port, timeout=PATIENCE)
        if mail.security == "starttls":
            server.starttls(context=ssl.create_default_context())
    if mail.user:
        server.login(mail.user, mail.password)
    return server
