"""Records without a credit code, as complaints, sellers' lists and sampling sheets write them, and who they are.

Every record copies one entity and is then spoilt in documented ways, so that linkage can be judged against the truth.
The draws depend on the code and the seed alone: the order of the rows, threads and engine change nothing.
"""

from functools import lru_cache
from typing import Any

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhijian.datazone.synthesis.draws import uniform
from zhijian.datazone.synthesis.register import MARK
from zhijian.standards import divisions

COLUMNS = ("name", "address", "representative_id", "phone_id")
CORRUPTIONS = {
    "form_swapped": 0.25,  # 有限公司 for 有限责任公司, 店 for 商行, …
    "prefix_dropped": 0.20,  # 广州市天河区…: the division before the trade name is left out
    "one_character": 0.20,  # one character of the trade name or industry is another
    "form_dropped": 0.10,  # the legal form is left out
    "traditional": 0.05,  # written in traditional characters
    "address_digits": 0.15,  # house and room numbers are lost
    "address_prefix": 0.15,  # province, city and county before the street are lost
    "address_blank": 0.05,
    "phone_blank": 0.25,
    "representative_blank": 0.10,
}
"""Chance of each corruption in a record, drawn independently (of the two about the form, at most one happens)."""

SECOND_COPY = 0.5  # an entity with one record has a second one with this chance
FORMS = (
    "股份有限公司", "有限责任公司", "有限公司", "农民专业合作社", "专业合作社", "合作社", "经营部", "商行", "工作室",
    "服务部", "门市部", "批发部", "加工厂", "店", "厂", "行", "部", "馆", "坊", "档",
)  # fmt: skip
_SWAPS = {
    "股份有限公司": ("有限公司", "有限责任公司"),
    "有限责任公司": ("有限公司", "股份有限公司"),
    "有限公司": ("有限责任公司", "股份有限公司", "公司"),
    "农民专业合作社": ("专业合作社", "合作社"),
    "专业合作社": ("农民专业合作社", "合作社"),
    "合作社": ("专业合作社",),
    "经营部": ("商行", "门市部", "店"),
    "商行": ("经营部", "店", "行"),
    "工作室": ("店", "服务部"),
    "服务部": ("店", "经营部"),
    "门市部": ("经营部", "店"),
    "批发部": ("商行", "经营部"),
    "加工厂": ("厂", "加工部"),
    "店": ("商店", "铺", "商行"),
    "厂": ("加工厂", "作坊"),
    "行": ("店", "商行"),
    "部": ("店", "商行"),
    "馆": ("店", "坊"),
    "坊": ("店", "馆"),
    "档": ("店", "档口"),
}
# What is typed, heard or read for another: characters of one sound or of one look.
_MISTAKES = (
    "恒衡亨", "丰封峰锋", "利力立丽", "达大答", "兴星新欣", "盛胜晟", "华花桦", "源元原园", "鑫金新", "宏红洪鸿",
    "富福付", "泰太态", "和合禾", "嘉佳加", "美每", "诚成城程", "信欣新", "安按", "顺舜", "康慷", "益宜亿", "荣容融",
    "贸茂", "易益", "商尚", "食实", "品晶", "科可", "技计", "电店", "子仔", "建健", "材才", "服复", "务物", "装庄", "饰示",
)  # fmt: skip
_ANY = "恒丰利达兴盛华源鑫宏富泰和嘉美诚信安顺康益荣"


def corrupt(con: Any, table: Any, *, share: float, seed: int) -> pa.Table:
    """Return records of a `share` (0 to 1) of the entities of `table`, spoilt, each with its `true_uscc` beside it.

    `table` is an Ibis table of the connection `con`, or an Arrow table, with uscc, name, address,
    representative_id and phone_id. An entity that is chosen has one or two records. The rows come in an
    order that tells nothing; `record_id` counts them.
    """
    chosen = _choose(con, table, share, seed)
    keys = chosen["key"].to_numpy().astype(np.uint64)
    twice = np.flatnonzero(uniform(seed, "second copy", keys) < SECOND_COPY)
    rows = np.concatenate((np.arange(len(keys)), twice))
    copy = np.concatenate((np.zeros(len(keys), dtype=np.int64), np.ones(len(twice), dtype=np.int64)))
    order = np.lexsort((copy, keys[rows], uniform(seed, "order", keys[rows], copy)))
    rows, copy = rows[order], copy[order]
    columns = {name: chosen[name].take(pa.array(rows)).to_pylist() for name in COLUMNS}
    _spoil(columns, keys[rows], copy, seed)
    return pa.table(
        {
            "record_id": pa.array(np.arange(1, len(rows) + 1, dtype=np.int64)),
            **{name: pa.array(columns[name], pa.string()) for name in COLUMNS},
            "true_uscc": chosen["uscc"].take(pa.array(rows)),
        }
    )


def _choose(con: Any, table: Any, share: float, seed: int) -> pa.Table:
    """The entities that have records, with a 64-bit key of code and seed, by key."""
    if isinstance(table, pa.Table):
        table = ibis.memtable(table.select(["uscc", *COLUMNS]))
    key = _md5_key(table.uscc + f"/{seed}")
    keyed = table.select("uscc", *COLUMNS, key=key)
    limit = int(min(max(share, 0.0), 1.0) * (2**64 - 1))
    chosen = keyed.filter(keyed.key <= ibis.literal(limit, "uint64")).order_by("key", "uscc")
    found: pa.Table = con.to_pyarrow(chosen)
    return found


