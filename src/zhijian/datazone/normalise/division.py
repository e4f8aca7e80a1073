"""Division of an entity: from address, city and credit code together, saying which of them decided."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from zhijian.datazone.normalise.gazetteer import PROVINCE, WITHOUT_COUNTIES, ZONES, Gazetteer, Place
from zhijian.standards import divisions

ROAD_FOLLOWS = re.compile(
    "[东西南北中上下前后内外大直横正新一二三四五六七八九十]{0,3}(?:大道|马路|路|街(?!道)|巷|大街|大厦|广场|花园|公路|立交|桥|城(?!区)|线)"
)
ROAD_AT_START = re.compile("(?P<road>[\u4e00-\u9fff]{2,7}?(?:大道|马路|路|大街|街(?!道)|巷))")
STRONG_SUFFIX = re.compile("街道办事处|街道办|街道|办事处|圩镇|镇|乡")
WEAK_SUFFIX = re.compile("街(?!道)|区")
VILLAGE_SUFFIX = re.compile("社区|村委会|村民委员会|居委会|居委|管理区|村")
ZONE_TAIL = re.compile(
    "(?:国家)?(?:高新技术产业开发区|高新技术开发区|高新区|经济技术开发区|经济开发区|经济区|综合保税区|保税区|开发区|新区|合作区|区)"
)
CITY_PROPER = re.compile("(?:市区|城区内|县城|市内)")
ROAD_SUPPORT = 3  # other addresses that must agree before a road is believed
ROAD_AGREEMENT = 0.9


@dataclass(frozen=True, slots=True)
class Evidence:
    """One deciding piece: the level it decides, the code, where it was read (address, city, uscc), the words."""

    level: str
    code: str
    source: str
    words: str

    def as_json(self) -> dict[str, str]:
        """As written into `division_evidence`."""
        return {"level": self.level, "code": self.code, "from": self.source, "words": self.words}


@dataclass(frozen=True, slots=True)
class Location:
    """Codes of GB/T 2260 with the evidence for each; None where nothing decides.

    In Dongguan and Zhongshan, which have no counties, `county_code` is the prefecture's own code.
    `rest` is the address after the names that were read, for learning roads; it is not stored.
    """

    prefecture_code: str | None = None
    county_code: str | None = None
    street_code: str | None = None
    former_code: str | None = None
    evidence: tuple[Evidence, ...] = ()
    rest: str = ""

    def found(self, level: str, code: str, source: str, words: str) -> "Location":
        """The same location with one level more, or the level replaced."""
        others = tuple(e for e in self.evidence if e.level != level)
        return replace(
            self, **{f"{level}_code": code}, evidence=(*others, Evidence(level, code, source, words))
        )


# Cities with one district in the city proper: an address of the city without district lies there.
CITY_PROPER_DISTRICTS = {
    "440400": "440402", "440600": "440604", "440900": "440902", "441200": "441202", "441300": "441302", "441400": "441402",
    "441500": "441502", "441600": "441602", "441700": "441702", "441800": "441802", "445100": "445102", "445200": "445202",
    "445300": "445302",
}  # fmt: skip
OUTSIDE_PROPER = re.compile(
    "开发区|高新|产业转移|试验区|经济区|保税|管理区|工业园|农场|林场|红海湾|[镇乡村县]"
)

Roads = dict[tuple[str, str], str]


def plain_address(address: str | None) -> str:
    """Full-width to half-width, no blanks, without country and province."""
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", address or ""))
    if text.upper() in {"N/A", "-", "无"}:
        return ""
    return re.sub("^(?:中国)?(?:广东省|广东(?=[\u4e00-\u9fff]{2}市))?", "", text)


def locate(
    gazetteer: Gazetteer, uscc: str, city_text: str | None, address: str | None, roads: Roads | None = None
) -> Location:
    """Where an entity is, as today's codes. Address beats city, city beats code.

    A county named by its former name, or the county of an abolished code, becomes its successor. A street that
    moved to a new county takes the county with it. A functional zone is no county: it only says in which county it lies.
    An address that begins with another province lies there, whatever city and code say.
    """
    plain = plain_address(address)
    if elsewhere := other_province(plain):
        words = Evidence("province", elsewhere.code, "address", elsewhere.name)
        return note_former_code(Location(evidence=(words,)), uscc)
    found = locate_prefecture(gazetteer, uscc, city_text, plain)
    found = note_former_code(found, uscc)
    if found.prefecture_code is None:
        return found
    place = gazetteer.places[found.prefecture_code[:4]]
    found = locate_county(found, place)
    found = locate_street(found, place)
    found = locate_by_village(found, place)
    if found.county_code is None:
        found = county_by_code(found, uscc)
    if found.county_code is None:
        found = county_by_road(found, roads or {})
    if found.county_code is None:
        found = county_of_city_proper(found)
    return locate_street(found, place, bare=True) if found.street_code is None else found


def other_province(address: str) -> divisions.Division | None:
    """The province whose full name the address begins with, if it is not this one; 上海市场街 names none."""
    return next(
        (
            province
            for province in divisions.provinces()
            if address.startswith(province.name)
            and not address.startswith("场", len(province.name))
            and not province.code.startswith(PROVINCE)
        ),
        None,
    )


def locate_prefecture(gazetteer: Gazetteer, uscc: str, city_text: str | None, address: str) -> Location:
    """The prefecture, from the head of the address, else the city's text, else digits 3-6 of the code."""
    city = (city_text or "").strip().removesuffix("市")
    rest, words = address, ""
    prefecture: str | None = None
    while head := prefecture_at_head(gazetteer, rest, city):
        prefecture, words = gazetteer.prefectures[head.removesuffix("市")], head
        rest = rest[len(head) :]
    rest = CITY_PROPER.sub("", rest, count=1) if CITY_PROPER.match(rest) else rest
    if prefecture is None:
        for length in (8, 7, 6, 5, 4, 3):
            code = gazetteer.county_names.get(rest[:length])
            if code:
                return Location(rest=rest).found("prefecture", f"{code[:4]}00", "address", rest[:length])
    if prefecture:
        return Location(rest=rest).found("prefecture", prefecture, "address", words)
    if city in gazetteer.prefectures:
        return Location(rest=rest).found("prefecture", gazetteer.prefectures[city], "city", city)
    code = f"{uscc[2:6]}00"
    if code in gazetteer.prefectures.values() and uscc.isascii():
        return Location(rest=rest).found("prefecture", code, "uscc", uscc[2:6])
    return Location(rest=rest)


