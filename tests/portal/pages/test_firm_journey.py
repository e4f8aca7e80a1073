"""A firm on its phone: what is on record and due; it files its report, and asks for a repair with its proof; a real browser."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import expect

from tests.apps.supervision.annual_reports.test_validating import GOOD
from tests.apps.supervision.repair.test_journey import WHY
from tests.apps.supervision.repair.test_pages import PDF
from tests.portal.pages.test_browser import serious_violations
from tests.portal.pages.town import HEMAN
from zhijian.apps.supervision.repair.models import RepairMatter
from zhijian.engines.evidence.models import EvidenceFile
from zhijian.engines.facts import services as facts
from zhijian.portal.views.register import now
from zhijian.security.models import BusinessPerson

pytestmark = pytest.mark.browser
PASSWORD = "correct horse battery"
SPRING = datetime(2026, 3, 2, 9, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def clock(monkeypatch):
    """Set the time that the firm's pages read."""

    def at(moment):
        for view in ("annual_reports", "repair", "my", "my_sections"):
            module = f"zhijian.portal.views.{view}"
            monkeypatch.setattr(f"{module}.now", lambda: moment, raising=False)
            monkeypatch.setattr(f"{module}.today", moment.date, raising=False)

    return at


@pytest.fixture
def phone(transactional_db, live_server, chromium, register):
    """A phone on which the filer of the town's food firm has signed in; what its console said fails the test at its end."""
    BusinessPerson.objects.create(
        uscc=HEMAN, firm_name="广东示例禾满食品有限公司", username="li", display_name="示例李", role="filer",
        password=make_password(PASSWORD), created_at=SPRING, is_synthetic=True,
    )  # fmt: skip
    root = live_server.url.replace("localhost", "127.0.0.1")
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", base_url=root, timezone_id="Asia/Shanghai"
    )
    page, said = context.new_page(), []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto("/my/sign-in/")
    for name, value in (("uscc", HEMAN), ("username", "li"), ("password", PASSWORD)):
        page.fill(f"#{name}", value)
    page.click("main form button.btn-primary")
    page.wait_for_url("**/my/")
    yield page
    context.close()
    assert said == []


def assert_fits(page):
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert serious_violations(page) == []


def test_a_firm_reads_what_is_due_open_and_on_record_and_asks_for_a_repair_with_its_proof(
    inspected, phone, tmp_path
):
    payload = {
        "decision_no": "示例罚7号", "authority": "示例区局", "violation": "虚假广告", "procedure": "ordinary",
        "types": ["fine"], "field": "advertising", "published_on": "2025-03-01",
    }  # fmt: skip
    facts.record("penalty.decided", subject=HEMAN, occurred_on=datetime(2025, 2, 20).date(), payload=payload, source="test",
                 source_key="7", by="test", at=now(), is_synthetic=True)  # fmt: skip
    phone.reload()
    main = phone.locator("main")
    for words in ("年度报告", "已逾期", "行政处罚", "来源：检查系统"):
        expect(main).to_contain_text(words)
    assert_fits(phone)

    phone.goto("/my/records/")
    record = phone.locator("section.panel", has_text="示例罚7号")
    record.locator("summary:has-text('申请修复')").click()
    record.locator("textarea").first.fill(WHY)
    proof = tmp_path / "缴款.pdf"
    proof.write_bytes(PDF)
    record.locator("input[type=file]").set_input_files(str(proof))
    record.get_by_role("button", name="提交修复申请").click()
    expect(phone.locator(".error-summary")).to_contain_text(
        "守信承诺书"
    )  # refused, and nothing typed is lost
    assert not RepairMatter.objects.exists()
    assert record.locator("textarea").first.input_value() == WHY
    record.locator("input[type=file]").set_input_files(str(proof))
    record.locator("input[name=committed]").check()
    record.get_by_role("button", name="提交修复申请").click()
    number = RepairMatter.objects.get().case.number
    expect(record).to_contain_text(f"案件{number}在办")
    assert EvidenceFile.objects.get().owner_id == number
    assert_fits(phone)
    phone.goto("/my/")
    expect(main).to_contain_text(number)


def test_a_firm_files_its_annual_report_and_everybody_reads_what_it_chose_to_show(phone, clock):
    clock(SPRING)
    phone.goto("/my/reports/")
    phone.locator("a[href='/my/reports/2025/']").click()
    for name, value in GOOD.items():
        field = phone.locator(f"[name={name}]")
        if field.first.get_attribute("type") == "radio":
            phone.check(f"[name={name}][value={value}]")
        elif field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    phone.fill("[name=tax]", "-1")
    phone.click("text=看看会公示什么")
    expect(phone.locator(".error-summary")).to_contain_text("纳税总额不能是负数")
    assert phone.input_value("[name=staff]") == "12"
    assert_fits(phone)
    phone.fill("[name=tax]", GOOD["tax"])
    phone.check("[name=public][value=staff]")
    phone.click("text=看看会公示什么")
    expect(phone.locator("h1")).to_have_text("会公示什么")
    expect(phone.locator(".panel-sunken")).to_contain_text("资产总额")
    assert_fits(phone)
    phone.click("button:has-text('报送并公示')")
    phone.click("text=看公示的内容")
    main = phone.locator("main")
    expect(main).to_contain_text("示例路1号")
    expect(main).not_to_contain_text("1000000.00")
    assert_fits(phone)
