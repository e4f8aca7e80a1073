"""Looks are searched by auditors of the area, and firms and people see who looked at their own file and ask about it."""

from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.utils import timezone

from zhijian.engines.data_protection.models import AccessAlert, SubjectRequest
from zhijian.portal.receipts import ReceiptMiddleware
from zhijian.security import access_matrix, business
from zhijian.security.audit import record_look
from zhijian.security.models import AccessRecord, BusinessPerson, Officer, Organisation, Role
from zhijian.security.sealed_text import seal, unseal

pytestmark = [pytest.mark.database, pytest.mark.django_db]
FIRM = "91440106MA59ABCD1D"


@pytest.fixture
def people(db, home):
    def unit(division):
        return Organisation.objects.create(
            code=division, name=f"{division}局", name_en=division, level="county", division_code=division
        )

    here, there = unit("440106"), unit("440305")
    make = Officer.objects.create_user
    return {
        "auditor": make("auditor", roles=[Role.AUDITOR], organisation=here),
        "inspector": make("inspector", roles=[Role.INSPECTOR], organisation=here),
        "steward": make("steward", roles=[Role.STEWARD], organisation=here),
        "elsewhere": make("elsewhere", roles=[Role.INSPECTOR], organisation=there),
    }


def page(client, who, address, **more):
    client.force_login(who)
    answer = client.get(address, **more)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_an_auditor_searches_the_looks_of_the_area_and_the_search_is_a_look(client, people):
    record_look(people["inspector"], FIRM, "credit_class", at=timezone.now(), reason="核对等级")
    record_look(people["inspector"], "another", "check", at=timezone.now())
    record_look(people["elsewhere"], FIRM, "credit_class", at=timezone.now(), reason="别处的查看")
    text = page(client, people["auditor"], f"/work/audit/access/?subject={FIRM}")
    assert (
        "核对等级" in text and "信用风险分类" in text and "another" not in text and "别处的查看" not in text
    )
    assert AccessRecord.objects.filter(officer=people["auditor"], reason__contains=f"subject={FIRM}").exists()
    older = timezone.localdate() - timedelta(days=40)
    assert "没有符合条件" in page(client, people["auditor"], f"/work/audit/access/?from={older}&to={older}")


def test_a_table_that_is_taken_away_names_its_taker_in_the_last_line_and_in_the_record(client, people):
    record_look(people["inspector"], FIRM, "credit_class", at=timezone.now())
    client.force_login(people["auditor"])
    answer = client.get("/work/audit/access/?format=csv")
    look = AccessRecord.objects.get(part="export")
    last = answer.content.decode().splitlines()[-1]
    assert last.startswith("# 导出 exported: auditor 440106局") and last.endswith(f"record {look.sequence}")
    assert answer.headers["X-Zhijian-Export"] == str(look.sequence)
    assert look.reason == "/work/audit/access/?format=csv"


@pytest.mark.parametrize("asked", ["from=0001-01-01", "to=9999-12-31", "from=2026-02-02&to=2026-02-01"])
def test_days_on_which_nobody_looked_at_anything_are_no_page(client, people, asked):
    client.force_login(people["auditor"])
    assert client.get(f"/work/audit/access/?{asked}").status_code == 404


@pytest.mark.parametrize("status", [200, 422])
@pytest.mark.parametrize(("has_look", "parts"), [(False, ["unsealed"]), (True, ["complaint_party"])])
def test_a_sealed_text_that_a_page_shows_leaves_a_record_even_where_the_page_forgot_it(
    rf, people, has_look, parts, status
):
    hidden = seal("张三", key="parties", context="TS-1/name")

    def forgetful(request):
        if has_look:
            record_look(request.user, "TS-1", "complaint_party", at=timezone.now())
        return HttpResponse(unseal(hidden, key="parties", context="TS-1/name"), status=status)

    request = rf.get("/work/somewhere/")
    request.user, request.resolver_match = people["inspector"], None
    assert ReceiptMiddleware(forgetful)(request).content.decode() == "张三"
    assert list(AccessRecord.objects.values_list("part", flat=True)) == parts


@pytest.mark.parametrize(
    ("looked_at", "recorded"),
    [
        ([], ["TS-1", "TS-2", "bay-area/7"]),
        (["TS-2"], ["TS-2", "TS-1", "bay-area/7"]),  # one look does not stand for three people
        (["case 5"], ["case 5", "TS-1", "TS-2", "bay-area/7"]),
        (["TS-1", "TS-2", "7"], ["TS-1", "TS-2", "7"]),
    ],
)
def test_each_person_whose_sealed_text_a_page_shows_has_a_look_of_the_own(rf, people, looked_at, recorded):
    places = ["TS-1/name", "TS-1/phone", "TS-2/name", "bay-area/7/1"]
    hidden = {place: seal("张三", key="parties", context=place) for place in places}

    def list_of_people(request):
        for subject in looked_at:
            record_look(request.user, subject, "complaint_party", at=timezone.now())
        return HttpResponse("".join(unseal(text, key="parties", context=one) for one, text in hidden.items()))

    request = rf.get("/work/somewhere/")
    request.user, request.resolver_match = people["inspector"], None
    ReceiptMiddleware(list_of_people)(request)
    assert list(AccessRecord.objects.order_by("sequence").values_list("subject", flat=True)) == recorded


