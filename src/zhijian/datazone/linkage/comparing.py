"""How far two records agree: one level for each of seven comparisons, the same for training, batch and a single pair.

-1 says that one side is silent; 0 that both speak and nothing agrees; higher levels agree more closely.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zhijian.datazone.linkage.rows import Rows, place_county, place_prefecture

Levels = npt.NDArray[np.int8]
SILENT = -1


@dataclass(frozen=True)
class Level:
    """One degree of agreement and its words for the reader."""

    number: int
    name: str
    label_zh: str
    label_en: str


@dataclass(frozen=True)
class Comparison:
    """A thing compared, with its levels from 0 up."""

    name: str
    label_zh: str
    label_en: str
    levels: tuple[Level, ...]

    def level(self, number: int) -> Level:
        """The level with this number; for -1 a level that says a side is silent."""
        return SILENT_LEVEL if number == SILENT else self.levels[number]


SILENT_LEVEL = Level(SILENT, "silent", "一方没有", "missing on one side")


def _comparison(name: str, zh: str, en: str, *levels: tuple[str, str, str]) -> Comparison:
    return Comparison(name, zh, en, tuple(Level(n, *level) for n, level in enumerate(levels)))


COMPARISONS: tuple[Comparison, ...] = (
    _comparison("trade", "字号", "trade name", ("different", "不同", "different"), ("contained", "一个含在另一个中", "one within the other"),
                ("one_of_few", "两三字中差一字", "one character of two or three different"), ("one_of_many", "差一字", "one character different"),
                ("sound", "同音", "the same sound"), ("exact", "相同", "the same")),
    _comparison("industry", "行业词", "industry words", ("different", "不同", "different"), ("head", "开头相同", "the same beginning"),
                ("exact", "相同", "the same")),
    _comparison("form", "组织形式", "legal form", ("different", "不同类", "another family"), ("same", "同类", "the same family")),
    _comparison("division", "名称中的区划", "division in the name", ("conflict", "冲突", "conflicting"), ("prefecture", "同市", "the same city"),
                ("county", "同区县", "the same county")),
    _comparison("address", "地址", "address", ("elsewhere", "不在一处", "elsewhere"), ("other_road", "同区县，另一条路", "another road of the county"),
                ("county", "同区县，路不详", "the same county, the road unknown"), ("street", "同镇街", "the same street or town"), ("road", "同路", "the same road"), ("number", "同门牌", "the same number"),
                ("room", "同门牌同室", "the same number and room")),
    _comparison("representative", "法定代表人", "legal representative", ("different", "不同", "different"), ("same", "相同", "the same")),
    _comparison("phone", "电话", "telephone", ("different", "不同", "different"), ("same", "相同", "the same")),
)  # fmt: skip
NAMES = tuple(comparison.name for comparison in COMPARISONS)
TRADE, EXACT = NAMES.index("trade"), 5


def compare(left: Rows, right: Rows) -> Levels:
    """The levels of each pair (left[i], right[i]): a row per pair, a column per comparison."""
    columns = (_trade, _industry, _form, _division, _address, _representative, _phone)
    found = np.empty((len(left), len(columns)), np.int8)
    for place, column in enumerate(columns):
        found[:, place] = column(left, right)
    return found


def _trade(left: Rows, right: Rows) -> Levels:
    one, other = left["trade"], right["trade"]
    n_one, n_other = left["trade_length"].astype(np.int16), right["trade_length"].astype(np.int16)
    found = np.zeros(len(left), np.int8)
    exact = (one == other).all(axis=1) & (n_one > 0)
    found[exact] = EXACT
    sound = ~exact & (left["sound"] == right["sound"]) & (left["sound"] != 0)
    found[sound] = 4
    rest = np.flatnonzero(~exact & ~sound & (n_one > 0) & (n_other > 0))
    if len(rest):
        found[rest] = _near(one[rest], other[rest], n_one[rest], n_other[rest])
    found[(left["sound"] == 0) | (right["sound"] == 0)] = SILENT
    return found


def _near(
    one: npt.NDArray[np.uint16],
    other: npt.NDArray[np.uint16],
    n_one: npt.NDArray[np.int16],
    n_other: npt.NDArray[np.int16],
) -> Levels:
    """One character replaced, added or lost: what agrees from the front and from the back covers all but one."""
    width = one.shape[1]
    places = np.arange(width)
    longest, shortest = np.maximum(n_one, n_other), np.minimum(n_one, n_other)
    same_front = (one == other) & (places < shortest[:, None])
    front = np.cumprod(same_front, axis=1).sum(axis=1)
    back_one = np.take_along_axis(one, np.clip(n_one[:, None] - 1 - places, 0, width - 1), axis=1)
    back_other = np.take_along_axis(other, np.clip(n_other[:, None] - 1 - places, 0, width - 1), axis=1)
    same_back = (back_one == back_other) & (places < shortest[:, None])
    back = np.cumprod(same_back, axis=1).sum(axis=1)
    one_off = (longest - shortest <= 1) & (front + back >= longest - 1) & (longest >= 2)
    contained = (shortest >= 2) & (
        (front >= shortest) | (back >= shortest) | _inside(one, other, n_one, n_other)
    )
    found = np.where(contained, 1, 0)
    return np.where(one_off, np.where(longest > 3, 3, 2), found).astype(np.int8)


def _inside(
    one: npt.NDArray[np.uint16],
    other: npt.NDArray[np.uint16],
    n_one: npt.NDArray[np.int16],
    n_other: npt.NDArray[np.int16],
) -> npt.NDArray[np.bool_]:
    """The shorter stands somewhere in the middle of the longer."""
    swap = (n_one < n_other)[:, None]
    longer, shorter = np.where(swap, other, one), np.where(swap, one, other)
    n_long, n_short = np.maximum(n_one, n_other), np.minimum(n_one, n_other)
    found = np.zeros(len(one), bool)
    width = one.shape[1]
    silent = np.arange(width) >= n_short[:, None]
    for shift in range(1, width - 1):
        agrees = (longer[:, shift:] == shorter[:, : width - shift]) | silent[:, : width - shift]
        found |= agrees.all(axis=1) & (shift + n_short <= n_long)
    return found


def _silent_unless(found: npt.NDArray, *present: npt.NDArray) -> Levels:
    speaks = np.logical_and.reduce([values != 0 for values in present])
    return np.where(speaks, found, SILENT).astype(np.int8)


def _industry(left: Rows, right: Rows) -> Levels:
    head = (left["industry_head"] == right["industry_head"]).astype(np.int8)
    found = np.where(left["industry"] == right["industry"], 2, head)
    return _silent_unless(found, left["industry"], right["industry"])


def _form(left: Rows, right: Rows) -> Levels:
    return _silent_unless(left["form"] == right["form"], left["form"], right["form"])


def _division(left: Rows, right: Rows) -> Levels:
    """The division in one name against the one in the other or, where it names none, where that one lies."""
    city = left["prefecture"]
    other_city = np.where(right["prefecture"] > 0, right["prefecture"], place_prefecture(right))
    both_counties = (left["county"] > 0) & (right["county"] > 0)
    same_county = both_counties & (left["county"] == right["county"])
    found = np.where(city == other_city, np.where(same_county, 2, 1), 0)
    found = np.where(both_counties & ~same_county, 0, found)
    return _silent_unless(found, city, other_city)


def _address(left: Rows, right: Rows) -> Levels:
    city, other_city = place_prefecture(left), place_prefecture(right)
    county, other_county = place_county(left), place_county(right)
    conflict = ((city > 0) & (other_city > 0) & (city != other_city)) | (
        (county > 0) & (other_county > 0) & (county != other_county)
    )
    road = (left["road"] == right["road"]) & (left["road"] != 0)
    number = road & (left["number"] == right["number"]) & (left["number"] != 0)
    room = number & (left["room"] == right["room"]) & (left["room"] != 0)
    street = (left["street"] == right["street"]) & (left["street"] != 0)
    near = street | ((county == other_county) & (county > 0))
    other_road = near & (left["road"] != 0) & (right["road"] != 0) & ~road
    found = np.where(near, np.where(other_road, 1, np.where(street, 3, 2)), 0)
    for level, agrees in ((4, road), (5, number), (6, room)):
        found = np.where(agrees, level, found)
    found = np.where(conflict, 0, found)
    speaks = (county > 0) | (left["road"] > 0)
    other_speaks = (other_county > 0) | (right["road"] > 0)
    comparable = ((county > 0) & (other_county > 0)) | ((left["road"] > 0) & (right["road"] > 0)) | conflict
    return np.where(speaks & other_speaks & comparable, found, SILENT).astype(np.int8)


def _representative(left: Rows, right: Rows) -> Levels:
    same = left["representative"] == right["representative"]
    return _silent_unless(same, left["representative"], right["representative"])


def _phone(left: Rows, right: Rows) -> Levels:
    return _silent_unless(left["phone"] == right["phone"], left["phone"], right["phone"])
