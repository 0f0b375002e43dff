"""The same form sent 64 times at once, a tenth of it over lines that break: one effect, one answer (hazards b7)."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.nursery import Nursery
from tests.races.contenders import Job, Shot, fire
from tests.races.installations import PASSWORD, Installation, borrowed, path_of
from tests.races.test_dispensing import shot
from tests.server import ApiClient, Server

SENDERS = 64
KEY = "the-same-form-of-one-afternoon"
WORKERS = 4


@contextmanager
def served(nursery: Nursery, source: Installation, folder: Path, app: str = "wsgi:app"):
    with (
        borrowed(source, folder) as here,
        Server(here.app_url, here.folder, workers=WORKERS, app=app, nursery=nursery) as server,
    ):
        here.set_server_clock()
        yield here, server


def report(here: Installation, words: str, *, cut: bool = False, token: str = "") -> Job:
    """An act that nothing but its key keeps from being done twice."""
    body = {"classification": "minor", "description": words, "idempotency_key": KEY}
    path = path_of("deviation.report", batch_id=here.facts["batch"])
    return Job("pharm1", PASSWORD, path, body, cut=cut, token=token)


def sent_at_once(here: Installation, server: Server, *words: str) -> list[Shot]:
    """``words`` in turn, by one person whose every tenth line breaks after sending."""
    token = ApiClient(server.url, "pharm1", PASSWORD).sign_in().token
    return fire(
        server.url,
        [report(here, words[place % len(words)], cut=place % 10 == 9, token=token) for place in range(SENDERS)],
    )


def wrong_of(here: Installation, shots: list[Shot]) -> list[str]:
    """What one effect and one answer look like; empty if it was so."""
    wrong = []
    if any(shot.status >= 500 for shot in shots):
        wrong.append(f"answers: {Counter(shot.status for shot in shots)}")
    if (found := len(here.rows("SELECT id FROM deviation"))) != 1:
        wrong.append(f"{found} deviations are on record")
    if (found := len(here.rows("SELECT seq FROM trail WHERE action = 'deviation.report' AND outcome = 'done'"))) != 1:
        wrong.append(f"the trail has it {found} times")
    if len({str(shot.body) for shot in shots if shot.status == 200}) != 1:
        wrong.append("the answers differ")
    return [*wrong, *(f"verify: {fault}" for fault in here.verified().faults)]


@pytest.mark.req("DI-6.12")
def test_one_form_sent_64_times_at_once_is_done_once_and_answered_alike(nursery, points, tmp_path):
    with served(nursery, points["scanned"], tmp_path / "here") as (here, server):
        shots = sent_at_once(here, server, "Box arrived 20 minutes late")
        assert wrong_of(here, shots) == []
        assert {shot.status for shot in shots} == {200}


def test_one_key_with_two_texts_does_one_of_them_and_refuses_the_other(nursery, points, tmp_path):
    with served(nursery, points["scanned"], tmp_path / "here") as (here, server):
        shots = sent_at_once(here, server, "Box arrived 20 minutes late", "Box arrived 30 minutes late")
        assert wrong_of(here, shots) == []
        done = [shot for shot in shots if shot.status == 200]
        refused = [shot for shot in shots if shot.status != 200]
        assert len(done) == len(refused) == SENDERS // 2
        assert {(shot.status, tuple(shot.codes)) for shot in refused} == {(422, ("IDEMPOTENCY_MISMATCH",))}


def test_a_dispensing_sent_64_times_at_once_is_answered_64_times_as_done(nursery, points, tmp_path):
    """One person, one scan, one key: no loser is told ALREADY_DISPENSED of what was his own."""
    with served(nursery, points["scanned"], tmp_path / "here") as (here, server):
        mine = dict(here.facts["scans"][0])
        read = {"label_code": here.facts["label_code"], "subject_code": here.facts["subject"], "place": "pharmacy"}
        client = ApiClient(server.url, mine["login"], PASSWORD, here.facts["tokens"][mine["login"]])
        said = client.send("POST", "/dispense", read).body
        mine |= {"scan_id": said["scan_id"], "seen": said["seen"]}
        one = shot(
            mine["login"],
            seen=mine["seen"],
            path=path_of("container.dispense", scan_id=mine["scan_id"]),
            token=here.facts["tokens"][mine["login"]],
        )
        shots = fire(server.url, [one] * SENDERS)
        assert {answer.status for answer in shots} == {201}
        assert len({str(answer.body | {"head": None}) for answer in shots}) == 1  # the newest line is told to each
        assert len(here.rows("SELECT id FROM dispensing")) == 1
        assert here.verified().faults == []


def test_a_server_that_forgets_keys_is_caught(nursery, points, tmp_path):
    """The planted defect."""
    app = "tests.races.planted:without_replay()"
    with served(nursery, points["scanned"], tmp_path / "here", app) as (here, server):
        wrong = wrong_of(here, sent_at_once(here, server, "Box arrived 20 minutes late"))
        assert any("deviations are on record" in one for one in wrong)
