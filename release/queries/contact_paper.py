"""Who to call, on paper: how each duty is reached on the day of printing. It is no part of what anybody signed."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.i18n import Speech
from release.domain.paper import Facts, Section
from release.queries.contacts import channels_on

UNREACHED = N_("no contact on the list")


def calls_section(session: Session, day: date, speech: Speech) -> Section:
    found = channels_on(session, day)
    pairs = tuple((speech.word(duty), "; ".join(ways) or speech.say(UNREACHED)) for duty, ways in found.items())
    return Section(speech.say(N_("Who to call, as on the list on %(day)s"), day=speech.day(day)), (Facts(pairs),))