@ibis.udf.scalar.builtin(name="md5_number_lower")  # type: ignore[untyped-decorator]
def _md5_key(text: str) -> ibis.dtype("uint64"):  # type: ignore[valid-type, empty-body]
    """64 bits of the MD5 digest."""


def _spoil(columns: dict[str, list[Any]], keys: npt.NDArray, copy: npt.NDArray, seed: int) -> None:
    """Spoil the lists of `columns` in place."""
    happens = {kind: uniform(seed, kind, keys, copy) for kind in CORRUPTIONS}
    hit = {kind: happens[kind] < chance for kind, chance in CORRUPTIONS.items()}
    hit["form_dropped"] &= ~hit["form_swapped"]
    detail = uniform(seed, "detail", keys, copy)  # which character, which form
    names, addresses = columns["name"], columns["address"]
    for kind, change in (("one_character", mistype), ("form_swapped", swap_form)):
        for row in np.flatnonzero(hit[kind]):
            names[row] = change(names[row], float(detail[row]))
    for kind, spell in (("form_dropped", drop_form), ("prefix_dropped", drop_prefix)):
        for row in np.flatnonzero(hit[kind]):
            names[row] = spell(names[row])
    for kind, shorten in (("address_digits", drop_digits), ("address_prefix", drop_address_prefix)):
        for row in np.flatnonzero(hit[kind]):
            addresses[row] = shorten(addresses[row])
    for row in np.flatnonzero(hit["traditional"]):
        names[row], addresses[row] = traditional(names[row]), traditional(addresses[row])
    blanks = {
        "address_blank": "address",
        "phone_blank": "phone_id",
        "representative_blank": "representative_id",
    }
    for kind, column in blanks.items():
        for row in np.flatnonzero(hit[kind]):
            columns[column][row] = None


def split_form(name: str) -> tuple[str, str]:
    """Return a name without its legal form, and the form (longest first); the form is empty if there is none."""
    for form in FORMS:
        if name.endswith(form) and len(name) > len(form) + 1:
            return name[: -len(form)], form
    return name, ""


def split_prefix(text: str) -> tuple[str, str]:
    """Return the divisions at the start of a name or address (province, city, county), and the rest."""
    rest = text.removeprefix("广东省").removeprefix("广东")
    for names in (_city_names(), _county_names()):
        found = next((rest[:n] for n in range(7, 1, -1) if rest[:n] in names and len(rest) > n + 1), "")
        rest = rest[len(found) :]
    return text[: len(text) - len(rest)], rest


def swap_form(name: str, detail: float) -> str:
    """Replace the legal form by another; `detail` in [0, 1) chooses which."""
    rest, form = split_form(name)
    others = _SWAPS.get(form)
    return rest + others[int(detail * len(others))] if others else name


def drop_form(name: str) -> str:
    """Leave the legal form out."""
    return split_form(name)[0]


def drop_prefix(name: str) -> str:
    """Leave the divisions before the trade name out."""
    return split_prefix(name)[1]


def mistype(name: str, detail: float) -> str:
    """Replace one character between prefix and form by one that sounds or looks like it, or by any other."""
    prefix, rest = split_prefix(name)
    core, form = split_form(rest)
    core = core or rest
    marked = core.find(MARK)  # 示例 stays, so that every record says what it is
    places = [n for n in range(len(core)) if marked < 0 or not marked <= n < marked + len(MARK)]
    if not places:
        return name
    place = places[int(detail * len(places))]
    old = core[place]
    within = int(detail * 7919)
    likely = _look_alikes().get(old) or "".join(c for c in _ANY if c != old)
    return (
        prefix
        + core[:place]
        + likely[within % len(likely)]
        + core[place + 1 :]
        + (form if core != rest else "")
    )


def drop_digits(address: str | None) -> str | None:
    """Leave out house and room numbers."""
    return address and "".join(c for c in address if not (c.isascii() and c.isalnum()))


def drop_address_prefix(address: str | None) -> str | None:
    """Leave out province, city and county."""
    return address and split_prefix(address)[1]


def traditional(text: str | None) -> str | None:
    """Write in traditional characters, one by one as a keyboard's table does (phrases are not looked up)."""
    return text and "".join(map(_traditional_character, text))


@lru_cache(maxsize=8192)
def _traditional_character(character: str) -> str:
    return str(_converter().convert(character))


@lru_cache(maxsize=1)
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("s2t")


@lru_cache(maxsize=1)
def _look_alikes() -> dict[str, str]:
    found: dict[str, str] = {}
    for group in _MISTAKES:
        for character in group:
            found[character] = found.get(character, "") + group.replace(character, "")
    return found


@lru_cache(maxsize=1)
def _city_names() -> frozenset[str]:
    return frozenset(n for d in divisions.PREFECTURES for n in (d.name, d.name.removesuffix("市")))


@lru_cache(maxsize=1)
def _county_names() -> frozenset[str]:
    counties = [d for city in divisions.PREFECTURES for d in divisions.children(city.code6) if d.level == 3]
    short = (d.name.removesuffix("区").removesuffix("县").removesuffix("市") for d in counties)
    return frozenset(d.name for d in counties) | frozenset(name for name in short if len(name) > 1)
