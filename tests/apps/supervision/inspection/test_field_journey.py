"""A whole inspection in a real browser at 390 px, through a lost connection, to the public page."""

import gzip
import threading
from datetime import date, timedelta
from pathlib import Path

import pypdfium2
import pytest
from django.contrib.auth.hashers import make_password
from django.http import StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone

from tests.apps.supervision.inspection.casework import PASSWORD, picture
from zhijian.apps.supervision.inspection import pages, queries
from zhijian.apps.supervision.inspection.models import CheckEvent, CheckResult, Evidence

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"viewport": {"width": 390, "height": 844}, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}


@pytest.fixture
def phone(chromium, live_server):
    """Open a phone of one officer; every console message and failed page fails the test at its end."""
    opened, noise = [], []

    def open_for(username):
        context = chromium.new_context(
            base_url=live_server.url.replace("localhost", "127.0.0.1"),
            **PHONE,
            geolocation={"latitude": 23.1291, "longitude": 113.2644},
            permissions=["geolocation"],
        )
        opened.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda message: noise.append(message.text) if message.type in {"error", "warning"} else None,
        )
        page.on("pageerror", lambda problem: noise.append(str(problem)))
        sign_in(page, username)
        return page

    yield open_for
    for context in opened:
        context.close()
    expected = (
        "ERR_INTERNET_DISCONNECTED",
        "Failed to fetch",
        "status of 401",
        "status of 409",
        "status of 422",
    )
    assert [text for text in noise if not any(words in text for words in expected)] == []


def sign_in(page, username):
    page.goto("/sign-in/?next=/work/")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", PASSWORD)
    page.click("main form button.btn-primary")
    page.wait_for_url("**/work/")


def ready(page):
    page.wait_for_selector("html[data-field=ready]")


def open_task(page, check):
    page.goto(f"/work/checks/{check.pk}/")
    ready(page)
    page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
    for kept in (f"/work/checks/{check.pk}/", "/work/"):
        until(page, lambda: page.evaluate("url => caches.match(url).then(Boolean)", kept))  # noqa: B023


def next_screen(page):
    page.click("[data-next]")


def sign(page):
    """Sign with the finger, as the business does on the inspector's phone."""
    page.check("#signing-signed")
    page.locator(".sign-pad").scroll_into_view_if_needed()
    box = page.locator(".sign-pad").bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 70, steps=4)
    page.mouse.up()
    page.click("[data-sign-keep]")
    page.wait_for_selector('[data-photos="signature"] .evidence')


def choose(page, item, finding):
    page.check(f"#f-{item}-{finding}")


