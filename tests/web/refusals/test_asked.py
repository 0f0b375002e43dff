"""What is asked for in an address and cannot be used: the page keeps what was typed, the API answers with the code alone."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

import pytest

from kernel.refusals import CATALOGUE
from tests.databases import databases
from tests.web.clients import codes
from tests.web.refusals.world import World

USED = {"/trial/simulation": {"included": "12", "transplanted": "23", "rates": "0.5 0.65"}, "/trial/feasibility": {}}
ROWS = [
    ("/trial/simulation", "included", "12.5", "SIMULATION_INPUT"),
    ("/trial/simulation", "included", "0", "SIMULATION_INPUT"),
    ("/trial/simulation", "transplanted", "201", "SIMULATION_INPUT"),
    ("/trial/simulation", "rates", "0,65", "SIMULATION_INPUT"),
    ("/trial/simulation", "rates", "1.01", "SIMULATION_INPUT"),
    ("/trial/simulation", "rates", "<0.5", "SIMULATION_INPUT"),
    ("/trial/feasibility", "as_of", "yesterday", "FIELD_INVALID"),
    ("/trial/feasibility", "as_of", "2036-11-23 16:30", "FUTURE_TIME"),
]
DATABASE = pytest.mark.parametrize("world", databases()[:1], indirect=True)


@pytest.mark.req("TR-PROV")
@DATABASE
def test_one_fault_in_what_is_asked_is_told_through_both_doors_and_stays_in_its_box(world: World):
    world.back(world.states[0])
    page, client = world.browser("inspector1"), world.client("inspector1")
    for path, name, typed, code in ROWS:
        address = f"{path}?{urlencode(USED[path] | {name: typed})}"
        shown, answer = page.get(address), client.get(address)
        status = CATALOGUE[code].status
        assert (shown.status_code, codes(shown)) == (status, [code]), address
        assert f'value="{escape(typed)}"' in shown.text, address
        assert (answer.status_code, codes(answer), answer.mimetype) == (status, [code], "application/problem+json")
    for path, good in USED.items():
        address = f"{path}?{urlencode(good)}"
        assert (page.get(address).status_code, client.get(address).status_code) == (200, 200)
