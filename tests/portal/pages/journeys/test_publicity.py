"""A visitor on a phone finds a firm, proves on the own device that nothing is missing, and checks a printed extract."""

import json
import re
from datetime import date, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.portal.pages.journeys.conftest import PHONE
from tests.portal.pages.town import HEMAN, QUIET
from zhijian.engines.facts import services as facts
from zhijian.engines.publicity import building
from zhijian.infrastructure.pdf_text import read_pages
from zhijian.standards.calendar import ZONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MIDNIGHT = datetime(2026, 11, 24, 0, 15, tzinfo=ZONE)
API = "**/api/v1/publicity/9*"


@pytest.fixture
def day(transactional_db, register, home, clock):
    """The firm has a penalty of the platform's own beside what was delivered; the night made the map and its root."""
    payload = {
        "decision_no": "示例罚7号", "authority": "示例区局", "violation": "虚假广告", "procedure": "ordinary", "types": ["fine"],
        "field": "advertising", "published_on": "2026-11-20",
    }  # fmt: skip
    facts.record("penalty.decided", subject=HEMAN, occurred_on=date(2026, 11, 18), payload=payload, source="test", source_key="7",
                 by="test", at=MIDNIGHT - timedelta(days=1), is_synthetic=True)  # fmt: skip
    building.build_day(MIDNIGHT.date(), at=MIDNIGHT, home=home)
    clock.at(MIDNIGHT + timedelta(hours=10))
    return MIDNIGHT.date()


def checks(visitor, state):
    visitor.page.click("#whole-check")
    expect(visitor.page.locator("#whole")).to_have_attribute("data-state", state)
    visitor.fits()


def test_a_visitor_proves_that_nothing_is_missing_and_finds_what_was_hidden(person, day):
    visitor = person(width=PHONE)
    visitor.goes("/").page.fill("#home-q", "禾满")
    visitor.page.click(".hero button")
    visitor.page.get_by_role("link", name="广东示例禾满食品有限公司").first.click()
    visitor.page.wait_for_url(f"**/entities/{HEMAN}/**")
    visitor.fits()
    visitor.reads("示例罚7号")
    visitor.does_not_read("示例罚〔2026〕9号")
    checks(visitor, "whole")
    visitor.goes(f"/entities/{QUIET}/")
    checks(visitor, "none")  # that there is nothing is proved as well

    visitor.goes(f"/entities/{HEMAN}/")
    shown = visitor.page.locator("#whole").get_attribute("data-shown").split()
    assert len(shown) >= 2
    visitor.page.locator("#whole").evaluate(
        "(panel, rest) => { panel.dataset.shown = rest }", " ".join(shown[1:])
    )
    checks(visitor, "failed")  # the page hides what the root holds

    def without_one(route):
        answer = route.fetch()
        told = answer.json()
        told["leaf"]["items"].pop()
        route.fulfill(response=answer, body=json.dumps(told, ensure_ascii=False))

    visitor.page.route(API, without_one)
    visitor.goes(f"/entities/{HEMAN}/")
    checks(visitor, "failed")  # the server hides it from the proof
    visitor.page.unroute(API)

    english = person(width=PHONE, english=True)
    english.goes(f"/entities/{HEMAN}/")
    checks(english, "whole")


def test_a_printed_extract_is_checked_by_its_code_and_a_forged_one_is_found(person, day):
    visitor = person(width=PHONE)
    visitor.goes(f"/entities/{HEMAN}/")
    link = visitor.page.locator(f"a[href='/entities/{HEMAN}/extract.pdf']")
    expect(link).to_be_visible()
    printed = visitor.page.request.get(link.get_attribute("href"))
    assert printed.status == 200 and printed.headers["content-type"] == "application/pdf"
    text = "".join("".join(read_pages(printed.body())).split())
    assert "示例罚7号" in text
    code = re.search(r"核验码([0-9A-Z-]+)", text).group(1)
    visitor.goes(f"/verify/extract/{HEMAN}/{day}/{code}/").reads("相符", "示例罚7号")
    visitor.goes(f"/verify/extract/{QUIET}/{day}/{code}/", status=422).reads("不符")
    wide = person()
    wide.goes(f"/verify/extract/{HEMAN}/{day - timedelta(days=1)}/{code}/", status=404)
