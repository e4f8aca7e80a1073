"""GB/T 2260 and the twelve-digit codes, and what abolished codes mean today."""

import csv
import gzip
import re
from collections import Counter
from pathlib import Path

import pytest

from zhijian.standards import divisions
from zhijian.standards.divisions import COUNTY, PREFECTURE, PROVINCE, STREET, VILLAGE


def test_guangdong_has_its_21_prefectures_and_122_counties():
    assert len(divisions.PREFECTURES) == 21
    counties = [c for p in divisions.PREFECTURES for c in divisions.children(p.code6) if c.level == COUNTY]
    assert len(counties) == 122


@pytest.mark.parametrize(
    ("code", "name", "level", "full"),
    [
        ("440000", "广东省", PROVINCE, "广东省"),
        ("440100", "广州市", PREFECTURE, "广东省广州市"),
        ("440106", "天河区", COUNTY, "广东省广州市天河区"),
        ("440103001", "沙面街道", STREET, "广东省广州市荔湾区沙面街道"),
        ("440103001101", "翠洲社区居民委员会", VILLAGE, "广东省广州市荔湾区沙面街道翠洲社区居民委员会"),
        ("110101", "东城区", COUNTY, "北京市东城区"),  # 市辖区 only groups, it is no place
        ("810000", "香港特别行政区", PROVINCE, "香港特别行政区"),
        ("820000", "澳门特别行政区", PROVINCE, "澳门特别行政区"),
    ],
)
def test_a_division_is_found_by_its_code_of_any_length(code, name, level, full):
    found = divisions.find(code)
    assert (found.code, found.name, found.level) == (code, name, level)
    assert divisions.full_name(code) == full
    assert divisions.find(code.ljust(12, "0")) == found


@pytest.mark.parametrize("code", ["", "44", "999999", "44010A", "４４０１０６", "440106 ", "440183"])
def test_other_texts_and_abolished_codes_are_no_division_of_today(code):
    assert divisions.find(code) is None
    assert divisions.full_name(code) is None


@pytest.mark.parametrize("code", ["441900", "442000"])
def test_dongguan_and_zhongshan_have_streets_and_no_counties(code):
    inside = divisions.children(code)
    assert inside
    assert {division.level for division in inside} == {STREET}
    assert divisions.prefecture_of(inside[0].code).code6 == code


def test_a_street_in_guangdong_has_its_villages():
    villages = divisions.children("440103001")
    assert [village.name for village in villages] == ["翠洲社区居民委员会"]
    assert villages[0].parent.code == "440103001"


@pytest.mark.parametrize(
    ("code", "successors"),
    [
        ("440116", ["黄埔区"]),
        ("440183", ["增城区"]),
        ("440184", ["从化区"]),
        ("441283", ["高要区"]),
        ("441723", ["阳东区"]),
        ("440681", ["顺德区"]),
        ("440582", ["潮阳区", "潮南区"]),
        ("440421", ["斗门区", "金湾区"]),
        ("440106", []),
    ],
)
def test_an_abolished_code_names_its_successors(code, successors):
    assert [division.name for division in divisions.former(code)] == successors


def test_every_successor_is_a_division_of_today_and_no_former_code_is_still_in_use():
    for gone in divisions.former_divisions():
        assert divisions.find(gone.code6) is None, gone
        assert gone.successor_codes, gone
        for code in gone.successor_codes:
            assert divisions.find(code).level == COUNTY, gone
            assert code[:2] == gone.code6[:2], gone


def test_a_former_division_is_marked_verified_only_with_a_source():
    for gone in divisions.former_divisions():
        assert re.fullmatch(r"\d{6}", gone.code6)
        if gone.is_verified:
            assert gone.decision, gone
            assert gone.valid_until, gone


@pytest.mark.parametrize(
    ("code", "kind", "means"),
    [
        ("440106", "current", ["440106"]),
        ("440183", "former", ["440118"]),
        ("440101", "registrar", ["440100"]),  # 市辖区: the registrar of the whole city
        ("440129", "registrar", ["440100"]),
        ("440003", "registrar", ["440000"]),
        ("440699", "prefix", ["440600"]),
        ("449999", "prefix", ["440000"]),
    ],
)
def test_a_code_of_an_old_registration_is_resolved_and_says_how(code, kind, means):
    found = divisions.resolve(code)
    assert found.kind == kind
    assert [division.code6 for division in found.divisions] == means
    assert found.note or kind == "current"


def test_every_registrar_code_of_the_real_sample_is_resolved_without_guessing_by_prefix():
    sample = Path(__file__).parents[2] / "data/samples/registration/gd_limited_companies.csv.gz"
    with gzip.open(sample, "rt", encoding="utf-8", newline="") as file:
        codes = Counter(row["uscc"][2:8] for row in csv.DictReader(file) if len(row["uscc"]) == 18)
    kinds = Counter()
    for code, rows in codes.items():
        found = divisions.resolve(code)
        kinds[found.kind if found else "unknown"] += rows
    assert set(kinds) == {"current", "former", "registrar"}
    assert kinds["former"] > 0


@pytest.mark.parametrize("code", ["999999", "44", "4401xx", ""])
def test_nothing_is_resolved_from_nothing(code):
    assert divisions.resolve(code) is None


def test_districts_of_hong_kong_and_macao_are_known_by_name():
    regions = divisions.districts_of_hong_kong_macao_and_taiwan()
    assert "湾仔区" in regions["香港特别行政区"]["香港岛"]
    assert sum(map(len, regions["澳门特别行政区"].values())) == 7


def test_there_are_34_provinces_with_hong_kong_macao_and_taiwan():
    found = divisions.provinces()
    assert len(found) == 34
    assert {"广东省", "香港特别行政区", "澳门特别行政区", "台湾省"} <= {province.name for province in found}


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("440000", "Guangdong"),
        ("440100", "Guangzhou"),
        ("440106", "Tianhe District, Guangzhou"),
        ("440114", "Huadu District, Guangzhou"),
        ("441821", "Fogang County, Qingyuan"),
        ("440232", "Ruyuan Yao Autonomous County, Shaoguan"),
        ("110000", None),
    ],
)
def test_places_of_guangdong_have_an_english_name(code, name):
    assert divisions.name_in_english(code) == name


def test_every_place_of_guangdong_down_to_counties_has_its_own_english_name():
    codes = [
        one.code6
        for city in divisions.PREFECTURES
        for one in (city, *divisions.children(city.code6))
        if one.level <= 3
    ]
    names = [divisions.name_in_english(code) for code in codes]
    assert None not in names and len(set(names)) == len(codes)


def test_a_city_without_counties_stands_for_itself_among_the_counties():
    found = dict(divisions.counties())
    assert found["441900"] == "广东省东莞市" and found["442000"] == "广东省中山市" and "440100" not in found
    assert len(found) == 124
    assert divisions.counties("441900") == [("441900", "广东省东莞市")]
    assert {code[:4] for code, _ in divisions.counties("4401")} == {"4401"}
    assert divisions.counties("440106") == [("440106", "广东省广州市天河区")]
