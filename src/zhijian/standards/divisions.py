"""Administrative divisions (GB/T 2260 and the twelve-digit statistical codes) from province to village.

The list is that of the National Bureau of Statistics as of 2023-06-30: all provinces, prefectures, counties,
streets and towns, and the villages of Guangdong; Hong Kong, Macao and Taiwan as provinces. Dongguan (441900)
and Zhongshan (442000) have no counties: their streets hang on the prefecture. Codes that were abolished
earlier, and codes that only registrars use, are in tables of their own: `former` and `resolve`.
"""

import csv
import gzip
import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

DATA = Path(__file__).parent / "data"
PROVINCE, PREFECTURE, COUNTY, STREET, VILLAGE = 1, 2, 3, 4, 5
_NOT_A_PLACE = {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}  # rows that only group others


@dataclass(frozen=True)
class Division:
    """A division of today. Codes are digits as text."""

    code12: str
    name: str
    level: int  # 1 province, 2 prefecture, 3 county, 4 street or town, 5 village
    parent_code12: str | None

    @property
    def code6(self) -> str:
        """The first six digits: of a street or village, those of its county (or prefecture)."""
        return self.code12[:6]

    @property
    def code9(self) -> str:
        """The first nine digits: of a village, those of its street."""
        return self.code12[:9]

    @property
    def code(self) -> str:
        """The shortest code that names it: six digits down to the county, nine for a street, else twelve."""
        return {STREET: self.code9, VILLAGE: self.code12}.get(self.level, self.code6)

    @property
    def parent(self) -> "Division | None":
        """The division it lies in; None for a province."""
        return _by_code12().get(self.parent_code12) if self.parent_code12 else None


@dataclass(frozen=True)
class FormerDivision:
    """A code that was abolished, with what its territory belongs to today."""

    code6: str
    name: str
    valid_until: date | None
    successor_codes: tuple[str, ...]  # today's six-digit codes; several where the territory was divided
    decision: str  # the State Council's decision; empty where it is not known to us
    is_verified: bool  # False: entered from memory
    note: str


@dataclass(frozen=True)
class Resolution:
    """What a six-digit code from an old registration means today."""

    code6: str
    kind: str  # 'current', 'former', 'registrar' (a registrar's own code) or 'prefix' (only its digits are known)
    divisions: tuple[Division, ...]  # several where a former division was divided
    note: str
    is_verified: bool


def find(code: str) -> Division | None:
    """Return the division of today with this code of 6, 9 or 12 digits; None for any other text."""
    if len(code) not in (6, 9, 12) or not code.isascii() or not code.isdigit():
        return None
    code12 = code.ljust(12, "0")
    found = _by_code12().get(code12)
    if found is None and len(code) == 12:
        found = _villages().get(code12)
    return found


def children(code: str) -> tuple[Division, ...]:
    """Return the divisions directly inside `code`, by code; villages only for streets of Guangdong."""
    code12 = code.ljust(12, "0")
    found = _children().get(code12, ())
    return found or tuple(village for village in _villages_by_street().get(code12, ()))


def counties(territory: str = "44") -> list[tuple[str, str]]:
    """Return code and full name of each county of an area, and of a city itself where it has none (Dongguan, Zhongshan)."""
    cities = [one for one in PREFECTURES if one.code6.startswith(territory[:4])]
    parts = [part for city in cities for part in _parts(city) if part.code6.startswith(territory)]
    return [(one.code6, full_name(one.code6) or one.name) for one in parts]


def _parts(city: Division) -> list[Division]:
    return [one for one in children(city.code6) if one.level == COUNTY] or [city]


@lru_cache(maxsize=1)
def provinces() -> tuple[Division, ...]:
    """Return all provinces, autonomous regions, municipalities and special administrative regions, by code."""
    found = (division for division in _by_code12().values() if division.level == PROVINCE)
    return tuple(sorted(found, key=lambda division: division.code12))


def full_name(code: str) -> str | None:
    """Return the name with all above it, such as 广东省广州市天河区; None for a code that is unknown."""
    found = find(code)
    if found is None:
        return None
    names = []
    while found is not None:
        if found.name not in _NOT_A_PLACE:
            names.append(found.name)
        found = found.parent
    return "".join(reversed(names))


def name_in_english(code: str) -> str | None:
    """Return the English name of a place of Guangdong down to counties: `Tianhe District, Guangzhou`; else None."""
    name, city = _english().get(code), _english().get(f"{code[:4]}00")
    return name if name is None or city is None or code.endswith("00") else f"{name}, {city}"


def prefecture_of(code: str) -> Division | None:
    """Return the prefecture that a division lies in, or is."""
    found = find(code)
    while found is not None and found.level > PREFECTURE:
        found = found.parent
    return found if found is not None and found.level == PREFECTURE else None


