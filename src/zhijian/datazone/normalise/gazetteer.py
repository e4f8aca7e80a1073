"""Names of Guangdong's divisions, arranged for finding them inside addresses."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from zhijian.standards import divisions

PROVINCE = "44"
WITHOUT_COUNTIES = ("4419", "4420")  # Dongguan and Zhongshan: streets hang directly on the city
NATIONALITIES = re.compile("(瑶族|壮族瑶族|各族)?自治县$")
STREET_SUFFIX = re.compile("(街道办事处|街道|办事处|地区|镇|乡|管理区)$")
VILLAGE_SUFFIX = re.compile(
    "(社区居民委员会|社区居委会|社区居委|社区委员会|村民委员会|村委会|居民委员会|居委会|社区|委员会|村)$"
)
LONG_PREFIX = re.compile("^.*(?:省|市|县|区|街道|镇|乡)(?=.{2,}(?:委|社区))")

# Counties under names of the past, and zones that are no counties of GB/T 2260, with the county they lie in.
# SOURCE: State Council and provincial notices on changes of divisions. Names that went to several counties are absent.
FORMER_COUNTY_NAMES = {
    "东山区": "440104", "芳村区": "440103", "萝岗区": "440112", "番禺市": "440113", "花都市": "440114", "花县": "440114",
    "增城市": "440118", "增城县": "440118", "从化市": "440117", "从化县": "440117",
    "北江区": "440204", "曲江县": "440205", "乐昌县": "440281", "南雄县": "440282",
    "南头区": "440305", "沙头角区": "440308", "光明新区": "440311", "龙华新区": "440309", "坪山新区": "440310", "大鹏新区": "440307",
    "斗门县": "440403", "横琴新区": "440402",
    "升平区": "440511", "金园区": "440511", "安平区": "440511", "同平区": "440511", "公园区": "440511", "达濠区": "440512",
    "河浦区": "440512", "潮阳市": "440513", "澄海市": "440515", "澄海县": "440515",
    "石湾区": "440604", "南海市": "440605", "南海县": "440605", "顺德市": "440606", "顺德县": "440606", "三水市": "440607",
    "三水县": "440607", "高明市": "440608", "高明县": "440608",
    "新会市": "440705", "新会县": "440705", "台山县": "440781", "开平县": "440783", "恩平县": "440785", "鹤山县": "440784",
    "廉江县": "440881", "海康县": "440882", "吴川县": "440883",
    "茂港区": "440904", "电白县": "440904", "高州县": "440981", "化州县": "440982", "信宜县": "440983",
    "高要市": "441204", "高要县": "441204", "四会县": "441284",
    "惠阳市": "441303", "惠阳县": "441303", "梅县市": "441403", "兴宁县": "441481", "陆丰县": "441581", "阳东县": "441704",
    "阳春县": "441781", "清新县": "441803", "英德县": "441881", "连县": "441882", "潮安县": "445103", "揭东县": "445203",
    "普宁县": "445281", "云安县": "445303", "云浮县": "445302", "罗定县": "445381",
}  # fmt: skip
ZONES = {
    "仲恺": "441302", "大亚湾": "441303", "高栏港": "440404", "珠海保税区": "440402", "珠澳跨境": "440402", "横琴": "440402",
    "广州经济技术开发区": "440112", "广州开发区": "440112", "广州保税区": "440112", "广州科学城": "440112", "广州高新技术产业开发区": "440112",
    "广州市经济技术开发区": "440112", "广州市高新技术产业开发区": "440112", "肇庆高新区": "441284", "肇庆市高新区": "441284",
    "汕头保税区": "440512", "汕头高新区": "440507", "汕头市高新区": "440507", "揭阳试验区": "445202", "揭阳经济开发试验区": "445202",
    "枫溪区": "445102", "珠海高新区": "440402", "珠海市高新区": "440402", "福田保税区": "440304", "盐田保税区": "440308",
}  # fmt: skip
ZONE_IN_STREET_NAMES = "大亚湾"
# Streets merged into others: (prefecture or county prefix, name without suffix) to the street's code of today.
MERGED_STREETS = {
    ("4420", "东升"): "442000118", ("4420", "火炬开发区"): "442000003", ("4420", "火炬高技术产业开发区"): "442000003",
    ("4420", "火炬区"): "442000003", ("440402", "金鼎"): "440402100", ("440402", "下栅"): "440402100",
}  # fmt: skip
MERGED_STREET_NAMES = {
    ("440605", "罗村"): "狮山镇", ("440605", "官窑"): "狮山镇", ("440605", "小塘"): "狮山镇", ("440605", "松岗"): "狮山镇",
    ("440605", "盐步"): "大沥镇", ("440605", "黄岐"): "大沥镇", ("440605", "平洲"): "桂城街道", ("440605", "沙头"): "九江镇",
    ("440605", "金沙"): "丹灶镇", ("440605", "西岸"): "西樵镇", ("440606", "容奇"): "容桂街道", ("440606", "桂洲"): "容桂街道",
    ("440604", "澜石"): "石湾镇街道", ("440604", "环市"): "祖庙街道", ("440604", "石湾"): "石湾镇街道",
}  # fmt: skip


@dataclass
class Place:
    """Names within one prefecture: name without suffix, to the codes it may mean."""

    counties: dict[str, str] = field(default_factory=dict)
    bare_counties: dict[str, str] = field(default_factory=dict)
    streets: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    villages: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


@dataclass
class Gazetteer:
    """Divisions of one province: prefectures by name, and within each its counties, streets and villages."""

    prefectures: dict[str, str] = field(default_factory=dict)
    county_names: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=lambda: defaultdict(Place))

    def add(self, code: str, name: str) -> None:
        """Take in one division: 6, 9 or 12 digits."""
        self.names[code] = name
        place = self.places[code[:4]]
        if len(code) == 6 and code.endswith("00"):
            self.prefectures[name.removesuffix("市")] = code
        elif len(code) == 6:
            self.add_county(place, code, name)
        elif len(code) == 9:
            place.streets[street_base(name)].add(code)
            if name.startswith(ZONE_IN_STREET_NAMES):  # addresses omit it
                place.streets[street_base(name.removeprefix(ZONE_IN_STREET_NAMES))].add(code)
        else:
            base = village_base(name)
            if len(base) > 1:
                place.villages[base].add(code[:9])

    def add_county(self, place: Place, code: str, name: str) -> None:
        """A county under its full name, its short name, and the name without 区, 县, 市."""
        short = NATIONALITIES.sub("县", name)
        for form in {name, short}:
            place.counties[form] = code
            self.county_names[form] = code
        if len(short) > 2:
            place.bare_counties[short[:-1]] = code

    def finish(self) -> None:
        """Add former county names, zones and merged streets once all divisions are in."""
        for name, code in FORMER_COUNTY_NAMES.items():
            self.places[code[:4]].counties.setdefault(name, code)
            if not name.endswith("区"):  # another city may have had a district of that name
                self.county_names.setdefault(name, code)
        for (within, base), code in MERGED_STREETS.items():
            self.places[within[:4]].streets[base].add(code)
        for (county, base), name in MERGED_STREET_NAMES.items():
            place = self.places[county[:4]]
            today = [code for code in place.streets[street_base(name)] if code.startswith(county)]
            place.streets[base].update(today)


def street_base(name: str) -> str:
    """`坂田` of `坂田街道`, `石湾镇` of `石湾镇街道`, `大亚湾西区` of `大亚湾西区街道`."""
    base = STREET_SUFFIX.sub("", name)
    return base if len(base) > 1 else name


def village_base(name: str) -> str:
    """`黄麻布` of `黄麻布社区居委`; the names of higher divisions before it are taken off."""
    plain = VILLAGE_SUFFIX.sub("", LONG_PREFIX.sub("", name) if len(name) > 9 else name)
    return plain.removesuffix("村") if len(plain) > 2 else plain


def build(rows: Iterable[tuple[str, str]]) -> Gazetteer:
    """A gazetteer from (code, name)."""
    gazetteer = Gazetteer()
    for code, name in rows:
        gazetteer.add(code, name)
    gazetteer.finish()
    return gazetteer


def walk(code: str) -> Iterable[tuple[str, str]]:
    """(code, name) of everything below a division of the standard, without the division itself."""
    for division in divisions.children(code):
        yield division.code, division.name
        yield from walk(division.code)


@cache
def guangdong() -> Gazetteer:
    """The gazetteer of Guangdong from the standard's divisions, built once (about 28,000 names)."""
    return build(walk(f"{PROVINCE}0000"))
