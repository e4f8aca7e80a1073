"""From application to key in a browser, on a phone and on a wide screen: accessible, quiet, nothing sideways."""

import re

import pytest
from django.test import Client
from playwright.sync_api import expect

from tests.engines.exchange.conftest import AT, approved
from tests.portal.pages import town
from zhijian.engines.exchange.models import Application

pytestmark = pytest.mark.browser


@pytest.fixture
def signed_in(transactional_db, live_server, chromium):
    """Open a page as an officer; what the console says is kept."""
    contexts = []

    def opened(officer, path, width):
        client = Client()
        client.force_login(officer)
        context = chromium.new_context(viewport={"width": width, "height": 844}, base_url=live_server.url)
        contexts.append(context)
        session = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page = context.new_page()
        page.said = []
        page.on("console", lambda message: page.said.append(message.text))
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()


def check(page):
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    assert [
        (one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")
    ] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.said == []


def test_an_officer_applies_a_steward_allows_and_the_key_is_shown_once(
    signed_in, settings, lake, monkeypatch
):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # the browser's loop runs in this thread
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    applicant, steward = (
        town.officer("analyst", "inspector"),
        town.officer("keeper", "steward", division="440000"),
    )
    page = signed_in(applicant, "/data/exchange/market_entities/", 390)
    check(page)
    page.check("#c-name")
    page.fill("#reason", "季度统计分析")
    page.fill("#legal_basis", "统计法第二十条")
    page.fill("#until", "2099-12-31")
    page.click("form.panel .btn-primary")
    check(page)
    address = f"/data/exchange/applications/{Application.objects.get().pk}/"
    expect(page).to_have_url(re.compile(f"{address}$"))
    deciding = signed_in(steward, address, 1440)
    check(deciding)
    deciding.fill("#reason", "符合规定")
    deciding.click("button[value=approve]")
    check(deciding)
    page.goto(address)
    page.click("button[value=key]")
    expect(page.locator("section[role=status] code").first).to_have_text(re.compile("^zj_"))
    check(page)
    page.goto(address)
    expect(page.locator("text=zj_")).to_have_count(0)


def test_lists_of_applications_and_deliveries_are_accessible_on_a_phone(
    signed_in, settings, lake, monkeypatch
):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    applicant, steward = (
        town.officer("analyst", "inspector"),
        town.officer("keeper", "steward", division="440000"),
    )
    approved(lake, applicant, steward, until=AT.date())
    for officer, path in (
        (steward, "/data/exchange/applications/"),
        (town.officer("watch", "auditor", division="440000"), "/data/exchange/deliveries/"),
    ):
        check(signed_in(officer, path, 390))
