"""How long records are kept: exact calendar years, the longest clock wins, and an unknown one is never a date."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from release.domain.retention import (
    Answer,
    Clock,
    Product,
    RecordClass,
    erasure_answer,
    latest,
    product_clock,
    request_refusals,
    trial_clocks,
)

EXPIRES, GIVEN, ENDED = date(2026, 11, 26), date(2026, 11, 25), date(2027, 6, 30)
PRODUCT = Product(ends=(EXPIRES,), given=(GIVEN,), last_done_on=None)


@pytest.mark.req("RET-30")
@pytest.mark.parametrize(
    ("product", "until"),
    [
        (PRODUCT, date(2056, 11, 26)),
        (Product((date(2026, 11, 26), date(2031, 11, 26)), (), None), date(2061, 11, 26)),
        (Product((EXPIRES,), (date(2026, 11, 27),), None), date(2056, 11, 27)),
        (Product((date(2028, 2, 29),), (), None), date(2058, 3, 1)),
        (Product((), (), date(2026, 11, 20)), date(2056, 11, 20)),
        (Product((), (), None), None),
    ],
    ids=["expiry", "the frozen container", "used last", "leap day", "never a product", "still being made"],
)
def test_traceability_is_kept_thirty_years_after_expiry_and_use(product, until):
    assert product_clock(product).until == until


@pytest.mark.req("RET-5", "RET-25")
def test_the_clocks_of_the_trial_start_with_its_end_and_not_before():
    assert [one.until for one in trial_clocks(None)] == [None, None]
    assert [one.until for one in trial_clocks(ENDED)] == [date(2032, 6, 30), date(2052, 6, 30)]
    assert [one.until for one in trial_clocks(date(2028, 2, 29))] == [date(2033, 3, 1), date(2053, 3, 1)]


@pytest.mark.req("RET-MAX")
@pytest.mark.parametrize(
    ("starts_on", "wins"),
    [(date(2026, 11, 26), RecordClass.TRACEABILITY), (date(2020, 1, 1), RecordClass.TRIAL)],
)
def test_the_longest_time_wins(starts_on, wins):
    found = latest((Clock(RecordClass.TRACEABILITY, starts_on), *trial_clocks(ENDED)))
    assert found is not None
    assert found.record_class is wins


@pytest.mark.req("RET-MAX", "RET-GDPR")
def test_a_request_to_erase_is_answered_by_the_clock_that_has_not_started():
    clocks = (product_clock(PRODUCT), *trial_clocks(None))
    assert latest(clocks) is None
    assert erasure_answer(clocks, date(2999, 1, 1)) == Answer(RecordClass.BATCH, None)


@pytest.mark.req("RET-MAX", "RET-GDPR")
def test_the_last_day_is_kept_whole():
    clocks = (product_clock(PRODUCT), *trial_clocks(ENDED))
    last = date(2056, 11, 26)
    assert erasure_answer(clocks, last) == Answer(RecordClass.TRACEABILITY, last)
    assert erasure_answer(clocks, last + timedelta(days=1)) is None


@pytest.mark.req("RET-GDPR")
def test_a_request_of_tomorrow_is_refused_and_so_is_one_that_nothing_answers():
    kept = Answer(RecordClass.TRIAL, ENDED)
    assert request_refusals(kept, ENDED, ENDED) == ()
    assert [one.code for one in request_refusals(kept, ENDED + timedelta(days=1), ENDED)] == ["FUTURE_TIME"]
    assert [one.code for one in request_refusals(None, ENDED, ENDED)] == ["RETENTION_OVER"]
