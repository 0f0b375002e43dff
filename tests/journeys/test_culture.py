"""Nine days of culture at the bench, and what a reader of its printed record finds."""

from __future__ import annotations

import pytest

from tests.journeys.drivers import BrowserDriver
from tests.journeys.hard_day import Bench, LongCulture
from tests.journeys.printed import MARKED, missing, unmarked, walked

pytestmark = [pytest.mark.journey, pytest.mark.parametrize("fresh", ["sqlite"], indirect=True)]

CULTURED = {
    "what was decided": (
        "part opened by decision Culture with IL-15, 7 to 14 days",
        "the count of day 7 is short of the target",
    ),
    "what was left out": ("part left out by decision", "the long culture is planned for this subject"),
    "the count of a day": ("15.1 10^6/mL",),
    "the days that were not": ("harvested on day 9",),
}


@pytest.mark.req("ATMP-NOBLANK")
def test_nine_days_of_culture_follow_and_their_record_tells_what_was_done_and_what_was_not(
    installation, pictures, browser
):
    """The steps before the culture are walked by keys on the hard day (test_bench.py); here they are told."""
    told = installation.told
    bench = BrowserDriver(installation.server, browser, installation.password, pictures, told, prefix="culture")
    record = walked(LongCulture(Bench(told, bench, first=10), installation), bench, "long-culture")
    bench.leave()
    assert missing(record, MARKED | CULTURED) == {}
    assert unmarked(record) == {}
    assert bench.violations == []
