"""Procedures on the pages: open to everyone, kept by the province, worked on at a station."""

import re

import pytest

from tests.portal.pages import sketched

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(db, _quick_passwords):
    sketched.declare()
    return sketched.Place()


@pytest.fixture
def at(client):
    """Open a page as somebody: `at(officer).get(…)`."""

    def signed_in(officer):
        client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return signed_in


def text(response):
    return response.content.decode()


def item_of(case, task):
    return case.work_items.get(task=task, state="open")


def test_anybody_reads_who_does_each_step_by_when_and_by_which_article(client, place):
    page = text(client.get(f"/procedures/{sketched.CODE}/"))
    for words in (
        "审查是否受理",
        "投诉举报办理人员",
        "7个工作日",
        "《市场监督管理投诉举报处理办法》第十四条",
    ):
        assert words in page
    assert '<svg xmlns="http://www.w3.org/2000/svg" class="drawing" role="img"' in page
    assert "投诉处理（测试）" in text(client.get("/procedures/"))


def test_the_steps_of_a_procedure_are_a_file_too(client, place):
    rows = text(client.get(f"/procedures/{sketched.CODE}/steps.csv")).splitlines()
    assert rows[0].startswith("\ufeff步骤 step,")
    assert len(rows) == 6


def test_what_is_declared_nowhere_has_no_page(client, place):
    assert client.get("/procedures/test/nothing/").status_code == 404


def test_the_unit_s_inbox_shows_a_step_with_its_light_and_its_last_day(at, place):
    case = place.case()
    place.do(case, "register")
    page = text(at(place.handler).get("/work/cases/?scope=unit"))
    assert "审查是否受理" in page
    assert "粤投〔2026〕1号" in page
    assert "12月1日" in page
    assert "无人领取" in page


def test_a_step_that_somebody_took_is_in_that_officer_s_own_inbox(at, place):
    case = place.case()
    client = at(place.handler)
    client.post(f"/work/cases/{case.pk}/", {"action": "claim", "item": item_of(case, "register").pk})
    assert "粤投〔2026〕1号" in text(client.get("/work/cases/"))
    assert "粤投〔2026〕1号" not in text(at(place.colleague).get("/work/cases/"))


def test_filters_narrow_the_inbox_by_light_and_by_words(at, place):
    place.case(1, received="2026-01-05")
    client = at(place.handler)
    for query, count in (
        ("q=〔2026〕1", 1),
        ("q=没有这件", 0),
        ("light=none", 1),
        ("light=red", 0),
        ("page=zzz", 1),
    ):
        page = text(client.get(f"/work/cases/?scope=unit&{query}"))
        assert page.count("data-row") == count, query


def test_opening_a_case_is_on_record_and_shows_where_it_stands(at, place):
    from zhijian.security.models import AccessRecord

    case = place.case()
    place.do(case, "register", place.handler)
    page = text(at(place.handler).get(f"/work/cases/{case.pk}/"))
    look = AccessRecord.objects.get()
    assert (look.officer, look.part, look.reason) == (place.handler, "case", case.number)
    assert 'aria-current="step"' in page
    assert 'class="task current"' in page
    assert 'class="task walked"' in page
    assert re.search(r"接下来可能：.*组织调解", page)
    assert "当日不计入" in page


def test_a_station_next_door_may_not_see_the_case(at, place):
    assert at(place.stranger).get(f"/work/cases/{place.case().pk}/").status_code == 403


def test_a_step_is_finished_on_the_page_of_its_case(at, place):
    case = place.case()
    item = item_of(case, "register")
    answer = at(place.handler).post(
        f"/work/cases/{case.pk}/",
        {"action": "complete", "item": item.pk, "revision": case.revision, "note": "材料齐"},
        follow=True,
    )
    assert "“登记投诉”已办" in text(answer)
    assert "材料齐" in text(answer)
    item.refresh_from_db()
    assert (item.state, item.finished_by) == ("done", place.handler)


def test_who_acts_second_is_told_who_was_first(at, place):
    case = place.case()
    item, revision = item_of(case, "register"), case.revision
    place.do(case, "register", place.colleague)
    answer = at(place.handler).post(
        f"/work/cases/{case.pk}/", {"action": "complete", "item": item.pk, "revision": revision}
    )
    assert answer.status_code == 409
    assert "colleague" in text(answer)


@pytest.mark.parametrize(
    ("who", "form", "said"),
    [
        ("leader", {"action": "supervise", "reason": "今天给出意见"}, "已督办"),
        ("handler", {"action": "comment", "text": "已联系商家"}, "备注已写进时间线"),
        ("leader", {"action": "withdraw", "reason": "投诉人来电撤回"}, "案件已撤回"),
    ],
)
def test_each_act_is_a_form_that_says_what_came_of_it(at, place, who, form, said):
    case = place.case()
    answer = at(getattr(place, who)).post(
        f"/work/cases/{case.pk}/", {**form, "item": item_of(case, "register").pk}, follow=True
    )
    assert said in text(answer)


def test_a_reason_that_says_nothing_is_refused_with_words(at, place):
    case = place.case()
    answer = at(place.leader).post(
        f"/work/cases/{case.pk}/",
        {"action": "supervise", "reason": " ", "item": item_of(case, "register").pk},
    )
    assert answer.status_code == 409
    assert "请写明理由" in text(answer)


