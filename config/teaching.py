"""How the people of the worked example are trained: by colleagues, confirmed by QA or the QP, never by themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date

from config.demo_people import DEMO_PEOPLE
from config.playing import Player

QUALITY, QUALIFIED, OTHER = "qa1", "qp1", "qa2"
Lesson = Callable[[str, str, list[str]], None]


def lessons(player: Player) -> dict[tuple[str, ...], dict[str, str]]:
    """Ids of people by login, by the procedures and versions that their work asks for."""
    logins = {one.full_name: one.login for one in DEMO_PEOPLE}
    shown = player.read(QUALITY, "/training")
    found: dict[tuple[str, ...], dict[str, str]] = defaultdict(dict)
    for line in shown["people"]:
        doing = {one["procedure"] for one in line["cells"] if one["expected"]}
        wanted = tuple(one["key"] for one in shown["subjects"] if one["procedure"] in doing)
        if wanted:
            found[wanted][logins.get(line["person"], line["person"])] = line["id"]
    return found


def teach(player: Player, today: date) -> None:
    """Everybody in the work of his role, by the versions in force."""
    for procedures, people in lessons(player).items():

        def lesson(by: str, confirmed: str, trainees: list[str], subjects: tuple[str, ...] = procedures) -> None:
            player.act(
                by,
                "training.record",
                second=confirmed,
                people=trainees,
                procedures=list(subjects),
                trained_on=today.isoformat(),
                evidence="attendance list TR-2026-01, written test passed",
            )

        give(lesson, people)


def give(lesson: Lesson, people: dict[str, str]) -> None:
    """One lesson for most, and one each for the two who otherwise give and confirm it."""
    others = [person for login, person in people.items() if login not in {QUALITY, QUALIFIED}]
    if others:
        lesson(QUALITY, QUALIFIED, others)
    if QUALITY in people:
        lesson(OTHER, QUALIFIED, [people[QUALITY]])
    if QUALIFIED in people:
        lesson(OTHER, QUALITY, [people[QUALIFIED]])
