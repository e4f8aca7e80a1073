"""Invented enterprises with an invented past, for showing what real firms must not be used for.

Every name contains 示例, and every organisation code begins with ``MAYY``, a part of the number
space that the issuing office has not reached, so that no code belongs to a real firm. The data come
as files, and pass through the same contracts, quarantine and register as real ones do.
"""

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from zhijian.standards import divisions
from zhijian.standards.organisation_code import check_character as organisation_check
from zhijian.standards.uscc import check_character as uscc_check

SOURCE = "示例业务系统导出"
AUTHORITY = "示例市场监督管理局"
LOW_FINE_YUAN = 50_000  # of the invented province; Guangdong's own figure is a parameter to be set
CODE_MARK = "MAYY"
_FIRST = "禾瑞嘉恒盛丰宏益康泰华润新源荣兴德诚信达安顺和美佳"
_SECOND = "满谷源达昌隆茂利通远洋岭川田林泉峰辰晖悦朗宁铭"
_DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@dataclass(frozen=True)
class Trade:
    """An invented firm's trade: the industry word of its name, its scope, its share, how risky it is."""

    word: str
    scope: str
    weight: int
    hazard: float
    field: str


TRADES = (
    Trade("食品", "食品销售；预包装食品批发；米、面制品及食用油批发。", 22, 1.6, "食品安全"),
    Trade("餐饮管理", "餐饮服务；餐饮管理；外卖递送服务。", 16, 1.8, "食品安全"),
    Trade("食品加工", "糕点、面包制造；饼干及其他焙烤食品制造。", 8, 1.7, "食品安全"),
    Trade("商贸", "日用百货批发；日用品零售；纺织品、针织品批发。", 20, 0.9, "产品质量"),
    Trade("电子科技", "电子元器件制造；电子产品销售；技术开发、技术咨询。", 14, 0.6, "产品质量"),
    Trade("电梯工程", "电梯安装、改造、修理；特种设备销售。", 6, 1.4, "特种设备"),
    Trade("医疗器械", "第二类医疗器械销售；第一类医疗器械销售。", 6, 1.3, "药品器械"),
    Trade("广告传媒", "广告设计、代理；广告制作；广告发布。", 8, 1.0, "广告"),
)
HEADER = (
    "file_year", "uscc", "name", "registered_on", "type", "capital", "scope", "province", "city", "address", "status",
)  # fmt: skip


@dataclass(frozen=True)
class Firm:
    row: dict[str, str]
    trade: Trade
    hazard: float

    @property
    def uscc(self) -> str:
        return self.row["uscc"]


