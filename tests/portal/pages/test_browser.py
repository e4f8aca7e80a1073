"""The public pages in a real browser: accessible, quiet, small, from one host; and what script adds."""

import gzip
import json
import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
MOST_REQUESTS, MOST_BYTES, MOST_SCRIPT_BYTES = 8, 130_000, 45_000
SERIOUS = {"serious", "critical"}


@pytest.fixture
def site(transactional_db, live_server, settled):
    """The town, served; `site.url` is the root."""
    settled.url = live_server.url.replace("localhost", "127.0.0.1")
    return settled


@pytest.fixture
def visit(chromium, site):
    """Open a page in a fresh browser; it keeps what the console said, what was asked for and how much came."""
    contexts = []

    def opened(path, *, width=1440, english=False, dark=False, script=True):
        context = chromium.new_context(
            viewport={"width": width, "height": 844},
            locale="zh-CN",
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
            base_url=site.url,
        )
        contexts.append(context)
        if english:
            context.add_cookies([{"name": "django_language", "value": "en", "url": site.url}])
        page = context.new_page()
        page.said, page.asked = [], []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.on("response", lambda response: page.asked.append(response))
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()


def public_paths(site):
    from zhijian.engines.facts.models import Fact

    fact = Fact.objects.get(kind="inspection.result")
    return [
        "/", "/?map=entities", "/map/?map=entities", "/entities/", "/entities/?q=示例", f"/entities/{site.HEMAN}/",
        f"/entities/{site.HEMAN}/versions/", "/draws/", "/draws/2026-0312/", "/verify/", "/results/",
        f"/results/{site.result_id}/", f"/fact/{fact.fact_id}/", "/data/", "/data/quarantine/", "/about/numbers/",
        "/plan/", "/sign-in/", "/data/exchange/", "/data/exchange/market_entities/",
    ]  # fmt: skip


def serious_violations(page):
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        (one["id"], node["html"][:120]) for one in found if one["impact"] in SERIOUS for node in one["nodes"]
    ]


def weight(responses):
    """Return bytes as a server with gzip sends them: all, and of script."""
    total = script = 0
    for response in responses:
        body = response.body()
        size = min(len(body), len(gzip.compress(body, 6)))
        total += size
        script += size if "javascript" in response.headers.get("content-type", "") else 0
    return total, script


def test_every_public_page_is_accessible_quiet_small_and_from_one_host(site, visit):
    for path in public_paths(site):
        page = visit(path)
        total, script = weight(page.asked)
        assert page.said == [], path
        assert [r.url for r in page.asked if not r.url.startswith(("data:", site.url))] == [], path
        assert len([r for r in page.asked if not r.url.startswith("data:")]) <= MOST_REQUESTS, path
        assert (total <= MOST_BYTES, script <= MOST_SCRIPT_BYTES) == (True, True), (path, total, script)
        assert serious_violations(page) == [], path
        page.context.close()


def test_nothing_scrolls_sideways_at_320_px_and_dark_keeps_its_contrast(site, visit):
    for path in public_paths(site):
        page = visit(path, width=320, dark=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        assert serious_violations(page) == [], path
        page.context.close()


def test_what_stands_alone_is_44_px_high_on_a_phone(site, visit):
    for path in ("/", "/entities/", f"/entities/{site.HEMAN}/", "/draws/2026-0312/", "/verify/"):
        page = visit(path, width=390)
        small = page.evaluate(
            """() => [...document.querySelectorAll('.btn, .links a, .facts-links a, summary, .chip, a.alone, .form-control')]
                .filter((one) => one.offsetParent && one.getBoundingClientRect().height < 43.5)
                .map((one) => one.outerHTML.slice(0, 90))"""
        )
        assert small == [], path
        page.context.close()


def test_every_word_of_the_frame_is_english_in_english(site, visit):
    """Names, addresses and the law's own words stay Chinese; headings, labels and buttons do not."""
    for path in public_paths(site):
        page = visit(path, english=True)
        assert page.locator("html").get_attribute("lang") == "en"
        words = page.evaluate(
            "() => [...document.querySelectorAll('h2, label, button, th[scope=col], dt, nav, .site-foot, .hint > a')]"
            ".map((one) => one.innerText)"
        )
        left = [
            word
            for word in words
            if re.search(r"[\u4e00-\u9fff]", word.replace("中文", "").replace("示例", ""))
        ]
        left = [word for word in left if not re.search("有限公司", word)]  # the last crumb is a firm's name
        assert left == [], path
        page.context.close()


def test_the_search_box_suggests_and_the_keyboard_chooses(site, visit):
    page = visit("/")
    box = page.get_by_role("combobox")
    box.type("禾满", delay=20)
    option = page.get_by_role("option").first
    expect(option).to_contain_text("示例禾满")
    expect(box).to_have_attribute("aria-expanded", "true")
    box.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    box.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("广东示例禾满食品有限公司")


def test_a_filter_narrows_the_list_in_place_and_the_address_keeps_it(site, visit):
    page = visit("/entities/")
    expect(page.locator("#found")).to_have_text("找到3户")
    page.select_option("#f-prefecture_code", "441800")
    expect(page.locator("#found")).to_have_text("找到1户")
    assert "prefecture_code=441800" in page.url
    assert page.said == []
    page.go_back()
    expect(page.locator("#found")).to_have_text("找到3户")


def test_without_script_search_language_and_large_text_still_work(site, visit):
    page = visit("/", script=False)
    page.fill("#home-q", "禾满")
    page.click(".hero button")
    page.get_by_role("link", name="广东示例禾满食品有限公司").click()
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="Large text").click()
    expect(page.locator("html")).to_have_class("elder")


