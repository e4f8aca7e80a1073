"""On a phone, without an account: a contract is pasted, read, changed, checked again and handed in. 390 px wide."""

import pytest
from playwright.sync_api import expect

from tests.portal.pages.test_browser import serious_violations

pytestmark = pytest.mark.browser
BAD = "第一条 会员卡一经售出，概不退款。\n第二条 会员在场内受伤，本店概不负责。"
GOOD = "第一条 会员可以随时解除合同，按实际使用结算。"


def test_a_contract_is_pasted_read_changed_and_handed_in_from_a_phone(
    transactional_db, live_server, chromium, office
):
    from zhijian.apps.consumer.contracts.models import Matter

    url = live_server.url.replace("localhost", "127.0.0.1")
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN", base_url=url)
    context.set_default_timeout(60_000)
    page = context.new_page()
    said, hosts = [], set()
    page.on("console", lambda message: said.append(message.text))
    page.on(
        "request",
        lambda request: hosts.add(request.url.split("/")[2]) if request.url.startswith("http") else None,
    )

    def look():
        assert serious_violations(page) == [], page.url
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, page.url

    page.goto("/consumer/contracts/")
    look()
    page.fill("#text", BAD)
    page.get_by_role("button", name="查一查").click()
    page.wait_for_selector("#result")
    expect(page.locator(".finding")).to_have_count(2)
    expect(page.locator("mark.term")).to_have_count(2)
    look()
    page.get_by_role("link", name="第1处提示").click()
    page.wait_for_url("**#finding-1")
    page.fill("#text", GOOD)
    page.get_by_role("button", name="查一查").click()
    page.get_by_text("没有查到不等于没有问题").wait_for()
    assert not Matter.objects.exists()
    page.fill("#text", BAD)
    page.get_by_text("把这份合同交给市场监管部门").click()
    page.fill("#firm_name", "示例店")
    page.fill("#title", "会员协议")
    page.select_option("#division_code", "440106")
    page.select_option("#trade", "fitness")
    page.get_by_role("button", name="提交这份合同").click()
    page.get_by_text("由示例天河区市场监督管理局核对").wait_for()
    assert Matter.objects.get().firm_name == "示例店"
    assert said == [] and len(hosts) == 1
    context.close()
