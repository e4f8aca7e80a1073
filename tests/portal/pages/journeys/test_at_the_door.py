"""A firm objects to an inspector at its door; the leader upholds; the next of the drawn order goes; the auditor sees it."""

from datetime import date, timedelta

import pytest

from tests.engines.draws import ceremony
from tests.portal.pages.journeys.conftest import PHONE
from zhijian.apps.supervision.inspection import services
from zhijian.apps.supervision.inspection.dispatching import dispatch_of
from zhijian.engines.draws import services as draws
from zhijian.engines.draws.plan import Item
from zhijian.engines.registers.market_entities import EntityRegister
from zhijian.security.models import Officer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ITEM = Item("REG-01", "登记事项", "《市场主体登记管理条例》第三十八条", "food")


@pytest.fixture
def drawn(transactional_db, home, clock):
    """A real draw among twenty invented firms, dispatched; six days later the inspectors go out."""
    plan = ceremony.open_plan(items=(ITEM,), is_synthetic=True, rehearsal=False)
    draw, _ = ceremony.published(plan, ceremony.objects(20, rates=("R1",)))
    leader = ceremony.officer("leader", "leader", "drawer")
    auditor = ceremony.officer("auditor", "auditor")
    for one in ceremony.inspectors():
        who = ceremony.officer(one.inspector_id, "inspector")
        who.display_name, who.certificate_valid_until = f"示例{one.name}", date(2027, 6, 30)
        who.certificate_number = f"粤A{one.inspector_id}"
        who.save()
    services.publish_item_list(by=None, at=ceremony.ANNOUNCED_AT)
    told = dispatch_of(draw, EntityRegister(home.serving), leader)
    check = services.dispatch(told, by=leader, at=ceremony.DRAWN_AT).checks.order_by("number").first()
    clock.at(ceremony.DRAWN_AT + timedelta(days=6))
    order = draws.succession_of(draw, check.leaf).all
    return leader, auditor, check, Officer.objects.get(username=order[0])


def test_who_is_objected_to_at_the_door_is_replaced_by_the_next_of_the_drawn_order(person, drawn):
    leader, auditor, check, following = drawn
    leaving, staying = check.inspector_first, check.inspector_second
    phone = person(staying, width=PHONE)
    place = f"/work/checks/{check.pk}/objection/"
    phone.goes(f"/work/checks/{check.pk}/")
    phone.goes(place).fills(officer=leaving.pk, words="是").presses("记下并给回执编号")
    phone.reads("请选择理由。")  # without a ground nothing is written down
    phone.fills(officer=leaving.pk, ground="relation", words="店主说他是自己的表弟").presses(
        "记下并给回执编号"
    )
    number = f"HB-{check.number}-1"
    phone.reads(number)
    phone.goes(f"/work/objections/{number}/", status=403)  # neither colleague nor the one objected to decides

    boss = person(leader)
    boss.goes("/work/replacements/").reads(number)
    boss.goes(f"/work/objections/{number}/").reads("店主说他是自己的表弟", "决定期限")
    boss.fills(outcome="upheld").presses("决定并制作决定书").reads("请写明理由")  # not without a reason
    boss.fills(outcome="upheld", reason="经核实确有亲属关系。").presses("决定并制作决定书")
    boss.reads("已准许回避", f"由{following}按抽签次序接替", "决定书")

    inspectors = person(following, width=PHONE)
    inspectors.goes(f"/work/checks/{check.pk}/").reads(str(following), str(staying))
    gone = person(leaving, width=PHONE)
    gone.goes(f"/work/checks/{check.pk}/").does_not_read("记下到场")
    eye = person(auditor)
    eye.goes("/work/replacements/").reads("换过的", f"{leaving} → {following}")
    eye.does_not_read(
        "表弟"
    )  # that somebody was replaced is audited; what the firm said is not for everybody
    english = person(auditor, english=True, width=PHONE)
    english.goes("/work/replacements/").reads(f"{leaving} → {following}")
