"""The leader's board at 390 px, down to a case's list, and the wall at 1920 × 1080 by its key, in a real browser."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.portal.pages.test_browser import serious_violations
from zhijian.apps.plan.board import services
from zhijian.apps.plan.board.keeping import CHECKED, COMPLAINED, OPENED, REGISTERED, RISEN, Happening, keep
from zhijian.portal.views.register import now, today

pytestmark = pytest.mark.browser


@pytest.fixture
def site(transactional_db, live_server, inspected):
    """The town with a leader of its city and a board of last night; `site.url` is the root, `site.key` a wall's."""
    last = today() - timedelta(days=1)
    kept = [
        Happening(COMPLAINED, last, "440106", "M0101", 40, is_synthetic=True),
        Happening(COMPLAINED, last - timedelta(days=8), "440104", "M0601", 10, is_synthetic=True),
        Happening(COMPLAINED, last, "440104", "M0601", 3, is_synthetic=True),
    ]
    ends = dict.fromkeys((REGISTERED, CHECKED, COMPLAINED, OPENED, RISEN), last)
    keep(kept, ["44", "4401"], ends, day=last, at=now())
    leader = inspected.officer("leader", "leader", division="440000")
    inspected.key = services.make_key("大厅", by=leader, at=now())
    inspected.leader = leader
    inspected.url = live_server.url.replace("localhost", "127.0.0.1")
    return inspected


@pytest.fixture
def opened(chromium, site):
    """Open pages in a browser of a size; it keeps what the console said."""
    contexts = []

    def at(width, height):
        context = chromium.new_context(
            viewport={"width": width, "height": height}, locale="zh-CN", base_url=site.url
        )
        contexts.append(context)
        page = context.new_page()
        page.said = []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        return page

    yield at
    for context in contexts:
        context.close()


def is_within(page):
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_on_a_phone_a_leader_reads_what_changed_and_opens_what_stands_behind_it(site, opened, client):
    client.force_login(site.leader)
    page = opened(390, 844)
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site.url}]
    )
    page.goto("/work/leader/")
    lead = page.locator(".board-news .lead")
    expect(lead).to_contain_text("投诉和举报：近7天43件，比前7天多33件")
    assert lead.bounding_box()["y"] < 520  # in sight without scrolling
    assert is_within(page) and serious_violations(page) == []
    page.get_by_role("link", name="广州 43").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("投诉和举报")
    assert is_within(page) and page.said == []


def test_the_wall_fits_its_screen_opens_by_its_key_and_hides_small_counts(site, opened):
    page = opened(1920, 1080)
    page.goto("/wall/?topic=complained")
    page.locator("#key").fill(site.key)
    page.get_by_role("button", name="打开大屏").click()
    page.goto("/wall/?topic=complained")
    expect(page.get_by_role("heading", level=1)).to_contain_text("全省市场监管看板")
    expect(page.locator(".wall-news")).to_contain_text("投诉和举报：近7天43件")
    expect(page.locator(".outline-map")).to_contain_text("广州 43")
    assert is_within(page) and page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    assert page.locator("main a").count() == 0
    found = [rule for rule, _where in serious_violations(page)]
    assert found == [
        "meta-refresh"
    ]  # on purpose: nobody reads a wall by keyboard, and nothing is typed there
