"""The worked example, told on both databases: its figures, its chain of identity, its verified records."""

from __future__ import annotations

import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from config.app import create_app
from config.demo import make_example
from config.demo_people import DEMO_PASSWORD, DEMO_PEOPLE
from config.keys import make_keys
from config.settings import Settings
from config.tables import audited_tables
from kernel.accounts.tables import PersonRow
from kernel.clock import Clock, FixedClock
from kernel.exports import exact_json
from kernel.trail.verify import verify
from kernel.web.i18n import Speech
from kernel.web.registry import VIEWS
from kernel.web.site import Viewer
from kernel.work import SYSTEM
from labels.tables.labels import LabelRow
from manufacturing.queries.trial import latest_trial
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.collections import CollectionRow
from manufacturing.tables.equipment import EquipmentRow
from manufacturing.tables.materials import LotRow
from manufacturing.tables.trial import SubjectRow
from release.domain.fhir import bundle
from release.domain.figure_words import CRITERIA
from release.queries.batch_record import executed_record
from release.queries.fhir import trial_resources
from release.queries.recall_units import source_of, units_in
from release.queries.trace import find_traced, trace_of
from tests.fhir import dangling, exact, faults, of, read
from tests.integration.config.crawling import crawl
from tests.integration.config.foreign import english_of
from tests.places import Place, Saved, copy_rows

TOLD = {}


@pytest.fixture
def told(fresh):
    """The example told to this moment, and the site that shows it.

    It is told once, on the first database of the run; another one gets the same rows (``run.py hostile`` tells it there).
    """
    if not TOLD:
        now = Clock().now()
        make_keys(fresh.folder)
        make_example(settings_of(fresh), lambda _words: None, now=now)
        TOLD[type(fresh)] = (fresh.take(), now)
    if type(fresh) not in TOLD:
        TOLD[type(fresh)] = brought_to(fresh, *TOLD[Place])
    saved, now = TOLD[type(fresh)]
    fresh.put(saved)
    app = create_app(settings_of(fresh), FixedClock(now))
    site = app.extensions["nktrace"]
    yield SimpleNamespace(app=app, site=site, viewer=Viewer(SYSTEM, now, Speech("en")))
    site.database.engine.dispose()


def brought_to(fresh, saved, now):
    """What was told in a file, on PostgreSQL."""
    with TemporaryDirectory() as folder:
        for name, content in saved.files.items():
            (Path(folder) / name).write_bytes(content)
        fresh.put_files(Saved({name: saved.files[name] for name in fresh.take().files}, {}))
        copy_rows(Path(folder), fresh.owner_url)
    return fresh.take(), now


def settings_of(fresh):
    return Settings(
        mode="test",
        database_url=fresh.app_url,
        keys=fresh.folder,
        head_file=fresh.folder / "head",
        cheap_passwords=True,
    )


def shown(told, name, **ids):
    with told.app.test_request_context("/"), told.site.database.reading() as session:
        return VIEWS[name].load(session, told.viewer, **ids)


@pytest.mark.req("TC-86-DI", "F-COI-2", "F-COI-1", "TR-LOG", "TR-PROV")
def test_the_example_counts_what_its_stories_say_and_every_record_verifies(told):
    figures = shown(told, "trial.feasibility")
    assert (figures["inclusion"]["numerator"], figures["inclusion"]["denominator"]) == (11, 19)
    assert (figures["infusion"]["numerator"], figures["infusion_final"]["numerator"]) == (1, 1)
    assert figures["fell"] == ["NK-02"]
    with told.site.database.reading() as session:
        database = told.site.database
        report = verify(session, audited_tables(), database.seal.public, database.remembered_head())
        assert report.faults == []
        for label in session.execute(sa.select(LabelRow)).scalars():
            container = session.get_one(ContainerRow, label.container_id)
            batch = session.get_one(BatchRow, container.batch_id)
            collection = session.get_one(CollectionRow, batch.collection_id)
            subject = session.get_one(SubjectRow, collection.subject_id)
            facts = json.dumps(json.loads(label.facts))
            assert collection.number in facts
            assert subject.code in facts
            assert {batch.subject_id, container.subject_id} == {subject.id}


