"""A browser for each person of a journey: signed in, at a width, on a day; what a page may never do fails the test at once."""

import sys
from datetime import timedelta
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from django.test import Client

WIDE, PHONE = 1440, 390


@pytest.fixture
def clock(monkeypatch):
    """Set what every page holds for now and today: `clock.at(moment)`, `clock.forward(days)`."""
    from zhijian.portal import urls  # Django is not ready when this file is read
    from zhijian.portal.views import register as clock_of_pages

    assert urls.urlpatterns  # every page is imported before its clock is changed

    set_to = SimpleNamespace(moment=clock_of_pages.now())

    def now():
        return set_to.moment

    def today():
        return set_to.moment.date()

    originals = {"now": clock_of_pages.now, "today": clock_of_pages.today}
    pages = [module for name, module in sys.modules.items() if name.startswith("zhijian.portal.")]
    for name, new in (("now", now), ("today", today)):
        for module in pages:
            if getattr(module, name, None) is originals[name]:
                monkeypatch.setattr(module, name, new)

    def at(moment):
        set_to.moment = moment

    def forward(days):
        set_to.moment += timedelta(days=days)

    set_to.at, set_to.forward = at, forward
    return set_to


class Person:
    """One browser. `page` is Playwright's; the methods say what a person does, and look at each page that comes of it."""

    def __init__(self, page, width):
        self.page, self.width = page, width
        self.main = page.locator("main")

    def goes(self, path, status=200):
        answer = self.page.goto(path)
        assert answer is not None and answer.status == status, (path, answer and answer.status)
        self.fits()
        return self

    def reads(self, *words):
        text = self.page.inner_text("body")
        missing = [one for one in words if one not in text]
        if missing:
            pytest.fail(f"{urlsplit(self.page.url).path} does not say {missing}, but:\n{text}")
        return self

    def does_not_read(self, *words):
        text = self.page.inner_text("body")
        said = [one for one in words if one in text]
        if said:
            pytest.fail(f"{urlsplit(self.page.url).path} says {said}:\n{text}")
        return self

    def fills(self, **told):
        """Answer the fields of a form: a tick, a radio button, a choice of a list, or text."""
        for name, value in told.items():
            field = self.page.locator(f"main [name='{name}']:visible")
            kind = field.first.get_attribute("type") or field.first.evaluate("one => one.tagName")
            if kind == "radio":
                self.page.locator(f"main [name='{name}'][value='{value}']").check()
            elif kind == "checkbox":
                field.set_checked(bool(value))
            elif kind == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        return self

    def opens(self, words, about=""):
        """Unfold what stands behind these words; in the panel whose heading has `about`, where one is named."""
        panel = (
            self.page.locator("main section", has=self.page.locator(f"h2:has-text('{about}')"))
            if about
            else self.main
        )
        panel.locator(f"summary:has-text('{words}')").first.click()
        self.fits()
        return self

    def presses(self, words, within="main"):
        """Press the button of these words and wait for the page that answers."""
        with self.page.expect_navigation(wait_until="load"):
            self.page.locator(f"{within} button:has-text('{words}'):visible").first.click()
        self.fits()
        return self

    def fits(self):
        width = self.page.evaluate("document.documentElement.scrollWidth")
        assert width <= self.width, (urlsplit(self.page.url).path, width)


@pytest.fixture
def person(transactional_db, chromium, live_server, monkeypatch):
    """Open a browser: `person()` a visitor, `person(officer)`, `person(firm=one)`; the console stays silent in all of them."""
    from zhijian.security import factors

    monkeypatch.setattr(factors, "REQUIRED_ROLES", SimpleNamespace(on=lambda day: []))
    root = live_server.url.replace("localhost", "127.0.0.1")
    contexts, noise = [], []

    def opened(officer=None, *, firm=None, width=WIDE, english=False):
        context = chromium.new_context(
            base_url=root,
            viewport={"width": width, "height": 844},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        contexts.append(context)
        cookies = {"django_language": "en"} if english else {}
        if officer is not None:
            client = Client()
            client.force_login(officer)
            cookies["sessionid"] = client.cookies["sessionid"].value
        if cookies:
            context.add_cookies(
                [{"name": name, "value": value, "url": root} for name, value in cookies.items()]
            )
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: noise.append((urlsplit(page.url).path, message.text)))
        page.on("pageerror", lambda error: noise.append((urlsplit(page.url).path, str(error))))
        found = Person(page, width)
        if firm is not None:
            found.goes("/my/sign-in/")
            found.fills(uscc=firm.uscc, username=firm.username, password="correct horse battery")
            with page.expect_navigation():
                page.click("main form button.btn-primary")
        return found

    yield opened
    for context in contexts:
        context.close()
    # Chromium itself says that an answer was 4xx; a refusal is part of some journeys.
    assert [one for one in noise if "the server responded with a status of 4" not in one[1]] == []
