"""Every limit of the frozen preset, typed and verified through pages and API: the outcome is the oracle's, exactly."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from manufacturing.domain.poisson import UPPER_95
from release.tables.testing import QcTestRow
from tests.web.limits.cases import CHILDREN, ROUNDS, Entry, Round, count, number
from tests.web.limits.oracle import LIMITS, rare, upper_bound
from tests.web.refusals.rows_results import MEASURED, SEEN, of_test
from tests.web.refusals.scenes import ago
from tests.web.refusals.sending import DOORS, Sent, doors, reach
from tests.web.refusals.world import World

PRESET = Path(__file__).parents[3] / "config" / "presets" / "specification.json"
HOSTILE = ["NaN", "nan", "1e400", "1,234", "<0.5", "Infinity", "-0x1", "٥", "1_000", "1e", "½", " ", "0.0000000000001"]


def weighed(child: str, kg: str) -> Sent:
    weight = {"kg": kg, "kg_again": kg, "measured_at": ago(minutes=20)}
    return Sent("doctor1", "weight.record", {"subject_id": f"@subject:{child}"}, weight, "nurse1")


def entered(child: str, criterion: str, entry: Entry) -> Sent:
    return Sent("tech1", "result.enter", of_test(child, criterion), {**entry, **MEASURED})


def verified(child: str, criterion: str) -> Sent:
    return Sent("tech2", "result.verify", of_test(child, criterion), SEEN)


def through(world: World, sent: Sent, door_name: str) -> Any:
    world.moved()
    (door,) = doors(world, sent, (door_name,))
    return door.send()


@pytest.mark.req("ATMP-CALC", "PHE-CENS", "PHE-ROUND", "PHE-KG", "PHE-2.6.14-1")
@pytest.mark.parametrize("place", range(len(ROUNDS)))
@pytest.mark.every_case
@pytest.mark.wide("postgresql")
def test_each_entry_is_judged_as_the_oracle_judges_it(world: World, place: int):
    """What is entered on the page is verified through the API and the other way round, on the other database."""
    plan = ROUNDS[place]
    reach(world, tuple(weighed(child, kg) for child, kg in plan.weights.items()), keep=True)
    world.happened = None
    for nth, ((child, criterion), entry) in enumerate(plan.entries.items()):
        turn = (place + nth + (world.engine_name == "sqlite")) % 2
        steps = ((entered(child, criterion, entry), DOORS[turn]), (verified(child, criterion), DOORS[1 - turn]))
        for sent, door in steps:
            answer = through(world, sent, door)
            assert answer.status_code in {200, 303}, (criterion, entry, door, refusals(world, answer))
    assert (stored(world, plan), listed(world, plan)) == (plan.expected(), plan.expected()), plan


def stored(world: World, plan: Round) -> dict[tuple[str, str], str | None]:
    """As it was written down with the verification."""
    with world.site.database.reading() as session:
        return {
            (child, criterion): session.get_one(QcTestRow, world.names[f"test:{child}/{criterion}"]).outcome
            for child, criterion in plan.entries
        }


def listed(world: World, plan: Round) -> dict[tuple[str, str], str]:
    """As the list of tests judges it now."""
    found = {}
    for child in dict.fromkeys(child for child, _ in plan.entries):
        tests = world.client("qa1").get(f"/batches/{world.names['batch:' + child]}/tests").json["tests"]
        found |= {(child, one["key"]): one["outcome"] for one in tests if (child, one["key"]) in plan.entries}
    return found


@pytest.mark.req("PHE-UNIT")
@pytest.mark.parametrize("criterion", ["purity", "endotoxin", "cd3_dose"])
def test_what_is_no_number_is_refused_and_changes_nothing(world: World, criterion: str):
    field = "beads_per_tube" if criterion == "cd3_dose" else "value"
    good = count(42, 20000, "1") if criterion == "cd3_dose" else number("1", "%" if criterion == "purity" else "EU/mL")
    sent = entered("NK-08", criterion, good)
    reach(world, ())
    before = world.digests()
    for hostile in HOSTILE:
        for door in doors(world, replace(sent, fields={**sent.fields, field: hostile})):
            answer = door.send()
            assert answer.status_code == 422, (door.name, hostile)
            assert set(refusals(door.world, answer)) == {"FIELD_INVALID"}, (door.name, hostile)
    for bare in ("NaN", "Infinity", "1e400", "0.5", "5", "true", "[]", "null", '{"value": "5"}'):
        answer = raw(world, sent, field, bare)
        assert (answer.status_code, set(refusals(world, answer))) == (422, {"FIELD_INVALID"}), bare
    assert world.digests() == before


def refusals(world: World, answer: Any) -> list[str]:
    return world.browser("tech1").codes(answer)


def raw(world: World, sent: Sent, field: str, bare: str) -> Any:
    """A JSON number, or something else that is no text, where a number belongs."""
    (door,) = doors(world, sent, ("api",))
    body = {**sent.fields, "seen": door.opened, "signer": "tech1", "password": world.client("tech1").password}
    text = json.dumps({**body, field: "@"}).replace('"@"', bare)
    client = world.client("tech1")
    path = f"/api/v1/tests/{world.names[sent.ids['test_id'][1:]]}/enter"
    headers = {**client.headers, "Idempotency-Key": f"raw-{field}", "Content-Type": "application/json"}
    return client.client.post(path, data=text, headers=headers)


@pytest.mark.req("PHE-CENS")
@pytest.mark.parametrize(
    ("criterion", "entry"),
    [
        ("purity", number("80", "%", "<")),
        ("viability", number("80", "%", "<")),
        ("endotoxin", number("0.1", "EU/mL", ">")),
        ("volume", number("38", "mL", "<")),
        ("volume", number("38", "mL", ">")),
    ],
    ids=lambda value: value if isinstance(value, str) else value["operator"],
)
def test_a_sign_that_shows_nothing_is_refused(world: World, criterion: str, entry: Entry):
    reach(world, ())
    before = world.digests()
    for door in doors(world, entered("NK-08", criterion, entry)):
        assert refusals(world, door.send()) == ["RESULT_NOT_POSSIBLE"], door.name
    assert world.digests() == before


@pytest.mark.req("ATMP-CALC")
def test_the_table_of_bounds_is_what_an_own_computation_finds():
    for events in (*range(0, 301, 7), 300):
        bound = UPPER_95[events]
        assert rare(events, bound), events
        assert not rare(events, bound - Decimal("0.0001")), events
    assert [upper_bound(events) for _, _, events in CHILDREN] == [UPPER_95[events] for _, _, events in CHILDREN]


def test_the_oracle_holds_the_limits_of_the_preset():
    criteria = json.loads(PRESET.read_text(encoding="utf-8"))["body"]["criteria"]
    numeric = {one["key"]: one for one in criteria if one["kind"] in {"numeric", "computed"}}
    assert set(numeric) == set(LIMITS)
    for key, one in numeric.items():
        upward = one["comparison"] in {"at_least", "more_than", "between"}
        limit, alert, upper = (
            None if one.get(name) is None else Fraction(one[name]) for name in ("limit", "alert", "upper")
        )
        low, high = (limit, upper) if upward else (None, limit)
        known = LIMITS[key]
        assert (known.low, known.high) == (low, high), key
        assert (known.alert_low, known.alert_high) == ((alert, None) if upward else (None, alert)), key
        assert known.report is bool(one.get("report_only")), key


def test_the_cases_stand_on_every_side_of_every_limit():
    found = {(criterion, outcome) for plan in ROUNDS for (_, criterion), outcome in plan.expected().items()}
    for key, of in LIMITS.items():
        wanted = {"report", "alert"} if of.report else {"pass", "oos"}
        alerts = {"alert"} if of.alert_low is not None or of.alert_high is not None else set()
        assert {outcome for name, outcome in found if name == key} == wanted | alerts, key
