"""A drawing is changed in the modeller, checked, compared and published; a case is worked on from the inbox."""

from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from tests.portal.pages import sketched
from zhijian.security import factors

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SERIOUS = {"serious", "critical"}


@pytest.fixture
def place(transactional_db, _quick_passwords):
    sketched.declare()
    return sketched.Place()


@pytest.fixture
def browse(chromium, live_server, monkeypatch):
    """Sign somebody in at a width, as where no role needs a second factor; whatever the console says fails the test at its end."""
    monkeypatch.setattr(factors, "REQUIRED_ROLES", SimpleNamespace(on=lambda day: []))
    opened, noise = [], []

    def as_officer(name, *, width=1440):
        root = live_server.url.replace("localhost", "127.0.0.1")
        context = chromium.new_context(
            base_url=root, viewport={"width": width, "height": 844}, locale="zh-CN"
        )
        opened.append(context)
        page = context.new_page()
        page.on("console", lambda message: noise.append(message.text))
        page.on("pageerror", lambda problem: noise.append(str(problem)))
        page.goto("/sign-in/?next=/work/cases/")
        page.fill("input[name=username]", name)
        page.fill("input[name=password]", sketched.PASSWORD)
        page.click("main form button.btn-primary")
        page.wait_for_url("**/work/cases/")
        return page

    yield as_officer
    for context in opened:
        context.close()
    assert noise == []


def assert_accessible(page):
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in SERIOUS] == []


def test_a_drawing_is_changed_and_published_and_a_case_goes_on_by_keyboard(browse, place):
    case, base = place.case(), f"/work/procedures/{sketched.CODE}"
    page = browse("keeper")
    page.goto(f"{base}/")
    page.click("text=打开建模器")
    page.wait_for_selector("[data-canvas][data-ready]")
    expect(page.locator(".bjs-powered-by")).to_be_visible()
    assert_accessible(page)
    page.select_option("#element-choice", "mediate")
    expect(page.locator("#property-role")).to_have_value("handler")
    page.fill("#property-article", "《消费者权益保护法》第三十九条")
    page.fill("#element-name", "组织双方调解")
    page.press("#element-name", "Tab")
    page.click("text=先检查")
    page.wait_for_selector("text=检查通过")
    page.fill("#note", "条文改为消法")
    page.click("button:has-text('存为新草稿')")
    page.wait_for_url(f"**{base}/")
    page.click("text=与第1版比较")
    expect(page.locator("h2:has-text('有1处不同')")).to_be_visible()
    expect(page.locator("[data-element=mediate].changed")).to_have_count(2)
    assert_accessible(page)
    page.goto(f"{base}/versions/2/publish/")
    page.click("button:has-text('发布第2版')")
    page.wait_for_selector("text=第2版已发布")

    page = browse("handler", width=390)
    page.goto("/work/cases/?scope=unit")
    assert_accessible(page)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/work/cases/{case.pk}/**")
    page.click("button:has-text('办结“登记投诉”')")
    page.wait_for_selector("text=“登记投诉”已办")
    page.click("summary:has-text('流程图')")
    expect(page.locator("svg.drawing [data-element=screen].current")).to_be_visible()
    before = page.locator("svg.drawing").bounding_box()["width"]
    page.click("[data-zoom=in]")
    assert page.locator("svg.drawing").bounding_box()["width"] > before
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert_accessible(page)
