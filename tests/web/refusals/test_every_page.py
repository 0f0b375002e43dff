"""Every page there is, opened on the second database too: what its statements mean there (tests/second_database.py)."""

from __future__ import annotations

import pytest

from kernel.web.registry import VIEWS
from tests.databases import databases
from tests.integration.config.crawling import crawl, route
from tests.web.refusals.world import World

READER = "inspector1"
# Of these the example has no record, or links to it only where there is something behind; their own tests open them.
NONE_IN_THE_EXAMPLE = {
    *("capa.show", "defect.show", "environment.list", "file.list", "lookback.show", "oos_supply.show", "place.show"),
    *("recall.show", "result.sources", "batch.exceptions", "protocol.effects", "downtime.show", "scan.standing"),
    *("access.show", "check.show"),
}


@pytest.mark.parametrize("world", databases()[-1:], indirect=True)
@pytest.mark.every_case
def test_an_inspector_opens_every_page_of_the_example(world: World):
    world.back(world.states[0])
    opened: set[str] = set()
    client = world.browser(READER).client
    wrong = list(
        crawl(world.app, client, "In", each=4, read=lambda path, _page: opened.add(str(route(world.app, path))))
    )
    assert wrong == []
    unseen = {name for name in VIEWS if f"site.view_{name.replace('.', '-')}" not in opened}
    assert sorted(unseen - NONE_IN_THE_EXAMPLE) == []
