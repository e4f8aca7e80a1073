"""Industry from scope and name: the first item counts most, the verb decides between making and selling."""

import csv

import pytest

from zhijian.datazone.normalise.industry import DATA, classify, classify_all, clean_scope, split_items
from zhijian.standards import industries

TRADER = "示例贸易有限公司"


@pytest.mark.parametrize(
    ("scope", "code"),
    [
        ("生产：塑料包装；销售：五金", "2926"),
        ("销售：服装、纺织品。", "5132"),
        ("零售：药品、医疗器械", "5251"),
        ("加工、销售：大理石荒料及板材", "3032"),
        ("五金、塑料制品的批发、零售", "5174"),
        ("肥皂及合成洗涤剂制造;化妆品制造", "2681"),
        ("房地产开发；物业管理", "7010"),
        ("普通货运", "5431"),
        ("吸收公众存款；发放短期、中期、长期贷款", "6621"),
        ("收购废旧五金、纸类、塑料。", "5191"),
        ("国内贸易", "5199"),
    ],
)
def test_the_first_item_and_its_verb_decide(scope, code):
    assert classify(scope, "示例有限公司").class_code == code


def test_a_section_a_confidence_and_the_deciding_words_come_with_the_class():
    found = classify("软件开发", "示例软件有限公司")
    assert (found.class_code, found.section) == ("6513", "I")
    assert 0 < found.confidence <= 1
    assert "软件开发" in found.words


def test_confidence_is_higher_if_the_name_agrees():
    agreed = classify("家具制造", "示例家具有限公司").confidence
    assert agreed > classify("家具制造;软件开发;广告业", "示例软件有限公司").confidence


def test_the_name_decides_where_the_scope_is_silent():
    assert classify("N/A", "示例物业管理有限公司").class_code == "7020"
    assert classify(None, "中国示例银行股份有限公司南洋支行").class_code == "6621"


def test_an_office_that_only_keeps_contact_is_a_business_service():
    found = classify("联络本公司业务。", "上海示例制药有限公司广州办事处")
    assert found.class_code == "7299"


def test_nothing_is_invented_where_nothing_is_said():
    found = classify("", "示例有限公司")
    assert (found.class_code, found.section, found.confidence, found.words) == (None, None, None, ())


def test_legal_phrases_and_marks_are_no_items():
    scope = "根据《珠海经济特区商事登记条例》，经营范围不属登记事项。(依法须经批准的项目，经相关部门批准后方可开展经营活动)〓"
    assert split_items(clean_scope(scope)) == [] or classify(scope, "示例有限公司").class_code is None


def test_a_verb_before_a_list_governs_all_of_it_and_a_new_verb_replaces_it():
    items = split_items(clean_scope("生产、销售：甲品、乙品；零售：丙品"))
    assert [("生产" in verbs, item) for verbs, item in items] == [
        (True, "甲品"),
        (True, "乙品"),
        (False, "丙品"),
    ]


def test_coal_inside_another_word_is_no_coal():
    assert classify("销售：粉煤灰", TRADER).class_code != "5161"


def test_every_class_of_the_lexicon_is_in_the_standard():
    for name, columns in (("goods.csv", ("make", "wholesale", "retail")), ("trades.csv", ("class",))):
        with (DATA / name).open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                for column in columns:
                    found = industries.find(row[column])
                    assert found is not None and len(row[column]) == 4, row


def test_a_batch_says_the_same_as_single_rows():
    rows = [("销售：服装", TRADER), (None, TRADER), ("销售：服装", TRADER)]
    assert classify_all(rows) == [classify(*row) for row in rows]
