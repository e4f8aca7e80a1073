"""Analysis, warnings and statistics as officers and everybody see them."""

import csv
import io
import xml.etree.ElementTree as ElementTree
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.utils import timezone

pytestmark = pytest.mark.django_db


@pytest.fixture
def cases(monkeypatch):
    """A hundred complaints about one shop of Tianhe in the last days, and quiet days before; all invented."""
    from zhijian.engines.signals import counted
    from zhijian.engines.signals.counted import Counted

    today = timezone.localdate()
    rows = [
        Counted(
            "complaint", f"TS{n:05d}", today - timedelta(n % 5), "440106", "SHOP", "示例闪光健身", "健身卡", "M1101",
            platform="示例平台", path=f"/work/matters/TS{n:05d}/", is_synthetic=True,
        )
        for n in range(100)
    ]  # fmt: skip
    rows += [
        Counted(
            "complaint",
            f"TQ{n:05d}",
            today - timedelta(n % 90),
            "440104",
            f"F{n % 40}",
            "示例店",
            "鞋",
            "M0701",
            ending="agreed",
        )
        for n in range(180)
    ]
    monkeypatch.setattr(
        counted, "_readers", {"test": lambda first, last: [r for r in rows if first <= r.received_on <= last]}
    )
    return rows


@pytest.fixture
def people(home, client, django_user_model, _quick_passwords):
    from zhijian.security.models import Organisation

    unit = Organisation.objects.create(
        code="p",
        name="示例省局",
        name_en="Example province",
        level="province",
        division_code="440000",
        is_synthetic=True,
    )
    county = Organisation.objects.create(
        code="c",
        name="示例越秀局",
        name_en="Example",
        level="county",
        division_code="440104",
        is_synthetic=True,
    )

    def officer(name, *roles, at=unit):
        return django_user_model.objects.create(
            username=name, display_name=f"示例{name}", organisation=at, roles=list(roles), is_synthetic=True
        )

    return SimpleNamespace(
        analyst=officer("a", "analyst"), expert=officer("e", "analyst"), leader=officer("l", "leader"),
        grader=officer("g", "leader"), publisher=officer("p", "leader"),
        county=officer("c", "handler", at=county), inspector=officer("i", "inspector"),
    )  # fmt: skip


@pytest.fixture
def signal(cases, people):
    from zhijian.apps.consumer.analysis import services
    from zhijian.apps.consumer.analysis.models import Signal

    services.run_day(timezone.localdate(), seed=1, by=None, at=timezone.now())
    return Signal.objects.get()


def page(client, officer, address, data=None):
    client.force_login(officer)
    answer = client.post(address, data) if data is not None else client.get(address)
    return answer, answer.content.decode() if not answer.streaming else ""


def test_a_hundred_complaints_are_one_signal_on_the_page_with_drill_and_file(client, people, signal):
    answer, text = page(client, people.analyst, "/work/analysis/")
    assert answer.status_code == 200
    assert text.count("示例闪光健身</a>") == 1
    assert "合成数据" in text
    _, text = page(client, people.analyst, f"/work/analysis/signals/{signal.pk}/")
    assert "涉及100件" in text
    assert "TS00000" in text and "/work/matters/" not in text  # an analyst opens no complaint
    assert "/work/matters/TS00000/" in page(client, people.leader, f"/work/analysis/signals/{signal.pk}/")[1]
    taken = page(client, people.analyst, f"/work/analysis/signals/{signal.pk}/?format=csv")[1]
    assert taken.count("\n") == 102, "a head, a hundred, and the line that names who took the file"
    assert "SHOP" in page(client, people.analyst, "/work/analysis/?format=csv")[1]


def test_every_look_is_written_down(client, people, signal):
    from zhijian.security.models import AccessRecord

    page(client, people.analyst, f"/work/analysis/signals/{signal.pk}/")
    assert AccessRecord.objects.filter(officer=people.analyst, subject=f"signal/{signal.pk}").exists()


def test_another_county_and_another_role_see_no_signal(client, people, signal):
    _, text = page(client, people.county, "/work/analysis/")
    assert "示例闪光健身" not in text
    assert page(client, people.county, f"/work/analysis/signals/{signal.pk}/")[0].status_code == 403
    assert page(client, people.inspector, "/work/analysis/")[0].status_code == 403
    client.logout()
    assert client.get("/work/analysis/").status_code == 302


def test_open_cases_of_a_shop_are_taken_up_together_once(client, people, signal):
    answer, _ = page(client, people.leader, "/work/analysis/", {"key": "SHOP", "plan": "统一约谈"})
    assert answer.status_code == 302
    _, text = page(client, people.leader, "/work/analysis/")
    assert "正在集中办理" in text
    answer, text = page(client, people.leader, "/work/analysis/", {"key": "SHOP", "plan": "再来"})
    assert answer.status_code == 422
    assert "没有可以集中办理的件" in text


