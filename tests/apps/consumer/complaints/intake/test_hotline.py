"""Tickets of 12345 and 12315 (S227): taken in once, checked by the contract, returned with a reason in time."""

import csv
import itertools
from datetime import date, datetime, timedelta

import pytest

from tests.apps.consumer.complaints.intake import citizen
from zhijian.standards.calendar import ZONE

pytestmark = [pytest.mark.database, pytest.mark.django_db]
AT = datetime(2026, 11, 22, 10, 42, tzinfo=ZONE)


COUNT = itertools.count(1)


def random(length):
    """A source of numbers that never repeats itself."""
    return (next(COUNT) * 7919).to_bytes(length, "big")


def row(number, **changes):
    return {
        "system": "hotline_12345",
        "ticket_no": f"GZ{number:05d}",
        "kind": "投诉",
        "first_call_at": "2026-11-21 09:00:00",
        "dispatched_at": "2026-11-22 08:00:00",
        "deadline_on": "2026-11-27",
        "person_name": "示例陈某",
        "person_phone": "13800000021",
        "respondent_name": "广东示例禾满食品有限公司",
        "respondent_uscc": citizen.HEMAN,
        "division_code": "440106",
        "facts": f"第{number}次买红豆有虫，要求退款。",
        "order_number": f"示例单{number}",
        "claim": "退款",
    } | changes


def deliver(home, rows, name="tickets.csv", **options):
    from zhijian.apps.consumer.complaints import hotline
    from zhijian.datazone.lake import Lake

    path = home.root / name
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, list(rows[0]))
        out.writeheader()
        out.writerows(rows)
    return hotline.import_file(Lake(home.lake), path, by="示例热线", at=AT, randomness=random, **options)


def test_good_tickets_come_in_bad_rows_go_to_quarantine_with_their_reason(shops, units):
    from zhijian.apps.consumer.complaints.models import Complaint, ExternalReference
    from zhijian.datazone.lake import Lake

    bad = row(3, division_code="广州")
    done = deliver(shops, [row(1), row(2, kind="举报"), bad, row(4, facts="")])
    assert (done.report.rows_in, done.report.rows_quarantined, done.count("received")) == (4, 2, 2)
    assert ExternalReference.objects.count() == 2
    assert Complaint.objects.get().organisation == units["440106"]
    refused = Lake(shops.lake).read("standard_quarantine").to_pylist()
    assert {one["source_line"] for one in refused} == {4, 5}


def test_the_same_delivery_again_is_recognised_and_a_known_ticket_in_a_new_file_too(shops, units):
    from zhijian.apps.consumer.complaints.models import Submission

    deliver(shops, [row(1)])
    again = deliver(shops, [row(1)])
    assert again.report.already_delivered and again.taken == []
    more = deliver(shops, [row(1, category="食品"), row(2)], "more.csv")
    assert [one.outcome for one in more.taken] == ["known", "received"]
    assert Submission.objects.count() == 2


def test_names_and_phones_are_not_written_to_the_lake(shops, units):
    from zhijian.datazone.lake import Lake

    deliver(shops, [row(1)])
    (kept,) = Lake(shops.lake).read("standard_consumer__hotline_tickets").to_pylist()
    assert kept["ticket_no"] == "GZ00001"
    assert [kept[name] for name in ("person_name", "person_phone", "person_address", "facts")] == [None] * 4


def test_the_file_as_delivered_is_sealed_and_a_refused_row_names_nobody(shops, units):
    from zhijian.apps.consumer.complaints import hotline
    from zhijian.datazone.lake import Lake

    bad = row(2, respondent_name="", person_name="示例举报人", facts="示例举报内容说了很多")
    done = deliver(shops, [row(1), bad])
    lake, sha256 = Lake(shops.lake), done.report.delivery_sha256
    assert "示例举报人".encode() in hotline.original_of(lake, sha256)
    for file in shops.lake.rglob("*"):
        assert not file.is_file() or "示例举报".encode() not in file.read_bytes(), file
    refused = [one for one in lake.read("standard_quarantine").to_pylist() if one["source_line"] == 3]
    assert refused and all("示例举报" not in str(one) and "GZ00002" in one["row"] for one in refused)


def test_the_hotlines_deadline_counts_where_it_is_earlier_and_never_lengthens_the_law(shops, units):
    early, late = row(1, deadline_on="2026-11-27"), row(2, deadline_on="2026-12-31")
    done = deliver(shops, [early, late])
    assert [one.shown_due_on for one in done.taken] == [date(2026, 11, 27), date(2026, 12, 1)]


