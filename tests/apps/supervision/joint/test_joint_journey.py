"""A joint visit of two departments in a real browser at 390 px: asked, joined, drawn, recorded, confirmed, public; a film by its hash."""

import hashlib

import pytest

from tests.apps.supervision.inspection.casework import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"viewport": {"width": 390, "height": 844}, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}
PLAN = "/work/joint/2026-0312/"


@pytest.fixture
def phone(chromium, live_server):
    """Open a phone of one officer; no page is wider than it, and every mistake of a script fails the test at its end."""
    opened, noise = [], []

    def open_for(username, address):
        context = chromium.new_context(base_url=live_server.url.replace("localhost", "127.0.0.1"), **PHONE)
        opened.append(context)
        page = context.new_page()
        page.on("pageerror", lambda problem: noise.append(str(problem)))
        page.goto(f"/sign-in/?next={address}")
        page.fill("input[name=username]", username)
        page.fill("input[name=password]", PASSWORD)
        page.click("main form button.btn-primary")
        page.wait_for_url(f"**{address}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        return page

    yield open_for
    for context in opened:
        context.close()
    assert noise == []


def press(page, words):
    with page.expect_navigation(wait_until="load"):
        page.click(f"main button:has-text('{words}')")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_two_departments_go_from_the_plan_to_the_published_results(
    ceremony, departments, staff, steps, phone, tmp_path
):
    from playwright.sync_api import expect

    from zhijian.apps.supervision.joint.models import JointVisit
    from zhijian.apps.supervision.joint.queries import people_of

    lead = phone("zhao", "/work/joint/")
    press(lead, "作为联合抽查")
    for code, item in (("fire", "消防通道"), ("culture", "经营许可")):
        lead.select_option("#department", code)
        lead.fill("#name-1", item)
        lead.fill("#basis-1", "《示例条例》第一条")
        press(lead, "请这个部门参加")
    for code in ("fire", "culture"):
        page = phone(f"{code}-1", PLAN)
        press(page, "参加")
        expect(page.locator("body")).to_contain_text("已参加")
    ceremony.drawn()
    lead.reload()
    press(lead, "派到各部门")
    expect(lead.locator("body")).to_contain_text("已派到各部门：4项")

    for code, finding in (("fire", "nonconform"), ("culture", "conform")):
        visit = JointVisit.objects.filter(participation__department__code=code).first()
        if visit.check_record.state.value == "dispatched":
            steps.services.begin(
                visit.check_record, steps.HERE, certificates_shown=True, by=staff.first, at=steps.AT
            )
        first, second = people_of(visit)
        address = f"/work/joint/visits/{visit.pk}/"
        page = phone(first.username, address)
        page.check(f"#f-{code}-1-{finding}")
        press(page, "记下")
        if finding == "nonconform":  # without words it is refused, and nothing typed is lost
            assert page.is_checked(f"#f-{code}-1-{finding}") and page.is_visible(".error-summary")
            page.fill(f"#note-{code}-1", "通道堆了纸箱")
            press(page, "记下")
        page = phone(second.username, address)
        press(page, "属实，确认并公开")
    page.goto("/joint/2026-0312/")
    assert "各部门的结果（2份）" in page.content() and "不符合" in page.content()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

    film = tmp_path / "film.mp4"
    film.write_bytes(bytes(range(256)) * 20_001 + b"end")  # more than one piece, and no whole block
    team = phone("chen", f"/work/checks/{visit.check_record_id}/recordings/")
    team.set_input_files("#film", str(film))
    expect(team.locator("#sha256")).to_have_value(hashlib.sha256(film.read_bytes()).hexdigest())
    assert team.input_value("#size_bytes") == str(film.stat().st_size)
    expect(team.locator("body")).to_contain_text("示例消防救援大队")