def write_province(folder: Path, *, entities: int, seed: int, until: date) -> dict[str, Path]:
    """Write an invented register, a later export with changes, and five years of facts.

    Returns the files by what they hold: ``register``, ``changes`` and ``facts``. The same seed gives
    the same bytes.
    """
    random = Random(seed)  # noqa: S311 - invented data, nothing secret
    folder.mkdir(parents=True, exist_ok=True)
    firms = [_firm(number, random, until) for number in range(entities)]
    paths = {
        "register": folder / "enterprises_SYNTHETIC.csv",
        "changes": folder / "enterprises_changes_SYNTHETIC.csv",
        "facts": folder / "supervision_facts_SYNTHETIC.jsonl",
    }
    _write_csv(paths["register"], [firm.row for firm in firms])
    _write_csv(paths["changes"], [_changed(firm, random) for firm in random.sample(firms, entities // 40)])
    with paths["facts"].open("w", encoding="utf-8") as file:
        for firm in firms:
            for fact in _facts(firm, random, until):
                file.write(json.dumps(fact, ensure_ascii=False) + "\n")
    return paths


def _write_csv(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADER)
        writer.writeheader()
        writer.writerows(rows)


def synthetic_code(number: int, division_code: str) -> str:
    """Return the credit code of the invented firm with this number, both check characters right."""
    letters = ""
    for _ in range(4):
        number, digit = divmod(number, len(_DIGITS))
        letters = _DIGITS[digit] + letters
    body = CODE_MARK + letters
    prefix = f"91{division_code}{body}{organisation_check(body)}"
    return prefix + uscc_check(prefix)


def _place(random: Random) -> tuple[str, str, str]:
    """Return a county code (or a city's without counties), its city's name, and a street's address."""
    city = random.choice(divisions.PREFECTURES)
    counties = [d for d in divisions.children(city.code6) if d.level == 3] or [city]
    county = random.choice(counties)
    streets = [d for d in divisions.children(county.code6) if d.level == 4]
    street = random.choice(streets).name if streets else ""
    within = "" if county is city else county.name
    return county.code6, city.name, f"{city.name}{within}{street}"


def _firm(number: int, random: Random, until: date) -> Firm:
    trade = random.choices(TRADES, weights=[t.weight for t in TRADES])[0]
    county, city, address = _place(random)
    founded = until - timedelta(days=random.randint(120, 7000))
    word = random.choice(_FIRST) + random.choice(_SECOND)
    row = {
        "file_year": str(founded.year),
        "uscc": synthetic_code(number, county),
        "name": f"{city.removesuffix('市')}示例{word}{trade.word}有限公司",
        "registered_on": founded.isoformat(),
        "type": "有限责任公司",
        "capital": f"{random.choice((10, 50, 100, 200, 500, 1000))}万人民币",
        "scope": trade.scope,
        "province": "广东",
        "city": city.removesuffix("市"),
        "address": f"{address}示例路{random.randint(1, 399)}号{random.randint(1, 28)}0{random.randint(1, 9)}",
        "status": random.choices(("存续", "歇业", "注销", "吊销"), weights=(960, 12, 18, 10))[0],
    }
    return Firm(row, trade, trade.hazard * random.gammavariate(0.8, 1.25))


def _changed(firm: Firm, random: Random) -> dict[str, str]:
    """The same firm in a later export: it moved, or raised its capital, or both."""
    row = dict(firm.row)
    if random.random() < 0.6:
        row["address"] = row["address"].split("示例路")[0] + f"示例路{random.randint(400, 799)}号101"
    if random.random() < 0.6 or row == firm.row:
        row["capital"] = f"{random.choice((300, 800, 2000))}万人民币"
    return row


def _facts(firm: Firm, random: Random, until: date) -> Iterator[dict[str, object]]:
    """Five years of an invented past, drawn from the firm's own hazard."""
    founded = date.fromisoformat(firm.row["registered_on"])
    since = max(founded, until - timedelta(days=5 * 365))
    if random.random() < 0.12:  # a part has no supervision record at all
        return
    years = (until - since).days / 365.25
    for year in range(max(founded.year, until.year - 5), until.year):
        yield from _annual_report(firm, random, year, until)
    for number, day in enumerate(_moments(random, 0.10 * firm.hazard * years, since, until)):
        yield _penalty(firm, random, number, day)
    for number, day in enumerate(_moments(random, 0.30 * firm.hazard * years, since, until)):
        complaint = {"complaint_no": f"示例投诉-{firm.uscc[-10:]}-{number}", "category": firm.trade.field}
        yield _fact(firm, "complaint.upheld", day, complaint)
    for number, day in enumerate(_moments(random, 0.35 * years, since, until)):
        is_bad = random.random() < min(0.85, 0.12 * firm.hazard)
        code = random.choice(("6", "9")) if is_bad else "1"
        result = {"check_id": f"示例检查-{firm.uscc[-10:]}-{number}", "codes": [code], "authority": AUTHORITY}
        yield _fact(firm, "inspection.result", day, result)
    if random.random() < 0.004 * firm.hazard and (until - founded).days > 730:
        day = until - timedelta(days=random.randint(30, 700))
        listing = {
            "decision_no": _decision(firm, day, 900),
            "authority": AUTHORITY,
            "ground": "食品安全领域严重违法",
        }
        yield _fact(firm, "serious_list.listed", day, listing)


def _annual_report(firm: Firm, random: Random, year: int, until: date) -> Iterator[dict[str, object]]:
    """The report of a year was published in time, or the firm was listed within ten working days."""
    filed = date(year + 1, random.randint(1, 6), random.randint(1, 28))
    listed = date(year + 1, 7, random.randint(2, 12))
    if random.random() < 0.97 - 0.05 * firm.hazard:
        if filed <= until:
            yield _fact(firm, "annual_report.published", filed, {"report_year": year, "is_late": False})
        return
    removed = listed + timedelta(days=random.randint(20, 900))
    entry = {"ground_code": "annual_report", "authority": AUTHORITY}
    if listed <= until:
        yield _fact(
            firm, "abnormal_list.listed", listed, entry | {"decision_no": _decision(firm, listed, 500)}
        )
    if removed <= until:
        yield _fact(
            firm, "abnormal_list.removed", removed, entry | {"decision_no": _decision(firm, removed, 700)}
        )


def _moments(random: Random, expected: float, since: date, until: date) -> list[date]:
    """Days of a Poisson process with this expected count, in order."""
    days, reached = [], random.expovariate(1.0)
    while reached < expected:
        days.append(since + timedelta(days=int((until - since).days * reached / expected)))
        reached += random.expovariate(1.0)
    return days


def _decision(firm: Firm, day: date, number: int) -> str:
    return f"示例市监决〔{day.year}〕{firm.uscc[-6:]}-{number}号"


def _penalty(firm: Firm, random: Random, number: int, day: date) -> dict[str, object]:
    fine = random.choice((2000, 5000, 10000, 20000, 50000, 80000, 200000))
    published = day + timedelta(days=random.randint(3, 20))
    decided: dict[str, object] = {
        "decision_no": _decision(firm, day, number),
        "authority": AUTHORITY,
        "violation": f"违反{firm.trade.field}管理规定（示例）",
        "types": ["fine"],
        "procedure": "ordinary",
        "fine_yuan": str(fine),
        "is_low_fine": fine < LOW_FINE_YUAN,
        "field": firm.trade.field,
        "published_on": published.isoformat(),
    }
    return _fact(firm, "penalty.decided", day, decided)


def _fact(firm: Firm, kind: str, day: date, payload: Mapping[str, object]) -> dict[str, object]:
    told = json.dumps(payload, ensure_ascii=False, sort_keys=True)
    key = hashlib.sha256(f"{firm.uscc}/{kind}/{day.isoformat()}/{told}".encode()).hexdigest()[:24]
    return {
        "fact_id": hashlib.sha256(f"{SOURCE}/{key}".encode()).hexdigest()[:32],
        "uscc": firm.uscc,
        "kind": kind,
        "occurred_on": day.isoformat(),
        "source": SOURCE,
        "source_key": key,
        "payload": payload,
    }
