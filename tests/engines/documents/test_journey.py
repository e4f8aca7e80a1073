"""A citizen holds the PDF they received against the sealed one, on their own device; the file goes nowhere."""

import pytest

from tests.engines.documents.issuing import issue
from zhijian.engines.documents import services

pytestmark = pytest.mark.browser


def accessible(page):
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    serious = [
        (one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")
    ]
    return serious == [] and page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.django_db(transaction=True)
def test_the_browser_compares_and_sends_nothing(live_server, chromium, home, settings, tmp_path):
    from tests.portal.pages import town

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    document = issue(home, town.officer("clerk", "handler", division="440106"))
    pdf = services.path_of(home.media, document.sha256).read_bytes()
    (tmp_path / "mine.pdf").write_bytes(pdf)
    (tmp_path / "other.pdf").write_bytes(pdf.replace(b"2026", b"2027", 1))
    page = chromium.new_page(viewport={"width": 390, "height": 844}, base_url=live_server.url)
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"/verify/{document.token}/")
    assert accessible(page)
    page.on("request", lambda request: asked.append(request.url))
    page.set_input_files("#document-file", tmp_path / "mine.pdf")
    page.locator("#document-result", has_text="一致：您的文件就是发出的那一份").wait_for()
    page.set_input_files("#document-file", tmp_path / "other.pdf")
    page.locator("#document-result", has_text="不一致").wait_for()
    assert asked == []
    page.fill("#number", document.number)
    page.fill("#sha256", document.sha256)
    page.get_by_role("button", name="核验这份文书").click()
    page.locator("#document-answer", has_text="一致：您的文件就是发出的那一份").wait_for()
    assert said == []
    page.close()
