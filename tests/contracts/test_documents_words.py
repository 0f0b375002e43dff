"""Words of a controlled document keep both languages until the reader's speech says them (docs/decisions/0027)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import TemplateAssertionError

from kernel.web.rendering import prepare
from tests.contracts.messages import PACKAGES, ROOT
from tests.integration.config.foreign import English

LANGUAGES = {"nl", "en"}
# Where words are said: the value itself and the speech of the reader.
DOORS = {"kernel/words.py", "kernel/web/i18n.py"}
IN_TEMPLATE = re.compile(r"""\.(nl|en)\b(?=[^"'<>]*[}%]})|\[["'](nl|en)["']\]""")


def reached_for(function: ast.AST) -> set[str]:
    """The languages a function takes out of words, or puts into them."""
    found: set[str] = set()
    for node in ast.walk(function):
        match node:
            case ast.Subscript(slice=ast.Constant(value=str(language))):
                found.add(language)
            case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str(language)), *_]):
                found.add(language)
            case ast.Dict(keys=keys):
                found |= {key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)}
    return found & LANGUAGES


def chosen(function: ast.AST) -> bool:
    """Whether it says words itself, or asks which language the reader has."""
    for node in ast.walk(function):
        match node:
            case ast.Attribute(attr="spoken"):
                return True
            case ast.Compare(left=ast.Attribute(attr="language")):
                return True
    return False


def one_sided(source: str) -> list[str]:
    """Functions, and lines outside of any, that know one language of words and not the other."""
    tree = ast.parse(source)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    outside = [node for node in tree.body if not isinstance(node, ast.FunctionDef | ast.ClassDef)]
    return [
        f"{getattr(one, 'name', 'line')} {one.lineno}"
        for one in (*functions, *outside)
        if reached_for(one) not in (set(), LANGUAGES) or chosen(one)
    ]


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from (path for path in (ROOT / package).rglob("*.py") if str(path.relative_to(ROOT)) not in DOORS)


def test_no_code_takes_one_language_of_a_documents_words():
    found = {str(path.relative_to(ROOT)): one_sided(path.read_text(encoding="utf-8")) for path in sources()}
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_no_template_takes_one_language_of_a_documents_words():
    pages = [path for package in PACKAGES for path in (ROOT / package).rglob("*.html")]
    assert [str(path) for path in pages if IN_TEMPLATE.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    "source",
    [
        'def title(step): return step.title["en"]',
        'def title(step): return step.title.get("en", step.key)',
        'def title(step): return {"en": step.key}',
        'def title(step, speech): return step.nl if speech.language == "nl" else step.en',
        "def title(step): return step.title.spoken(LANGUAGE)",
        'TITLE = WORDS["nl"]',
    ],
)
def test_a_planted_choice_of_a_language_is_seen(source):
    assert one_sided(source)
    assert not one_sided('def title(step): return step.title + " " + Words({"nl": "a", "en": "b"})')


@pytest.mark.parametrize("page", ["{{ step.title.en }}", '{{ step.title["nl"] }}', "{% if step.title.nl %}"])
def test_a_planted_choice_in_a_template_is_seen(page):
    assert IN_TEMPLATE.search(page)


def test_a_planted_english_step_on_a_dutch_page_is_seen():
    english = English({"CD3 depletion": re.compile("CD3 depletion")}, frozenset({"Materials for CD3 depletion"}))
    assert list(english.in_page("/batches/1", "<td>4 · CD3 \n depletion</td>"))
    assert not list(english.in_page("/batches/1", "<td>Materials for CD3 depletion</td>"))
    assert not list(english.in_page("/administration/documents/1", "<td>CD3 depletion</td>"))


def test_every_template_uses_only_filters_that_there_are():
    site = Flask("templates")
    prepare(site)
    for path in (path for package in PACKAGES for path in (ROOT / package).rglob("*.html")):
        site.jinja_env.compile(path.read_text(encoding="utf-8"), filename=str(path))
    with pytest.raises(TemplateAssertionError):
        site.jinja_env.compile("{{ one.what | pick }}")
