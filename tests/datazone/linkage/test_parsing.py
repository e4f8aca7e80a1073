import pyarrow as pa
import pytest

from zhijian.datazone.linkage import characters
from zhijian.datazone.linkage.parsing import parse
from zhijian.datazone.linkage.rows import rows_of


@pytest.mark.parametrize(
    ("name", "division", "trade", "industry", "form"),
    [
        ("佛山市顺德区顺回龙废品回收有限公司", "佛山市顺德区", "顺回龙", "废品回收", "有限公司"),
        ("广州中盾信息技术有限公司", "广州", "中盾", "信息技术", "有限公司"),
        ("廣東绘宇智能科技有限公司", "广东", "绘宇", "智能科技", "有限公司"),
        ("深圳市禾满食品有限公词", "深圳市", "禾满", "食品", "有限公词"),
        ("禾满（深圳）食品ＣＯ有限公司", "", "禾满食品co", "", "有限公司"),
        ("老王餐饮店", "", "老王", "餐饮", "店"),
        ("", "", "", "", ""),
    ],
)
def test_a_name_is_cut_into_division_trade_name_industry_and_form(name, division, trade, industry, form):
    words = parse([name], [None], with_words=True).words
    assert [words[part][0].as_py() for part in ("division", "trade", "industry", "form")] == [
        division,
        trade,
        industry,
        form,
    ]


def test_the_division_may_stand_in_brackets():
    assert parse(["禾满（深圳）食品有限公司"], [None]).prefecture[0] == 4403


def test_an_address_is_cut_into_street_road_number_and_room():
    parsed = parse([""], ["广东省广州市天河区石牌街道天河路12-3号A栋301房"], with_words=True)
    assert parsed.words["street"][0].as_py() == "石牌街道"
    assert parsed.words["road"][0].as_py() == "天河路"
    assert (parsed.number[0], parsed.address_county[0]) == (12, 440106)


def test_traditional_characters_and_full_width_make_no_difference():
    one, other = rows_of(pa.table({"name": ["廣州市華潤貿易有限公司", "广州市华润贸易有限公司"]}))[0]
    assert one == other


def test_a_name_in_latin_letters_sounds_like_the_chinese_one():
    latin, chinese = rows_of(pa.table({"name": ["Shenzhen Heman Food Co., Ltd.", "深圳市禾满食品有限公司"]}))[
        0
    ]
    for field in ("sound", "industry", "form", "prefecture"):
        assert latin[field] == chinese[field]


def test_a_column_is_parsed_as_each_of_its_rows_alone(records):
    some = records.slice(0, 300)
    together = rows_of(some)[0]
    for place in range(0, 300, 7):
        assert rows_of(some.slice(place, 1))[0][0] == together[place]


def test_characters_beyond_the_basic_plane_are_kept():
    assert characters.fold_column(pa.array(["𠮷野家Ａ", None, "惠來"])).to_pylist() == ["𠮷野家a", "", "惠来"]


def test_the_stored_tables_are_those_of_opencc_and_pypinyin():
    from opencc import OpenCC
    from pypinyin import lazy_pinyin

    convert = OpenCC("t2s").convert
    for character in "廣東華潤貿易龍鳳禾满顺德":
        assert characters.fold(character) == convert(character)
    syllables, sound = characters.syllables(), characters.sound_table()
    for character in "禾满顺德龙凤食品":
        assert chr(sound[ord(character)]) == syllables[lazy_pinyin(character)[0]]
