"""A phone at the bedside and a tablet in the pharmacy: a photo instead of a scanner, and a verdict that turns on its screen."""

from __future__ import annotations

import pytest

from config.products import WAITING
from tests.journeys.drivers import TABLET
from tests.journeys.grounds import Ground, one_reaction_short
from tests.journeys.lying import GUARDS, LIES, SENDS, STANDING, Screen
from tests.unit.labels.photos import jpeg, label_picture

pytestmark = pytest.mark.journey
PHONE = {"width": 390, "height": 844}
# What a thumb is to hit is at least 44 pixels high and wide; a line of text with links in it is read, not hit.
TOO_SMALL = """() => [...document.querySelectorAll("main a.btn, main button, main summary, header a, header button, nav a")]
  .filter(one => one.offsetParent !== null)
  .map(one => [one.innerText.trim(), one.getBoundingClientRect()])
  .filter(([, box]) => box.width < 44 || box.height < 44)
  .map(([words, box]) => `${words}: ${Math.round(box.width)} x ${Math.round(box.height)}`)"""
PATIENCE = 15_000  # milliseconds: two rounds of asking, and the time of a busy machine


def ordered(ground: Ground):
    """NK-03: certified with results pending, ordered and checked for today."""
    release = ground.product("NK-03", WAITING)
    payload = release.making.scan(release.making.containers[0]["label_id"])
    return release, jpeg(label_picture(payload))


def in_sight(page, selector, screen=PHONE):
    """Nobody has to scroll for it."""
    box = page.locator(selector).first.bounding_box()
    return box is not None and box["y"] >= 0 and box["y"] + box["height"] <= screen["height"]


def scanned(page, walk, label, subject, language="en"):
    """What is answered to two codes that a scanner typed."""
    page.goto(f"{walk.server.url}/dispense?place=pharmacy&lang={language}")
    page.fill("main [name='label_code']", label)
    page.fill("main [name='subject_code']", subject)
    with page.expect_navigation():
        page.click(SENDS)
    return page


def signed(walk, page, login, second):
    """Both give what they sign with, below the verdict."""
    if page.locator("#signer").count():
        page.fill("#signer", login)
    page.fill("#second_signer", second)
    for place in ("#password", "#second_password"):
        page.fill(place, walk.password)
    with page.expect_navigation():
        page.click("#dispense-now .buttons button")


def refused(walk, screen, label, subject):
    """The Dutch verdict on two codes that a scanner typed."""
    page = walk.open("pharm1", "/dispense?place=pharmacy&lang=nl")
    page.set_viewport_size(screen)
    page.fill("main [name='label_code']", label)
    page.fill("main [name='subject_code']", subject)
    with page.expect_navigation():
        page.click(SENDS)
    return page


def photographed(walk, release, photo):
    """The verdict on a photo that the pharmacist took with the phone."""
    page = walk.open("pharm1", "/dispense?place=pharmacy&lang=en")
    page.set_viewport_size(PHONE)
    chosen = {"name": "label.jpg", "mimeType": "image/jpeg", "buffer": photo}
    page.locator("main [name='photo']").set_input_files(chosen)
    page.fill("main [name='subject_code']", release.making.subject)
    with page.expect_navigation():
        page.click(SENDS)
    return page


def not_told(page):
    """The page of somebody who is told that the answer stands, whatever was recorded since."""
    told = page.evaluate("({nonce: verdict.dataset.nonce, verdict: verdict.dataset.verdict, standing: true})")
    page.route(STANDING, lambda route: route.fulfill(json=told))


@pytest.mark.req("DSP-SCAN", "DSP-RACE", "TR-S1")
def test_a_verdict_read_off_a_photo_stands_while_it_is_asked_again_and_turns_at_the_third_severe_reaction(begin):
    """Whose screen does not turn, because he is lied to, signs in vain."""
    walk, (release, third) = begin(one_reaction_short)
    walk.look("pharm1", "/dispense?place=pharmacy", "scan-with-a-camera")
    label = release.making.scan(release.making.containers[0]["label_id"])
    page = photographed(walk, release, jpeg(label_picture(label)))
    assert "POSSIBLE, RESULTS PENDING" in page.locator("#verdict-words").inner_text()
    assert in_sight(page, "#verdict-words")
    walk.photograph(page, "verdict-on-a-phone")
    walk.check(page, "verdict on a phone")
    with page.expect_response(lambda one: one.url.endswith("/standing"), timeout=PATIENCE) as asked:
        pass
    assert asked.value.json()["standing"] is True
    assert page.locator("#dispense-now").count() == 1
    deaf = scanned(page.context.new_page(), walk, label, release.making.subject)
    not_told(deaf)
    walk.api.act("nurse1", "reaction.record", **third)
    signed(walk, deaf, "pharm1", "pharm2")
    assert deaf.locator("#refusals code").all_inner_texts() == ["TRIAL_ON_HOLD"]
    assert "The trial is on hold" in deaf.locator("#refusals").inner_text()
    walk.photograph(deaf, "signed-in-vain")
    page.locator("#unverified").wait_for(state="visible", timeout=PATIENCE)
    said = page.locator("main").inner_text()
    assert "NOT VERIFIED: STOP" in said
    assert "Something was recorded since that stops it" in said
    assert in_sight(page, "#unverified h1")
    assert page.locator("#dispense-now, .verdict-wait").count() == 0
    walk.photograph(page, "verdict-turned")
    walk.check(page, "verdict turned")
    assert walk.read("pharm1", f"/orders/{release.order}")["order"]["dispensing"] is None
    walk.in_order()


