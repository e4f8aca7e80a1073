"""S50: an association writes of its own members alone, while they agree; its word is shown apart; members object."""

from datetime import date

import pytest

from tests.engines.registers.declared import desk
from tests.engines.registers.declared.desk import AT
from zhijian.apps.consumer.member_files import objections, queries, rules
from zhijian.apps.consumer.member_files.models import MemberObjection, MemberRecord
from zhijian.apps.consumer.member_files.registers import ASSOCIATIONS, MEMBERS, RECORDS, organisation_code
from zhijian.engines.procedures import checks, declaration
from zhijian.engines.procedures import services as procedures
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.engines.procedures.models import WorkItem
from zhijian.engines.registers.declared import services
from zhijian.security.models import Organisation
from zhijian.security.permissions import Forbidden

pytestmark = pytest.mark.django_db
DAY = AT.date()


@pytest.fixture
def steward():
    return desk.officer("steward", desk.unit("440000", "示例省局"), "steward", "handler", "leader")


@pytest.fixture
def registered(steward):
    for register in (ASSOCIATIONS, MEMBERS):
        taken = services.take_in(register, "demo.csv", register.demo_file.read_bytes(), by=steward, at=AT)
        assert taken.refused == 0
    return steward


@pytest.fixture
def clerk(registered):
    unit = Organisation.objects.create(
        code=organisation_code("XH-0001"),
        name="示例协会",
        name_en="Sample",
        level="trade",
        division_code="",
    )
    return desk.officer("clerk", unit, "association")


def members_of(association, *, standing=True):
    rows = [row for row in desk.demo_rows(MEMBERS, 99) if row["association"] == association]
    return [row for row in rows if bool(row["valid_to"] or row["consent_ended_on"]) is not standing]


def record(member, **more):
    return {
        "key": "R-1", "name": member["name"], "uscc": member["uscc"], "division_code": member["division_code"],
        "association": member["association"], "membership": member["key"], "kind_code": "praise",
        "said": "评为示例诚信会员<script>alert(1)</script>", "basis": "章程第一条", "valid_from": "2026-05-01",
        "is_synthetic": "1", **more,
    }  # fmt: skip


def add(row, by):
    return services.add(RECORDS, row, reason="协会登记", by=by, at=AT)


def test_an_association_s_word_is_shown_apart_and_named_as_its_own(client, clerk):
    member = members_of("XH-0001")[0]
    add(record(member), clerk)
    page = client.get(f"/consumer/credit/{member['uscc']}/").content.decode()
    assert "协会的说法" in page and "不是监管部门的认定" in page and "&lt;script&gt;" in page
    assert client.get("/registers/member_records/").status_code == 403


def test_an_association_s_word_names_nobody_on_the_public_page(client, clerk):
    member = members_of("XH-0001")[0]
    add(record(member, said="批评店员王小明，电话138 0013 8000。", basis="座机020 83123456备查"), clerk)
    page = client.get(f"/consumer/credit/{member['uscc']}/").content.decode()
    assert "批评店员" in page and not any(one in page for one in ("王小明", "0013", "83123456"))


def test_a_membership_moved_to_another_firm_takes_no_word_with_it(clerk):
    member, other = members_of("XH-0001")[:2]
    add(record(member), clerk)
    entry = services.locked(MEMBERS, member["key"])
    services.change(MEMBERS, member["key"], {**member, "uscc": other["uscc"]}, seen=entry.version, reason="代码写错", by=clerk, at=AT)  # fmt: skip
    moved = next(one for one in queries.shown(other["uscc"], on=DAY) if one.membership.key == member["key"])
    assert moved.records == ()


def test_an_association_writes_of_its_own_members_alone(clerk):
    foreign = members_of("XH-0002")[0]
    with pytest.raises(Forbidden, match="只能写自己的会员"):
        add(record(foreign), clerk)
    with pytest.raises(services.WrongRow) as refused:
        add(record(foreign, association="XH-0001"), clerk)
    assert "会员" in refused.value.problems[0].reason.zh
    with pytest.raises(services.WrongRow) as refused:
        add(record(members_of("XH-0001")[0], uscc=foreign["uscc"]), clerk)
    assert [one.field for one in refused.value.problems] == ["uscc"]


def test_a_file_with_rows_of_another_association_is_refused_row_by_row(clerk):
    own, foreign = members_of("XH-0001")[0], members_of("XH-0002")[0]
    content = desk.as_csv([record(own), record(foreign, key="R-2")])
    taken = services.take_in(RECORDS, "records.csv", content, by=clerk, at=AT)
    assert (taken.added, taken.refused) == (1, 1)
    assert "只能写自己的会员" in taken.refused_rows.get().problems[0]["reason_zh"]


