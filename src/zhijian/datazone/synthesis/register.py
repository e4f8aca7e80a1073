"""The register's rows: traits in words. Every name contains 示例, every row is marked synthetic."""

from functools import lru_cache

import numpy as np
import pyarrow as pa

from zhijian.datazone.synthesis import columns
from zhijian.datazone.synthesis.codes import Bytes, credit_codes
from zhijian.datazone.synthesis.draws import Integers, bits, uniform
from zhijian.datazone.synthesis.places import WITHOUT_COUNTIES, places, roads
from zhijian.datazone.synthesis.trades import ENTERPRISE, KINDS, trades
from zhijian.datazone.synthesis.traits import (
    BRANCH,
    JOINT_STOCK,
    LIMITED,
    MEMBERS,
    PARTNERSHIP,
    REVOKED,
    SOLE,
    STATUSES,
    TRADER,
    TYPE_CODES,
    Plan,
    Traits,
)

SOURCE = "合成数据"
MARK = "示例"
SCHEMA = pa.schema(
    {
        "uscc": pa.string(),
        "name": pa.string(),
        "registered_on": pa.date32(),
        "ended_on": pa.date32(),
        "status_code": pa.string(),
        "enterprise_type_code": pa.string(),
        "entity_kind_code": pa.string(),
        "capital_yuan": pa.decimal128(24, 2),
        "industry_code": pa.string(),
        "prefecture_code": pa.string(),
        "county_code": pa.string(),
        "street_code": pa.string(),
        "address": pa.string(),
        "representative_id": pa.string(),
        "phone_id": pa.string(),
        "employees": pa.int32(),
        "is_synthetic": pa.bool_(),
        "source": pa.string(),
        "delivered_on": pa.date32(),
    }
)
# Characters of trade names (字号): well-meaning, and enough of them for 17.8 million names.
CHARACTERS = (
    "禾瑞嘉恒盛丰宏益康泰华润新源荣兴德诚信达安顺和美佳满谷昌隆茂利通远洋岭川田林泉峰辰晖悦朗宁铭福禄寿喜财宝金银玉珠"
    "星月日光明亮辉耀天地山海江河湖溪东南西北中正大小广阔高升腾飞龙凤麒麟鹏鹤雁鸿云霞雨露春夏秋冬梅兰竹菊松柏桂荷莲香"
    "味鲜珍品尚雅致卓越优胜捷迅速联合众聚汇集创造智慧博学文理工农商贸千百万亿世纪永久长青翠绿红橙蓝紫白玄墨石木火土水"
    "鑫森淼焱垚旺运祥吉庆贺欢乐怡逸心意诺言誉名望尊贵豪杰英雄凯旋胜景园圃亭台楼阁轩堂斋居舍屋坊港湾岛洲桥津渡航帆舟"
    "锦绣绮纶纺纤维素朴真善仁义礼廉洁纯净清澈透晶莹琪琳瑜瑾璐珊瑶瑞钰锋铠钧锐铂钛磊岩峻崇岳岱晟昊旭昕昱晓曦晨旦景晴"
)
TRADER_FORMS = ("经营部", "商行", "店")
SOLE_FORMS = ("厂", "经营部", "商行", "加工厂", "工作室", "服务部")