def test_an_auditor_reads_what_a_role_and_an_account_of_the_area_may_open_and_of_no_other_area(
    client, people
):
    text = page(client, people["auditor"], "/work/audit/access/doors/")
    assert "按岗位" in text and "执法检查人员" in text
    text = page(client, people["auditor"], "/work/audit/access/doors/?role=inspector")
    assert "<code>/work/field/" in text and "<code>/work/audit/access/" not in text
    text = page(client, people["auditor"], "/work/audit/access/doors/?who=inspector&address=work/field")
    assert "inspector" in text and "能看能办" in text
    assert AccessRecord.objects.filter(part="access_doors", subject="inspector").count() == 1
    assert "没有这个账号" in page(client, people["auditor"], "/work/audit/access/doors/?who=elsewhere")
    Officer.objects.filter(username="inspector").update(is_active=False)
    text = page(client, people["auditor"], "/work/audit/access/doors/?who=inspector")
    assert "能看能办" not in text and "账号已停用" in text
    client.force_login(people["steward"])
    assert client.get("/work/audit/access/doors/").status_code == 403


def test_the_matrix_that_an_auditor_takes_away_is_the_whole_one(client, people):
    client.force_login(people["auditor"])
    lines = client.get("/work/audit/access/doors/?format=csv").content.decode().splitlines()
    assert len(lines) == len(list(access_matrix.rows())) + 1 and lines[-1].startswith("# 导出")


def test_an_alert_is_closed_on_its_page_with_an_answer_and_a_reason(client, people):
    day = timezone.localdate()
    record_look(people["inspector"], FIRM, "credit_class", at=timezone.now())
    alert = AccessAlert.objects.create(
        officer=people["inspector"], day=day, kind="night", count=6, limit=5, usual=1, subjects=[FIRM],
        raised_at=timezone.now(),
    )  # fmt: skip
    assert "夜里查看" in page(client, people["auditor"], "/work/audit/access/alerts/")
    address = f"/work/audit/access/alerts/{alert.pk}/"
    assert FIRM in page(client, people["auditor"], address)
    assert "请选择结论" in client.post(address, {"finding": "夜间值班"}).content.decode()
    assert client.post(address, {"answer": "unjustified", "finding": "没有事由"}).status_code == 302
    assert "没有正当事由" in page(client, people["auditor"], address)


@pytest.fixture
def firm_client(client, people):
    person = BusinessPerson.objects.create(
        uscc=FIRM, firm_name="示例甲公司（合成）", username="owner", display_name="负责人", role="manager",
        created_at=timezone.now(), is_synthetic=True,
    )  # fmt: skip
    session = client.session
    session[business._SESSION], session[business._PROOF] = person.pk, business._proof(person)
    session.save()
    return client


def test_a_firm_sees_who_looked_without_the_name_and_asks_and_a_steward_answers(firm_client, people):
    record_look(people["inspector"], FIRM, "credit_class", at=timezone.now(), reason="核对等级")
    record_look(people["inspector"], FIRM, "check", at=timezone.now(), reason="JC-不告知")
    text = firm_client.get("/my/looks/").content.decode()
    assert "信用风险分类" in text and "440106局" in text and "执法检查人员" in text and "核对等级" in text
    assert "JC-不告知" not in text and "inspector" not in text
    assert firm_client.post("/my/looks/", {"kind": "correction", "words": ""}).status_code == 422
    sent = firm_client.post("/my/looks/", {"kind": "correction", "words": "地址写错了，请更正"})
    assert sent.status_code == 302
    made = SubjectRequest.objects.get()
    assert "要求更正" in firm_client.get("/my/looks/").content.decode()
    address = f"/work/data-requests/{made.number}/"
    assert "地址写错了" in page(firm_client, people["steward"], address)
    assert firm_client.post(address, {"answer": "granted", "words": "已经更正地址"}).status_code == 302
    firm_client.force_login(people["inspector"])
    assert firm_client.get(address).status_code == 403


def test_who_holds_no_receipt_is_led_to_the_page_that_asks_for_it(client, db):
    assert client.get("/complain/status/looks/").headers["Location"] == "/complain/status/"


def test_a_hold_on_deletion_is_placed_and_lifted_on_its_page(client, people):
    assert "3650天" in page(client, people["auditor"], "/work/deletion-holds/")
    client.post("/work/deletion-holds/", {"subject": FIRM, "reason": "行政诉讼"})
    text = client.get("/work/deletion-holds/").content.decode()
    assert FIRM in text and "行政诉讼" in text
    number = text.split('name="lift" value="')[1].split('"')[0]
    client.post("/work/deletion-holds/", {"lift": number, "reason": "诉讼已经结束"})
    assert "已恢复" in client.get("/work/deletion-holds/").content.decode()
