"""A district with its people, its lists and thirty invented firms, and what they do in every draw by browser."""

import re
from datetime import datetime, timedelta
from types import SimpleNamespace

from playwright.sync_api import expect

from tests.engines.registers.declared import desk
from tests.portal.pages import town
from zhijian.apps.supervision.inspection import services as inspections
from zhijian.apps.supervision.planning.object_registers import TAGS
from zhijian.apps.supervision.planning.registers import ITEMS
from zhijian.datazone.lake import Lake
from zhijian.engines.registers import build
from zhijian.engines.registers.declared import services as registers
from zhijian.operations.seed.synthetic import synthetic_code
from zhijian.security.models import Officer, Organisation
from zhijian.standards.calendar import ZONE

PHONE = 390
START = datetime(2026, 11, 24, 9, tzinfo=ZONE)
FIRMS = [synthetic_code(870_000 + number, "440106") for number in range(30)]


def on_the_register(home, codes):
    """Put the town's firms and these on the register, as a night's build does."""
    lake = Lake(home.lake)
    rows = [
        town.entity(
            number, code, f"广州示例{number}号食品店（合成）", status_code="active", industry_section="F"
        )
        for number, code in enumerate(codes, start=1)
    ]
    lake.write("entity_market_entities", town._table(rows, town._ENTITY))
    build(lake, home.serving, at=town.AT)


def make(home, clock):
    """A district's people, its lists and thirty invented firms, on a Tuesday morning."""
    clock.at(START)
    keeper = desk.province_keeper(ITEMS)
    for kept, most in ((ITEMS, 100), (TAGS, 9)):
        registers.take_in(kept, "demo.csv", desk.as_csv(desk.demo_rows(kept, most)), by=keeper, at=START)
    inspections.publish_item_list(by=None, at=START)
    on_the_register(home, FIRMS)
    people = SimpleNamespace(
        planner=town.officer("zhao", "drawer"),
        second=town.officer("zhou", "drawer"),
        leader=town.officer("leader", "leader"),
        auditor=town.officer("sun", "auditor"),
        publisher=town.officer("qian", "publisher"),
        counter=town.officer("tian", "intake"),
        inspectors=[town.officer(name, "inspector") for name in ("chen", "li", "wang", "he")],
    )
    Organisation.objects.filter(division_code="440106").update(is_synthetic=True)
    for number, one in enumerate(Officer.objects.filter(organisation__division_code="440106")):
        one.skills, one.certificate_number = ["general"], f"粤A{number:04d}"
        one.save()
    return people


def times(draw):
    """The moments of a ceremony that begins in an hour, as the form asks for them."""
    after = {"freeze_at": 1, "commit_until": 3, "exists_at": 6, "reveal_until": 9}
    return {name: f"{draw + timedelta(hours=hours):%Y-%m-%dT%H:%M}" for name, hours in after.items()}


def announces(who, address, people, **changes):
    """Fill what the task of a plan leaves open in the form of a draw, and announce it."""
    if address:
        who.goes(address)
    who.fills(
        subjects="synthetic", auditor=people.auditor.username, source_name="示例彩票第1期", source_place="示例网站",
        source_shape="9999999999", **{**times(START), "inspection_until": "2026-12-31", **changes},
    )  # fmt: skip
    who.presses("公告这次抽签")


def both_commit_and_reveal(place, parties, clock):
    """Each party makes its number on its own device, promises it, and reveals it after the public value is known."""
    for who in parties:
        who.goes(place)
        who.page.click("[data-make]")
        expect(who.page.locator("#commitment")).to_have_value(re.compile("^[0-9a-f]{64}$"))
        who.presses("公布我方承诺")
    clock.at(START + timedelta(hours=6, minutes=30))
    parties[0].goes(place).fills(value="0123456789").presses("记录公共随机数")
    for who in parties:
        who.goes(place).presses("揭示我方秘密数")


def done_on_the_phone(person, check):
    """The first inspector arrives, looks at every item, records that nobody would sign; the second confirms."""
    first = person(check.inspector_first, width=PHONE)
    page = first.page
    first.goes(f"/work/checks/{check.pk}/")
    page.wait_for_selector("html[data-field=ready]")
    page.check("#certificates_shown")
    page.fill("#position_words", "店内")
    page.click("[data-begin]")
    page.wait_for_selector("[data-sync] >> text=全部已上传")
    for item in check.task.ordered_items:
        page.check(f"#f-{item.code}-conform")
        page.click("[data-next]")
    page.check("#code-1")
    page.click("[data-next]")
    page.check("#signing-refused")
    page.fill("#refusal_reason", "店主外出，店员不愿签字")
    page.select_option("#refusal_witness", index=1)
    first.fits()
    page.click("[data-hand-in]")
    page.wait_for_selector("text=等待第二名检查人员确认", timeout=20_000)
    second = person(check.inspector_second, width=PHONE)
    second.goes(f"/work/checks/{check.pk}/confirm/").presses("确认属实")
    second.reads("已确认")
