"""Officers' pages without script: everything can be done by plain form posts, and nothing typed is lost."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.utils import translation

from tests.apps.supervision.inspection.casework import AT, NOTHING_FOUND, picture
from zhijian.apps.supervision.inspection import queries, rules, services
from zhijian.apps.supervision.inspection.models import AppendOnly, Check, Evidence, FollowUp
from zhijian.apps.supervision.inspection.rules import State
from zhijian.security.models import AccessRecord, Organisation

pytestmark = [pytest.mark.django_db, pytest.mark.database]
ALL_CONFORM = {f"finding-{code}": "conform" for code in ("FOO-01", "REG-01", "REG-03")}


def url(check, part=""):
    return f"/work/checks/{check.pk}/{part}"


def state(check):
    return Check.objects.get(pk=check.pk).state


def post(client, officer, address, **fields):
    client.force_login(officer)
    return client.post(address, fields)


def test_a_visitor_is_asked_to_sign_in(client, check):
    for address in ("/work/", url(check), "/work/draws/"):
        response = client.get(address)
        assert response.status_code == 302
        assert response["Location"].startswith("/sign-in/")


def test_a_whole_inspection_goes_by_plain_form_posts(client, check, staff):
    begin = {"action": "begin", "certificates_shown": "on", "position_words": "店内", "base_version": "0"}
    assert post(client, staff.first, url(check), **begin).status_code == 302
    assert state(check) == State.ON_SITE
    done = {**ALL_CONFORM, "codes": "1", "action": "result", "base_version": "1", "certificates_shown": "on"}
    unsigned = post(client, staff.first, url(check), **done)
    assert unsigned.status_code == 422
    assert "请选“没有签”" in unsigned.content.decode()
    done |= {"signing": "refused", "refusal_reason": "负责人说要先问总店。", "refusal_witness": "recording"}
    assert post(client, staff.first, url(check), **done).status_code == 302
    assert post(client, staff.second, url(check, "confirm/"), action="confirm").status_code == 302
    refused = post(client, staff.publisher, url(check, "publish/"))
    assert refused.status_code == 422
    assert state(check) == State.CONFIRMED
    assert post(client, staff.publisher, url(check, "publish/"), understood="on").status_code == 302
    assert state(check) == State.PUBLISHED


def test_what_was_typed_comes_back_with_the_refusal(client, on_site, staff):
    fields = {"note-REG-01": "执照在二楼", "action": "result", "base_version": "0"}
    response = post(client, staff.first, url(on_site), **fields)
    assert response.status_code == 422
    text = response.content.decode()
    assert "执照在二楼" in text
    assert "第1项还没有结果。" in text
    assert on_site.drafts.get().content["findings"]["REG-01"]["note"] == "执照在二楼"


def test_two_versions_are_shown_side_by_side_and_yours_is_kept(client, on_site, staff):
    services.save_draft(on_site, {"summary": "对方写的"}, base_version=0, by=staff.second, at=AT)
    response = post(client, staff.first, url(on_site), summary="我写的", base_version="0", action="save")
    text = response.content.decode()
    assert response.status_code == 409
    assert "对方写的" in text
    assert "我写的" in text
    again = post(client, staff.first, url(on_site), summary="我写的", base_version="1", action="save")
    assert again.status_code == 302
    assert [draft.content["summary"] for draft in on_site.drafts.all()] == ["对方写的", "我写的"]


def test_a_photo_comes_by_plain_form_and_twice_the_same_form_keeps_it_once(client, on_site, staff):
    key = str(uuid4())
    for _ in range(2):
        photo = SimpleUploadedFile("门口.jpg", picture(), "image/jpeg")
        post(
            client, staff.first, url(on_site), **{"photo-REG-03": photo, "client_key": key, "action": "save"}
        )
    assert Evidence.objects.get().item.code == "REG-03"


def test_a_program_as_photo_is_refused_and_the_rest_of_the_form_kept(client, on_site, staff):
    bad = SimpleUploadedFile("photo.jpg", b"MZ" + b"\0" * 80, "image/jpeg")
    response = post(
        client, staff.first, url(on_site), **{"photo-REG-03": bad, "summary": "还在", "action": "save"}
    )
    assert response.status_code == 422
    assert "内容却是Windows程序（.exe），不收" in response.content.decode()
    assert "还在" in response.content.decode()
    assert Evidence.objects.count() == 0


def test_another_areas_officer_sees_neither_check_nor_photo(client, on_site, staff, home):
    services.add_evidence(on_site, picture(), "a.jpg", media=home.media, by=staff.first, at=AT)
    staff.third.organisation = Organisation.objects.create(
        code="other", name="别处", name_en="Elsewhere", level="county", division_code="440304"
    )
    staff.third.save()
    client.force_login(staff.third)
    assert client.get(url(on_site)).status_code == 403
    assert client.get(f"/work/evidence/{Evidence.objects.get().pk}/display/").status_code == 403


def test_photos_are_shown_small_and_every_size_leaves_a_trace(client, on_site, staff, home):
    services.add_evidence(on_site, picture(), "a.jpg", media=home.media, by=staff.first, at=AT)
    client.force_login(staff.first)
    address = f"/work/evidence/{Evidence.objects.get().pk}"
    assert b"".join(client.get(f"{address}/thumbnail/").streaming_content).startswith(b"\xff\xd8")
    assert b"".join(client.get(f"{address}/original/").streaming_content) == picture()
    assert client.get(f"{address}/display/").status_code == 200
    parts = AccessRecord.objects.order_by("sequence").values_list("part", flat=True)
    assert list(parts) == ["evidence_thumbnail", "evidence", "evidence_display"]
    assert client.get(f"{address}/..%2f/").status_code == 404


def test_opening_an_internal_check_leaves_a_trace(client, entered, staff):
    client.force_login(staff.second)
    for page in ("", "confirm/", "publish/"):
        assert client.get(url(entered, page)).status_code == 200
    looks = AccessRecord.objects.values_list("officer", "subject", "part", "reason")
    assert list(looks) == [(staff.second.pk, entered.uscc, "check", entered.number)] * 3


def test_the_workbench_shows_what_is_overdue_first(client, check, staff, a_draw):
    late = a_draw(plan_id="2026-0001", due_on=date(2026, 9, 2))
    services.dispatch(late, by=staff.drawer, at=AT)
    client.force_login(staff.first)
    bench = client.get("/work/").context["bench"]
    assert [row.number for row in bench.mine] == ["2026-0001-1-0001", "2026-0312-1-0001"]
    assert bench.counts["overdue"] == 2  # seen from today, both days have passed


def test_a_follow_up_stands_on_the_workbench_until_it_is_closed(client, confirmed, staff):
    client.force_login(staff.first)
    assert {row.verb_en for row in client.get("/work/").context["bench"].follow_ups} == {
        "Check that the correction was made",
        "Decide whether to file a case",
    }
    follow_up = FollowUp.objects.get(kind="recheck")
    told = {"ending": "corrected", "corrected-acted_on": "2026-09-20", "outcome": "复查合格"}
    post(client, staff.first, f"/work/follow-ups/{follow_up.pk}/", **told)
    assert len(client.get("/work/").context["bench"].follow_ups) == 1


def test_a_follow_up_offers_only_its_own_endings_and_keeps_what_was_typed(client, confirmed, staff):
    found = FollowUp.objects.get(kind="recheck")
    told = {
        "ending": "transferred",
        "transferred-authority": "示例消防救援大队",
        "transferred-acted_on": "2026-09-01",
    }
    answer = post(client, staff.first, f"/work/follow-ups/{found.pk}/", **told)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'href="#transferred-number"' in page
    assert 'href="#transferred-acted_on"' in page
    assert 'value="示例消防救援大队"' in page
    assert 'value="ordered_again"' in page
    assert 'value="listed"' not in page


def test_the_list_of_follow_ups_counts_units_and_shows_open_late_and_ended_ones(client, confirmed, staff):
    found = FollowUp.objects.get(kind="recheck")
    told = {
        "ending": "ordered_again",
        "ordered_again-acted_on": "2026-10-08",
        "ordered_again-until": "2026-10-20",
    }
    post(client, staff.first, f"/work/follow-ups/{found.pk}/", **told)
    client.force_login(staff.publisher)
    shown = {show: client.get(f"/work/follow-ups/?show={show}") for show in ("open", "late", "ended")}
    assert {show: page.context["page"].paginator.count for show, page in shown.items()} == {
        "open": 2,
        "late": 2,
        "ended": 1,
    }
    (tally,) = shown["open"].context["tallies"]
    assert (tally["open"], tally["late"], tally["ended"]) == (2, 2, 1)
    assert "复查未改正，再次责令" in shown["ended"].content.decode()
    client.force_login(staff.drawer)
    assert client.get("/work/follow-ups/").status_code == 403


def test_a_result_that_is_not_public_after_twenty_working_days_stands_on_the_list_of_the_unit(
    confirmed, staff
):
    last_day = rules.publication_due_on(confirmed.result.completed_on)
    assert queries.workbench(staff.publisher, last_day).unpublished == []
    late = queries.workbench(staff.publisher, last_day + timedelta(days=1)).unpublished
    assert [(row.number, row.due_on, row.light.colour) for row in late] == [
        (confirmed.number, last_day, "red")
    ]
    services.publish(confirmed, by=staff.publisher, at=AT)
    assert queries.workbench(staff.publisher, last_day + timedelta(days=1)).unpublished == []


def test_a_result_that_nobody_confirmed_is_late_to_publish_too(client, entered, staff, monkeypatch):
    day = rules.publication_due_on(entered.result.completed_on) + timedelta(days=1)
    monkeypatch.setattr("zhijian.apps.supervision.inspection.pages._today", lambda: day)
    client.force_login(staff.first)
    assert "超过公示期限还没有公示的检查结果 1" in client.get("/work/").content.decode()


def test_a_follow_up_says_by_whom_until_when_and_by_which_article(client, confirmed, staff):
    found = FollowUp.objects.get(kind="recheck")
    client.force_login(staff.publisher)
    page = client.get(f"/work/follow-ups/{found.pk}/").content.decode()
    assert all(words in page for words in (str(confirmed.organisation), found.article, "的检查人员办结。"))
    assert "<textarea" not in page


def test_a_publish_page_without_the_act_says_what_it_waits_for(client, check, staff):
    client.force_login(staff.publisher)
    assert "第二名检查人员确认之后才能公开。" in client.get(url(check, "publish/")).content.decode()


def test_an_empty_workbench_is_empty_in_english_too(client, staff):
    client.force_login(staff.first)
    client.cookies["django_language"] = "en"
    page = client.get("/work/").content.decode()
    assert "No open follow-ups." in page
    assert page.count('href="/work/"') == 1
    assert "没有" not in page


def test_only_the_most_urgent_rows_stand_open_and_the_rest_is_one_tap_away():
    rows = [{"number": f"第{n}号", "light": {}, "url": "/"} for n in range(15)]
    with translation.override("zh-hans"):
        page = render_to_string("inspection/parts/rows.html", {"rows": rows})
    shown, folded = page.split("<details")
    assert ("第11号" in shown, "第12号" in shown) == (True, False)
    assert "还有3项" in folded
    assert "第14号" in folded


def test_a_result_is_sent_back_with_its_reason(client, entered, staff):
    assert post(client, staff.second, url(entered, "confirm/"), action="send_back").status_code == 422
    post(client, staff.second, url(entered, "confirm/"), action="send_back", reason="请补拍标签")
    client.force_login(staff.first)
    assert "请补拍标签" in client.get(url(entered)).content.decode()


def test_a_correction_asks_for_its_reason(client, published, staff):
    fields = {**ALL_CONFORM, "codes": "1"}
    assert post(client, staff.publisher, url(published, "correct/"), **fields).status_code == 422
    done = post(client, staff.publisher, url(published, "correct/"), **fields, reason="标签属另一家")
    assert done.status_code == 302
    assert post(client, staff.publisher, url(published, "correct/"), action="confirm").status_code == 403
    page = client.get(url(published, "correct/")).content.decode()
    assert "标签属另一家" in page and "须由另一名公示人员确认" in page and 'value="confirm"' not in page
    client.force_login(staff.reviewer)
    assert 'value="confirm"' in client.get(url(published, "correct/")).content.decode()
    assert post(client, staff.reviewer, url(published, "correct/"), action="confirm").status_code == 302
    assert [code.code for code in Check.objects.get(pk=published.pk).result.codes] == ["1"]


def test_the_task_page_never_shows_the_risk_class(client, check, staff):
    client.force_login(staff.first)
    text = client.get(url(check)).content.decode()
    assert "风险分类" not in text
    assert "R1" not in text


def test_the_service_worker_is_served_for_the_officers_pages(client):
    response = client.get("/work/sw.js?officer=1")
    assert response["Service-Worker-Allowed"] == "/work/"
    assert "field/field.js" in response.content.decode()


def test_nothing_recorded_can_be_saved_again(entered):
    rows = [entered.events.first(), entered.results.first(), entered.results.first().recorded_codes.first()]
    for row in rows:
        assert isinstance(row, AppendOnly)
        with pytest.raises(TypeError):
            row.save()


def send(client, officer, check, verb, body, **headers):
    client.force_login(officer)
    return client.post(
        f"/work/field/checks/{check.pk}/{verb}", body, content_type="application/json", headers=headers
    )


def test_a_phone_without_session_is_told_so(client, check):
    response = client.post(
        f"/work/field/checks/{check.pk}/draft", {"key": ""}, content_type="application/json"
    )
    assert response.status_code == 401


def test_a_send_without_token_is_refused(check, staff):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(staff.first)
    response = strict.post(
        f"/work/field/checks/{check.pk}/draft", {"key": str(uuid4())}, content_type="application/json"
    )
    assert response.status_code == 403


def test_another_officers_outbox_is_not_sent_under_this_session(client, check, staff):
    body = {"key": str(uuid4()), "content": {"summary": "x"}}
    response = send(client, staff.second, check, "draft", body, **{"X-Zhijian-Officer": str(staff.first.pk)})
    assert response.status_code == 401
    assert response.json()["error"]["code"] == "OtherOfficer"
    assert check.drafts.count() == 0


def test_a_conflict_carries_the_other_version(client, on_site, staff):
    services.save_draft(on_site, {"summary": "对方"}, base_version=0, by=staff.second, at=AT)
    response = send(
        client, staff.first, on_site, "draft", {"key": str(uuid4()), "content": {"summary": "我"}}
    )
    error = response.json()["error"]
    assert (response.status_code, error["version"], error["content"]["summary"]) == (409, 1, "对方")


def test_an_incomplete_result_names_each_field(client, on_site, staff):
    response = send(client, staff.first, on_site, "result", {"key": str(uuid4()), "content": {}})
    assert response.status_code == 422
    assert "codes" in [problem["field"] for problem in response.json()["error"]["problems"]]


def test_a_photo_too_large_is_refused_before_it_is_read(client, on_site, staff):
    client.force_login(staff.first)
    response = client.post(
        f"/work/field/checks/{on_site.pk}/evidence?key={uuid4()}",
        b"x" * (20 * 1024 * 1024 + 1),
        content_type="application/octet-stream",
    )
    assert response.status_code == 413


def test_a_finished_result_is_refused_for_good(client, entered, staff):
    content = {"codes": list(NOTHING_FOUND.codes)}
    response = send(client, staff.first, entered, "result", {"key": str(uuid4()), "content": content})
    assert response.status_code == 409
    assert response.json()["error"]["code"] == "NotNow"


def another(django_user_model, unit, role):
    return django_user_model.objects.create(username=f"another-{role}", roles=[role], organisation=unit)


def unit_of(division):
    return Organisation.objects.create(
        code=f"unit-{division}", name=division, name_en=division, level="city", division_code=division
    )


def pages_of(check, photo, follow_up):
    parts = ("", "confirm/", "publish/")
    checks = [url(check, part) for part in parts]
    return [*checks, f"/work/evidence/{photo.pk}/original/", f"/work/follow-ups/{follow_up.pk}/"]


@pytest.fixture
def full(entered, staff, home, steps):
    """A check with a photo and a follow-up, waiting for the second inspector."""
    services.add_evidence(entered, picture(), "a.jpg", media=home.media, by=staff.first, at=AT)
    services.confirm_by_second(entered, by=staff.second, at=AT)
    services.publish(entered, by=staff.publisher, at=AT)
    return entered, Evidence.objects.get(), FollowUp.objects.first()


@pytest.mark.parametrize("role", ["steward", "drawer"])
def test_a_steward_and_a_drawer_open_no_check_of_their_own_area(client, full, staff, django_user_model, role):
    client.force_login(another(django_user_model, staff.unit, role))
    for address in pages_of(*full):
        assert client.get(address).status_code == 403, address
    assert not AccessRecord.objects.exists()


@pytest.mark.parametrize("role", ["inspector", "publisher", "auditor"])
def test_inspector_publisher_and_auditor_of_the_area_read_a_check(
    client, full, staff, django_user_model, role
):
    client.force_login(another(django_user_model, staff.unit, role))
    for address in pages_of(*full):
        assert client.get(address).status_code == 200, address


@pytest.mark.parametrize("role", ["inspector", "publisher", "auditor"])
def test_nobody_of_another_area_reads_a_check(client, full, django_user_model, role):
    client.force_login(another(django_user_model, unit_of("440300"), role))
    for address in pages_of(*full):
        assert client.get(address).status_code == 403, address


def test_a_check_whose_place_nobody_knows_lies_where_its_unit_does(client, check, django_user_model):
    Check.objects.filter(pk=check.pk).update(division_code="")
    for division, status in (("440300", 403), ("440100", 200)):
        client.force_login(another(django_user_model, unit_of(division), "auditor"))
        assert client.get(url(check)).status_code == status
        client.logout()
        django_user_model.objects.filter(username="another-auditor").update(username=f"auditor-{division}")


@pytest.mark.parametrize(("role", "count"), [("steward", 0), ("drawer", 0), ("auditor", 1)])
def test_the_workbench_lists_the_units_checks_to_those_who_may_read_them(
    client, check, staff, django_user_model, role, count
):
    client.force_login(another(django_user_model, staff.unit, role))
    page = client.get("/work/")
    assert (page.status_code, len(page.context["bench"].unit)) == (200, count)


def test_correcting_what_is_not_published_leads_back_with_the_reason(client, confirmed, staff):
    client.force_login(staff.publisher)
    for answer in (
        client.get(url(confirmed, "correct/"), follow=True),
        client.post(url(confirmed, "correct/"), follow=True),
    ):
        assert answer.redirect_chain == [(url(confirmed), 302)]
        assert "已确认，等待公示”，不能做这一步" in answer.content.decode()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("9" * 400, 100_000), ("1e400", 100_000), ("250000", 100_000), ("12.6", 13), ("0", 0), ("-1", None),
     ("nan", None), ("²", None), ("", None), ("near", None)],
)  # fmt: skip
def test_a_position_is_never_less_exact_than_a_hundred_kilometres(client, check, staff, sent, kept):
    client.force_login(staff.first)
    content = {"certificates_shown": True}
    body = {
        "key": str(uuid4()),
        "content": content,
        "latitude": "23.1",
        "longitude": "113.3",
        "accuracy_m": sent,
    }
    answer = client.post(f"/work/field/checks/{check.pk}/begin", body, content_type="application/json")
    assert answer.status_code == 200
    event = check.events.get(verb="begin")
    assert event.payload["position"]["accuracy_m"] == kept


def test_the_field_pages_can_be_installed_on_a_phone(client, check, staff):
    told = client.get("/work/manifest.webmanifest")
    assert told["Content-Type"] == "application/manifest+json"
    assert (told.json()["start_url"], told.json()["display"]) == ("/work/", "standalone")
    client.force_login(staff.first)
    assert (
        '<link rel="manifest" href="/work/manifest.webmanifest">' in client.get(url(check)).content.decode()
    )


@pytest.mark.django_db
def test_what_has_no_credit_code_is_checked_and_published_under_its_number(
    a_draw, staff, steps, home, client
):
    from dataclasses import replace

    steps.services.publish_item_list(by=None, at=steps.AT)
    drawn = a_draw(names=("示例无照五金加工点",))
    visits = (replace(drawn.visits[0], uscc="OBJ-440106-002"),)
    check = steps.services.dispatch(replace(drawn, visits=visits), by=staff.drawer, at=steps.AT).checks.get()
    steps.services.begin(check, steps.HERE, certificates_shown=True, by=staff.first, at=steps.AT)
    steps.services.record_result(check, steps.PROBLEM_FOUND, by=staff.first, at=steps.AT)
    steps.services.confirm_by_second(check, by=staff.second, at=steps.AT)
    steps.services.publish(check, by=staff.publisher, at=steps.AT)
    [result] = queries.results_of("OBJ-440106-002")
    page = client.get(f"/results/{result.id}/").content.decode()
    assert "编号 OBJ-440106-002" in page
    assert "/entities/OBJ" not in page
