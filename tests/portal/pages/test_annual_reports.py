"""A firm's filer fills in, looks at what will be public, files and corrects; everybody reads both versions."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from tests.apps.supervision.annual_reports.test_validating import GOOD
from tests.portal.pages.town import HEMAN
from zhijian.security.models import BusinessPerson, Officer, Organisation

SPRING = datetime(2026, 3, 2, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
SCRIPT = "<script>alert(1)</script>路1号"


@pytest.fixture
def filer(db, register, monkeypatch):
    monkeypatch.setattr("zhijian.portal.views.annual_reports.now", lambda: SPRING)
    monkeypatch.setattr("zhijian.portal.views.annual_reports.today", SPRING.date)
    BusinessPerson.objects.create(
        uscc=HEMAN, firm_name="广东示例禾满食品有限公司", username="li", display_name="示例李", role="filer",
        password=make_password("correct horse battery"), created_at=SPRING, is_synthetic=True,
    )  # fmt: skip
    browser = Client()
    browser.post("/my/sign-in/", {"uscc": HEMAN, "username": "li", "password": "correct horse battery"})
    return browser


def typed(**more):
    return {**GOOD, "address": SCRIPT, "public": ["staff"], "version": "0", **more}


def test_from_the_first_look_to_a_correction_that_everybody_sees(filer):
    assert "该报了" in filer.get("/my/reports/").content.decode()
    form = filer.get("/my/reports/2025/").content.decode()
    assert "示例路" in form and "登记簿带入" in form
    wrong = filer.post("/my/reports/2025/", typed(act="preview", tax="-1"))
    assert wrong.status_code == 422 and "纳税总额不能是负数" in wrong.content.decode()
    preview = filer.post("/my/reports/2025/", typed(act="preview", version="1")).content.decode()
    assert "&lt;script&gt;" in preview and "<script>alert" not in preview and "资产总额" in preview
    stale = filer.post("/my/reports/2025/", {"act": "file", "version": "1"})
    assert stale.status_code == 422
    for _ in range(2):  # pressed twice
        assert filer.post("/my/reports/2025/", {"act": "file", "version": "2"})["Location"] == "/my/reports/"
    public = Client().get(f"/entities/{HEMAN}/reports/2025/").content.decode()
    assert "12" in public and "&lt;script&gt;" in public and "1000000.00" not in public
    assert "报告内容" in Client().get(f"/entities/{HEMAN}/").content.decode()

    filer.post("/my/reports/2025/", typed(act="preview", version="2", staff="13"))
    assert "理由" in filer.post("/my/reports/2025/", {"act": "file", "version": "3"}).content.decode()
    done = filer.post("/my/reports/2025/", {"act": "file", "version": "3", "reason": "人数填错"})
    assert done.status_code == 302
    both = Client().get(f"/entities/{HEMAN}/reports/2025/").content.decode()
    assert "更正前的内容" in both and "人数填错" in both
    table = Client().get(f"/entities/{HEMAN}/reports/2025/?format=csv").content.decode()
    assert ",staff,13" in table and ",staff,12" in table


@pytest.mark.parametrize(("year", "status"), [(2026, 422), (2018, 422), (1900, 404), (99999999999, 404)])
def test_a_year_that_is_not_open_says_so(filer, year, status):
    assert filer.get(f"/my/reports/{year}/").status_code == status


def test_a_reader_does_not_file_and_a_stranger_signs_in_first(filer):
    BusinessPerson.objects.update(role="reader")
    assert filer.get("/my/reports/").status_code == 200
    assert filer.get("/my/reports/2025/").status_code == 403
    assert Client().get("/my/reports/2025/").status_code == 302


def test_officers_see_figures_and_who_is_missing_in_their_own_county(db, register):
    unit = Organisation.objects.create(
        code="GD-440106", name="示例区局", name_en="District", level="county", division_code="440106"
    )
    browser = Client()
    browser.force_login(Officer.objects.create(username="h", organisation=unit, roles=["handler"]))
    page = browser.get("/work/annual-reports/?place=440106&year=2025").content.decode()
    assert "广东示例禾满食品有限公司" in page
    listed = browser.get("/work/annual-reports/?place=440106&year=2025&format=missing").content.decode()
    assert HEMAN in listed and "2026-07-14" in listed
    assert browser.get("/work/annual-reports/?place=440305").status_code == 403
    assert browser.get("/work/annual-reports/?format=csv").status_code == 200

    from zhijian.apps.supervision.listing.models import ListingMatter

    for _ in range(2):  # pressed twice
        assert browser.post("/work/annual-reports/", {"place": "440106", "year": "2025"}).status_code == 302
    matter = ListingMatter.objects.get(uscc=HEMAN)
    assert (matter.ground_code, str(matter.arose_on)) == ("annual_report", "2026-06-30")
    assert browser.post("/work/annual-reports/", {"place": "440305", "year": "2025"}).status_code == 403
    enterprise = browser.get(f"/work/annual-reports/paper/?code={HEMAN}&year=2025")
    assert enterprise.status_code == 422 and "只有个体工商户" in enterprise.content.decode()
    assert browser.get("/work/annual-reports/paper/?code=<script>").status_code == 422
    assert "不少于3%" in browser.get("/work/annual-reports/checks/").content.decode()
