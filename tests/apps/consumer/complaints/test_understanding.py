import random
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from zhijian.apps.consumer.complaints.understanding import (
    Handler,
    Told,
    candidates,
    groups,
    propose_handlers,
    topic,
    urgency,
)

DAY = date(2026, 11, 2)


def test_without_a_learned_model_the_words_of_the_taxonomy_give_a_topic_and_are_told():
    told = topic("店铺关门跑路，老板失联，人去楼空", None)
    assert told.code == "M1101"
    assert told.words
    assert topic("您好", None).code is None


@pytest.mark.parametrize(
    ("text", "grounds"),
    [
        ("孩子在商场被电梯夹伤流血，已送医院抢救", {"injury"}),
        ("吃了该店的蛋糕后腹泻呕吐", {"food_or_drug"}),
        ("学校食堂午餐后有30名学生呕吐", {"food_or_drug", "many_victims", "vulnerable"}),
        ("健身房跑路，二百多名会员无法退款", {"many_affected"}),
        ("热水器漏电，幸好没有人受伤", {"danger"}),
        ("商家态度恶劣，拒绝退款", set()),
        ("没有受伤，只是鞋底开胶", set()),
        ("3名顾客被多收茶位费", set()),
        ("After the lunch 12 people were vomiting, the food was spoiled", {"food_or_drug", "many_victims"}),
    ],
)
def test_urgency_is_told_with_its_grounds_and_a_denied_harm_does_not_count(text, grounds):
    told = urgency(text)
    assert {ground.code for ground in told.grounds} == grounds
    assert told.is_urgent == bool(grounds)
    assert all(ground.found for ground in told.grounds)


@dataclass
class Record:
    uscc: str
    name: str
    address: str
    division_code: str


HERE = Record("1", "广州好味餐饮有限公司", "天河区体育西路12号", "440106")
AWAY = Record("2", "广州好味餐饮有限公司", "越秀区中山五路3号", "440104")
OTHER = Record("3", "佛山好味餐饮管理有限公司", "禅城区祖庙路1号", "440604")


def found(code="", name="广州好味餐饮有限公司", division="440106"):
    return candidates(
        name=name,
        address="体育西路12号",
        code=code,
        division_code=division,
        find={r.uscc: r for r in (HERE, AWAY, OTHER)}.get,
        search=lambda words: [OTHER, AWAY, HERE],
    )


def test_of_namesakes_the_one_whose_place_and_address_agree_comes_first_with_its_reasons():
    first, second, third = found()
    assert (first.uscc, second.uscc, third.uscc) == ("1", "2", "3")
    assert [zh for zh, _ in first.reasons] == ["名称一致", "同一县（区）", "地址相符"]


def test_a_code_decides_alone_and_an_unknown_one_does_not():
    assert [c.uscc for c in found(code="2")] == ["2"]
    assert len(found(code="9")) == 3


def told(number, text, firm="A", matter="M1102", days=0):
    return Told(f"TS{number:03d}", firm, matter, DAY + timedelta(days), text)


CARD = "在该健身房办卡充值{n}元，现在店铺关门老板失联，要求退还会员卡余额"


def test_a_hundred_complaints_about_one_shop_are_one_event_and_one_more_shop_is_another():
    rows = [told(i, CARD.format(n=1000 + i * 7), days=i % 20) for i in range(100)]
    rows.append(told(200, CARD.format(n=9), firm="B"))
    made = groups(rows)
    assert set(made.events.values()) == {"TS000", "TS200"}
    assert len(made.members("TS000")) == 100


def test_the_same_text_twice_is_a_repeat_and_another_text_of_the_event_is_not():
    rows = [told(1, CARD), told(2, CARD + "！"), told(3, "教练离职后课程无人承接，店里说下月恢复")]
    made = groups(rows)
    assert made.repeats == {"TS001": "TS001", "TS002": "TS001", "TS003": "TS003"}
    assert set(made.events.values()) == {"TS001"}


def test_months_apart_is_another_event_and_no_firm_groups_nothing():
    assert len(set(groups([told(1, CARD), told(2, CARD, days=90)]).events.values())) == 2
    assert len(set(groups([told(1, CARD, firm=""), told(2, CARD, firm="")]).events.values())) == 2


def test_the_order_in_which_submissions_come_changes_no_group():
    rows = [told(i, CARD.format(n=i) if i % 3 else "过期牛奶变质发霉", days=i) for i in range(30)]
    shuffled = rows[:]
    random.Random(4).shuffle(shuffled)
    assert groups(shuffled) == groups(rows)


def officer(name, territory="440106", skills=(), load=0, leave=False):
    return Handler(name, name, territory, frozenset(skills), load, leave)


def test_a_handler_is_proposed_by_place_then_skill_then_load():
    able = [
        officer("city", territory="4401"),
        officer("busy", skills=["M11"], load=9),
        officer("skilled", skills=["M11"], load=2),
        officer("idle"),
        officer("away", territory="440104"),
        officer("resting", skills=["M11"], leave=True),
    ]
    proposals = propose_handlers(able, division_code="440106", topic_code="M1102")
    assert [p.handler.username for p in proposals] == ["skilled", "busy", "idle", "city"]
    assert ("熟悉预付式消费", "Skilled in Prepaid consumption") in proposals[0].reasons