def test_a_check_goes_from_the_phone_through_a_lost_network_to_the_public(
    check, staff, phone, live_server, tmp_path, client
):
    page = phone("chen")
    open_task(page, check)
    page.context.set_offline(True)
    page.reload()  # the task opens without a network
    ready(page)
    page.wait_for_selector("text=没有网络，可继续填")

    page.check("#certificates_shown")
    page.click("[data-locate]")
    page.wait_for_selector("text=已取得位置")
    page.click("[data-begin]")
    choose(page, "FOO-01", "nonconform")
    page.fill("#note-FOO-01", "散装红豆2箱未标明生产日期，现场已下架。")
    photo = tmp_path / "红豆外箱01.jpg"
    photo.write_bytes(picture())
    page.set_input_files("#photo-FOO-01", str(photo))
    page.wait_for_selector(".evidence >> text=已存本机，待上传")
    next_screen(page)
    choose(page, "REG-01", "conform")
    next_screen(page)
    choose(page, "REG-03", "conform")
    page.wait_for_timeout(400)
    page.reload()  # nothing typed is lost
    ready(page)
    assert page.input_value("#note-FOO-01") == "散装红豆2箱未标明生产日期，现场已下架。"
    assert page.is_checked("#f-REG-03-conform")
    next_screen(page)
    page.check("#code-9")
    next_screen(page)
    assert "散装红豆2箱" in page.inner_text("[data-review]")  # who signs reads what is signed
    page.click("[data-hand-in]")
    page.wait_for_selector(".error-summary >> text=请选“没有签”")
    sign(page)
    page.click("[data-hand-in]")
    page.wait_for_selector("text=结论已存本机，待上传")
    assert CheckEvent.objects.filter(check_record=check).count() == 1
    assert page.get_attribute("a:has-text('检查文书')", "aria-disabled") == "true"
    page.goto("/work/")  # the list was kept before the visit
    page.wait_for_selector("[data-handed-in] >> text=检查结论：已存本机，待上传")
    page.goto(f"/work/checks/{check.pk}/")

    page.context.set_offline(False)
    page.wait_for_selector("text=等待第二名检查人员确认", timeout=20000)
    verbs = list(
        CheckEvent.objects.filter(check_record=check).order_by("sequence").values_list("verb", flat=True)
    )
    assert verbs == ["dispatch", "begin", "record"]
    assert Evidence.objects.get(check_record=check, purpose="signature").mime == "image/png"
    kept = Evidence.objects.get(check_record=check, purpose="")
    assert (kept.name, kept.item.code) == ("红豆外箱01.jpg", "FOO-01")
    assert str(kept.latitude) == "23.129100"

    second = phone("li")
    second.click("a:has-text('确认检查结论')")
    second.click("button:has-text('确认属实')")
    second.wait_for_selector("text=已确认")

    publisher = phone("qian")
    publisher.click("a:has-text('公示检查结果')")
    publisher.wait_for_selector("text=公开后不能撤回，只能更正")
    publisher.check("#understood")
    publisher.click("button:has-text('公开这1条结果')")
    publisher.wait_for_selector("text=已公开")
    (shown,) = queries.results_of(check.uscc)
    assert [code.code for code in shown.codes] == ["9"]
    public = client.get(f"/results/{check.pk}/").content.decode()
    assert "发现问题待后续处理" in public
    assert "红豆" not in public


def kept_text(page):
    return page.input_value("#note-FOO-01")


def notes_of(check):
    return [one.content["findings"]["FOO-01"]["note"] for one in check.drafts.order_by("version")]


def until(page, condition):
    """Wait until what was sent has arrived."""
    for _ in range(100):
        if condition():
            return
        page.wait_for_timeout(200)
    raise AssertionError("it did not arrive within 20 seconds")


def begin_online(page, check):
    open_task(page, check)
    page.check("#certificates_shown")
    page.fill("#position_words", "店内")
    page.click("[data-begin]")
    page.wait_for_selector("[data-sync] >> text=全部已上传")


def test_an_expired_session_keeps_what_was_typed_and_sends_it_after_sign_in(check, staff, phone):
    page = phone("chen")
    begin_online(page, check)
    session = [cookie for cookie in page.context.cookies() if cookie["name"] == "sessionid"]
    page.context.clear_cookies(name="sessionid")
    page.fill("#note-FOO-01", "登录过期后写的")
    page.wait_for_selector("text=登录已过期，填的内容都在本机。")
    assert session
    page.click("[data-sync-sign-in]")
    page.fill("input[name=username]", "chen")
    page.fill("input[name=password]", PASSWORD)
    page.click("main form button.btn-primary")
    ready(page)
    assert kept_text(page) == "登录过期后写的"
    until(page, lambda: "登录过期后写的" in notes_of(check))


def test_a_conflict_shows_both_and_loses_neither(check, staff, phone):
    page, colleague = phone("chen"), phone("li")
    begin_online(page, check)
    open_task(colleague, check)
    page.fill("#note-FOO-01", "陈写的")
    until(page, lambda: "陈写的" in notes_of(check))
    colleague.fill("#note-FOO-01", "李写的")
    colleague.wait_for_selector(".error-summary >> text=您填的内容没有丢，还在下面。")
    assert kept_text(colleague) == "李写的"
    assert colleague.locator(".error-summary").inner_text().count("陈写的") == 1
    colleague.click("text=用我填的")
    until(page, lambda: notes_of(check)[-1] == "李写的")
    assert "陈写的" in notes_of(check)


