"""A browser for each person of a journey: signed in, at a width, on a day; what a page may never do fails the test at once."""

import sys
from datetime import UTC, timedelta
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from django.test import Client

WIDE, PHONE = 1440, 390


@pytest.fixture
def clock(monkeypatch):
    """Set what the whole platform holds for now: `clock.at(moment)`, `clock.forward(days=1)`."""
    from django.utils import timezone  # Django is not ready when this file is read

    from zhijian.portal import urls

    assert urls.urlpatterns  # every page is imported before its clock is changed
    real = timezone.now
    set_to = SimpleNamespace(moment=real())

    def now():
        return set_to.moment.astimezone(UTC)

    for name, module in list(sys.modules.items()):
        if module is timezone or (name.startswith("zhijian.") and getattr(module, "now", None) is real):
            monkeypatch.setattr(module, "now", now)

    def at(moment):
        set_to.moment = moment

    def forward(**time):
        set_to.moment += timedelta(**time)

    set_to.at, set_to.forward = at, forward
    return set_to


class Person:
    """One browser. `page` is Playwright's; the methods say what a person does, and look at each page that comes of it."""

    def __init__(self, page, width, sign_in):
        self.page, self.width, self.sign_in = page, width, sign_in
        self.main = page.locator("main")

    def goes(self, path, status=200):
        answer = self.page.goto(path)
        if "/sign-in/" in self.page.url and "/sign-in/" not in path:  # days went by: one signs in again
            self.sign_in(self)
            answer = self.page.goto(path)
            assert "/sign-in/" not in self.page.url, path
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
                field.first.select_option(value)
            else:
                field.first.fill(value)
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
        if english:
            context.add_cookies([{"name": "django_language", "value": "en", "url": root}])

        def sign_in(found):
            if officer is not None:
                client = Client()
                client.force_login(officer)
                value = client.cookies["sessionid"].value
                context.add_cookies([{"name": "sessionid", "value": value, "url": root}])
            elif firm is not None:
                found.goes("/my/sign-in/")
                found.fills(uscc=firm.uscc, username=firm.username, password="correct horse battery")
                with found.page.expect_navigation():
                    found.page.click("main form button.btn-primary")

        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: noise.append((urlsplit(page.url).path, message.text)))
        page.on("pageerror", lambda error: noise.append((urlsplit(page.url).path, str(error))))
        found = Person(page, width, sign_in)
        sign_in(found)
        return found

    yield opened
    for context in contexts:
        context.close()
    # Chromium itself says that an answer was 4xx; a refusal is part of some journeys.
    assert [one for one in noise if "the server responded with a status of 4" not in one[1]] == []


@pytest.fixture
def district(transactional_db, register, home, clock):
    """A district's people, its lists and thirty invented firms, on a Tuesday morning."""
    from tests.portal.pages.journeys import district as made

    return made.make(home, clock)