def prefecture_at_head(gazetteer: Gazetteer, text: str, city: str) -> str | None:
    """`惠州市` or, where the city column says the same, `惠州`; never the beginning of a road such as 中山路."""
    for length in (2, 3):
        name = text[:length]
        if name not in gazetteer.prefectures:
            continue
        after = text[length:]
        if after.startswith("市") and not after.startswith(("市场", "市政")):
            return f"{name}市"
        if (
            name == city
            and not ROAD_FOLLOWS.match(after)
            and not after.startswith(("经济", "高新", "保税", "开发"))
        ):
            return name
    return None


def note_former_code(found: Location, uscc: str) -> Location:
    """Keep digits 3-8 where they are a division that no longer exists."""
    code = uscc[2:8]
    if (
        code.startswith(PROVINCE)
        and code.isdigit()
        and not code.endswith(("00", "01"))
        and divisions.former(code)
    ):
        return replace(found, former_code=code)
    return found


def locate_county(found: Location, place: Place) -> Location:
    """A county named in the address: full or former name first, then a zone, then the name without 区 or 县."""
    prefecture = str(found.prefecture_code)
    if prefecture[:4] in WITHOUT_COUNTIES:
        head = found.evidence[0]
        return found.found("county", prefecture, head.source, head.words)
    rest = found.rest
    full = earliest_name(rest[:24], place.counties)
    zone = next((z for z in ZONES if ZONES[z][:4] == prefecture[:4] and z in with_city(found)[:16]), None)
    if full and (zone is None or full[0] == 0):
        position, name = full
        after = rest[position + len(name) :]
        return replace(found, rest=after).found("county", place.counties[name], "address", name)
    if zone:
        after = (
            rest[rest.find(zone) + len(zone) :]
            if zone in rest
            else re.sub("^(?:经济技术开发区|开发区|保税区)", "", rest)
        )
        return replace(
            found, rest=ZONE_TAIL.sub("", after, count=1) if ZONE_TAIL.match(after) else after
        ).found("county", ZONES[zone], "address", zone)
    for length in (4, 3, 2):
        code, after = place.bare_counties.get(rest[:length]), rest[length:]
        if code and not ROAD_FOLLOWS.match(after) and not after.startswith(("镇", "街道", "村", "社区")):
            return replace(found, rest=after).found("county", code, "address", rest[:length])
    return found


