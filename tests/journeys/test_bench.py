"""A whole batch at the bench on a hard day, and what a reader of its printed record finds."""

from __future__ import annotations

import pytest

from tests.journeys.hard_day import Bench, HardDay
from tests.journeys.keys import LEADS_TO, KeyDriver
from tests.journeys.printed import MARKED, missing, unmarked, walked

pytestmark = [pytest.mark.journey, pytest.mark.parametrize("fresh", ["sqlite"], indirect=True)]


@pytest.mark.wide
@pytest.mark.req("ATMP-6.1-CORR", "ATMP-6.1-TIME", "ATMP-IPC", "A11-8.2", "TC-86-RECEIPT", "P211-188b11", "DI-6.12")
def test_technicians_make_a_batch_on_a_hard_day_by_keys_alone_and_its_printed_record_tells_all_of_it(
    installation, pictures, browser
):
    """From signing in to the complete batch no mouse and no finger is needed, and the focus goes where the work does."""
    told = installation.told
    bench = KeyDriver(installation.server, browser, installation.password, pictures, told, prefix="bench")
    record = walked(HardDay(Bench(told, bench), installation), bench, "hard-day")
    bench.leave()
    assert missing(record, MARKED) == {}
    assert unmarked(record) == {}
    assert bench.violations == []
    assert bench.pointed == []
    assert bench.astray == []
    assert bench.walked == set(LEADS_TO)