def register_batch(plan: Plan, traits: Traits) -> pa.RecordBatch:
    """Return the rows of the register for these entities."""
    p, t, n = places(), trades(), len(traits)
    has_county = np.array([code not in WITHOUT_COUNTIES for code in p.county])
    counties = [code if has_county[i] else None for i, code in enumerate(p.county)]
    person, phone = (_opaque(plan.seed, what, getattr(traits, what)) for what in ("person", "phone"))
    arrays = [
        uscc_column(traits),
        _names(plan, traits),
        columns.days(traits.founded),
        columns.days(traits.end, traits.status >= REVOKED),
        columns.words(STATUSES, traits.status),
        columns.words(TYPE_CODES, traits.type),
        columns.words(KINDS, traits.kind),
        columns.money(traits.capital_yuan, 24),
        columns.words(t.industry, traits.trade),
        columns.words(p.prefecture, traits.county),
        columns.words(counties, traits.county),
        columns.words(p.street, traits.street),
        addresses(plan.seed, traits.number, traits.street),
        columns.ascii_text(columns.prefixed("P", person)),
        columns.ascii_text(columns.prefixed("T", phone)),
        pa.array(traits.employees.astype(np.int32)),
        columns.constant(True, pa.bool_(), n),
        columns.constant(SOURCE, pa.string(), n),
        columns.constant(plan.until, pa.date32(), n),
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def code_bytes(traits: Traits) -> Bytes:
    """Return the credit codes as rows of bytes."""
    return credit_codes(traits.number, _code_prefixes()[traits.kind * len(places().county) + traits.county])


def uscc_column(traits: Traits) -> pa.Array:
    """Return the credit codes."""
    return columns.ascii_text(code_bytes(traits))


@lru_cache(maxsize=1)
def _code_prefixes() -> Bytes:
    """The first eight characters by kind and county: 91, 92 or 93 and the registrar's division."""
    text = "".join(f"9{kind}{county}" for kind in (1, 2, 3) for county in places().county)
    return np.frombuffer(text.encode(), dtype=np.uint8).reshape(-1, 8)


def _opaque(seed: int, what: str, number: Integers) -> Bytes:
    return columns.hexadecimal(bits(seed, what, number), 12)


@lru_cache(maxsize=1)
def _word_table() -> tuple[list[str], Integers, Integers]:
    """Industry words of all trades in one list; for each trade the first of them and how many."""
    words = [word for those in trades().words for word in those]
    counts = np.array([len(those) for those in trades().words])
    return words, np.cumsum(counts) - counts, counts


def _names(plan: Plan, traits: Traits) -> pa.Array:
    """Division, 示例, trade name, industry word and form, as the rules for names put them together."""
    seed, number, p = plan.seed, traits.number, places()
    is_enterprise = traits.kind == ENTERPRISE
    prefix = np.where(
        is_enterprise & (uniform(seed, "short", number) < 0.7), 0, 1
    )  # city alone, or down to the county
    divisions = [*p.city_name, *p.county_name]
    below = uniform(seed, "street in name", number) < np.where(is_enterprise, 0.0, 0.45)
    words, first, counts = _word_table()
    word = first[traits.trade] + (uniform(seed, "word", number) * counts[traits.trade]).astype(np.int64)
    return columns.joined(
        columns.words(divisions, traits.county + prefix * len(p.county)),
        columns.words([*p.street_mark, ""], np.where(below, traits.street, len(p.street_mark))),
        MARK,
        *_trade_name(seed, traits),
        columns.words(words, word),
        columns.words(_FORMS, _form(seed, traits)),
    )


def _trade_name(seed: int, traits: Traits) -> list[pa.Array]:
    """Two to four characters; the third and fourth may be empty."""
    letters = [*dict.fromkeys(CHARACTERS), ""]
    empty = len(letters) - 1
    length = uniform(seed, "letters", traits.number)
    third = np.where(traits.kind == ENTERPRISE, 0.45, 0.40)
    limits = (np.zeros(len(traits)), np.zeros(len(traits)), third, np.full(len(traits), 0.95))
    parts = []
    for place, limit in enumerate(limits):
        drawn = (uniform(seed, "letter", traits.number, place) * empty).astype(np.int64)
        parts.append(columns.words(letters, np.where(length >= limit, drawn, empty)))
    return parts


_TRADE_FORMS = sorted({form for form in trades().forms if form})
_FORMS = [
    "有限公司", "有限责任公司", "股份有限公司", *(f"有限公司第{n}分公司" for n in "一二三四五六"), *SOLE_FORMS,
    "合伙企业（有限合伙）", "农民专业合作社", *_TRADE_FORMS, *TRADER_FORMS,
]  # fmt: skip


def _form(seed: int, traits: Traits) -> Integers:
    """Index into `_FORMS`: the form that the entity's type has."""
    drawn, kind_of = uniform(seed, "form", traits.number), traits.type
    at = _FORMS.index
    branch = at("有限公司第一分公司") + (drawn * 6).astype(np.int64)
    sole = at("厂") + (drawn * len(SOLE_FORMS)).astype(np.int64)
    of_trade = np.array([at(form) if form else 0 for form in trades().forms])[traits.trade]
    general = len(_FORMS) - len(TRADER_FORMS) + (drawn * 10 / 3 * len(TRADER_FORMS)).astype(np.int64)
    return np.select(
        [kind_of == LIMITED, kind_of == JOINT_STOCK, kind_of == BRANCH, kind_of == SOLE, kind_of == PARTNERSHIP,
         kind_of == TRADER, kind_of == MEMBERS],
        [np.where(drawn < 0.85, 0, 1), at("股份有限公司"), branch, sole, at("合伙企业（有限合伙）"),
         np.where(drawn < 0.3, np.minimum(general, len(_FORMS) - 1), of_trade), of_trade],
        0,
    )  # fmt: skip


def addresses(seed: int, number: Integers, street: Integers, *, move: int = 0) -> pa.Array:
    """Return addresses down to the room: division, road, number, and often building and room. `move` counts moves."""
    road = ((street * 7 + uniform(seed, "road", number, move) * 60).astype(np.int64)) % len(roads())
    house = (uniform(seed, "house", number, move) ** 2 * (len(_HOUSES) - 1)).astype(np.int64)
    building = (uniform(seed, "building", number, move) * 2.5 * len(_BUILDINGS)).astype(np.int64)
    room = (uniform(seed, "room", number, move) * 1.4 * len(_ROOMS)).astype(np.int64)
    return columns.joined(
        columns.words(places().street_name, street),
        columns.words(roads(), road),
        columns.words(_HOUSES, house),
        columns.words([*_BUILDINGS, ""], np.minimum(building, len(_BUILDINGS))),
        columns.words([*_ROOMS, ""], np.minimum(room, len(_ROOMS))),
    )


_HOUSES = [f"{n}号" for n in range(1, 900)] + [f"{n}号之{m}" for n in range(1, 60) for m in "一二三"]
_BUILDINGS = (
    [f"{letter}栋" for letter in "ABCDEFGH"] + [f"{n}栋" for n in range(1, 13)] + ["首层", "综合楼", "商业城"]
)
_ROOMS = [f"{floor}{room:02d}房" for floor in range(1, 33) for room in range(1, 13)] + [
    f"{n}号铺" for n in range(1, 100)
]