def test_a_program_named_like_a_photo_is_refused_in_words_and_never_stuck(check, staff, phone, tmp_path):
    page = phone("chen")
    begin_online(page, check)
    bad = tmp_path / "photo.jpg"
    bad.write_bytes(b"MZ" + b"\0" * 100)
    page.set_input_files("#photo-FOO-01", str(bad))
    page.wait_for_selector(".evidence >> text=内容却是Windows程序（.exe），不收。请交照片（JPG、PNG）或PDF。")
    page.click(".evidence >> text=不传了，删去")
    page.wait_for_selector(".evidence", state="detached")
    assert Evidence.objects.count() == 0


def test_signing_out_takes_the_kept_pages_off_the_phone(check, staff, phone):
    page = phone("chen")
    open_task(page, check)
    page.click("[data-menu] summary")
    page.click("[data-sign-out] button")
    page.wait_for_url(lambda url: "/work/" not in url)
    pages = page.evaluate(
        "caches.keys().then((names) => names.filter((name) => name.startsWith('zhijian-pages')))"
    )
    assert pages == []
    page.context.set_offline(True)
    page.goto(f"/work/checks/{check.pk}/")
    page.wait_for_selector("text=没有网络，这一页没有存在本机")


def test_officers_pages_have_no_serious_fault_for_screen_readers(check, staff, phone):
    from axe_playwright_python.sync_playwright import Axe

    page = phone("chen")
    found = {}
    for address in ("/work/", f"/work/checks/{check.pk}/", "/work/draws/"):
        page.goto(address)
        for violation in Axe().run(page).response["violations"]:
            if violation["impact"] in {"serious", "critical"}:
                found.setdefault(address, []).append((violation["id"], violation["nodes"][0]["html"][:120]))
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert found == {}


def test_a_wide_screen_shows_firm_step_and_every_item_side_by_side(check, staff, phone):
    page = phone("chen")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"/work/checks/{check.pk}/")
    ready(page)
    firm, step, outline = (
        page.locator(one).bounding_box() for one in (".task-head", ".task", "[data-outline]")
    )
    assert firm["x"] + firm["width"] < step["x"] and step["x"] + step["width"] < outline["x"]
    page.click("[data-outline] [data-go=finding-REG-01]")
    assert page.get_attribute("[data-outline] [aria-current=step]", "data-go") == "finding-REG-01"
    choose(page, "REG-01", "nonconform")
    assert page.inner_text("[data-outline] li[data-finding=nonconform] .found") == "不符合"


def test_a_page_cut_off_in_the_middle_leaves_the_page_kept_before(check, staff, phone, monkeypatch):
    page = phone("chen")
    open_task(page, check)
    cut = threading.Event()

    def half(request, template, context, **also):
        whole = render(request, template, context, **also).content

        def body():
            yield whole[: len(whole) // 2]
            cut.set()
            raise ConnectionAbortedError

        return StreamingHttpResponse(body())

    monkeypatch.setattr(pages, "render", half)
    page.evaluate(
        "url => navigator.serviceWorker.ready.then((own) => own.active.postMessage({ kind: 'keep', urls: [url] }))",
        f"/work/checks/{check.pk}/",
    )
    until(page, cut.is_set)
    page.context.set_offline(True)
    page.reload()
    ready(page)
    page.wait_for_selector("text=没有网络，可继续填")


def test_the_task_reads_in_english(check, staff, phone):
    page = phone("chen")
    page.context.add_cookies([{"name": "django_language", "value": "en", "url": page.url}])
    page.goto(f"/work/checks/{check.pk}/")
    ready(page)
    assert page.locator("label[for=f-FOO-01-nonconform]").text_content() == "Does not conform"


def test_an_arrival_refused_by_the_server_can_be_mended_and_holds_the_result_back(check, staff, phone):
    page = phone("chen")
    staff.second.certificate_valid_until = date(2020, 1, 1)
    staff.second.save()
    open_task(page, check)
    page.check("#certificates_shown")
    page.fill("#position_words", "店内")
    page.click("[data-begin]")
    page.wait_for_selector(".error-summary >> text=示例李检的执法证件")
    staff.second.certificate_valid_until = date(2030, 1, 1)
    staff.second.save()
    page.click("[data-previous]")
    page.click("[data-begin]")
    until(page, lambda: check.events.count() == 2)


def test_the_task_is_light_and_asks_no_other_host(check, staff, phone, live_server):
    page = phone("chen")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"/work/checks/{check.pk}/")
    ready(page)
    page_loads = [url for url in asked if "sw.js" not in url and "/field/" not in url.split("static")[0]]
    assert len(set(page_loads)) <= 8, (
        page_loads
    )  # a second load, once the worker is there, asks for nothing else
    assert all(url.startswith(("http://127.0.0.1", "data:", "blob:")) for url in asked)
    script = (Path(__file__).parents[4] / "src/zhijian/portal/static/zhijian/field/field.js").read_bytes()
    assert len(gzip.compress(script)) < 60_000


