"""Divisions: address beats city, city beats code; what was abolished becomes its successor; evidence is told."""

import pytest

from zhijian.datazone.normalise.division import learn_roads, locate, locate_all
from zhijian.datazone.normalise.gazetteer import guangdong, street_base, village_base


def where(address, city="", code="440000"):
    return locate(guangdong(), f"91{code}XXXXXXXXXX", city, address)


@pytest.mark.parametrize(
    ("address", "county", "street"),
    [
        ("深圳市福田区莲花街道福中社区金田路4018号", "440304", "莲花街道"),
        ("广东省肇庆市高要区白诸镇新圩镇广南街", "441204", "白诸镇"),
        ("江门市杜阮镇瑶村工业区", "440703", "杜阮镇"),
        ("珠海市前山金鸡西路", "440402", "前山街道"),
        ("鹤山市沙坪文明路大岗大道", "440784", "沙坪街道"),
        ("惠州市大亚湾澳头进港大道3号", "441303", "大亚湾澳头街道"),
        ("广东省中山市火炬开发区颐岭路6号", "442000", "中山港街道"),
        ("东莞市东城区花园新村红荔路145号", "441900", "东城街道"),
    ],
)
def test_county_and_street_are_read_from_the_address(address, county, street):
    found = where(address)
    assert found.county_code == county
    assert guangdong().names[found.street_code] == street


@pytest.mark.parametrize(
    ("address", "county"),
    [
        ("广州市萝岗区科学城", "440112"),
        ("广州市东山区建设五马路36-1号", "440104"),
        ("深圳市龙华新区清华路", "440309"),
        ("广东省电白县水东镇平安路三号", "440904"),
        ("佛山市顺德市大良", "440606"),
    ],
)
def test_a_county_under_its_former_name_becomes_its_successor(address, county):
    assert where(address).county_code == county


def test_the_address_beats_the_city_and_the_city_beats_the_code():
    found = where("佛山市禅城区文华北路197号", city="广州", code="440300")
    assert (found.prefecture_code, found.evidence[0].source) == ("440600", "address")
    found = where("文华北路197号", city="佛山", code="440300")
    assert (found.prefecture_code, found.evidence[0].source) == ("440600", "city")
    found = where("", city="", code="440605")
    assert (found.county_code, {e.source for e in found.evidence}) == ("440605", {"uscc"})


def test_the_code_decides_the_county_only_within_the_city_found():
    assert where("汕头市大学路259号", code="440511").county_code == "440511"
    assert where("汕头市大学路259号", code="440605").county_code is None


def test_an_abolished_code_is_kept_and_its_successor_used():
    found = where("", city="广州", code="440183")
    assert (found.former_code, found.county_code) == ("440183", "440118")
    assert where("", city="广州", code="440106").former_code is None


def test_a_street_that_moved_takes_the_county_with_it():
    found = where("深圳市宝安区观澜街道环观南路")
    assert found.county_code == "440309"
    assert guangdong().names[found.street_code] == "观澜街道"


def test_a_community_tells_the_street_that_was_made_out_of_another():
    found = where("深圳市宝安区西乡街道黄麻布社区簕竹角新村")
    assert guangdong().names[found.street_code] == "航城街道"


@pytest.mark.parametrize("address", ["东莞市长安镇霄边", "东莞市虎门镇路东村"])
def test_dongguan_has_no_county_and_its_streets_hang_on_the_city(address):
    found = where(address)
    assert found.county_code == found.prefecture_code == "441900"
    assert found.street_code.startswith("4419")


@pytest.mark.parametrize(
    ("address", "county"), [("惠州市仲恺高新区和畅六路", "441302"), ("珠海保税区51号地", "440402")]
)
def test_a_functional_zone_is_no_county_but_lies_in_one(address, county):
    found = where(address, city=address[:2])
    assert found.county_code == county


def test_a_road_named_after_a_city_or_county_is_no_place():
    assert where("中山路12号", city="深圳").prefecture_code == "440300"
    assert where("广州市黄埔大道西68号", city="广州").county_code is None
    assert where("广州市天河北路1号", city="广州").county_code is None


def test_a_former_district_is_not_sought_in_another_city():
    assert where("东山区磐东乔东村", city="揭阳").prefecture_code == "445200"
    assert where("广州市东山区建设大马路7号").street_code is None


def test_a_village_counts_only_if_one_of_its_name_is_in_question():
    found = where("阳江市创业北路江城玉沙村工业区", city="阳江")
    assert found.county_code == "441702"
    assert where("广州市新村1号", city="广州").county_code is None


def test_an_empty_address_is_no_ground_for_a_county():
    found = where("N/A", city="惠州", code="441300")
    assert (found.prefecture_code, found.county_code) == ("441300", None)


def test_a_road_is_believed_when_enough_other_addresses_agree():
    rows = [(f"91440500{n:010d}", "汕头", f"汕头市龙湖区示例路{n}号") for n in range(3)]
    alone = ("914405000000000009", "汕头", "汕头市示例路9号")
    assert locate_all(guangdong(), [*rows[:2], alone])[-1].county_code is None
    assert locate_all(guangdong(), [*rows, alone])[-1].county_code == "440507"


def test_a_road_through_two_counties_is_not_believed():
    both = [where(f"汕头市{county}示例路{n}号") for county in ("龙湖区", "金平区") for n in range(3)]
    assert learn_roads(both) == {}


def test_every_piece_of_evidence_names_level_code_source_and_words():
    (first, *_), *_ = [where("翁源县龙仙镇文化路20号").evidence]
    assert first.as_json() == {"level": "prefecture", "code": "440200", "from": "address", "words": "翁源县"}


@pytest.mark.parametrize(
    ("name", "base"),
    [("坂田街道", "坂田"), ("石湾镇街道", "石湾镇"), ("古镇镇", "古镇"), ("东区街道", "东区")],
)
def test_a_street_is_known_without_its_suffix(name, base):
    assert street_base(name) == base


def test_a_village_is_known_without_the_names_above_it():
    assert village_base("潮州市潮安区江东镇洲东村民委员会") == "洲东"
    assert village_base("黄麻布社区居委") == "黄麻布"


@pytest.mark.parametrize(
    "address",
    [
        "海南省陵水黎族自治县陵城镇中山小学",
        "上海市黄浦区中山东路1号",
        "广西壮族自治区梧州市城区",
        "香港特别行政区中西区",
    ],
)
def test_an_address_in_another_province_is_not_drawn_here_by_city_or_code(address):
    found = where(address, city="中山", code="442000")
    assert (found.prefecture_code, found.county_code, found.street_code) == (None, None, None)
    (evidence,) = found.evidence
    assert (evidence.level, evidence.source) == ("province", "address") and address.startswith(evidence.words)


@pytest.mark.parametrize(
    "address", ["广州市天河区江苏大厦", "天河区湖南路1号", "重庆路5号", "海南路2号", "上海市场街3号"]
)
def test_a_road_or_house_named_after_another_province_stays_here(address):
    assert where(address, city="广州", code="440106").prefecture_code == "440100"
