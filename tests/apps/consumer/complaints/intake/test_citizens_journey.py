"""A citizen complains about a shop from a phone, with a photo, and sees receipt and status. 390 px wide."""

from datetime import datetime
from unittest.mock import patch

import pytest
from playwright.sync_api import expect

from tests.apps.consumer.complaints.intake import citizen
from tests.portal.pages.test_browser import MOST_BYTES, MOST_REQUESTS, serious_violations, weight
from zhijian.standards.calendar import ZONE

pytestmark = pytest.mark.browser
NOW = datetime(2026, 11, 22, 10, 42, tzinfo=ZONE)


@pytest.fixture
def phone(transactional_db, live_server, chromium, shops, units):
    url = live_server.url.replace("localhost", "127.0.0.1")
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN", base_url=url)
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.said, page.asked = [], []
    page.on("console", lambda message: page.said.append(message.text))
    page.on("response", lambda response: page.asked.append(response))
    with patch("zhijian.apps.consumer.complaints.public_pages._now", return_value=NOW):
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


def test_a_citizen_complains_about_a_shop_from_a_phone_with_a_photo(phone, units):
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
    expect(phone.locator("aside.stack")).to_contain_text("示例区局")  # said before anything is sent
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
    assert phone.said == [
        "Failed to load resource: the server responded with a status of 422 (Unprocessable Entity)"
    ]
    assert [
        one.url for one in phone.asked if "127.0.0.1" not in one.url and not one.url.startswith("data:")
    ] == []


def go_on(page):
    page.get_by_role("button", name="继续").click()
