"""A small container: its label and the full one of the outer package are printed together and both accounted for."""

from __future__ import annotations

import pytest

from labels.domain.payload import read_scan
from labels.queries.labels import applied_label, labels_of_container, unreconciled_labels
from labels.queries.overview import bare_containers
from labels.queries.scanning import ScanFound, labelled_container, resolve_scan
from labels.tables.labels import LabelRow
from manufacturing.tables.batches import ContainerRow
from release.queries.scanning import label_refusals
from tests.integration.labels.factory import (
    KEYS,
    apply_one,
    change,
    print_one,
    reprint_one,
    verify_one,
    void_one,
)


@pytest.fixture
def syringe(bench):
    change(bench.database, ContainerRow, bench.containers[0], container_type="syringe_50")
    return bench.containers[0]


def prints(bench, container):
    with bench.database.reading() as session:
        return labels_of_container(session, container)[::-1]


def put_on(bench, *labels):
    for label in labels:
        verify_one(bench, label)
        apply_one(bench, label)


@pytest.mark.req("CTR-VI-A22", "LBL-SERIAL")
def test_both_labels_come_out_of_one_print_and_both_must_be_on(bench, syringe):
    first = print_one(bench, syringe)
    small, outer = prints(bench, syringe)
    assert (small.id, small.slot, outer.slot) == (first.id, "SYRINGE", "OUTER")
    assert (small.issue, outer.issue) == (1, 2)
    assert len({small.payload, outer.payload, small.short_number, outer.short_number}) == 4
    put_on(bench, small)
    with bench.database.reading() as session:
        assert unreconciled_labels(session, bench.batch_id) == 3  # the package, its print, the other container
    put_on(bench, outer)
    put_on(bench, print_one(bench, bench.containers[1]))
    with bench.database.reading() as session:
        assert unreconciled_labels(session, bench.batch_id) == 0
        assert applied_label(session, syringe).id == small.id


@pytest.mark.req("CTR-VI-A22")
def test_the_label_of_the_package_identifies_no_container(bench, syringe):
    print_one(bench, syringe)
    small, outer = prints(bench, syringe)
    put_on(bench, small, outer)
    with bench.database.reading() as session:
        assert isinstance(resolve_scan(session, KEYS, small.payload), ScanFound)
        for text in (outer.payload, outer.short_number):
            assert resolve_scan(session, KEYS, text).code == "LABEL_OUTER"
            assert labelled_container(session, text) is None
        assert labelled_container(session, small.payload) == syringe
        assert read_scan(outer.payload).label_id == outer.label_id


@pytest.mark.req("CTR-VI-A22")
def test_a_small_container_is_not_given_out_without_the_full_label_of_its_package(bench, syringe):
    print_one(bench, syringe)
    small, outer = prints(bench, syringe)

    def said():
        with bench.database.reading() as session:
            return [one.code for one in label_refusals(session, resolve_scan(session, KEYS, small.payload))]

    put_on(bench, small)
    assert said() == ["LABEL_PACKAGE"]
    put_on(bench, outer)
    assert said() == []
    void_one(bench, outer)
    assert said() == ["LABEL_PACKAGE"]


@pytest.mark.req("LBL-REPRINT", "CTR-VI-A22")
def test_each_of_the_two_is_reprinted_alone_and_a_lost_one_is_printed_again(bench, syringe):
    print_one(bench, syringe)
    small, outer = prints(bench, syringe)
    again = reprint_one(bench, small)
    assert (again.slot, again.issue) == ("SYRINGE", 3)
    void_one(bench, outer)
    with bench.database.reading() as session:
        assert syringe in {one.id for one in bare_containers(session)}
    package = print_one(bench, syringe)
    assert (package.slot, package.issue) == ("OUTER", 4)
    assert [one.status for one in prints(bench, syringe)] == ["voided", "voided", "printed", "printed"]
    with bench.database.reading() as session:
        assert syringe not in {one.id for one in bare_containers(session)}


def test_two_labels_of_packages_are_never_both_applied(bench, syringe):
    print_one(bench, syringe)
    small, outer = prints(bench, syringe)
    put_on(bench, small, outer)
    third = reprint_one(bench, outer)
    with pytest.raises(Exception, match=r"uq_label_applied_outer|UNIQUE constraint failed: label\.container_id"):
        change(bench.database, LabelRow, outer.id, status="applied") and change(
            bench.database, LabelRow, third.id, status="applied"
        )
