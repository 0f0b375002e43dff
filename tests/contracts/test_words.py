"""Certified with results pending is never called released, and never wears the look of what is final (ATMP-11.3.2-6)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from release.domain.decisions import DecisionKind, Disposition, Verdict
from release.domain.statements import MEANINGS, NAMES, STATEMENTS
from release.pages.decisions import TONES
from release.pages.orders import VERDICT_TONES
from tests.contracts.messages import PACKAGES, ROOT, catalogue, messages

STATE = {
    "en": "certified – results pending",
    "nl": "gecertificeerd – uitslagen volgen nog",
}
RELEASED = re.compile(r"\b(released?|releasing|vrijgegeven|vrijgave|vrijgeven)\b", re.IGNORECASE)
PENDING = re.compile(r"(results?[ -]pending|certified_pending|stage.?1|uitslagen (volgen|open))", re.IGNORECASE)
FINAL = re.compile(
    r"""(certified_pending|ALLOW_CONDITIONAL)\b[^\n]{0,60}?(check-circle|check-lg|["']ok["'])""", re.IGNORECASE
)


def source_files() -> list[Path]:
    return [
        path for package in PACKAGES for kind in ("html", "js", "py") for path in (ROOT / package).rglob(f"*.{kind}")
    ]


def called_released(text: str) -> bool:
    """A sentence that speaks of pending results and of a release at once."""
    return bool(PENDING.search(text) and RELEASED.search(text))


def looks_final(source: str) -> bool:
    return bool(FINAL.search(source))


@pytest.mark.req("ATMP-11.3.2-6")
@pytest.mark.parametrize("language", STATE)
def test_the_state_has_one_name_in_each_language(language):
    assert catalogue(language)[Disposition.CERTIFIED_PENDING] == STATE[language]


@pytest.mark.req("ATMP-11.3.2-6")
def test_no_sentence_in_either_language_speaks_of_pending_results_as_released():
    said = {one for package in PACKAGES for one in messages(package)}
    said |= {*catalogue("nl").values(), *catalogue("en").values()}
    said |= {names[DecisionKind.STAGE1] for names in (NAMES, MEANINGS, STATEMENTS)}
    assert [one for one in sorted(said) if called_released(one)] == []
    assert not RELEASED.search(STATEMENTS[DecisionKind.STAGE1])


@pytest.mark.req("ATMP-11.3.2-6")
def test_no_page_shows_it_with_the_look_of_what_is_final():
    assert [str(path) for path in source_files() if looks_final(path.read_text(encoding="utf-8"))] == []
    assert TONES[Disposition.CERTIFIED_PENDING] != TONES[Disposition.CERTIFIED_FINAL]
    assert VERDICT_TONES[Verdict.ALLOW_CONDITIONAL] != VERDICT_TONES[Verdict.ALLOW]


def test_a_planted_word_and_a_planted_tick_are_seen():
    assert called_released("Released, results pending")
    assert called_released("Vrijgegeven, uitslagen volgen nog")
    assert not called_released("Certified – results pending.")
    assert looks_final('{"certified_final": "ok", "certified_pending": "ok"}')
    assert looks_final("""{% if verdict == "ALLOW_CONDITIONAL" %}{% set tone, mark = "ok", "hourglass" %}""")
    assert looks_final('Disposition.CERTIFIED_PENDING: "ok",')
    assert not looks_final('{"certified_final": "ok", "certified_pending": "wait"}')
