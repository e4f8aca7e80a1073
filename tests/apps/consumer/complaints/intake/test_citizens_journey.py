"""A citizen complains about a shop from a phone; the county accepts, mediates, agrees and publishes; she rates it.

Receipt and status are read on the phone, 390 px wide; the shop's page and the statistics tell of it afterwards.
"""

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.apps.consumer.complaints.intake import citizen
from tests.portal.pages.test_browser import MOST_BYTES, MOST_REQUESTS, serious_violations, weight
from zhijian.standards.calendar import ZONE

pytestmark = pytest.mark.browser
NOW = datetime(2026, 11, 22, 10, 42, tzinfo=ZONE)


@pytest.fixture
def phone(transactional_db, live_server, chromium, shops, office, clock):
    clock(NOW)
    url = live_server.url.replace("localhost", "127.0.0.1")
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN", base_url=url)
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.said, page.asked = [], []
    page.on("console", lambda message: page.said.append(message.text))
    page.on("response", lambda response: page.asked.append(response))
    yield page
    context.close()


def look(page):
    """The page is accessible, fits the phone, and what is to be pressed is large enough."""
    assert serious_violations(page) == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, page.url
    small = page.evaluate(
        "() => [...document.querySelectorAll('.btn, .box, summary, .form-control, .strip a, .strip button, .change a')]"
        ".filter((one) => one.offsetParent && one.getBoundingClientRect().height < 43.5)"
        ".map((one) => one.outerHTML.slice(0, 90))"
    )
    assert small == [], page.url


def complain(phone):
    """Fill in every page, send, and read the status with the receipt; return its number and code."""
    phone.goto("/complain/")
    asked = [one for one in phone.asked if not one.url.startswith("data:")]
    assert len(asked) <= MOST_REQUESTS and weight(asked)[0] <= MOST_BYTES
    look(phone)
    phone.get_by_role("button", name="开始填写").click()
    phone.get_by_label("让店家退款、换货、修理或赔偿").check()
    go_on(phone)
    phone.get_by_label("在店里，或者上门服务").check()
    go_on(phone)
    phone.fill("#id_q", "禾满")
    phone.get_by_role("button", name="找这家店").click()
    look(phone)
    phone.get_by_role("button", name="广东示例禾满食品有限公司").click()
    phone.fill("#id_facts", "有虫")
    go_on(phone)
    expect(phone.locator(".error-summary")).to_be_focused()
    look(phone)
    phone.fill("#id_facts", "买了两袋红豆，打开有虫，店家不肯退。")
    go_on(phone)
    expect(phone.locator("aside.stack")).to_contain_text("示例天河区局")  # said before anything is sent
    phone.get_by_label("退款").check()
    phone.locator("[name=for_daily_life][value=yes]").check()
    phone.get_by_label("没有").check()
    go_on(phone)
    photo = {"name": "小票.jpg", "mimeType": "image/jpeg", "buffer": citizen.photo()}
    phone.set_input_files("#id_files", files=[photo])
    phone.get_by_role("button", name="加上").click()
    expect(phone.locator(".file-row")).to_contain_text("小票.jpg")
    look(phone)
    go_on(phone)
    for name, value in citizen.WANTS["contact"].items():
        phone.fill(f"#id_{name}", value)
    go_on(phone)
    phone.locator("[name=publish][value=yes]").check()
    phone.locator("[name=delegate][value=no]").check()
    phone.get_by_label("我写的都是真的").check()
    go_on(phone)
    look(phone)
    phone.get_by_role("button", name="送出投诉").click()
    expect(phone.locator("aside.stack")).to_contain_text("2026年12月1日")
    look(phone)
    number, code = phone.locator("#receipt").inner_text(), phone.locator("#code").inner_text()
    phone.context.clear_cookies()
    phone.goto("/complain/status/")
    phone.fill("#id_number", number)
    phone.fill("#id_code", code)
    phone.get_by_role("button", name="查进度").click()
    expect(phone.locator("[aria-current=step]")).to_contain_text("审查是否受理")
    expect(phone.locator("#messages")).to_contain_text("小票.jpg")
    look(phone)
    return number, code


def hand_in(page, case_id, **answers):
    """Fill in the open step's form, as an officer does, and finish the step."""
    page.goto(f"/work/cases/{case_id}/", wait_until="domcontentloaded")
    for name, value in answers.items():
        if value is True:
            page.check(f"#doing [name={name}]")
        elif name in ("outcome", "mode"):
            page.check(f"#doing [name={name}][value={value}]")
        else:
            page.fill(f"#doing [name={name}]", value)
    with page.expect_navigation(wait_until="load"):
        page.click("#doing .actions .btn-primary")
    assert page.locator(".error-summary").count() == 0, page.locator(".error-summary").inner_text()


