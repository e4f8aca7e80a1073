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