def with_city(found: Location) -> str:
    """The rest of the address with the city's words before it, for zones named after the city."""
    return f"{found.evidence[0].words.removesuffix('市')}{found.rest}"


def earliest_name(text: str, names: dict[str, str]) -> tuple[int, str] | None:
    """The first and there the longest of `names` in `text`; names of two characters count at the head alone."""
    for start in range(len(text)):
        for length in range(min(9, len(text) - start), 1, -1):
            name = text[start : start + length]
            if name in names and (length > 2 or start == 0):
                return start, name
    return None


def locate_street(found: Location, place: Place, *, bare: bool = False) -> Location:
    """A street or town named in the address; it must lie in the county, unless the county was divided since."""
    best: tuple[int, int, int] | None = None
    chosen: tuple[str, str] | None = None
    text = found.rest[:32]
    for start in range(len(text)):
        for length in range(min(8, len(text) - start), 1, -1):
            codes = place.streets.get(text[start : start + length])
            strength = street_strength(text, start, length, found, bare=bare) if codes else 0
            if not codes or not strength:
                continue
            code = choose_street(codes, found, strength, start)
            rank = (strength, -start, length)
            if code and (best is None or rank > best):
                best, chosen = rank, (code, text[start : start + length])
    if chosen is None or best is None:
        return found
    code, words = chosen
    after = text[-best[1] + len(words) :]
    suffix = STRONG_SUFFIX.match(after) or WEAK_SUFFIX.match(after)
    words += suffix[0] if suffix and best[0] > 1 else ""
    return with_street(replace(found, rest=found.rest[-best[1] + len(words) :]), code, words)


def street_strength(text: str, start: int, length: int, found: Location, *, bare: bool) -> int:
    """How surely the words at `start` name a street: 3 with 镇, 街道 and so on, 2 with 街 or 区, 1 at the head alone."""
    after = text[start + length :]
    if STRONG_SUFFIX.match(after):
        return 3
    county = found.county_code or ""
    if WEAK_SUFFIX.match(after) and (start == 0 or (after[0] == "区" and county[:4] in WITHOUT_COUNTIES)):
        return 2
    if start == 0 and not ROAD_FOLLOWS.match(after) and (county or bare):
        return 1
    return 0


def choose_street(codes: set[str], found: Location, strength: int, start: int) -> str | None:
    """The one street meant, or None if it cannot be told."""
    if found.county_code is None or found.county_code[:4] in WITHOUT_COUNTIES:
        return next(iter(codes)) if len(codes) == 1 else None
    inside = {code for code in codes if code.startswith(found.county_code)}
    if len(inside) == 1:
        return next(iter(inside))
    moved = strength == 3 and start <= 2 and not inside and len(codes) == 1
    return next(iter(codes)) if moved else None


def with_street(found: Location, code: str, words: str) -> Location:
    """The street, and its county unless the same is known already."""
    county = code[:6] if code[:4] not in WITHOUT_COUNTIES else f"{code[:4]}00"
    if county != found.county_code:
        found = found.found("county", county, "address", words)
    return found.found("street", code, "address", words)