def test_a_button_that_is_pressed_twice_on_a_slow_line_sends_once(site, visit):
    page, posts = visit("/"), []
    page.on("request", lambda one: posts.append(one.url) if one.method == "POST" else None)
    line = page.context.new_cdp_session(page)
    line.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 1500, "downloadThroughput": -1, "uploadThroughput": -1},
    )
    button = page.get_by_role("button", name="English")
    button.evaluate("one => { for (const wait of [0, 300, 600]) setTimeout(() => one.click(), wait); }")
    expect(page.locator("html")).to_have_attribute("lang", "en", timeout=30_000)
    assert len(posts) == 1


def test_the_menu_opens_on_a_phone_and_escape_closes_it(site, visit):
    page = visit("/draws/", width=390)
    expect(page.get_by_role("link", name="检查结果")).to_be_hidden()
    page.locator("[data-menu] > summary").click()
    expect(page.get_by_role("link", name="检查结果")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="检查结果")).to_be_hidden()


def test_a_draw_is_verified_on_the_device_with_the_network_off(site, visit, tmp_path):
    from zhijian.engines.draws import services
    from zhijian.engines.draws.models import Draw

    draw = Draw.objects.get()
    drawn = services.result_of(draw).drawn[0]
    (tmp_path / "opening.json").write_text(json.dumps(services.opening_of(draw, drawn.object_id)))
    page = visit("/verify/?draw=2026-0312")
    expect(page.locator("#start")).to_be_visible()
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    before = len(page.asked)
    page.click("#start")
    expect(page.locator("#verdict-title")).to_contain_text("全部一致")
    expect(page.locator(".check.no")).to_have_count(0)
    page.set_input_files("#opening-file", tmp_path / "opening.json")
    expect(page.locator("#why-answer")).to_contain_text("所以抽中")
    assert len(page.asked) == before
    assert page.said == []


def test_a_tampered_draw_is_refused_naming_the_line_and_a_stranger_file_is_explained(
    site, visit, home, tmp_path
):
    original = (home.published / "draws" / "draw-2026-0312-1_SYNTHETIC.json").read_text("utf-8")
    (tmp_path / "bad.json").write_text(original.replace('"weight":1', '"weight":2', 1), "utf-8")
    (tmp_path / "other.json").write_text("{}", "utf-8")
    page = visit("/verify/")
    page.set_input_files("#draw-file", tmp_path / "bad.json")
    expect(page.locator("#verdict-title")).to_contain_text(re.compile(r"不一致：第\d+行"))
    page.set_input_files("#draw-file", tmp_path / "other.json")
    expect(page.locator("#verdict-title")).to_contain_text("读不懂")


def test_a_fact_turns_green_only_when_this_device_has_checked_it(site, visit):
    from zhijian.engines.facts.models import Fact

    path = f"/fact/{Fact.objects.get(kind='inspection.result').fact_id}/"
    page = visit(path)
    expect(page.locator("#proof")).to_have_attribute("data-state", "unchecked")
    page.click("#check")
    expect(page.locator("#proof")).to_have_attribute("data-state", "checked")
    page = visit(path)
    material = json.loads(page.locator("#proof").get_attribute("data-material"))
    material["fact"]["payload"]["codes"] = ["1"]  # as if the server had shown another result than it sealed
    page.locator("#proof").evaluate(
        "(panel, text) => { panel.dataset.material = text }", json.dumps(material)
    )
    page.click("#check")
    expect(page.locator("#proof")).to_have_attribute("data-state", "failed")
