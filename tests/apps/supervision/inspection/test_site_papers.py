"""The papers of a check: 《行政处罚法》第二十八条, 《市场监督管理行政处罚程序规定》第八十二条. Made, printed, delivered, read by the firm."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from zhijian.apps.supervision.inspection import site_rules
from zhijian.apps.supervision.inspection.rules import State
from zhijian.apps.supervision.inspection.site_rules import ORDER, RECORD, Delivery

pytestmark = pytest.mark.django_db


@pytest.fixture
def site_papers():
    from zhijian.apps.supervision.inspection import site_papers

    return site_papers


@pytest.fixture
def refused():
    from zhijian.apps.supervision.inspection import policies

    return policies


@pytest.fixture
def firm(check, steps):
    """Somebody signed in for the checked firm."""
    from zhijian.security.models import BusinessPerson

    BusinessPerson.objects.create(
        uscc=check.uscc, firm_name=check.entity_name, username="he", display_name="示例何", role="reader",
        password=make_password("correct horse battery"), created_at=steps.AT, is_synthetic=True,
    )  # fmt: skip
    browser = Client()
    browser.post("/my/sign-in/", {"uscc": check.uscc, "username": "he", "password": "correct horse battery"})
    return browser


def inspector(officer):
    browser = Client()
    browser.force_login(officer)
    return browser


BY_HAND = Delivery("in_person", receiver="示例店长")


@pytest.mark.parametrize(
    ("kind", "state", "has_order", "is_possible"),
    [
        (RECORD, State.ON_SITE, True, False),
        (RECORD, State.RESULT_ENTERED, False, True),
        (RECORD, State.RETURNED, True, False),
        (ORDER, State.RESULT_ENTERED, True, False),
        (ORDER, State.CONFIRMED, True, True),
        (ORDER, State.CONFIRMED, False, False),
        ("letter", State.CONFIRMED, True, False),
    ],
)
def test_a_record_follows_the_result_and_an_order_the_second_inspector(kind, state, has_order, is_possible):
    assert (site_rules.paper_problems(kind, state, has_order=has_order) == []) is is_possible


@pytest.mark.parametrize(
    ("delivery", "has_account", "field"),
    [
        (BY_HAND, False, None),
        (Delivery("in_person", receiver=" "), True, "receiver"),
        (Delivery("online", has_consent=True), True, None),
        (Delivery("online", has_consent=True), False, "way"),
        (Delivery("online"), True, "has_consent"),
        (Delivery("left", reason="拒"), True, "reason"),
        (Delivery("left", reason="当事人拒收，已录像"), False, None),
        (Delivery("sms", receiver="示例店长"), True, "way"),
    ],
)
def test_each_way_of_delivery_asks_for_what_proves_it(delivery, has_account, field):
    problems = site_rules.delivery_problems(delivery, has_account=has_account)
    assert [one.field for one in problems] == ([field] if field else [])


def test_an_order_is_challenged_within_sixty_days_or_six_months_of_its_delivery():
    terms = site_rules.remedies_of_order(date(2026, 9, 16))
    assert (terms.reconsideration_by, terms.suit_by) == (date(2026, 11, 15), date(2027, 3, 16))


def test_the_record_says_what_was_found_how_it_was_signed_and_is_made_once(
    entered, staff, steps, site_papers
):
    made = site_papers.write(entered, RECORD, by=staff.first, at=steps.AT)
    text = "".join(made.content["paragraphs"])
    assert "散装红豆2箱未标明生产日期" in text and "6 发现问题已责令改正" in text and "2026年9月30日" in text
    assert made.title == "现场检查记录" and made.number.endswith("号")
    assert site_papers.write(entered, RECORD, by=staff.second, at=steps.AT).pk == made.pk


def test_only_the_two_inspectors_make_papers_and_no_order_goes_out_unconfirmed(
    entered, staff, steps, site_papers, refused
):
    with pytest.raises(refused.WrongPerson):
        site_papers.write(entered, RECORD, by=staff.third, at=steps.AT)
    with pytest.raises(refused.Incomplete, match="第二名检查人员还没有确认"):
        site_papers.write(entered, ORDER, by=staff.first, at=steps.AT)


@pytest.mark.database
def test_a_new_version_of_the_result_has_its_own_record_beside_the_old(entered, staff, steps, site_papers):
    first = site_papers.write(entered, RECORD, by=staff.first, at=steps.AT)
    steps.services.send_back(entered, "请补充批号", by=staff.second, at=steps.AT)
    steps.services.record_result(entered, steps.PROBLEM_FOUND, by=staff.first, at=steps.AT)
    second = site_papers.write(entered, RECORD, by=staff.first, at=steps.AT + timedelta(minutes=1))
    assert second.pk != first.pk and "代替以前各版" in second.content["paragraphs"][0]
    assert [(one.version, one.is_replaced) for one in site_papers.papers_of(entered)] == [
        (2, False),
        (1, True),
    ]


@pytest.mark.database
def test_the_firm_reads_a_paper_from_its_delivery_on_with_the_last_days_to_challenge_it(
    confirmed, staff, steps, site_papers, firm
):
    from zhijian.apps.supervision.inspection import visits

    order = site_papers.write(confirmed, ORDER, by=staff.first, at=steps.AT)
    assert "2026年9月30日" in "".join(order.content["paragraphs"])
    assert firm.get(f"/my/papers/{order.pk}/").status_code == 404
    assert visits.orders_of(confirmed.uscc) == []
    site_papers.deliver(confirmed, order, BY_HAND, by=staff.first, at=steps.AT)
    assert firm.get(f"/my/papers/{order.pk}/").content[:4] == b"%PDF"
    (order_due,) = visits.orders_of(confirmed.uscc)  # the firm holds it, also before the result is public
    assert order_due[0] == date(2026, 9, 30)
    page = firm.get(f"/my/checks/{confirmed.pk}/").content.decode()
    for words in (order.number, "2026-11-15", "2027-03-16", "6　发现问题已责令改正", "前改正"):
        assert words in page


def test_a_record_is_nobody_elses_and_not_read_before_both_stand_behind_it(entered, staff, steps, firm):
    assert firm.get(f"/my/checks/{entered.pk}/").status_code == 404
    steps.services.confirm_by_second(entered, by=staff.second, at=steps.AT)
    assert firm.get(f"/my/checks/{entered.pk}/").status_code == 200
    type(entered).objects.filter(pk=entered.pk).update(uscc="91440106MA9XH0T99X")
    assert firm.get(f"/my/checks/{entered.pk}/").status_code == 404


@pytest.mark.database
def test_a_paper_is_delivered_once_and_by_the_internet_only_with_account_and_consent(
    confirmed, staff, steps, site_papers, refused
):
    made = site_papers.write(confirmed, RECORD, by=staff.first, at=steps.AT)
    with pytest.raises(refused.Incomplete, match="还没有开通账号"):
        site_papers.deliver(
            confirmed, made, Delivery("online", has_consent=True), by=staff.first, at=steps.AT
        )
    assert site_papers.papers_of(confirmed)[0].delivered_on is None
    site_papers.deliver(confirmed, made, BY_HAND, by=staff.first, at=steps.AT)
    assert site_papers.papers_of(confirmed)[0].delivered_on == date(2026, 9, 16)
    with pytest.raises(refused.NotNow):
        site_papers.deliver(confirmed, made, BY_HAND, by=staff.first, at=steps.AT)


@pytest.mark.parametrize(
    ("kind", "delivered_on", "last_day"),
    [
        ("order_correction", None, date(2026, 9, 28)),
        ("order_correction", date(2026, 9, 18), date(2026, 9, 28)),
        (
            "order_correction",
            date(2026, 9, 21),
            date(2026, 10, 8),
        ),  # 1 October and what follows is no working day
        ("recheck", date(2026, 9, 21), date(2026, 9, 28)),
    ],
)
def test_an_order_to_publish_runs_ten_days_from_its_receipt_and_one_to_correct_until_its_day(
    kind, delivered_on, last_day
):
    assert site_rules.order_ends_on(kind, date(2026, 9, 28), delivered_on=delivered_on) == last_day


@pytest.mark.database
def test_an_order_whose_last_day_is_over_is_neither_made_nor_delivered(
    confirmed, staff, steps, site_papers, refused
):
    last_day, after = steps.AT + timedelta(days=14), steps.AT + timedelta(days=15)
    with pytest.raises(refused.Incomplete, match="2026-09-30已经过了"):
        site_papers.write(confirmed, ORDER, by=staff.first, at=after)
    order = site_papers.write(confirmed, ORDER, by=staff.first, at=last_day)
    with pytest.raises(refused.Incomplete, match="2026-09-30已经过了"):
        site_papers.deliver(confirmed, order, BY_HAND, by=staff.first, at=after)
    assert site_papers.deliver(confirmed, order, BY_HAND, by=staff.first, at=last_day)


@pytest.mark.database
def test_what_the_result_no_longer_says_is_not_delivered(published, staff, steps, site_papers, refused):
    order = site_papers.write(published, ORDER, by=staff.first, at=steps.AT)
    steps.corrected(published, steps.NOTHING_FOUND, "食品标签系另一家企业", staff=staff, at=steps.AT)
    with pytest.raises(refused.NotNow, match="第1版"):
        site_papers.deliver(published, order, BY_HAND, by=staff.first, at=steps.AT)


@pytest.mark.database
def test_one_order_names_all_that_is_ordered_and_who_is_to_publish_has_ten_days_from_its_receipt(
    on_site, staff, steps, site_papers, firm
):
    from zhijian.apps.supervision.inspection import policies, visits
    from zhijian.apps.supervision.inspection.ending_rules import Told
    from zhijian.apps.supervision.inspection.models import FollowUp

    both = type(steps.PROBLEM_FOUND)(**{**vars(steps.PROBLEM_FOUND), "codes": ("6", "3")})
    steps.services.record_result(on_site, both, by=staff.first, at=steps.AT)
    steps.services.confirm_by_second(on_site, by=staff.second, at=steps.AT)
    later = steps.AT + timedelta(days=5)
    order = site_papers.write(on_site, ORDER, by=staff.first, at=later)
    text = "".join(order.content["paragraphs"])
    assert "于2026年9月30日以前（含当日）改正；自收到本通知之日起10日内公示" in text
    assert "《企业经营异常名录管理办法》第七条" in text
    site_papers.deliver(on_site, order, BY_HAND, by=staff.first, at=later)
    assert {day for day, _ in visits.orders_of(on_site.uscc)} == {date(2026, 9, 30), date(2026, 10, 8)}
    assert "2026-10-08" in firm.get(f"/my/checks/{on_site.pk}/").content.decode()
    found = FollowUp.objects.get(kind="order_correction")
    asked = steps.services._asked(found, later.date(), None)
    assert (found.due_on, asked.order_ends_on) == (date(2026, 9, 28), date(2026, 10, 8))
    with pytest.raises(policies.Incomplete):
        steps.services.close_follow_up(found, Told("listed"), by=staff.first, at=later)
    page = inspector(staff.first).get(f"/work/follow-ups/{found.pk}/").content.decode()
    assert "自收到责令起算" in page and "2026-10-08" in page


def test_a_paper_of_a_check_is_delivered_on_its_own_page_alone(confirmed, staff, steps, site_papers):
    made = site_papers.write(confirmed, RECORD, by=staff.first, at=steps.AT)
    told = {"way": "phone", "to_whom": "示例店长", "proof": "电话", "served_at": "2026-09-16T11:00"}
    answer = inspector(staff.third).post(f"/work/documents/{made.pk}/", told)
    assert answer.status_code == 422 and "检查文书" in answer.content.decode()
    assert not made.services.exists()


def test_a_paper_of_another_check_is_not_delivered_here(confirmed, staff, steps, site_papers, a_draw):
    from zhijian.security.permissions import Forbidden

    made = site_papers.write(confirmed, RECORD, by=staff.first, at=steps.AT)
    other = steps.services.dispatch(a_draw(plan_id="2026-0313"), by=staff.drawer, at=steps.AT).checks.get()
    with pytest.raises(Forbidden):
        site_papers.deliver(other, made, BY_HAND, by=staff.first, at=steps.AT)


def test_the_page_makes_prints_and_delivers_and_says_what_is_missing(confirmed, staff):
    browser, address = inspector(staff.first), f"/work/checks/{confirmed.pk}/papers/"
    page = browser.get(address).content.decode()
    assert "出具检查记录" in page and "出具责令改正通知书" in page
    assert browser.post(address, {"action": "write", "kind": "site_record"}).status_code == 302
    page = browser.get(address)
    (paper,) = page.context["papers"]
    assert "58毫米小票" in page.content.decode() and "出具检查记录" not in page.content.decode()
    answer = browser.post(address, {"action": "deliver", "paper": str(paper.document.pk), "way": "in_person"})
    assert answer.status_code == 422 and "请写明谁签收" in answer.content.decode()
    sent = {"action": "deliver", "paper": str(paper.document.pk), "way": "in_person", "receiver": "示例店长"}
    assert browser.post(address, sent).status_code == 302
    assert "已送达" in browser.get(address).content.decode()
    for nothing in ("", "1"):
        assert browser.post(address, {**sent, "paper": nothing}).status_code == 404


def test_a_colleague_of_the_area_reads_the_papers_and_makes_none(confirmed, staff):
    browser, address = inspector(staff.third), f"/work/checks/{confirmed.pk}/papers/"
    assert "出具检查记录" not in browser.get(address).content.decode()
    assert browser.post(address, {"action": "write", "kind": "site_record"}).status_code == 403


@pytest.mark.parametrize(
    ("asked", "page"), [("58", "roll58"), ("80", "roll80"), ("a4", "sheet"), ("9", "sheet")]
)
def test_a_paper_is_printed_on_the_roll_that_was_chosen(confirmed, staff, steps, site_papers, asked, page):
    made = site_papers.write(confirmed, RECORD, by=staff.first, at=steps.AT)
    shown = inspector(staff.first).get(f"/work/documents/{made.pk}/print/?width={asked}").content.decode()
    assert f'data-page="{page}"' in shown and made.number in shown and "合成数据" in shown


def test_the_invented_province_hands_papers_over_once(published, steps, site_papers):
    from zhijian.operations.demo import onsite

    later = steps.AT + timedelta(days=60)  # the demonstration is made long after its invented checks
    assert onsite.hand_over(published.task, now=later) == 2  # the record and the order
    assert {one.deliveries[0].way for one in site_papers.papers_of(published)} == {"left"}
    assert onsite.hand_over(published.task, now=later) == 0
