"""Words of documents: both languages wherever they are hashed, kept or sent; one only where somebody reads."""

from __future__ import annotations

import json

import pytest

from kernel.canonical import canonical, digest, plain
from kernel.refusals import CATALOGUE, Refusal
from kernel.web.i18n import Speech
from kernel.words import Words, joined, phrase
from manufacturing.domain.steps import FIELD_BLANK, IPC_DEVIATION_MISSING, STEP_OUT_OF_ORDER

DUTCH, ENGLISH = Speech("nl"), Speech("en")
WASH, SPIN = Words({"en": "Wash", "nl": "Spoelen"}), Words({"nl": "Centrifugeren", "en": "Spin"})


def test_a_refusal_names_a_step_in_the_readers_language():
    refusal = STEP_OUT_OF_ORDER(position=4, step=WASH, state="pending")
    assert "(Spoelen)" in DUTCH.refusal(refusal)["sentence"]
    assert "(Wash)" in ENGLISH.refusal(refusal)["sentence"]


def test_the_facts_an_api_client_gets_do_not_depend_on_the_language():
    refusal = STEP_OUT_OF_ORDER(position=4, step=WASH, state="pending")
    dutch, english = DUTCH.refusal(refusal), ENGLISH.refusal(refusal)
    assert (dutch["code"], dutch["facts"]) == (english["code"], english["facts"])
    assert json.loads(json.dumps(dutch["facts"]))["step"] == {"en": "Wash", "nl": "Spoelen"}


def test_a_refusal_off_the_trail_is_the_refusal_that_was_given():
    refusal = FIELD_BLANK(fields=(WASH + " (7)", phrase(SPIN, "verified")))
    kept = json.loads(canonical({"facts": dict(refusal.facts)}))["facts"]
    again = CATALOGUE[refusal.code](**kept)
    assert DUTCH.refusal(again) == DUTCH.refusal(refusal)
    assert isinstance(again, Refusal)
    assert {again} == {CATALOGUE[refusal.code](**kept)}, "refusals are told apart by their facts"


def test_a_row_is_told_one_by_one_with_message_ids_in_it_translated():
    refusal = IPC_DEVIATION_MISSING(position=4, fields=(WASH, "recovery of the step"))
    assert "(Spoelen, opbrengst van de stap)" in DUTCH.refusal(refusal)["sentence"]
    assert DUTCH.word(phrase("4", WASH, "verified")) == f"4 Spoelen {DUTCH.word('verified')}"


@pytest.mark.req("SIG-WYSIWYS")
def test_what_is_signed_holds_every_language_and_its_digest_depends_on_none():
    content = {"step": "4 " + WASH, "field": WASH}
    assert json.loads(canonical(content))["step"] == {"en": "4 Wash", "nl": "4 Spoelen"}
    back = json.loads(canonical(content))
    assert (
        digest(content) == digest(back) == digest({"field": {"nl": WASH["nl"], "en": WASH["en"]}, "step": back["step"]})
    )
    assert digest(content) != digest({"step": "4 Wash", "field": "Wash"})


def test_words_are_put_together_in_each_language():
    assert dict("4 " + WASH + ": 7 mL") == {"nl": "4 Spoelen: 7 mL", "en": "4 Wash: 7 mL"}
    assert dict(joined(", ", [WASH, SPIN])) == {"nl": "Spoelen, Centrifugeren", "en": "Wash, Spin"}


def test_without_a_reader_words_are_said_in_all_their_languages():
    assert str(WASH) == "Spoelen / Wash"
    assert str(Words.same("M26-0001-7")) == "M26-0001-7"
    assert "Spoelen / Wash" in str(STEP_OUT_OF_ORDER(position=4, step=WASH, state="pending"))


def test_equal_words_are_one_whether_read_back_or_not():
    assert {WASH: 1}[Words(plain(WASH))] == 1
    assert Words(json.loads(canonical(WASH))) == WASH