def test_a_group_has_its_page_with_progress_offer_cases_and_file(client, people, signal):
    from zhijian.apps.consumer.analysis.models import FastGroup

    page(client, people.leader, "/work/analysis/", {"key": "SHOP", "plan": "统一约谈"})
    address = f"/work/analysis/groups/{FastGroup.objects.get().pk}/"
    answer, text = page(client, people.leader, address)
    assert answer.status_code == 200 and "各件的期限、决定和结果分别计算" in text
    assert page(client, people.leader, address, {"verb": "offer", "offer": "退款"})[0].status_code == 422
    assert page(client, people.leader, address, {"verb": "ask"})[0].status_code == 302
    page(client, people.leader, address, {"verb": "offer", "offer": "<script>退款</script>"})
    _, text = page(client, people.leader, address)
    assert "&lt;script&gt;退款" in text
    assert page(client, people.leader, f"{address}?format=csv")[1].lstrip("\ufeff").startswith("number")
    assert page(client, people.county, address)[0].status_code == 403
    assert page(client, people.leader, "/work/analysis/groups/0/")[0].status_code == 404


def test_another_county_neither_sees_nor_ends_a_group_nor_drafts_from_a_signal(client, people, signal):
    from zhijian.apps.consumer.analysis.models import FastGroup

    page(client, people.leader, "/work/analysis/", {"key": "SHOP", "plan": "统一约谈"})
    group = FastGroup.objects.get()
    people.county.roles = ["leader"]
    people.county.save()
    assert "统一约谈" not in page(client, people.county, "/work/analysis/")[1]
    ended = page(client, people.county, "/work/analysis/", {"end": group.pk, "plan": "办完了"})[0]
    assert ended.status_code == 403
    assert page(client, people.county, f"/work/warnings/new/?signal={signal.pk}")[0].status_code == 403
    group.refresh_from_db()
    assert group.ended_at is None


def test_a_warning_is_drafted_from_a_signal_checked_published_and_read_by_everybody(client, people, signal):
    client.raise_request_exception = True
    form = f"/work/warnings/new/?signal={signal.pk}"
    assert "示例闪光健身" in page(client, people.analyst, form)[1]
    words = {
        "title": "办卡前先核实",
        "body": "小额充值。<script>alert(1)</script>",
        "title_en": "Check first",
        "body_en": "",
    }
    answer, _ = page(client, people.analyst, form, words)
    address = answer.headers["Location"]
    number = address.rstrip("/").rsplit("/", 1)[1]
    assert client.get(f"/warnings/{number}/").status_code == 404
    assert page(client, people.analyst, address, {"verb": "check_expert", "note": "x"})[0].status_code == 422
    for officer, step in (
        (people.expert, {"verb": "check_expert", "note": "属实"}),
        (people.leader, {"verb": "check_law", "note": "不点名"}),
        (people.grader, {"verb": "grade", "severity": "warning"}),
        (people.publisher, {"verb": "publish"}),
    ):
        answer, text = page(client, officer, address, step)
        assert answer.status_code == 302, text
    client.logout()
    assert "办卡前先核实" in client.get("/warnings/").content.decode()
    text = client.get(f"/warnings/{number}/").content.decode()
    assert "<script>alert" not in text
    feed = ElementTree.fromstring(client.get("/warnings/feed.xml").content)
    entries = feed.findall("{http://www.w3.org/2005/Atom}entry")
    assert [e.findtext("{http://www.w3.org/2005/Atom}title") for e in entries] == ["【警示】办卡前先核实"]
    client.cookies["django_language"] = "en"
    assert "Check first" in client.get("/warnings/").content.decode()


def test_the_statistics_are_for_everybody_with_picture_table_and_file(client, cases, home):
    text = client.get("/consumer/statistics/").content.decode()
    assert "投诉280件" in text
    assert "<svg" in text
    assert "广州市" in text
    body = client.get("/consumer/statistics/?format=csv").content.decode()
    assert body.splitlines()[1].startswith("440000,全省,280,0,")
    client.cookies["django_language"] = "en"
    assert "280 complaints, 0 reports" in client.get("/consumer/statistics/").content.decode()


def test_the_file_tells_no_money_of_so_few_that_the_page_would_not(client, home, monkeypatch):
    from zhijian.engines.signals import counted
    from zhijian.engines.signals.counted import Counted

    day = timezone.localdate()
    rows = [
        Counted(
            "complaint", f"T{n}", day, place, "F", "示例店", "鞋", "M0701", amount_yuan=Decimal("1234.56")
        )
        for n, place in enumerate(["440106"] * 6 + ["440304"])
    ]
    monkeypatch.setattr(counted, "_readers", {"test": lambda first, last: rows})
    body = client.get("/consumer/statistics/?format=csv").content.decode("utf-8-sig")
    told = {row["division_code"]: row["recovered_yuan"] for row in csv.DictReader(io.StringIO(body))}
    assert told == {"440000": "8641.92", "440100": "", "440300": ""}


def test_without_any_case_the_pages_say_so(client, people, monkeypatch):
    from zhijian.engines.signals import counted

    monkeypatch.setattr(counted, "_readers", {})
    assert "还没有分析过" in page(client, people.analyst, "/work/analysis/")[1]
    assert "还没有发布" in client.get("/warnings/").content.decode()
    assert "没有收到" in client.get("/consumer/statistics/").content.decode()
    assert client.get("/warnings/feed.xml").status_code == 200
