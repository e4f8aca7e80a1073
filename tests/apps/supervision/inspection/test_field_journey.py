"""A whole inspection in a real browser at 390 px, through a lost connection, to the public page."""

import pytest

from tests.apps.supervision.inspection.casework import PASSWORD, picture
from zhijian.apps.supervision.inspection import queries
from zhijian.apps.supervision.inspection.models import CheckEvent, Evidence

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
    offline = [text for text in noise if "ERR_INTERNET_DISCONNECTED" in text or "Failed to fetch" in text]
    assert [text for text in noise if text not in offline and "401" not in text and "422" not in text] == []


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
    page.wait_for_function(
        "async (url) => { for (const n of await caches.keys()) if (await (await caches.open(n)).match(url)) return true; return false; }",
        arg=f"/work/checks/{check.pk}/",
    )


def next_screen(page):
    page.click("[data-next]")


def choose(page, item, finding):
    page.check(f"#f-{item}-{finding}", force=True)


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
    page.click("[data-hand-in]")
    page.wait_for_selector("text=结论已存本机，待上传")
    assert CheckEvent.objects.filter(check_record=check).count() == 1

    page.context.set_offline(False)
    page.wait_for_selector("text=等待第二名检查人员确认", timeout=20000)
    verbs = list(
        CheckEvent.objects.filter(check_record=check).order_by("sequence").values_list("verb", flat=True)
    )
    assert verbs == ["dispatch", "begin", "record"]
    kept = Evidence.objects.get(check_record=check)
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
