"""A phone at the bedside and a tablet in the pharmacy: a photo instead of a scanner, and a verdict that turns on its screen."""

from __future__ import annotations

import random
import re

import pytest
from playwright.sync_api import expect

from config.demo_clock import ShiftedClock
from config.products import WAITING
from tests.journeys.drivers import TABLET
from tests.journeys.grounds import Ground, one_reaction_short
from tests.journeys.lying import GREEN, GUARDS, LIES, SENDS, STANDING, Screen
from tests.journeys.stopping import ready, stops
from tests.unit.labels.photos import SEED, label_picture, photo_of
from tests.web.refusals.rows_labels import LEAK
from tests.web.refusals.rows_subjects import HOLD
from tests.web.refusals.spoken import AT_THE_COUNTER, BARE, ENGLISH

pytestmark = pytest.mark.journey
PHONE = {"width": 390, "height": 844}
# What a thumb is to hit is at least 44 pixels high and wide; a line of text with links in it is read, not hit.
TOO_SMALL = """() => [...document.querySelectorAll("main a.btn, main button, main summary, header a, header button, nav a")]
  .filter(one => one.offsetParent !== null)
  .map(one => [one.innerText.trim(), one.getBoundingClientRect()])
  .filter(([, box]) => box.width < 44 || box.height < 44)
  .map(([words, box]) => `${words}: ${Math.round(box.width)} x ${Math.round(box.height)}`)"""
VIEWS = {"nl": PHONE, "en": TABLET}
WORDS = {"nl": ("Wie kan het oplossen", "Wat nu"), "en": ("Who can resolve it", "Next")}
REASONS = """() => [...document.querySelectorAll(".verdict-reasons > li, #refusals li")].map(one => {
  const {left, right, top, bottom} = one.querySelector(".sentence").getBoundingClientRect();
  const [sentence, code] = [".sentence", "code"].map(name => one.querySelector(name).innerText);
  const next = [...one.querySelectorAll(".next")].map(line => line.innerText).join(" ");
  return {sentence, next, code, left, right, top, bottom};
})"""
PATIENCE = 15_000  # milliseconds: two rounds of asking, and the time of a busy machine


def ordered(ground: Ground):
    """NK-03: certified with results pending, ordered and checked for today."""
    return ground.product("NK-03", WAITING)


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


def stopped(walk, stop, screen, language):
    """What a scanner or a photo is answered, and whoever signs after that."""
    page = walk.open(stop.login, f"/dispense?place={stop.place}&lang={language}")
    page.set_viewport_size(screen)
    if stop.photo:
        chosen = {"name": "label.jpg", "mimeType": "image/jpeg", "buffer": stop.photo}
        page.locator("main [name='photo']").set_input_files(chosen)
    else:
        page.focus("main [name='label_code']")
        page.keyboard.insert_text(stop.label)
        page.keyboard.press("Enter")
        page.wait_for_function("document.activeElement.name === 'subject_code'")
    page.fill("main [name='subject_code']", stop.subject)
    with page.expect_navigation():
        page.click(SENDS)
    if stop.signed:
        not_told(page)
        if stop.wait:
            ShiftedClock(walk.ground.folder / "clock").move(stop.wait)
        signed(walk, page, *stop.signed)
    return page


def readable(page, stop, screen, language):
    """The codes that the page says, each in a sentence in sight, with who can do something and what comes next."""
    told = page.evaluate(REASONS)
    assert not any(one.is_visible() for one in page.locator(GREEN).all()), stop
    assert set(stop.codes) <= {one["code"] for one in told}, (stop, told)
    assert page.evaluate("document.documentElement.scrollWidth") <= screen["width"], stop
    assert 0 <= told[0]["top"] < told[0]["bottom"] <= screen["height"], (stop, told[0])
    who, following = WORDS[language]
    for one in told:
        assert 0 <= one["left"] < one["right"] <= screen["width"], one
        assert re.search(rf"{who}: \w.+", one["next"]), one
        assert re.search(rf"{following}: \w.+\.", one["next"]), one
        for text in (one["sentence"], one["next"].replace(one["code"], "")):
            said = text.replace(HOLD["reason"], "").replace(LEAK["reason"], "")
            assert " " in said.strip(), one
            assert not BARE.search(said), one
            assert language == "en" or not ENGLISH.search(said), one
    assert page.evaluate(TOO_SMALL) == [], stop
    return {one["code"] for one in told}


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
    page = photographed(walk, release, photo_of(label_picture(label), random.Random(SEED)))  # noqa: S311
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


def every_stop(begin, *, twice):
    """Each on a phone in Dutch and on a tablet in English, or by turns."""
    walk, labels = begin(ready)
    seen = set()
    for place, stop in enumerate(stops(walk, labels)):
        for language, screen in list(VIEWS.items()) if twice else [list(VIEWS.items())[place % 2]]:
            page = stopped(walk, stop, screen, language)
            walk.photograph(page, f"{place:02d}-{stop.codes[0].lower()}-{language}")
            seen |= readable(page, stop, screen, language)
            if place < len(VIEWS):
                walk.check(page, f"{stop.codes[0]}, {language}")
    walk.in_order()
    return seen


@pytest.mark.req("DSP-SCAN")
def test_every_common_refusal_is_read_without_scrolling_and_answered_with_a_thumb_on_a_phone_or_a_tablet(begin):
    assert AT_THE_COUNTER - every_stop(begin, twice=False) == {"OVERLAY_MISSING"}, (
        "that one needs a supply at the request of a physician"
    )


@pytest.mark.hostile
@pytest.mark.req("DSP-SCAN")
def test_each_common_refusal_is_read_in_both_languages_on_both(begin):
    every_stop(begin, twice=True)


# A browser that reads codes itself, and sees what it is told to; none of the browsers here does.
READER = """window.inView = []; window.BarcodeDetector = class {
  static async getSupportedFormats() { return ["qr_code"]; }
  async detect() { return window.inView.map(rawValue => ({rawValue})); }
};"""


def reads_one_label_at_a_press(page, one, other):
    """Two labels in view are asked about, another code is no label, and what was read before needs a fresh press."""
    page.add_init_script(READER)
    page.reload()
    code, said = page.locator("main [name='label_code']"), page.locator("[data-camera-said]")
    page.click("[data-camera-start]")
    page.evaluate("both => { inView = both; }", [one, other])
    expect(said).to_have_text("More than one label in view: show one.")
    assert code.input_value() == ""
    page.evaluate("one => { inView = ['https://example.org/', one]; }", one)
    expect(said).to_have_text("Read. The camera is off.")
    assert code.input_value() == one
    page.evaluate("other => { inView = [other]; }", other)
    page.wait_for_timeout(500)
    assert code.input_value() == one, "the camera is off"
    page.evaluate("() => { inView = []; }")
    page.click("[data-camera-start]")
    page.locator("[data-camera-live]").wait_for(state="visible", timeout=PATIENCE)
    assert code.input_value() == "", "of the container before"
    page.click("[data-camera-stop]")


@pytest.mark.req("DSP-SCAN")
def test_a_picture_of_the_live_camera_goes_along_with_the_form_and_shows_no_label_here(begin):
    walk, release = begin(ordered)
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
    page = walk.open("pharm1", "/dispense?place=pharmacy&lang=en")
    reads_one_label_at_a_press(page, *(walk.ground.names[f"payload:{one}"] for one in ("NK-03", "NK-08")))
    walk.in_order()


def lied_to(begin) -> Screen:
    """The screen of somebody who scans NK-03; NK-08 is not certified."""
    walk, release = begin(ordered)
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
