"""The whole path, walked twice: by twelve people in browsers, and by the same people through the API alone."""

from __future__ import annotations

import pytest

from tests.journeys.drivers import ApiDriver, BrowserDriver
from tests.journeys.path import Path

pytestmark = [pytest.mark.journey, pytest.mark.req("ATMPR-15.2", "F-COI-1", "F-COI-3", "TR-PROV")]


def counted(figures):
    return figures["infusion"]["numerator"], figures["infusion_final"]["numerator"]


def test_the_api_alone_takes_one_leukapheresis_to_a_counted_infusion(installation):
    driver = ApiDriver(installation.server, installation.password)
    path = Path(driver, installation, lambda *_: None)
    path.documents()
    path.include()
    assert counted(path.figures()) == (0, 0)
    path.collect()
    path.make()
    path.release()
    path.give()
    assert counted(path.figures()) == (1, 0)
    path.finish()
    assert counted(path.figures()) == (1, 1)


@pytest.mark.parametrize("fresh", ["sqlite"], indirect=True)
@pytest.mark.req("LBL-VERIFY", "DSP-2P", "P11-200a1ii")
def test_people_in_browsers_take_one_leukapheresis_to_a_counted_infusion(installation, pictures, browser):
    driver = BrowserDriver(installation.server, browser, installation.password, pictures, installation.told)
    path = Path(driver, installation, driver.look)
    path.documents()
    path.include()
    before = counted(path.figures())
    path.collect()
    path.make()
    path.release()
    path.give()
    driver.look("sponsor1", "/trial", "trial")
    for login, page, name in WORK_PAGES:
        driver.look(login, page, name)
    assert counted(path.figures()) == (before[0] + 1, before[1])
    assert len(driver.sessions) >= 9
    driver.leave()
    assert driver.outside == []
    assert driver.violations == []


WORK_PAGES = [
    (login, "/", f"work-{login}") for login in ("tech1", "qa1", "qp1", "pharm1", "sponsor1", "doctor1", "admin1")
]
WORK_PAGES += [
    ("inspector1", "/trail", "trail"),
    ("pharm1", "/dispense", "dispense"),
    ("admin1", "/administration/people", "people"),
]
