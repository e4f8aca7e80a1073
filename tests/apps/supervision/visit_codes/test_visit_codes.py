"""A business checks who is at its door by a code, says when they came and how it was; guessing and old codes fail."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

pytestmark = pytest.mark.database
SHANGHAI = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 9, 16, 10, 0, tzinfo=SHANGHAI)
ANSWERS = {
    "act": "feedback", "showed_certificates": "yes", "told_basis": "yes", "kept_to_items": "no",
    "asked_favours": "no", "score": "4", "words": "多看了仓库<script>",
}  # fmt: skip
TELLING = {
    "firm_name": "示例小店", "division_code": "440106", "visited_on": "2026-09-15", "claimed_unit": "自称某所",
    "words": "两个人没亮码，要看账本。", "contact": "示例13800000000",
}  # fmt: skip


@pytest.fixture
def clock(monkeypatch):
    """Let the public pages stand at a moment; calling it moves them."""

    def stand(moment):
        monkeypatch.setattr("zhijian.portal.views.visits.now", lambda: moment)
        monkeypatch.setattr("zhijian.portal.views.visits.today", moment.date)

    stand(AT)
    return stand


@pytest.fixture
def code(check, staff, clock):
    from zhijian.apps.supervision.visit_codes import services

    return services.code_of(check, by=staff.first, at=AT)


def test_a_code_holds_from_the_draw_to_the_last_day_until_a_result_is_recorded():
    from zhijian.apps.supervision.visit_codes.rules import Standing, standing
    from zhijian.apps.supervision.visit_codes.terms import feedback_until, shown_name

    first, last = date(2026, 9, 1), date(2026, 9, 30)

    def on(day, is_recorded=False):
        return standing(first=first, last=last, is_recorded=is_recorded, on=day)

    assert on(date(2026, 8, 31)) is Standing.NOT_YET
    assert on(first) is on(last) is Standing.VALID
    assert on(last, is_recorded=True) is Standing.OVER
    assert on(date(2026, 10, 1)) is Standing.EXPIRED
    assert feedback_until(last) == date(2026, 10, 15)
    assert shown_name("欧阳检", first) == "欧＊" and shown_name("示例陈检", first) == "示例陈＊"


def test_both_inspectors_show_one_code_that_is_nowhere_kept_and_nobody_else_does(check, staff, code):
    from zhijian.apps.supervision.visit_codes import services
    from zhijian.apps.supervision.visit_codes.models import VisitCode

    assert services.code_of(check, by=staff.second, at=AT) == code and len(code) == 12
    assert VisitCode.objects.count() == 1 and code not in str(VisitCode.objects.values())
    with pytest.raises(services.VisitRefused):
        services.code_of(check, by=staff.third, at=AT)
    phone = Client()
    phone.force_login(staff.first)
    task = phone.get(f"/work/checks/{check.pk}/").content.decode()
    assert (
        "data-key" in task and "<svg" in task and code not in task
    )  # the lasting code is on the notice alone


def test_the_owner_reads_team_items_and_basis_says_when_they_came_and_left_and_how_it_was(check, staff, code):
    from zhijian.apps.supervision.inspection import services as inspections
    from zhijian.apps.supervision.visit_codes.models import VisitFeedback

    owner = Client()
    assert owner.get(f"/visit/?code={code.lower().replace('-', '')}")["Location"] == "/visit/"
    page = owner.get("/visit/").content.decode()
    assert (
        "码有效" in page
        and staff.first.certificate_number in page
        and "示例陈＊" in page
        and "示例陈检" not in page
    )
    assert check.task.ordered_items[0].legal_basis in page and "/draws/2026-0312/" in page
    assert owner.post("/visit/", {"act": "left"}).status_code == 422  # before they came
    assert owner.post("/visit/", ANSWERS).status_code == 422
    for act in ("arrived", "arrived", "left"):  # pressed twice
        assert owner.post("/visit/", {"act": act}).status_code == 302
    assert owner.post("/visit/", {**ANSWERS, "score": "9"}).status_code == 422
    assert owner.post("/visit/", {**ANSWERS, "told_basis": ""}).status_code == 422
    assert owner.post("/visit/", ANSWERS).status_code == 302
    assert owner.post("/visit/", ANSWERS).status_code == 422 and VisitFeedback.objects.count() == 1
    assert "已经评价过" in owner.get("/visit/").content.decode()

    from tests.apps.supervision.inspection import casework

    inspections.begin(check, casework.HERE, certificates_shown=True, by=staff.first, at=AT)
    inspections.record_result(check, casework.NOTHING_FOUND, by=staff.first, at=AT)
    assert "不能再用来入企" in owner.get("/visit/").content.decode()


def test_the_code_on_the_phones_changes_and_proves_who_shows_it_for_some_minutes(
    check, staff, clock, monkeypatch
):
    from zhijian.apps.supervision.visit_codes import services

    shown = services.phone_code_of(check, by=staff.first, at=AT)
    assert shown.code == services.phone_code_of(check, by=staff.second, at=AT + timedelta(minutes=4)).code
    assert shown.code != services.phone_code_of(check, by=staff.first, at=AT + timedelta(minutes=5)).code
    owner = Client()
    assert owner.post("/visit/", {"code": shown.code.lower()}).status_code == 302
    assert "刚刚亮在检查人员的手机上" in owner.get("/visit/").content.decode()
    clock(AT + timedelta(minutes=9))  # typing takes its time
    assert Client().post("/visit/", {"code": shown.code}).status_code == 302
    clock(AT + timedelta(minutes=10))  # a picture taken of the phone
    assert Client().post("/visit/", {"code": shown.code}).status_code == 422
    assert owner.post("/visit/", {"act": "arrived"}).status_code == 302  # who typed it in time stays in
    wrong = shown.code[:-1] + ("0" if shown.code[-1] != "0" else "1")
    for code in (wrong, "ZZZZ" + shown.code[4:], "0" * 40, shown.code[:9]):
        assert services.find(code, at=AT) is None
    phone = Client()
    phone.force_login(staff.first)
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT)
    assert shown.code in phone.get(f"/work/checks/{check.pk}/code/").content.decode()
    phone.force_login(staff.third)
    assert phone.get(f"/work/checks/{check.pk}/code/").status_code in (403, 404)


def test_a_notice_proves_the_check_and_asks_for_the_phone_at_the_door(check, code):
    owner = Client()
    owner.post("/visit/", {"code": code})
    assert "请再核对他们手机上的码" in owner.get("/visit/").content.decode()


def test_an_expired_code_says_so_and_lets_nobody_in(check, code, clock):
    clock(AT + timedelta(days=20))
    owner = Client()
    owner.post("/visit/", {"code": code})
    assert "已经到期" in owner.get("/visit/").content.decode()
    assert owner.post("/visit/", {"act": "arrived"}).status_code == 422


def test_guessed_codes_are_all_alike_and_soon_refused(check, code):
    guesser = Client()
    guesser.get("/visit/")  # gets its device
    answers = [guesser.post("/visit/", {"code": f"AAAA-AAAA-{n:02d}"}) for n in range(12)]
    assert [one.status_code for one in answers] == [422] * 10 + [429] * 2
    assert check.entity_name not in "".join(one.content.decode() for one in answers)
    assert guesser.post("/visit/", {"code": code}).status_code == 429  # a right one neither, within the hour
    assert Client().post("/visit/", {"code": "\x00<script>"}).status_code in (400, 422)


def test_a_visit_without_a_code_is_for_the_leaders_of_the_place_alone(staff, clock, django_user_model):
    from zhijian.apps.supervision.visit_codes.models import UncodedVisit
    from zhijian.security.models import Organisation

    told = Client().post("/visit/without-code/", TELLING)
    visit = UncodedVisit.objects.get()
    assert visit.number in told.content.decode() and "13800000000" not in visit.contact_sealed
    for wrong in (
        {"visited_on": "2026-09-17"},
        {"visited_on": "昨天"},
        {"division_code": "440000"},
        {"words": " "},
    ):
        assert Client().post("/visit/without-code/", {**TELLING, **wrong}).status_code == 422

    def reader(username, unit, *roles):
        browser = Client()
        browser.force_login(
            django_user_model.objects.create(username=username, organisation=unit, roles=list(roles))
        )
        return browser

    elsewhere = Organisation.objects.create(
        code="GD-440305", name="示例南山局", name_en="Nanshan", level="county", division_code="440305"
    )
    address = f"/work/visits/{visit.number}/"
    assert reader("i", staff.unit, "inspector").get(address).status_code == 403
    assert reader("a", staff.unit, "auditor").get(address).status_code == 403
    assert reader("far", elsewhere, "leader").get(address).status_code == 403
    assert visit.number not in reader("aud", staff.unit, "auditor").get("/work/visits/").content.decode()
    leader = reader("boss", staff.unit, "leader")
    assert visit.number in leader.get("/work/visits/").content.decode()
    assert "13800000000" in leader.get(address).content.decode()
    assert leader.post(address, {"outcome": "x", "words": "w"}).status_code == 422
    assert leader.post(address, {"outcome": "not_ours", "words": "已报警。"}).status_code == 302
    assert leader.post(address, {"outcome": "ours", "words": "again"}).status_code == 422
    assert "已报警" in leader.get(address).content.decode()


def test_units_read_what_businesses_say_without_learning_who(check, staff, code, django_user_model):
    from tests.apps.supervision.inspection import casework
    from zhijian.apps.supervision.inspection import services as inspections

    inspections.begin(check, casework.HERE, certificates_shown=True, by=staff.first, at=AT)
    owner = Client()
    owner.post("/visit/", {"code": code})
    owner.post("/visit/", {"act": "arrived"})
    owner.post("/visit/", ANSWERS)
    leader = Client()
    leader.force_login(
        django_user_model.objects.create(username="b", organisation=staff.unit, roles=["leader"])
    )
    page = leader.get("/work/visits/").content.decode()
    assert "评价1件" in page and "多看了仓库&lt;script&gt;" in page
    assert check.entity_name not in page and check.uscc not in page
    table = leader.get("/work/visits/?format=csv").content.decode()
    assert f"{staff.unit.name},1,1,1,4.00,0,0,1,0,1" in table
    inspector = Client()
    inspector.force_login(staff.first)
    assert inspector.get("/work/visits/").status_code == 403


def test_what_the_firm_says_by_its_account_counts_instead_of_what_a_holder_of_the_code_said(
    check, staff, code, monkeypatch
):
    from tests.apps.supervision.inspection import casework
    from zhijian.apps.supervision.inspection import services as inspections
    from zhijian.apps.supervision.visit_codes import queries, services
    from zhijian.apps.supervision.visit_codes.models import VisitFeedback, VisitStep
    from zhijian.security.models import BusinessPerson

    inspections.begin(check, casework.HERE, certificates_shown=True, by=staff.first, at=AT)
    best = services.Opinion(True, True, True, False, 5, "很好")
    services.say(check, "arrived", by=None, at=AT)  # an inspector, who has the code
    services.give_feedback(check, best, by=None, at=AT)
    assert [one.score for one in queries.by_unit("440106", 2026)] == [5.0]
    firm = BusinessPerson.objects.create(
        display_name="示例负责人", uscc=check.uscc, firm_name=check.entity_name, role="manager", username="b-visit-1",
        created_at=AT, is_synthetic=True,
    )  # fmt: skip
    owner = Client()
    owner.post("/visit/", {"code": code})
    monkeypatch.setattr("zhijian.portal.views.visits.business.person_of", lambda request: firm)
    page = owner.get("/visit/").content.decode()
    assert "有人凭码确认到场" in page and "他们到了" in page and "已经评价过" not in page
    later = AT + timedelta(minutes=20)
    mine = services.say(check, "arrived", by=firm, at=later)
    assert services.say(check, "arrived", by=firm, at=later + timedelta(hours=1)) == mine
    services.give_feedback(check, services.Opinion(False, True, True, True, 1, "要过烟"), by=firm, at=later)
    with pytest.raises(services.VisitRefused):
        services.give_feedback(check, best, by=firm, at=later)
    with pytest.raises(services.VisitRefused):
        services.give_feedback(check, best, by=None, at=later)
    [told] = queries.by_unit("440106", 2026)
    assert (told.confirmed, told.answers, told.score, told.favours) == (1, 1, 1.0, 1)
    assert [words for _, _, words in queries.words_said("440106", 2026)] == ["要过烟"]
    assert queries.times_of([check.number])[check.number]["arrived"] == later
    assert VisitStep.objects.count() == VisitFeedback.objects.count() == 2  # both are kept
    page = owner.get("/visit/").content.decode()
    assert "有人凭码确认到场" not in page and "已经评价过" in page


def test_the_notice_of_a_check_carries_the_code(check, staff, code):
    from zhijian.apps.supervision.visit_codes import paperwork

    paper = paperwork.notice(check, by=staff.first, at=AT)
    assert paperwork.notice(check, by=staff.second, at=AT).pk == paper.pk
    words = "".join(paper.content["paragraphs"])
    assert code in words and staff.first.certificate_number in words and "/visit/" in words
    assert paperwork.check_paper(check.number, staff.second) == check.uscc