@pytest.mark.req("DSP-SCAN")
def test_a_refusal_is_read_without_scrolling_and_answered_with_a_thumb_on_a_phone_and_a_tablet(begin):
    walk, (release, _photo) = begin(ordered)
    subject, label = release.making.subject, release.making.scan(release.making.containers[0]["label_id"])
    for screen, code, typed, words in (
        (PHONE, label, "NK-04", "andere deelnemer"),
        (PHONE, "https://example.org", subject, "geen productetiket"),
        (TABLET, label[:30], subject, "gedeeltelijk gelezen"),
        (TABLET, label, "NK-04", "bel QA"),
    ):
        page = refused(walk, screen, code, typed)
        page.locator("#verdict-words").wait_for(state="visible", timeout=PATIENCE)
        assert page.locator("#verdict-words").inner_text() == "NIET AFLEVEREN"
        assert in_sight(page, "#verdict-words", screen)
        assert in_sight(page, ".verdict-reasons .sentence", screen)
        said = page.locator(".verdict-reasons").inner_text()
        assert words in said
        assert "Wie kan het oplossen" in said
        assert page.evaluate(TOO_SMALL) == []
        walk.photograph(page, f"refused-{screen['width']}-{words.replace(' ', '-')}")
        walk.check(page, f"refused, {screen['width']} px, {words}")
    walk.in_order()


@pytest.mark.req("DSP-SCAN")
def test_a_picture_of_the_live_camera_goes_along_with_the_form_and_shows_no_label_here(begin):
    walk, (release, _photo) = begin(ordered)
    page = walk.open("pharm1", "/dispense?place=pharmacy&lang=en")
    page.set_viewport_size(PHONE)
    page.click("[data-camera-start]")
    page.locator("[data-camera-live]").wait_for(state="visible", timeout=PATIENCE)
    video = page.locator("[data-camera] video")
    while not video.evaluate("one => one.videoWidth"):
        page.wait_for_timeout(100)
    walk.photograph(page, "camera-live")
    walk.check(page, "live camera")
    page.click("[data-camera-take]")
    page.locator("[data-camera-live]").wait_for(state="hidden", timeout=PATIENCE)
    assert page.locator("[data-camera-said]").inner_text() == "The picture is in the form; the server reads it."
    page.fill("main [name='subject_code']", release.making.subject)
    with page.expect_navigation():
        page.click(SENDS)
    assert page.locator("#verdict").get_attribute("data-verdict") == "DENY"
    assert "PHOTO_NO_CODE" in page.locator(".verdict-reasons").inner_text()
    walk.in_order()


def lied_to(begin) -> Screen:
    """The screen of somebody who scans NK-03; NK-08 is not certified."""
    walk, (release, _photo) = begin(ordered)
    payload = walk.ground.names["payload:NK-03"]
    codes = {"label_code": payload, "subject_code": release.making.subject}
    other = {"label_code": walk.ground.names["payload:NK-08"], "subject_code": "NK-08"}
    screen = Screen(walk, codes, other)
    screen.begin()
    return screen


def fires(page, *texts: str) -> str:
    """A scanner that types each text and ends it with Enter; what stands in the subject's field then."""
    page.reload()
    page.focus("main [name='label_code']")
    for text in texts:
        page.keyboard.insert_text(text)
        page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") in {"subject_code", "place"}
    return str(page.input_value("main [name='subject_code']"))


@pytest.mark.hostile
@pytest.mark.req("DSP-SCAN", "QR-2")
def test_nothing_that_a_lying_network_answers_is_drawn_green(begin):
    """Nor is a second reading of the same label taken for the subject's code."""
    screen = lied_to(begin)
    page = screen.walk.open("pharm1", "/dispense?place=pharmacy&lang=en")
    label, subject = screen.codes.values()
    assert fires(page, label, label) == ""
    assert fires(page, label, label, subject) == subject
    assert {lie: tell(screen) for lie, tell in LIES.items()} == dict.fromkeys(LIES, False)
    screen.walk.in_order()


@pytest.mark.hostile
def test_without_its_guard_each_lie_is_drawn_green(begin):
    """The planted defects: the same screen with one guard less."""
    screen = lied_to(begin)
    for lie, faults in GUARDS.items():
        screen.faults = faults
        assert LIES[lie](screen), lie
