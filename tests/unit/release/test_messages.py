"""What a message says, whom it reaches, and when it is tried again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from config.mail_settings import UnfitMail, read_mail
from release.domain.messages import SCHEDULE, addresses, mail_words

GIVEN = {
    "NKTRACE_MAIL_SERVER": "mail.example:587",
    "NKTRACE_MAIL_FROM": "nktrace@gmp.example",
    "NKTRACE_URL": "https://nktrace.example/",
}


def test_it_is_tried_for_more_than_a_day_ever_less_often():
    waits = [SCHEDULE.wait_after(count) for count in range(1, SCHEDULE.most)]
    assert waits[:7] == [timedelta(minutes=one) for one in (1, 2, 4, 8, 16, 32, 60)]
    assert sum(waits, timedelta()) > timedelta(days=1)
    assert SCHEDULE.wait_after(SCHEDULE.most) is None


@pytest.mark.parametrize(
    ("channels", "found"),
    [
        (["+31 71 000 00 00"], ()),
        (["qp@gmp.example (also at night)", "a@b"], ("qp@gmp.example",)),
        (["x@y.example; z@y.example", "x@y.example"], ("x@y.example", "z@y.example")),
        (["<script>@y.example"], ()),
        (["a@y.example\r\nBcc: b@y.example"], ("a@y.example", "b@y.example")),
    ],
)
def test_only_addresses_are_addresses(channels, found):
    assert addresses(channels) == found


def test_no_fact_adds_a_line_or_a_header():
    subject, text = mail_words({"nl": "uitslag\r\nBcc: x@y.example", "en": "result\nX: y"}, "NK\n1", "https://n/x")
    assert "\n" not in subject
    assert "\r" not in subject
    assert text.splitlines() == ["uitslag Bcc: x@y.example", "result X: y", "", "https://n/x"]


def test_a_mail_server_is_read_whole_or_not_at_all(tmp_path):
    found = read_mail(GIVEN, tmp_path)
    assert (found.host, found.port, found.security, found.site) == (
        "mail.example",
        587,
        "starttls",
        "https://nktrace.example",
    )
    assert read_mail({}, tmp_path) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"NKTRACE_MAIL_SERVER": "mail.example"},
        {"NKTRACE_MAIL_SERVER": "mail.example:0"},
        {"NKTRACE_MAIL_SECURITY": "none"},
        {"NKTRACE_MAIL_SECURITY": "ssl"},
        {"NKTRACE_MAIL_FROM": ""},
        {"NKTRACE_URL": ""},
        {"NKTRACE_MAIL_USER": "nktrace"},
    ],
)
def test_what_is_missing_or_unsafe_keeps_the_installation_from_starting(tmp_path, changed):
    with pytest.raises(UnfitMail):
        read_mail(GIVEN | changed, tmp_path)


def test_the_password_is_read_from_a_file_nobody_else_can_read_and_never_shown(tmp_path):
    secret = tmp_path / "mail.password"
    secret.write_text("vijf stille eksters\n")
    secret.chmod(0o644)
    with pytest.raises(UnfitMail, match="0600"):
        read_mail(GIVEN | {"NKTRACE_MAIL_USER": "nktrace"}, tmp_path)
    secret.chmod(0o600)
    found = read_mail(GIVEN | {"NKTRACE_MAIL_USER": "nktrace"}, tmp_path)
    assert found.password == "vijf stille eksters"
    assert "eksters" not in repr(found)
