"""64 processes dispense one container at the same moment: one does, 63 are told that it is done (hazards b1)."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.nursery import Nursery
from tests.races.contenders import Job, Shot, fire
from tests.races.installations import PASSWORD, PHARMACISTS, SCANS, Installation, borrowed, path_of
from tests.races.naive import without_unique_keys
from tests.races.rewinding import made_rewindable, rewound
from tests.server import Server

CONTENDERS = SCANS
WORKERS = 4
ROUNDS = int(os.environ.get("NKTRACE_RACE_ROUNDS", "5"))
HOSTILE_ROUNDS = 50
Jobs = Callable[[dict[str, Any]], list[Job]]
OTHER = {"pharm1": "pharm2", "pharm2": "pharm1"}


def shot(login: str, **given: Any) -> Job:
    """Dispense with the other pharmacist as second checker."""
    signed = {"signer": login, "password": PASSWORD, "second_signer": OTHER[login], "second_password": PASSWORD}
    body = {**signed, "seen": given.pop("seen"), "idempotency_key": secrets.token_hex(12)}
    return Job(login, PASSWORD, body=body, **given)


def scanning_now(facts: dict[str, Any]) -> list[Job]:
    """Everybody signs in and scans first, then all dispense."""
    scan = {"label_code": facts["label_code"], "subject_code": facts["subject"], "place": "pharmacy"}
    path, take = path_of("container.dispense", scan_id="{scan_id}"), ["scan_id", "seen"]
    before = [(path_of("container.scan"), scan)]
    return [
        shot(PHARMACISTS[place % 2], seen="{seen}", path=path, before=before, take=take) for place in range(CONTENDERS)
    ]


@contextmanager
def served(
    nursery: Nursery, source: Installation, folder: Path, *, naive: bool = False
) -> Iterator[Callable[[Jobs], list[str]]]:
    """A round on a server that stays for all of them: its installation is put back before each, its processes are warm.

    A round answers what is wrong with how it ended, nothing if exactly one dispensed.
    """
    app = "tests.races.naive:naive_app()" if naive else "wsgi:app"
    with borrowed(source, folder) as here:
        made_rewindable(here)
        with Server(here.app_url, here.folder, workers=WORKERS, app=app, nursery=nursery) as server:

            def a_round(jobs: Jobs) -> list[str]:
                now = rewound(here, source)
                if naive:
                    without_unique_keys(now)
                now.set_server_clock()
                return [*wrong_answers(fire(server.url, jobs(now.facts))), *wrong_records(now)]

            yield a_round


def wrong_answers(shots: list[Shot]) -> list[str]:
    """One 201; everybody else 409 with exactly this one code."""
    wrong = []
    successes = [shot for shot in shots if shot.status == 201]
    if len(successes) != 1:
        wrong.append(f"{len(successes)} were told that they dispensed")
    losers = [shot for shot in shots if shot.status != 201]
    other = [one for one in losers if (one.status, one.codes) != (409, ["ALREADY_DISPENSED"])]
    return [*wrong, *(f"a loser was answered {one.status} {one.codes or one.body}" for one in other)]


def wrong_records(here: Installation) -> list[str]:
    """The records decide, not the answers: one dispensing, one order moved, every loser on the trail, all verified."""
    wrong = []
    if (found := len(here.rows("SELECT id FROM dispensing"))) != 1:
        wrong.append(f"{found} dispensings are on record")
    refused = "SELECT seq FROM trail WHERE action = 'container.dispense' AND outcome = 'refused'"
    if (found := len(here.rows(refused))) != CONTENDERS - 1:
        wrong.append(f"{found} refusals are on the trail")
    done = "SELECT seq FROM trail WHERE action = 'container.dispense' AND outcome = 'done'"
    if (found := len(here.rows(done))) != 1:
        wrong.append(f"{found} dispensings are on the trail")
    orders = here.rows("SELECT status, version FROM infusion_order WHERE id = :id", id=here.facts["order"])
    if [row.status for row in orders] != ["dispensed"]:
        wrong.append(f"the order is {orders}")
    wrong.extend(f"verify: {fault}" for fault in here.verified().faults)
    return wrong


def all_dispense(nursery: Nursery, source: Installation, folder: Path, rounds: int) -> None:
    with served(nursery, source, folder) as a_round:
        for number in range(rounds):
            assert a_round(scanning_now) == [], f"round {number}"


@pytest.mark.req("DSP-RACE")
def test_exactly_one_of_64_dispenses(nursery, points, tmp_path):
    all_dispense(nursery, points["ready"], tmp_path / "here", ROUNDS)


@pytest.mark.hostile
def test_exactly_one_of_64_dispenses_every_time(nursery, points, tmp_path):
    all_dispense(nursery, points["ready"], tmp_path / "here", HOSTILE_ROUNDS)


def test_a_naive_dispensing_is_caught(nursery, points, tmp_path):
    """The planted defect lets several through within the rounds of the test command."""
    with served(nursery, points["ready"], tmp_path / "here", naive=True) as a_round:
        for _ in range(ROUNDS):
            wrong = a_round(scanning_now)
            successes = [int(one.split()[0]) for one in wrong if "told that they dispensed" in one]
            if successes and successes[0] > 1:
                assert f"{successes[0]} dispensings are on record" in wrong
                return
    pytest.fail("the check did not see more than one success of the planted defect")
