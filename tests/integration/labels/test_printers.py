"""From the print to the printer: written with the print, handed over after it, and never twice by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from config.printing import print_one as hand_over
from config.printing import print_waiting
from kernel.errors import Refused
from kernel.work import SYSTEM, unit_of_work
from labels.domain.printers import SCHEDULE
from labels.queries.contents import print_content
from labels.queries.labels import labels_of_container
from labels.queries.printers import job_content, job_of, printer_content, stuck_jobs
from labels.services.printers import begin_job, close_printer, open_printer, send_job_again
from labels.services.printing import print_label
from labels.tables.printers import PrinterRow, PrintJobRow
from manufacturing.tables.batches import ContainerRow
from tests.integration.labels.factory import act, change, reprint_one, verify_one
from tests.printer import port_of_nobody, printer
from tests.unit.labels.prints import of_zpl, read_by_zxing


@pytest.fixture
def device():
    with printer() as found:
        yield found


def opened(bench, port, code="ZPL-01", slot="FULL", dpi="203"):
    with act(bench, "printer.open", lambda _s: {}, [bench.qa]) as work:
        return open_printer(work, code=code, title="printer", host="127.0.0.1", port=port, dpi=dpi, slot=slot).id


def printed(bench, printer_id, container=0, **others):
    one = bench.containers[container]
    with act(bench, "label.print", lambda s: print_content(s, one), [bench.technician]) as work:
        return print_label(work, one, printer=printer_id, **others)


def job(bench, label):
    with bench.database.reading() as session:
        return job_of(session, label.id)


def later(bench, **passed):
    bench.database.clock.advance(timedelta(**passed))


@pytest.mark.req("LBL-SERIAL", "LBL-VERIFY")
def test_the_label_goes_to_the_printer_once_and_what_comes_out_is_the_label(bench, device):
    label = printed(bench, opened(bench, device.port))
    assert (job(bench, label).status, device.jobs) == ("unsent", [])
    assert print_waiting(bench.database) == 1
    assert read_by_zxing(of_zpl(device.next_job())) == [label.payload]
    sent = job(bench, label)
    assert (sent.status, sent.attempts, sent.problem) == ("sent", 1, None)
    later(bench, minutes=30)
    assert print_waiting(bench.database) == 0
    assert len(device.jobs) == 1


def test_a_small_label_and_its_package_go_each_to_the_printer_with_their_roll(bench, device):
    change(bench.database, ContainerRow, bench.containers[0], container_type="syringe_50")
    flag = opened(bench, device.port, "ZPL-02", "SYRINGE", "300")
    full = opened(bench, device.port)
    with pytest.raises(Refused) as refused:
        printed(bench, full, outer_printer=full)
    assert [one.code for one in refused.value.refusals] == ["PRINTER_SLOT"]
    with bench.database.reading() as session:
        assert labels_of_container(session, bench.containers[0]) == [], "neither label nor job without the other"
        assert session.execute(sa.select(PrintJobRow)).first() is None
    printed(bench, flag, outer_printer=full)
    assert print_waiting(bench.database) == 2
    device.next_job(), device.next_job()
    with bench.database.reading() as session:
        outer, small = labels_of_container(session, bench.containers[0])
    assert {tuple(read_by_zxing(of_zpl(one))) for one in device.jobs} == {(small.payload,), (outer.payload,)}


def test_a_printer_that_is_off_is_tried_again_and_then_a_person_is_asked(bench):
    label = printed(bench, opened(bench, port_of_nobody()))
    assert print_waiting(bench.database) == 0
    waiting = job(bench, label)
    assert (waiting.status, waiting.attempts, waiting.problem) == ("unsent", 1, "the printer takes no connection")
    assert not hand_over(bench.database, waiting.id)
    assert job(bench, label).attempts == 1, "not before its time"
    for _ in range(1, SCHEDULE.most):
        later(bench, minutes=1)
        print_waiting(bench.database)
    assert job(bench, label).status == "given_up"
    later(bench, minutes=5)
    with printer() as another:
        change(bench.database, PrinterRow, job(bench, label).printer_id, port=another.port)
        assert print_waiting(bench.database) == 0, "a person says that nothing came out"
        again = resent(bench, label)
        assert print_waiting(bench.database) == 1
        assert read_by_zxing(of_zpl(another.next_job())) == [label.payload]
    assert (again.id, job(bench, label).status, job(bench, label).problem) == (waiting.id, "sent", None)


def resent(bench, label):
    found = job(bench, label)
    with act(bench, "print_job.send_again", lambda s: job_content(s, found.id), [bench.technician]) as work:
        return send_job_again(work, found.id)


@pytest.mark.req("LBL-SERIAL")
def test_what_broke_off_on_the_way_is_never_sent_again_by_itself(bench, device):
    device.break_after = 1
    label = printed(bench, opened(bench, device.port))
    found = job(bench, label)
    with unit_of_work(bench.database, SYSTEM, "print_job.try") as work:
        begin_job(work, found.id)  # and the process that claimed it is gone
    later(bench, minutes=1)
    assert print_waiting(bench.database) == 0
    assert job(bench, label).status == "sending"
    later(bench, minutes=2)
    assert print_waiting(bench.database) == 0
    assert (job(bench, label).status, device.jobs) == ("uncertain", [])
    with bench.database.reading() as session:
        assert [one.id for one, _label, _printer in stuck_jobs(session)] == [found.id]
    resent(bench, label)
    print_waiting(bench.database)
    assert job(bench, label).status in {"uncertain", "sent"}, "as much as was taken before it broke off"
    device.break_after = None
    later(bench, hours=1)
    assert print_waiting(bench.database) == 0


@pytest.mark.req("LBL-REPRINT")
@pytest.mark.parametrize("end", ["reprinted", "verified"])
def test_a_label_that_is_void_or_verified_meanwhile_does_not_come_out(bench, device, end):
    label = printed(bench, opened(bench, device.port))
    if end == "reprinted":
        reprint_one(bench, label)
    else:
        verify_one(bench, label)
    assert print_waiting(bench.database) == 0
    assert (job(bench, label).status, device.jobs) == ("cancelled", [])


def test_a_job_of_a_void_label_is_not_sent_again(bench, device):
    label = printed(bench, opened(bench, device.port))
    change(bench.database, PrintJobRow, job(bench, label).id, status="given_up")
    reprint_one(bench, label)
    with pytest.raises(Refused) as refused:
        resent(bench, label)
    assert [one.code for one in refused.value.refusals] == ["LABEL_VOID"]


def test_only_a_job_that_is_stuck_is_sent_again_and_no_closed_printer_is_chosen(bench, device):
    printer_id = opened(bench, device.port)
    label = printed(bench, printer_id)
    with pytest.raises(Refused) as refused:
        resent(bench, label)
    assert [one.code for one in refused.value.refusals] == ["STATE_NOT_ALLOWED"]
    with act(bench, "printer.close", lambda s: printer_content(s, printer_id), [bench.qa]) as work:
        close_printer(work, printer_id)
    with pytest.raises(Refused) as refused:
        printed(bench, printer_id, container=1)
    assert [one.code for one in refused.value.refusals] == ["PRINTER_CLOSED"]
    assert print_waiting(bench.database) == 1, "what was written before it was closed still goes there"


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        ({"code": "zpl"}, ["ID_FORMAT"]),
        ({"host": "10.0.0.1:9100"}, ["ID_FORMAT"]),
        ({"host": "a b"}, ["ID_FORMAT"]),
        ({"port": 80}, ["ID_FORMAT"]),
        ({"slot": "SYRINGE"}, ["LABEL_RESOLUTION"]),
        ({"code": "ZPL-01"}, ["DUPLICATE_ID"]),
    ],
)
def test_a_printer_that_cannot_be_reached_or_cannot_print_its_roll_is_not_opened(bench, given, codes):
    fine = {"code": "ZPL-09", "title": "p", "host": "zpl.gmp.example", "port": 9100, "dpi": "203", "slot": "FULL"}
    opened(bench, 9100)
    with pytest.raises(Refused) as refused, act(bench, "printer.open", lambda _s: {}, [bench.qa]) as work:
        open_printer(work, **fine | given)
    assert [one.code for one in refused.value.refusals] == codes
