"""Personal data found by form and by the words before."""

import pytest

from zhijian.standards.personal_data import found_in, masked


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("证件44010620200101001X", ["identity_number"]),
        ("证件４４０１０６２０２００１０１００１Ｘ", ["identity_number"]),
        ("电话138-0013-8000", ["phone"]),
        ("座机020-83123456", ["phone"]),
        ("证件440106 1990 0101 1234", ["identity_number"]),
        ("证件4401 0619 9001 0112 34", ["identity_number"]),
        ("电话138 0013 8000", ["phone"]),
        ("电话１３８　００１３　８０００", ["phone"]),
        ("电话138——0013——8000", ["phone"]),
        ("电话1 3 8 0 0 1 3 8 0 0 0", ["phone"]),
        ("电话+86 1380 013 8000", ["phone"]),
        ("座机02083123456", ["phone"]),
        ("座机（０２０）８３１２　３４５６", ["phone"]),
        ("电话：8312 3456", ["phone"]),
        ("邮箱ａ＠ｅｘａｍｐｌｅ．ｃｎ", ["e_mail"]),
        ("企业91440101123456789X", []),
        ("投诉电话12315", []),
        ("数量100 200 300 400 500 600", []),
        ("示例市监罚〔2026〕0021号，2026-08-31公示，罚款20000元", []),
        ("通行证H12345678", ["travel_document"]),
        ("邮箱 a.b@example.cn", ["e_mail"]),
        ("患者王小明摔伤", ["name"]),
        ("姓名：李四", ["name"]),
        ("患者手部烫伤", []),
        ("伤者张某摔伤", []),
        ("批次20260101，数量12000", []),
        ("儿童误吞小零件", []),
    ],
)
def test_what_names_a_person_is_found_and_what_does_not_is_left(text, kinds):
    assert [one.kind for one in found_in(text)] == kinds


def test_a_mask_keeps_the_text_readable_and_the_length():
    text = "患者王小明，电话13800138000，手部烫伤"
    assert masked(text) == "患者＊＊＊，电话＊＊＊＊＊＊＊＊＊＊＊，手部烫伤"
