"""A film of a check is known by its hash: gaps are shown, a changed file is not the one, bad rows stand aside."""

import hashlib
from datetime import date, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

pytestmark = pytest.mark.database
FILM = hashlib.sha256(b"film").hexdigest()


def client_of(officer):
    client = Client()
    client.force_login(officer)
    return client


def typed(**more):
    from zhijian.apps.supervision.recordings.services import Typed

    values = {"sha256": FILM, "size_bytes": "4", "device": "DSJ-01", "begun_at": "2026-09-16T10:05",
              "ended_at": "2026-09-16T10:30", "keeper": "天河采集站"}  # fmt: skip
    return Typed(**values | more)


LATER = timedelta(hours=3)


def test_what_no_recording_covers_is_a_gap_and_two_minutes_are_none():
    from zhijian.apps.supervision.recordings.rules import gaps, keep_until

    def at(minute):
        return datetime(2026, 9, 16, 10) + timedelta(minutes=minute)

    def found(spans, left=60):
        return gaps(
            at(0), None if left is None else at(left), [(at(a), at(b)) for a, b in spans], seconds=120
        )

    assert found([(0, 60)]) == found([(-5, 70)]) == found([(0, 30), (32, 60)]) == found([(2, 58)]) == []
    assert found([(30, 60), (5, 20)]) == [(at(0), at(5)), (at(20), at(30))]
    assert found([(0, 50), (10, 20)]) == [(at(50), at(60))]
    assert found([]) == [(at(0), at(60))] and found([], left=None) == []
    assert found([(10, 40)], left=None) == [(at(0), at(10))]
    assert found([(70, 80)]) == [(at(0), at(60))]
    assert keep_until(date(2026, 9, 16)) == date(2028, 9, 16)


def test_only_the_two_inspectors_register_and_a_film_belongs_to_one_check(on_site, a_draw, staff, steps):
    from zhijian.apps.supervision.inspection import policies
    from zhijian.apps.supervision.recordings import services
    from zhijian.engines.facts.models import Fact

    at = steps.AT + LATER
    with pytest.raises(policies.WrongPerson):
        services.register(on_site, typed(), by=staff.third, at=at)
    for wrong in (
        {"sha256": "x" * 64}, {"size_bytes": "0"}, {"device": " "}, {"keeper": ""}, {"begun_at": "gestern"},
        {"ended_at": "2026-09-16T10:04"}, {"ended_at": "2026-09-18T10:04"}, {"ended_at": "2026-09-16T23:00"},
    ):  # fmt: skip
        with pytest.raises(services.RecordingRefused):
            services.register(on_site, typed(**wrong), by=staff.first, at=at)
    made = services.register(on_site, typed(sha256=FILM.upper()), by=staff.first, at=at)
    assert services.register(on_site, typed(), by=staff.second, at=at) == made
    assert Fact.objects.get(kind="inspection.recorded").payload["sha256"] == FILM
    gaps = services.gaps_of(type(on_site).objects.get(pk=on_site.pk))
    assert [(b - a) for a, b in gaps] == [timedelta(minutes=5)]
    other = steps.services.dispatch(
        a_draw(names=("示例广食品有限公司",), plan_id="2026-0313"), by=staff.drawer, at=steps.AT
    ).checks.get()
    with pytest.raises(services.RecordingRefused, match="另一次"):
        services.register(other, typed(), by=staff.first, at=at)


def test_a_stations_list_is_taken_in_row_by_row_and_bad_rows_stand_aside(on_site, staff, steps, monkeypatch):
    from zhijian.apps.supervision.recordings.models import Recording, RefusedRow

    monkeypatch.setattr("zhijian.portal.views.recordings.now", lambda: steps.AT + LATER)
    head = "check,sha256,size_bytes,device,begun_at,ended_at,keeper"
    good = f"{on_site.number},{FILM},4,DSJ-01,2026-09-16T10:00,2026-09-16T10:30,站"
    rows = [head, good, good, good.replace(on_site.number, "none"), good.replace(FILM, "abc")]
    phone = client_of(staff.first)

    def send(text):
        file = SimpleUploadedFile("list.csv", text if isinstance(text, bytes) else text.encode())
        return phone.post("/work/recordings/", {"act": "list", "file": file})

    assert send("\n".join(rows)).status_code == 302
    assert Recording.objects.count() == 1 and RefusedRow.objects.count() == 2
    page = phone.get("/work/recordings/").content.decode()
    assert "第5行" in page and "64位" in page
    assert "64位" in phone.get("/work/recordings/?format=csv").content.decode()
    for wrong in (b"\xff\xfe\x00", "a,b\n1,2", head, "\n".join(rows[:2]).replace("keeper", "who")):
        assert send(wrong).status_code == 422
    assert phone.post("/work/recordings/", {"act": "list"}).status_code == 422
    assert "第5行" not in client_of(staff.second).get("/work/recordings/").content.decode()


def test_a_file_is_verified_a_use_has_its_purpose_and_looks_are_written_down(
    on_site, staff, steps, monkeypatch
):
    from zhijian.apps.supervision.recordings import services
    from zhijian.security.models import AccessRecord

    at = steps.AT + LATER
    monkeypatch.setattr("zhijian.portal.views.recordings.now", lambda: at)
    made = services.register(on_site, typed(), by=staff.first, at=at)
    phone, address = client_of(staff.publisher), f"/work/checks/{on_site.pk}/recordings/"
    page = phone.get(address).content.decode()
    assert "这些时间没有记录" in page and 'name="device"' not in page
    assert AccessRecord.objects.filter(part="recordings").count() == 1
    assert (
        "一个字节也没有变"
        in phone.post("/work/recordings/", {"act": "verify", "sha256": FILM}).content.decode()
    )
    changed = hashlib.sha256(b"filM").hexdigest()
    assert (
        "没有登记这个文件"
        in phone.post("/work/recordings/", {"act": "verify", "sha256": changed}).content.decode()
    )
    assert (
        phone.post(
            address, {"act": "use", "recording": made.pk, "purpose": "curious", "matter": "x"}
        ).status_code
        == 422
    )
    assert (
        phone.post(address, {"act": "use", "recording": made.pk, "purpose": "case", "matter": ""}).status_code
        == 422
    )
    assert (
        phone.post(
            address, {"act": "use", "recording": made.pk, "purpose": "case", "matter": "案1"}
        ).status_code
        == 302
    )
    assert "案1" in phone.get(address).content.decode()
    assert phone.post(address, {"act": "register", "sha256": FILM}).status_code == 403
    assert client_of(staff.drawer).get(address).status_code == 403
    assert client_of(staff.drawer).get("/work/recordings/").status_code == 403