def settle(desk, office, case_id):
    """Accept, mediate, agree and publish, each by the officer whose step it is."""
    handler = desk(office.handler)
    hand_in(desk(office.intake, width=390), case_id, outcome="pass")
    hand_in(handler, case_id, outcome="accept", contact="示例李 020-12315")
    hand_in(handler, case_id, outcome="mediate", mode="on_site", mediators="示例王")
    hand_in(
        desk(office.mediator),
        case_id,
        outcome="agreed",
        mode="on_site",
        held_on=(NOW + timedelta(days=1)).date().isoformat(),
        statement="双方到场，商家承认红豆生虫。",
        agreement="退款58元。",
        agreed_yuan="58.00",
    )
    hand_in(
        handler,
        case_id,
        is_upheld=True,
        finding="核对小票与实物，情况属实。",
        wants_publication=True,
        public_summary="出售生虫红豆，调解后退款。",
    )
    assert handler.locator(".case-head .pill").first.inner_text()


def rate(phone, number, code):
    phone.goto("/complain/status/")
    if phone.locator("#id_number").count():
        phone.fill("#id_number", number)
        phone.fill("#id_code", code)
        phone.get_by_role("button", name="查进度").click()
    phone.get_by_role("link", name="评价处理").click()
    look(phone)
    for name, value in {"is_solved": "yes", "speed": "5", "clarity": "4", "fairness": "5"}.items():
        phone.locator(f"[name={name}][value='{value}']").check()
    phone.get_by_role("button", name="送出评价").click()
    expect(phone.locator("aside.stack")).to_contain_text("您已经评价过")


def test_a_citizen_complains_from_a_phone_the_county_settles_it_and_everybody_sees_it(
    phone, desk, office, clock
):
    from zhijian.apps.consumer.complaints.models import Complaint
    from zhijian.engines.facts.models import Fact

    number, code = complain(phone)
    assert phone.said == [
        "Failed to load resource: the server responded with a status of 422 (Unprocessable Entity)"
    ]
    assert [
        one.url for one in phone.asked if "127.0.0.1" not in one.url and not one.url.startswith("data:")
    ] == []
    phone.goto("/consumer/statistics/")
    expect(phone.locator("#sums-title")).to_have_text("投诉1件，举报0件")
    expect(phone.locator(".tile", has_text="挽回经济损失")).to_contain_text("0")
    complaint = Complaint.objects.get()
    phone.goto(f"/entities/{complaint.respondent_code}/")
    expect(phone.locator("#timeline")).not_to_contain_text("出售生虫红豆")

    clock(NOW + timedelta(days=1))
    settle(desk, office, complaint.case_id)
    assert Complaint.objects.get().state == "closed"
    told = Fact.objects.filter(subject=complaint.respondent_code).values_list("kind", flat=True)
    assert set(told) == {"complaint.upheld", "complaint.published"}
    rate(phone, number, code)
    phone.reload()
    phone.goto("/consumer/statistics/")
    expect(phone.locator(".tile", has_text="挽回经济损失")).to_contain_text(
        "件数太少"
    )  # one sum names one person
    phone.goto(f"/entities/{complaint.respondent_code}/")
    expect(phone.locator("#timeline")).to_contain_text("出售生虫红豆，调解后退款")
    phone.goto("/complain/feedback/")
    expect(phone.locator("table")).to_contain_text("示例天河区局")


def go_on(page):
    page.get_by_role("button", name="继续").click()


def answer(phone, for_whom):
    """Answer on the phone up to the page after the contact."""
    phone.goto("/complain/")
    phone.get_by_role("button", name="开始填写").click()
    phone.get_by_label("让店家退款、换货、修理或赔偿").check()
    go_on(phone)
    phone.get_by_label("在店里，或者上门服务").check()
    go_on(phone)
    phone.fill("#id_q", "禾满")
    phone.get_by_role("button", name="找这家店").click()
    phone.get_by_role("button", name="广东示例禾满食品有限公司").click()
    phone.fill("#id_facts", "买了两袋红豆，打开有虫，店家不肯退。")
    go_on(phone)
    phone.get_by_label("退款").check()
    phone.locator("[name=for_daily_life][value=yes]").check()
    phone.get_by_label("没有").check()
    phone.locator(f"[name=for_whom][value={for_whom}]").check()
    go_on(phone)
    look(phone)
    go_on(phone)
    for name, value in citizen.WANTS["contact"].items():
        phone.fill(f"#id_{name}", value)
    go_on(phone)
    look(phone)


def test_on_a_phone_an_agent_or_several_together_find_their_pages(phone):
    answer(phone, "agent")
    go_on(phone)
    expect(phone.locator(".error-summary")).to_contain_text("请写委托您的人的姓名")
    look(phone)
    phone.goto("/complain/step/claim/")
    phone.locator("[name=for_whom][value=joint]").check()
    go_on(phone)
    phone.goto("/complain/step/others/")
    for name, value in {"name": "示例王甲", "phone": "13900000008", "address": "示例路8号"}.items():
        phone.fill(f"#id_{name}", value)
    phone.check("#id_represents")
    phone.get_by_role("button", name="加上这个人").click()
    expect(phone.locator("#people")).to_contain_text("代表人")
    look(phone)
