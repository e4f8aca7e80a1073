"""A name cut into division, trade name, industry and form; an address into county, street, road, number and room.

Everything works on whole columns: pieces are found by the hashes of the characters before or after a place, never row
by row, so that one function serves seventeen million names and a single one.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from zhijian.datazone.linkage import characters
from zhijian.datazone.linkage.spans import Flags, Hashes, Places, Texts, Words, hash_of_text, mixed
from zhijian.standards import divisions

WORDS = Path(__file__).parent / "data" / "industry_words.txt"
NAME_WIDTH, ADDRESS_WIDTH = 40, 60  # code units that are read
TRADE_WIDTH = 8  # code units of a trade name that are compared
INDUSTRY_WORDS_READ = 4
MARK = "示例"  # every invented name carries it; it tells nobody from nobody, so it is left out

# Legal forms by family: a swap within one says little, between two more.
FORMS: dict[str, str] = {
    "company": "有限责任公司 有限公司 股份有限公司 公司 集团有限公司 集团股份有限公司 控股有限公司",
    "branch": "分公司 分店 分行 支行 分部 营业部 办事处 分厂 营业厅 门店",
    "shop": "商店 店 商行 经营部 门市部 批发部 服务部 商铺 铺 行 部 馆 坊 档 档口 工作室 屋 吧 庄 室 摊 小卖部 士多 士多店",
    "works": "厂 加工厂 加工部 作坊 加工店 制造厂",
    "cooperative": "农民专业合作社 专业合作社 合作社 农民专业合作社联合社 家庭农场 农场",
    "partnership": "合伙企业 事务所 个人独资企业",
    "centre": "中心 学校 医院 协会 研究院 研究所 站",
}
FORM_CODES = {family: number for number, family in enumerate(FORMS, start=1)}
_COMPANY = "有限公司"


def _any_of(letters: str) -> npt.NDArray[np.bool_]:
    """For each code unit, whether it is one of these."""
    found = np.zeros(characters.SIZE, bool)
    found[[ord(letter) for letter in letters]] = True
    return found


_ENDS_ROAD = _any_of("路街道巷村园区城场厦里线圩楼苑庄围坊")
_STOPS_STREET = _any_of("路巷号") | (np.arange(characters.SIZE) < 0x3000)
_IN_ROOM = _any_of("0123456789abcdefghijklmnopqrstuvwxyz")


@dataclass(frozen=True)
class Parsed:
    """What is compared, a row each. Codes and hashes are 0 where the record says nothing."""

    trade: npt.NDArray[np.uint16]  # n × 8 code units
    trade_length: Places
    sound: Hashes  # of the trade name as it is heard
    sound_head: Hashes  # of its first two characters
    industry: Hashes
    industry_head: Hashes
    form: Places
    prefecture: Places  # of the name: 4 digits
    county: Places  # 6 digits
    address_prefecture: Places
    address_county: Places
    street: Hashes
    road: Hashes
    number: Places
    room: Hashes
    words: dict[str, pa.Array]  # the pieces as text; empty unless asked for

    def __len__(self) -> int:
        return len(self.trade)


def parse(names: Any, addresses: Any, *, with_words: bool = False) -> Parsed:
    """Parse a column of names and one of addresses (Arrow, or any sequence of text and None)."""
    folded = _folded(names)
    name, address = Texts.of(folded, NAME_WIDTH), Texts.of(_folded(addresses), ADDRESS_WIDTH)
    found = _name(name, with_words) | _address(address, with_words)
    found["words"] = {
        key.removeprefix("word_"): found.pop(key) for key in [*found] if key.startswith("word_")
    }
    _read_latin_rows(found, folded)
    return Parsed(**{field.name: found[field.name] for field in fields(Parsed)})


def _folded(column: Any) -> pa.Array:
    array = column if isinstance(column, pa.Array | pa.ChunkedArray) else pa.array(column, pa.string())
    if len(array) == 1:
        return pa.array([characters.fold(array[0].as_py() or "")], pa.string())
    return characters.fold_column(array)


def _name(whole: Texts, with_words: bool) -> dict[str, Any]:
    inside = _left_out(whole.units)
    bracket_prefecture = _prefecture_in_brackets(whole) if inside.any() else np.zeros(len(whole), np.int64)
    bare = whole.without(inside) if inside.any() else whole
    start, prefecture, county = _divisions_at_head(bare)
    form, form_length = _form(bare, start)
    end = bare.lengths - form_length
    industry_start = _industry_start(bare, start, end)
    length = industry_start - start
    trade = bare.piece(start, length, TRADE_WIDTH)
    sounds = characters.sound_table()[trade]
    heard = Texts.from_units(sounds, np.minimum(length, TRADE_WIDTH))
    origin = np.zeros(len(bare), np.int64)
    found: dict[str, Any] = {
        "trade": trade,
        "trade_length": np.minimum(length, TRADE_WIDTH),
        "sound": mixed(heard.hashes(origin, TRADE_WIDTH)),
        "sound_head": mixed(heard.hashes(origin, 2)),
        "industry": mixed(bare.hashes(industry_start, end - industry_start)),
        "industry_head": mixed(bare.hashes(industry_start, np.minimum(end - industry_start, 2))),
        "form": form,
        "prefecture": np.where(prefecture > 0, prefecture, bracket_prefecture),
        "county": county,
    }
    if with_words:
        found |= {
            "word_division": bare.text(origin, start),
            "word_trade": bare.text(start, length),
            "word_industry": bare.text(industry_start, end - industry_start),
            "word_form": bare.text(end, form_length),
        }
    return found


def _left_out(units: npt.NDArray[np.uint16]) -> Flags:
    """Brackets with what they hold, hyphens, and the mark of invented names."""
    opened = np.cumsum(units == ord("("), axis=1) - np.cumsum(units == ord(")"), axis=1)
    first = (units[:, :-1] == ord(MARK[0])) & (units[:, 1:] == ord(MARK[1]))
    mark = np.zeros(units.shape, bool)
    mark[:, :-1] |= first
    mark[:, 1:] |= first
    inside: Flags = (opened > 0) | (units == ord(")")) | (units == ord("(")) | (units == ord("-")) | mark
    return inside


def _prefecture_in_brackets(texts: Texts) -> Places:
    rows = np.flatnonzero((texts.units == ord("(")).any(axis=1))
    found = np.zeros(len(texts), np.int64)
    if len(rows):
        some = Texts.from_units(texts.units[rows], texts.lengths[rows])
        start = (some.units == ord("(")).argmax(axis=1) + 1
        number, _ = _cities().at(some, start)
        found[rows] = np.maximum(number, 0)
    return found


def _divisions_at_head(texts: Texts) -> tuple[Places, Places, Places]:
    """Where the divisions at the head end, the prefecture (4 digits) and the county (6 digits)."""
    start = np.zeros(len(texts), np.int64)
    _, length = _heads().at(texts, start)
    start = start + length
    prefecture, length = _cities().at(texts, start)
    start = start + length
    county, length = _counties().at(texts, start)
    start = start + length
    both = (
        (county > 0) & (prefecture > 0) & (county // 100 != prefecture)
    )  # of two cities: the county's is read
    prefecture = np.where((county > 0) & ((prefecture < 0) | both), county // 100, prefecture)
    bare, length = _bare_counties().at(texts, start)
    taken = (county < 0) & (bare > 0) & (bare // 100 == prefecture) & (texts.lengths - start - length >= 6)
    start, county = start + np.where(taken, length, 0), np.where(taken, bare, county)
    return start, np.maximum(prefecture, 0), np.maximum(county, 0)


def _form(texts: Texts, start: Places) -> tuple[Places, Places]:
    """The family of the legal form and its length; a form of four characters with one wrong is still one."""
    family, length = _forms().before(texts, texts.lengths, start + 1)
    slips = np.zeros(len(texts), np.int64)
    for place, character in enumerate(_COMPANY):
        slips += texts.unit(texts.lengths - 4 + place) != ord(character)
    slipped = (slips == 1) & (length < 4) & (texts.lengths - start > 5)
    return np.where(slipped, FORM_CODES["company"], np.maximum(family, 0)), np.where(slipped, 4, length)


def _industry_start(texts: Texts, start: Places, end: Places) -> Places:
    """Where the industry words before the form begin; the trade name keeps at least two characters."""
    begin = end.copy()
    first = np.minimum(start + 2, end)
    for _ in range(INDUSTRY_WORDS_READ):
        _, length = _industries().before(texts, begin, first)
        if not length.any():
            break
        begin = begin - length
    return begin


def _address(texts: Texts, with_words: bool) -> dict[str, Any]:
    start, prefecture, county = _divisions_at_head(texts)
    after_street, street = _street(texts, start)
    digits = (texts.units >= ord("0")) & (texts.units <= ord("9"))
    columns = np.arange(texts.width)
    digits_after = digits & (columns >= after_street[:, None])
    has_number = digits_after.any(axis=1)
    number_at = np.where(has_number, digits_after.argmax(axis=1), texts.lengths)
    road_start, road_length = _road(texts, after_street, number_at)
    number, number_length = _number(texts, number_at)
    found: dict[str, Any] = {
        "address_prefecture": prefecture,
        "address_county": county,
        "street": mixed(street),
        "road": mixed(texts.hashes(road_start, road_length)),
        "number": number,
        "room": _room(texts, number_at + number_length),
    }
    if with_words:
        origin = np.zeros(len(texts), np.int64)
        found |= {
            "word_address_division": texts.text(origin, start),
            "word_street": texts.text(start, after_street - start),
            "word_road": texts.text(road_start, road_length),
            "word_number": texts.text(number_at, number_length),
            "word_rest": texts.text(number_at + number_length, texts.lengths - number_at - number_length),
        }
    return found


def _street(texts: Texts, start: Places) -> tuple[Places, Hashes]:
    """Where the street or town after the divisions ends (`start` if there is none), and the hash of its name."""
    after, is_open = start.copy(), np.ones(len(texts), bool)
    name_length = np.zeros(len(texts), np.int64)
    for place in range(2, 8):
        unit, following = texts.unit(start + place), texts.unit(start + place + 1)
        ends = (unit == ord("镇")) | (unit == ord("乡"))
        is_office = (unit == ord("街")) & (following == ord("道"))
        hit = is_open & (ends | is_office)
        after[hit] = (start + place + 1 + is_office)[hit]
        name_length[hit] = place
        is_open &= ~(hit | _STOPS_STREET[unit])
    return after, np.where(name_length > 0, texts.hashes(start, name_length), np.uint64(0))


def _road(texts: Texts, start: Places, end: Places) -> tuple[Places, Places]:
    """The road: at most four characters up to the last that ends a name of a road, village, park or building."""
    columns = np.arange(texts.width)
    span = (columns >= start[:, None]) & (columns < end[:, None])
    ends = _ENDS_ROAD[texts.units] & span
    last = texts.width - 1 - ends[:, ::-1].argmax(axis=1)
    stop = np.where(ends.any(axis=1), last + 1, start)
    begin = np.maximum(start, stop - 4)
    return begin, stop - begin


def _number(texts: Texts, start: Places) -> tuple[Places, Places]:
    """The house number (up to five digits) and how many digits it has."""
    value, length = np.zeros(len(texts), np.int64), np.zeros(len(texts), np.int64)
    going = np.ones(len(texts), bool)
    for place in range(5):
        unit = texts.unit(start + place).astype(np.int64) - ord("0")
        going &= (unit >= 0) & (unit <= 9)
        value = np.where(going, value * 10 + unit, value)
        length += going
    return value, length


def _room(texts: Texts, start: Places) -> Hashes:
    """The digits and letters after the house number, whatever stands between them."""
    kept = _IN_ROOM[texts.units] & (np.arange(texts.width) >= start[:, None])
    rows = np.flatnonzero(kept.any(axis=1))
    found = np.zeros(len(texts), np.uint64)
    if len(rows):
        some = Texts.from_units(texts.units[rows], texts.lengths[rows]).without(~kept[rows])
        found[rows] = mixed(some.hashes(np.zeros(len(rows), np.int64), texts.width))
    return found


@cache
def _heads() -> Words:
    return Words((word, 1) for word in ("中国", "广东省", "广东", "中国广东省"))


@cache
def prefectures() -> dict[str, int]:
    """Four digits of each prefecture of Guangdong by its name without 市."""
    return {characters.fold(d.name.removesuffix("市")): int(d.code6[:4]) for d in divisions.PREFECTURES}


@cache
def _cities() -> Words:
    return Words(
        (name + tail, code) for name, code in prefectures().items() for tail in ("", "市", "经济特区")
    )


def _county_divisions() -> Iterable[divisions.Division]:
    for city in divisions.PREFECTURES:
        yield from (d for d in divisions.children(city.code6) if d.level == divisions.COUNTY)


@cache
def _counties() -> Words:
    return Words((characters.fold(county.name), int(county.code6)) for county in _county_divisions())


@cache
def _bare_counties() -> Words:
    """Counties without 区, 县, 市: read after their city alone, for many are words of trade names too."""
    return Words((characters.fold(d.name[:-1]), int(d.code6)) for d in _county_divisions() if len(d.name) > 2)


@cache
def _forms() -> Words:
    return Words(
        (characters.fold(form), FORM_CODES[family])
        for family, forms in FORMS.items()
        for form in forms.split()
    )


@cache
def _industries() -> Words:
    return Words((word, number) for number, word in enumerate(industry_words()))


@cache
def industry_words() -> tuple[str, ...]:
    """Words of names that tell an industry."""
    lines = [line for line in WORDS.read_text("utf-8").splitlines() if not line.startswith("#")]
    return tuple(sorted({characters.fold(word) for line in lines for word in line.split() if len(word) > 1}))


# Names in Latin letters: the few rows that a foreign platform or a customs sheet writes.
ENGLISH = {
    "companylimited": "", "coltd": "", "limited": "", "company": "", "corporation": "", "incorporated": "", "inc": "", "ltd": "", "llc": "",
    "corp": "", "guangdong": "", "province": "", "city": "", "china": "", "foodstuffs": "食品", "foodstuff": "食品", "foods": "食品", "food": "食品",
    "trading": "贸易", "trade": "贸易", "electronics": "电子", "electronic": "电子", "technology": "科技", "tech": "科技", "catering": "餐饮",
    "restaurant": "餐饮", "logistics": "物流", "medicaldevices": "医疗器械", "medicaldevice": "医疗器械", "elevators": "电梯", "elevator": "电梯",
    "engineering": "工程", "advertising": "广告", "media": "传媒", "hardware": "五金", "plastics": "塑料", "plastic": "塑料", "garments": "服装",
    "garment": "服装", "clothing": "服装", "furniture": "家具", "cosmetics": "化妆品", "toys": "玩具", "pharmacy": "药房", "supermarket": "超市",
    "hotel": "酒店",
}  # fmt: skip


@dataclass(frozen=True)
class LatinName:
    """A name in Latin letters that reads as pinyin: its city, the sounds of its trade name, its industry, its form."""

    prefecture: int
    sounds: str
    industry: str
    form: int


def read_latin(folded: str) -> LatinName | None:
    """Read `shenzhenhemanfoodcoltd` as 深圳, the sounds of 禾满, 食品, a company; None where it is no pinyin."""
    rest, industry = folded, ""
    form = FORM_CODES["company"] if re.search("(?:limited|ltd|company|corp|inc)$", rest) else 0
    rest = rest.removeprefix("guangdong")
    city = next(
        (name for name in sorted(_latin_cities(), key=len, reverse=True) if rest.startswith(name)), ""
    )
    rest = rest.removeprefix(city)
    words = sorted(ENGLISH, key=len, reverse=True)
    while word := next((w for w in words if rest.endswith(w) and len(rest) > len(w)), ""):
        rest, industry = rest.removesuffix(word), ENGLISH[word] + industry
    match = _latin_syllables().fullmatch(rest)
    pieces = _one_syllable().findall(rest) if match else []
    if "".join(pieces) != rest or not 2 <= len(pieces) <= TRADE_WIDTH:
        return None
    sounds = "".join(characters.syllables()[piece] for piece in pieces)
    return LatinName(_latin_cities().get(city, 0), sounds, industry, form)


def _read_latin_rows(found: dict[str, Any], folded: pa.Array) -> None:
    """Put the reading of names in Latin letters in the place of what was found in their letters."""
    is_latin = np.asarray(pc.match_substring_regex(folded, "^[a-z0-9-]{4,}$"))
    for row in np.flatnonzero(is_latin):
        if (read := read_latin(folded[int(row)].as_py().replace("-", ""))) is None:
            continue
        found["trade"][row], found["trade_length"][row] = 0, 0
        values = {
            "sound": _mixed_hash(read.sounds),
            "sound_head": _mixed_hash(read.sounds[:2]),
            "industry": _mixed_hash(read.industry),
            "industry_head": _mixed_hash(read.industry[:2]),
            "form": read.form,
            "prefecture": read.prefecture or found["prefecture"][row],
        }
        for key, value in values.items():
            found[key][row] = value


def _mixed_hash(text: str) -> np.uint64:
    return mixed(np.array([hash_of_text(text)], np.uint64))[0]


@cache
def _one_syllable() -> re.Pattern[str]:
    return re.compile("|".join(sorted(characters.syllables(), key=lambda s: (-len(s), s))))


@cache
def _latin_syllables() -> re.Pattern[str]:
    return re.compile(f"(?:{_one_syllable().pattern})+")


@cache
def _latin_cities() -> dict[str, int]:
    letters = {character: syllable for syllable, character in characters.syllables().items()}
    table = characters.sound_table()
    return {
        "".join(letters.get(chr(table[ord(c)]), "") for c in name): code
        for name, code in prefectures().items()
    }