def former(code6: str) -> tuple[Division, ...]:
    """Return what an abolished code's territory belongs to today; nothing for a code that is not abolished."""
    found = former_division(code6)
    if found is None:
        return ()
    return tuple(division for code in found.successor_codes if (division := find(code)))


def former_division(code6: str) -> FormerDivision | None:
    """Return the abolished division with this code, with its decision and last day."""
    return _former().get(code6)


def former_divisions() -> tuple[FormerDivision, ...]:
    """Return all abolished divisions that we know, by code."""
    return tuple(_former().values())


def resolve(code6: str) -> Resolution | None:
    """Return what a code of an old registration means today, and how we know; None if nothing is known.

    A registrar's code tells no more than the prefecture (or province) in which it registered: never derive
    the county from it.
    """
    current = find(code6) if len(code6) == 6 else None
    if current and current.name not in _NOT_A_PLACE:
        return Resolution(code6, "current", (current,), "", True)
    gone = former_division(code6)
    if gone:
        return Resolution(code6, "former", former(code6), f"{gone.name}：{gone.note}", gone.is_verified)
    registrar = _registrars().get(code6)
    if registrar:
        return registrar
    return _by_prefix(code6)


@lru_cache(maxsize=1)
def districts_of_hong_kong_macao_and_taiwan() -> dict[str, dict[str, list[str]]]:
    """Return names of districts by region; the national list gives them no codes."""
    content: dict[str, dict[str, list[str]]] = json.loads(
        (DATA / "hk_mo_tw.json").read_text(encoding="utf-8")
    )
    return content


def _by_prefix(code6: str) -> Resolution | None:
    if len(code6) != 6 or not code6.isdigit():
        return None
    for digits, what in ((4, "地级市"), (2, "省")):
        above = find(code6[:digits].ljust(6, "0"))
        if above and above.name not in _NOT_A_PLACE:
            note = f"{code6}不在现行区划表中，按前{digits}位归入所在{what}"
            return Resolution(code6, "prefix", (above,), note, False)
    return None


@lru_cache(maxsize=1)
def _by_code12() -> dict[str, Division]:
    rows = _rows_gz("divisions_2023.csv.gz")
    found = {
        row["code12"]: Division(row["code12"], row["name"], int(row["level"]), row["parent_code12"] or None)
        for row in rows
    }
    for code, name in (("710000", "台湾省"), ("810000", "香港特别行政区"), ("820000", "澳门特别行政区")):
        found[code.ljust(12, "0")] = Division(code.ljust(12, "0"), name, PROVINCE, None)
    return found


@lru_cache(maxsize=1)
def _children() -> dict[str, tuple[Division, ...]]:
    return _grouped(_by_code12())


@lru_cache(maxsize=1)
def _villages() -> dict[str, Division]:
    return {
        row["code12"]: Division(row["code12"], row["name"], VILLAGE, row["parent_code12"])
        for row in _rows_gz("villages_gd_2023.csv.gz")
    }


@lru_cache(maxsize=1)
def _villages_by_street() -> dict[str, tuple[Division, ...]]:
    return _grouped(_villages())


def _grouped(divisions: dict[str, Division]) -> dict[str, tuple[Division, ...]]:
    inside: dict[str, list[Division]] = defaultdict(list)
    for division in divisions.values():
        if division.parent_code12:
            inside[division.parent_code12].append(division)
    return {code12: tuple(sorted(found, key=lambda d: d.code12)) for code12, found in inside.items()}


@lru_cache(maxsize=1)
def _former() -> dict[str, FormerDivision]:
    return {row["code6"]: _former_from(row) for row in _rows("former_divisions.csv")}


def _former_from(row: dict[str, str]) -> FormerDivision:
    last_day = date.fromisoformat(row["valid_until"]) if row["valid_until"] else None
    successors = tuple(row["successors"].split("|"))
    return FormerDivision(
        row["code6"],
        row["name"],
        last_day,
        successors,
        row["decision"],
        row["verified"] == "true",
        row["note"],
    )


@lru_cache(maxsize=1)
def _registrars() -> dict[str, Resolution]:
    found = {}
    for row in _rows("registrar_divisions.csv"):
        division = find(row["division"])
        assert division is not None, row
        found[row["code6"]] = Resolution(
            row["code6"], "registrar", (division,), row["note"], row["verified"] == "true"
        )
    return found


@lru_cache(maxsize=1)
def _english() -> dict[str, str]:
    return {row["code"]: row["name_en"] for row in _rows("gd_places_en.csv")}


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _rows_gz(name: str) -> list[dict[str, str]]:
    with gzip.open(DATA / name, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


PREFECTURES: tuple[Division, ...] = children("440000")  # the 21 of Guangdong