def test_a_complaint_that_came_online_and_by_phone_is_one_matter_with_one_clock(shops, units, client):
    from unittest.mock import patch

    from zhijian.apps.consumer.complaints.intake.models import Repeat
    from zhijian.apps.consumer.complaints.models import Complaint

    with patch("zhijian.apps.consumer.complaints.public_pages._now", return_value=AT - timedelta(hours=3)):
        number, _, _ = citizen.send(client)
    done = deliver(shops, [row(9, order_number="示例单001", respondent_uscc="")])
    assert done.taken[0].outcome == "repeat"
    assert Complaint.objects.get().submission.receipt_number == number
    assert Repeat.objects.get().submission.references.get().number == "GZ00009"


def test_what_is_neither_complaint_nor_report_starts_no_clock(shops, units):
    from zhijian.apps.consumer.complaints.models import Complaint, Submission

    done = deliver(shops, [row(1, kind="", facts="请问如何办理营业执照，想咨询一下。", claim="")])
    assert done.taken[0].outcome == "redirected" and done.taken[0].shown_due_on == date(2026, 11, 27)
    assert (Complaint.objects.count(), Submission.objects.get().redirected_to) == (0, "consultation")


def test_a_ticket_is_returned_with_a_reason_only_within_the_hotlines_window(shops, units, django_user_model):
    from zhijian.apps.consumer.complaints import hotline
    from zhijian.apps.consumer.complaints.models import ExternalReference
    from zhijian.apps.consumer.complaints.policies import Incomplete

    officer = django_user_model.objects.create_user(
        "intake", organisation=units["440106"], roles=["intake"], is_synthetic=True
    )
    deliver(shops, [row(1), row(2)])
    first, second = ExternalReference.objects.order_by("number")
    with pytest.raises(Incomplete):
        hotline.return_ticket(first, reason="", by=officer, at=AT)
    hotline.return_ticket(first, reason="other_area", by=officer, at=datetime(2026, 11, 24, 17, tzinfo=ZONE))
    with pytest.raises(Incomplete, match="退回时限到2026-11-24为止"):
        hotline.return_ticket(
            second, reason="other_area", by=officer, at=datetime(2026, 11, 25, 9, tzinfo=ZONE)
        )
    first.refresh_from_db()
    assert first.return_reason == "other_area"


def test_broken_off_between_tickets_and_lake_the_same_file_is_simply_given_again(shops, units, monkeypatch):
    from zhijian.apps.consumer.complaints.models import Submission

    with monkeypatch.context() as patched:
        patched.setattr("zhijian.datazone.ingest.run.Run._tell", _dies_at("publish"))
        with pytest.raises(KeyboardInterrupt):
            deliver(shops, [row(1), row(2)])
    assert Submission.objects.count() == 2
    again = deliver(shops, [row(1), row(2)])
    assert [one.outcome for one in again.taken] == ["known", "known"]
    assert Submission.objects.count() == 2


def _dies_at(stage):
    def tell(self, name, share=0.0):
        if name == stage:
            raise KeyboardInterrupt

    return tell


def test_a_ticket_names_the_agent_and_those_who_complain_together(shops, units):
    from zhijian.apps.consumer.complaints.models import Complaint, Party
    from zhijian.datazone.lake import Lake

    agent = {"agent_name": "示例代理甲", "agent_phone": "13900000007", "agent_matter": "投诉、调解",
             "agent_scope": "一般代理", "agent_until": "2026-12-31"}  # fmt: skip
    joint = {"joint_people": "示例乙 13900000006 代表；示例丙，13900000005"}
    blank = dict.fromkeys(agent, "")
    bad = {**blank, "agent_scope": "全权", "joint_people": ""}
    done = deliver(shops, [row(1, **agent, joint_people=""), row(2, **blank, **joint), row(3, **bad)])
    assert (done.report.rows_in, done.report.rows_quarantined) == (3, 1)
    first, second = (one.submission for one in Complaint.objects.order_by("id"))
    assert list(first.parties.values_list("capacity", flat=True)) == [Party.COMPLAINANT, Party.AGENT]
    assert first.parties.get(capacity=Party.AGENT).mandate == {
        "matter": "投诉、调解", "scope": "general", "until": "2026-12-31", "signed": False
    }  # fmt: skip
    capacities = list(second.parties.values_list("capacity", flat=True))
    assert capacities == [Party.REPRESENTATIVE, Party.REPRESENTATIVE, Party.JOINT]
    kept = str(Lake(shops.lake).read("standard_consumer__hotline_tickets").to_pylist())
    assert "示例代理甲" not in kept and "示例乙" not in kept