def test_another_association_s_row_is_neither_changed_nor_opened(client, clerk, registered):
    foreign = record(members_of("XH-0002")[0])
    entry = add(foreign, registered)
    with pytest.raises(Forbidden):
        services.change(RECORDS, "R-1", {**foreign, "association": "XH-0001"}, seen=entry.version, reason="改成自己的",
                        by=clerk, at=AT)  # fmt: skip
    client.force_login(clerk)
    assert client.get("/work/registers/member_records/R-1/change/").status_code == 403
    assert client.get("/work/").status_code == 403
    assert client.get("/work/members/").status_code == 200
    answer = client.post("/work/registers/member_records/add/", {**record(members_of("XH-0001")[0], key="R-9"), "reason": "协会登记"})  # fmt: skip
    assert answer.status_code == 302 and client.get(answer.url).status_code == 200


def test_nothing_is_written_after_a_membership_or_consent_ended(registered):
    ended = next(row for row in desk.demo_rows(MEMBERS, 99) if row["valid_to"])
    for day in ("2026-09-01", "2026-08-01"):
        with pytest.raises(services.WrongRow) as refused:
            add(record(ended, valid_from=day), registered)
        assert any("会员资格或同意结束后" in one.remedy.zh for one in refused.value.problems)


def test_a_consent_that_the_firm_ended_is_not_revived_by_the_association(clerk):
    member = members_of("XH-0001", standing=False)[0]
    entry = services.locked(MEMBERS, member["key"])
    asked = {"seen": entry.version, "reason": "重新登记", "by": clerk, "at": AT}
    for ended in ("", "2026-12-31"):
        with pytest.raises(services.WrongRow) as refused:
            services.change(MEMBERS, member["key"], {**member, "consent_ended_on": ended}, **asked)
        assert "撤回不能取消" in refused.value.problems[0].remedy.zh
    anew = {"consent_on": "2026-11-01", "consent_paper": "TY-新", "consent_ended_on": ""}
    services.change(MEMBERS, member["key"], {**member, **anew}, **asked)
    assert [one.membership.key for one in queries.shown(member["uscc"], on=DAY)] == [member["key"]]


def test_without_an_agreement_nothing_is_taken_in(registered):
    member = members_of("XH-0004")[0]
    with pytest.raises(services.WrongRow) as refused:
        add(record(member), registered)
    assert refused.value.problems[-1].field == "association"


def test_with_the_end_of_the_membership_the_word_is_shown_no_more(clerk):
    member = members_of("XH-0001")[0]
    add(record(member), clerk)
    assert queries.shown(member["uscc"], on=DAY)[0].records
    entry = services.locked(MEMBERS, member["key"])
    services.end(MEMBERS, member["key"], last_day=DAY, seen=entry.version, reason="企业退会", by=clerk, at=AT)
    assert queries.shown(member["uscc"], on=DAY) and not queries.shown(member["uscc"], on=date(2026, 11, 21))


def test_consent_ends_on_its_day_and_an_agreement_on_its_last():
    held = {"member_from": date(2025, 1, 1), "member_to": None, "consent_on": date(2025, 1, 1)}
    assert rules.is_member(**held, consent_ended_on=date(2026, 1, 2), on=date(2026, 1, 1))
    assert not rules.is_member(**held, consent_ended_on=date(2026, 1, 2), on=date(2026, 1, 2))
    assert rules.is_shared(date(2025, 1, 1), date(2026, 1, 1), on=date(2026, 1, 1))
    assert not rules.is_shared(date(2025, 1, 1), date(2026, 1, 1), on=date(2026, 1, 2))
    assert not rules.is_shared(None, None, on=date(2026, 1, 2))


def test_a_member_s_objection_is_heard_decided_and_told_and_the_association_s_words_stay_its_own(
    client, clerk, registered
):
    member = members_of("XH-0001")[0]
    add(record(member), clerk)
    client.force_login(registered)
    typed = {"record": "R-1", "uscc": member["uscc"], "statement": "没有这件事，协会写错了企业。"}
    wrong = client.post("/work/members/objection/", {**typed, "uscc": members_of("XH-0002")[0]["uscc"]})
    assert wrong.status_code == 422 and "不是这家企业的" in wrong.content.decode()
    assert client.post("/work/members/objection/", typed).status_code == 302
    with pytest.raises(ProcedureRefused, match="在办"):
        objections.object_to("R-1", uscc=member["uscc"], statement=typed["statement"], by=registered, at=AT)
    case = MemberObjection.objects.get().case
    for task, data in (
        ("hear", {"answer": "admits", "answer_text": "写错了企业"}),
        ("decide", {"outcome": "stop", "decision_reason": "协会承认有误"}),
        ("tell", {"told_on": "2026-11-20", "told_note": "电话告知"}),
    ):
        procedures.complete(
            WorkItem.objects.get(case=case, task=task), data=data, by=registered, at=case.opened_at
        )
    case.refresh_from_db()
    assert case.status == "closed" and queries.shown(member["uscc"], on=DAY)[0].records == ()
    assert MemberRecord.objects.get(key="R-1").said.startswith("评为")


def test_the_drawing_is_sound_and_open_to_everyone(client):
    procedure = declaration.get(objections.CODE)
    assert checks.problems(procedure, procedure.drawing_text()) == []
    assert "听取协会的答复" in client.get(f"/procedures/{objections.CODE}/").content.decode()