@pytest.mark.req("TR-PROV", "GDPR-4.5")
def test_another_model_of_fhir_reads_the_whole_example_and_counts_what_the_figures_say(told):
    figures = shown(told, "trial.feasibility")
    with told.site.database.reading() as session:
        resources = trial_resources(session, latest_trial(session), told.viewer.at)
        filled = set(session.execute(sa.select(ContainerRow.code)).scalars())
        full_names = session.execute(sa.select(PersonRow.full_name)).scalars().all()
    text = exact_json(bundle("https://nktrace.example/fhir", resources, told.viewer.at))
    found, model = exact(text), read(text)
    assert (faults(found), dangling(found)) == ([], [])
    assert len(model.entry) == len(resources)
    counts = [[one["count"] for one in group["population"]] for group in of(found, "MeasureReport")[0]["group"]]
    assert counts == [[figures[key]["numerator"], figures[key]["denominator"]] for key in CRITERIA]
    products = [one for one in of(found, "BiologicallyDerivedProduct") if "parent" in one]
    assert {one["identifier"][0]["value"] for one in products} == filled
    assert [one for one in full_names if one in text] == []


# What the trail in a record says of a column that holds the English words, beside the one with the Dutch.
COLUMN = re.compile(r"\b(title en|record en|titel \(Engels\)|vastgelegde tekst \(Engels\)) [^;]*;")
PEOPLE = ("tech1", "qa1", "qp1", "pharm1", "sponsor1", "doctor1", "nurse1", "admin1", "inspector1")


@pytest.mark.wide
@pytest.mark.parametrize("fresh", ["sqlite"], indirect=True)
@pytest.mark.req("P11-10g")
def test_no_link_leads_its_reader_to_a_refusal_and_no_dutch_page_or_record_says_a_step_or_field_in_english(told):
    roles = {one.login: one.roles for one in DEMO_PEOPLE}
    with told.site.database.reading() as session:
        english = english_of(session)
        batches = session.execute(sa.select(BatchRow.id)).scalars().all()
        records = [executed_record(session, one, Speech("nl"), by="Q. Jansen", at=told.viewer.at) for one in batches]
    said = [each for one in records for each in english.in_text("record", COLUMN.sub("", str(one)))]
    assert "CD3 depletion" in english.words

    def read(path, page):
        if path != "/trail":  # it shows what was signed as it is kept, with the words of both languages
            said.extend(english.in_page(path, page))

    dead = []
    for login in PEOPLE:
        client = told.app.test_client()
        client.post("/login", data={"login": login, "password": DEMO_PASSWORD})
        (role,) = roles[login]
        dead += crawl(told.app, client, role, each=1, read=read)
    assert (dead, said) == ([], [])


@pytest.mark.req("ATMPR-15.1", "ATMP-14-RECALL")
def test_as_many_lots_come_out_of_the_infused_container_as_went_in_and_each_leads_to_it(told):
    """Forward from every lot to containers, and back from each container to lots: the same pairs, device by device too."""
    with told.site.database.reading() as session:
        [(number, infused)] = session.execute(
            sa.select(BatchRow.number, ContainerRow.code)
            .join(ContainerRow, ContainerRow.batch_id == BatchRow.id)
            .join(SubjectRow, SubjectRow.id == BatchRow.subject_id)
            .where(SubjectRow.code == "NK-01")
        )
        back = {code: traced_from(session, code) for code in session.execute(sa.select(ContainerRow.code)).scalars()}
        for scope, table, kept in (("lot", LotRow, "lots"), ("equipment", EquipmentRow, "equipment")):
            forward = {
                row.code: {one.unit.code for one in units_in(session, source_of(session, scope, row.id).batches)}
                for row in session.execute(sa.select(table)).scalars()
            }
            assert {code for code, reached in forward.items() if infused in reached} == back[infused][kept]
            assert {(code, one) for code, reached in forward.items() for one in reached} == {
                (code, one) for one, trace in back.items() for code in trace[kept]
            }
    assert len(back[infused]["lots"]) >= 10
    assert len(back[infused]["equipment"]) >= 3
    assert infused.startswith(number)


def traced_from(session, code):
    """Lots and devices that a container is traced back to."""
    (batch,) = trace_of(session, find_traced(session, code), clinical=True)["batches"]
    return {name: {one["code"] for one in batch[name]} for name in ("lots", "equipment")}