def test_a_record_is_printed_on_the_roll_handed_over_and_read_by_the_firm_on_its_phone(
    confirmed, staff, phone, steps, chromium, live_server
):
    from zhijian.security.models import BusinessPerson

    tomorrow = timezone.localdate() + timedelta(days=1)  # an order whose day is over is not made
    CheckResult.objects.filter(check_record=confirmed).update(correct_by=tomorrow)
    page = phone("chen")
    page.goto(f"/work/checks/{confirmed.pk}/")
    page.click("text=检查文书：打印、送达")
    page.click("button:has-text('出具责令改正通知书')")
    page.click("a:has-text('58毫米小票')")
    page.wait_for_selector("html[data-print=ready]")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for width, millimetres in (("58", 58), ("80", 80)):
        page.goto(f"{page.url.partition('?')[0]}?width={width}")
        page.wait_for_selector("html[data-print=ready]")
        sheets = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True))
        assert len(sheets) == 1  # a roll is cut where the text ends
        assert round(sheets[0].get_width() / 72 * 25.4) == millimetres
        printed = sheets[0].get_textpage().get_text_range()
        assert "责令改正通知书" in printed and "签收人" in printed and "打印" not in printed
    page.goto(f"{page.url.partition('?')[0]}?width=a4")
    assert round(pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True))[0].get_width() / 72 * 25.4) == 210

    page.goto(f"/work/checks/{confirmed.pk}/papers/")
    page.click("summary:has-text('送达企业')")
    page.check("text=当面交付")
    page.fill("[name=receiver]", "示例店长")
    page.click("button:has-text('记下送达')")
    page.wait_for_selector("text=已记下送达")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    BusinessPerson.objects.create(
        uscc=confirmed.uscc, firm_name=confirmed.entity_name, username="he", display_name="示例何", role="reader",
        password=make_password(PASSWORD), created_at=steps.AT, is_synthetic=True,
    )  # fmt: skip
    firm = chromium.new_context(base_url=live_server.url.replace("localhost", "127.0.0.1"), **PHONE)
    page = firm.new_page()
    page.goto(f"/my/sign-in/?next=/my/checks/{confirmed.pk}/")
    for name, value in (("uscc", confirmed.uscc), ("username", "he"), ("password", PASSWORD)):
        page.fill(f"#{name}", value)
    page.click("main form button.btn-primary")
    page.wait_for_url(f"**/my/checks/{confirmed.pk}/")
    words = page.inner_text("main")
    for said in ("发现问题已责令改正", "要改正的", "不服责令改正", "申请行政复议", "散装红豆2箱"):
        assert said in words
    with page.expect_download() as got:
        page.click("text=下载（PDF）")
    assert Path(got.value.path()).read_bytes()[:4] == b"%PDF"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    firm.close()