def test_handing_over_giving_back_and_joint_work_go_by_their_forms(at, place):
    case = place.case()
    item = item_of(case, "register")
    client = at(place.handler)

    def post(**form):
        return text(client.post(f"/work/cases/{case.pk}/", {"item": item.pk, **form}, follow=True))

    assert "已领取" in post(action="claim")
    assert "已请协办" in post(action="join", units=[place.other.pk], reason="请核对店铺地址")
    assert "已转给colleague" in post(action="hand_over", to=place.colleague.pk, reason="他在现场")
    client = at(place.colleague)
    assert "已退回" in post(action="return", reason="不在本片区")
    client = at(place.stranger)
    assert "粤投〔2026〕1号" in text(client.get("/work/cases/?scope=joint"))
    assert "本单位的意见已写进时间线" in post(action="answer", reason="地址属实")


def test_several_steps_are_given_out_after_a_preview_that_says_why(at, place):
    items = [item_of(place.case(number), "register") for number in (1, 2)]
    client = at(place.leader)
    chosen = [item.pk for item in items]
    preview = text(client.post("/work/cases/bulk/", {"action": "assign", "item": chosen}))
    assert preview.count("手上有") == 2
    assert all(item_of(item.case, "register").holder is None for item in items)
    form = {f"to-{pk}": place.colleague.pk for pk in chosen}
    done = client.post(
        "/work/cases/bulk/", {"action": "assign", "item": chosen, "confirmed": "1", **form}, follow=True
    )
    assert "2项已办，0项没有办" in text(done)
    assert {item_of(item.case, "register").holder for item in items} == {place.colleague}


def test_on_leave_a_colleague_sees_the_same_inbox(at, place):
    from zhijian.engines.procedures import services

    services.claim(item_of(place.case(), "register"), by=place.handler, at=sketched.AT)
    form = {
        "officer": place.handler.pk,
        "substitute": place.colleague.pk,
        "from": "2026-01-01",
        "to": "2099-12-31",
    }
    assert "已安排" in text(at(place.handler).post("/work/leave/", form, follow=True))
    assert "粤投〔2026〕1号" in text(at(place.colleague).get("/work/cases/"))
    refused = at(place.colleague).post("/work/leave/", {**form, "to": "2025-12-31"})
    assert refused.status_code == 422


def test_the_workbench_says_how_many_cases_wait(at, place):
    place.case()
    assert "本单位无人领取1件" in text(at(place.handler).get("/work/"))


def test_timeliness_counts_by_unit_and_is_a_file_too(at, place):
    place.year(2)
    client = at(place.keeper)
    assert "按时办结100.0%" in text(client.get("/work/units/timeliness/?from=2026-01-01&to=2026-12-31"))
    rows = text(client.get("/work/units/timeliness/?from=2026-01-01&to=2026-12-31&format=csv")).splitlines()
    assert rows[0].startswith("\ufeff单位 unit,")
    assert len(rows) == 4, "a head, two units, and the line that names who took the file"


def test_procedures_are_kept_by_the_province_alone(at, place):
    for officer in (place.handler, place.leader):
        assert at(officer).get("/work/procedures/").status_code == 403
    assert at(place.keeper).get("/work/procedures/").status_code == 200


def test_a_changed_drawing_becomes_a_draft_is_compared_and_published(at, place):
    from zhijian.engines.procedures.models import ProcedureVersion

    client, base = at(place.keeper), f"/work/procedures/{sketched.CODE}"
    assert "第1版" in text(client.get(f"{base}/"))
    changed = sketched.SKETCH.read_text("utf-8").replace('name="组织调解"', 'name="组织双方调解"')
    saved = client.post(f"{base}/versions/1/edit/", {"drawing": changed, "note": "说清是双方"}, follow=True)
    assert "已存为第2版草稿" in text(saved)
    compared = text(client.get(f"{base}/compare/1/2/"))
    assert "有1处不同" in compared
    assert "组织双方调解" in compared
    assert compared.count('class="task changed"') == 2
    assert "1处不同" in text(client.get(f"{base}/versions/2/publish/"))
    assert "第2版已发布" in text(client.post(f"{base}/versions/2/publish/", follow=True))
    assert ProcedureVersion.objects.get(procedure=sketched.CODE, state="published").number == 2


def test_a_drawing_with_problems_is_kept_as_a_draft_but_not_published(at, place):
    client, base = at(place.keeper), f"/work/procedures/{sketched.CODE}"
    client.get(f"{base}/")
    broken = sketched.SKETCH.read_text("utf-8").replace(
        'name="role" value="leader"', 'name="role" value="nobody"'
    )
    client.post(f"{base}/versions/1/edit/", {"drawing": broken, "note": "试一试"})
    page = client.post(f"{base}/versions/2/publish/")
    assert page.status_code == 422
    assert "检查发现" in text(page)
    assert "<code>escalate</code>" in text(client.post(f"{base}/check/", {"drawing": broken}))


def test_what_is_no_drawing_is_refused_and_stays_on_the_page(at, place):
    client, base = at(place.keeper), f"/work/procedures/{sketched.CODE}"
    client.get(f"{base}/")
    answer = client.post(f"{base}/versions/1/edit/", {"drawing": "<bpmn", "note": "改坏了"})
    assert answer.status_code == 422
    assert "&lt;bpmn" in text(answer)
    assert "改坏了" in text(answer)


def test_last_year_is_replayed_with_the_staff_that_is_typed(at, place):
    place.year()
    client, base = at(place.keeper), f"/work/procedures/{sketched.CODE}/versions/1/simulate/"
    page = text(client.get(base))
    assert "过去一年的12件" in page
    assert "种子" in page
    rows = text(client.get(f"{base}?staff-handler=1&format=csv")).splitlines()
    assert rows[1].startswith("登记投诉,受理登记人员,12")
