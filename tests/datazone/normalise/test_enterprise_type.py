"""Enterprise type from the source's words, else from the name, else from the code."""

import pytest

from zhijian.datazone.normalise.enterprise_type import BY_TEXT, read_type
from zhijian.standards import enterprise_types

CODE = "91440101190509245D"


@pytest.mark.parametrize(
    ("text", "name", "code", "evidence"),
    [
        ("有限责任公司 港、澳、台", "示例有限公司", "6100", "type"),
        ("外国（地区）企业常驻代表机构", "示例公司广州代表处", "7200", "type"),
        ("N/A", "广州示例化工有限公司", "1100", "name"),
        (None, "示例建设集团股份有限公司", "1200", "name"),
        ("N/A", "示例银行股份有限公司深圳龙岗支行", "2200", "name"),
        ("N/A", "示例百货有限公司第二分店", "2100", "name"),
        ("N/A", "香港示例有限公司深圳代表处", "7200", "name"),
        ("N/A", "示例生物制药有限公司广州办事处", "4300", "name"),
        ("N/A", "佛山市示例图书发行有限公司(增挂:示例书店)", "1100", "name"),
        ("电饭锅", "广东示例电器有限公司", "1100", "name"),
    ],
)
def test_the_source_decides_before_the_name(text, name, code, evidence):
    found = read_type(text, name, CODE)
    assert (found.type_code, found.evidence) == (code, evidence)


def test_the_code_decides_where_name_and_source_are_silent():
    assert read_type("N/A", "示例小吃", "92440101MA00000000").evidence == "code"
    assert read_type("N/A", "示例贸易公司", CODE).type_code is None


@pytest.mark.parametrize(
    ("uscc", "kind"),
    [
        ("91…", "enterprise"),
        ("92…", "individual_business"),
        ("93…", "cooperative"),
        ("52…", "other"),
    ],
)
def test_the_kind_follows_from_the_first_two_characters(uscc, kind):
    assert read_type(None, "示例", uscc).kind_code == kind


def test_every_code_given_is_in_the_list_of_the_standard():
    assert [code for code in BY_TEXT.values() if enterprise_types.find(code) is None] == []