def locate_by_village(found: Location, place: Place) -> Location:
    """A village or community named in the address, if only one of that name comes into question.

    Uniqueness is tested inside the county, or inside the prefecture where no county is known. A community beats the
    street written before it when that street has none of the name: streets were divided, old addresses stayed.
    """
    text = found.rest[:32]
    for start in range(len(text)):
        for length in range(min(8, len(text) - start), 1, -1):
            codes = place.villages.get(text[start : start + length])
            suffix = VILLAGE_SUFFIX.match(text, start + length) if codes else None
            if not codes or not suffix:
                continue
            inside = {code for code in codes if not found.county_code or within(code, found.county_code)}
            if found.street_code in inside:
                return found
            if len(inside) == 1 and (found.street_code is None or suffix[0] == "社区"):
                return with_street(found, next(iter(inside)), text[start : start + length] + suffix[0])
    return found


def within(street_code: str, county_code: str) -> bool:
    """Whether a street lies in a county, or in a city without counties."""
    return street_code.startswith(county_code[:4] if county_code[:4] in WITHOUT_COUNTIES else county_code)


def county_by_code(found: Location, uscc: str) -> Location:
    """The county in digits 3-8, or its only successor, if it lies in the prefecture already found.

    ASSUMPTION: digits 3-8 are the registrar's division at the time of issue, so they decide only where no other
    word does (never against address or city).
    """
    code = uscc[2:8]
    if not code.isdigit() or code[:4] != str(found.prefecture_code)[:4] or code.endswith(("00", "01")):
        return found
    successors = [code] if divisions.find(code) and not found.former_code else former_codes(code)
    if len(successors) != 1:
        return found
    return found.found("county", successors[0], "uscc", code)


def former_codes(code: str) -> list[str]:
    """Successors of an abolished county, six digits each."""
    return [str(successor.code6) for successor in divisions.former(code)]


def county_by_road(found: Location, roads: Roads) -> Location:
    """The county in which other addresses place the road at the head of the address."""
    road = ROAD_AT_START.match(found.rest)
    county = roads.get((str(found.prefecture_code), road["road"])) if road else None
    return found.found("county", county, "address", road["road"]) if road and county else found


def county_of_city_proper(found: Location) -> Location:
    """The one district of the city proper, for an address that names the city and a road alone.

    ASSUMPTION: whoever lies outside the city proper names the county, town or zone; districts newly made from counties do.
    """
    county = CITY_PROPER_DISTRICTS.get(str(found.prefecture_code))
    if county is None or not found.rest or OUTSIDE_PROPER.search(found.rest[:16]):
        return found
    head = found.evidence[0]
    return found.found("county", county, head.source, f"{head.words}（市区）")


def learn_roads(locations: Iterable[Location]) -> Roads:
    """Roads that addresses with a county name place in one county only, out of the same register."""
    seen: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for found in locations:
        road = ROAD_AT_START.match(found.rest)
        county = next((e for e in found.evidence if e.level == "county"), None)
        if road and county and county.source == "address" and found.street_code is None:
            seen[(str(found.prefecture_code), road["road"])][county.code] += 1
    learned: Roads = {}
    for key, counts in seen.items():
        county_code, votes = counts.most_common(1)[0]
        if votes >= ROAD_SUPPORT and votes >= ROAD_AGREEMENT * counts.total():
            learned[key] = county_code
    return learned


def locate_all(gazetteer: Gazetteer, rows: Iterable[tuple[str, str | None, str | None]]) -> list[Location]:
    """Locations of (code, city text, address) in order; roads are learned from the first pass, used in the second."""
    keys = [(uscc[2:8], city, address) for uscc, city, address in rows]
    distinct = {key: locate(gazetteer, f"00{key[0]}", key[1], key[2]) for key in dict.fromkeys(keys)}
    roads = learn_roads(distinct[key] for key in keys)
    for key, found in distinct.items():
        if found.prefecture_code and found.county_code is None:
            distinct[key] = locate(gazetteer, f"00{key[0]}", key[1], key[2], roads)
    return [distinct[key] for key in keys]
