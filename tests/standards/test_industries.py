"""GB/T 4754-2017, enterprise types, and who registers: the code lists hold together."""

from datetime import timedelta

import pytest

from zhijian.standards import enterprise_types, industries, registration_authorities
from zhijian.standards.industries import AMENDED_ON, CLASS, DIVISION, GROUP

SECTION_OF_DIVISION = {
    "A": (1, 5), "B": (6, 12), "C": (13, 43), "D": (44, 46), "E": (47, 50), "F": (51, 52), "G": (53, 60),
    "H": (61, 62), "I": (63, 65), "J": (66, 69), "K": (70, 70), "L": (71, 72), "M": (73, 75), "N": (76, 79),
    "O": (80, 82), "P": (83, 83), "Q": (84, 85), "R": (86, 90), "S": (91, 96), "T": (97, 97),
}  # fmt: skip


@pytest.mark.parametrize(("section", "span"), SECTION_OF_DIVISION.items())
def test_the_section_follows_from_the_division(section, span):
    for number in range(span[0], span[1] + 1):
        assert industries.section_of(f"{number:02d}") == section


def test_the_classification_has_four_levels():
    assert len(industries.sections()) == 20
    table = [industries.find(f"{number:02d}") for number in range(1, 98)]
    assert {entry.level for entry in table} == {DIVISION}
    groups = [group for entry in table for group in industries.children(entry.code)]
    assert len(groups) == 473
    assert {group.level for group in groups} == {GROUP}
    # SOURCE: the amended edition counts 1,382 classes (National Bureau of Statistics).
    assert len(industries.classes()) == sum(len(industries.children(group.code)) for group in groups) == 1382


def test_the_amendment_holds_from_its_day():
    before, after = AMENDED_ON - timedelta(days=1), AMENDED_ON
    # SOURCE: the standard of 2017 announces 1,380 classes, its published lists have 1,381.
    assert (len(industries.classes(on=before)), len(industries.classes(on=after))) == (1381, 1382)
    assert industries.find("6631", on=before).note.startswith("指经银行业监督管理部门或商务部批准")
    assert industries.find("6631", on=after).note.startswith("指经中国银行保险监督管理委员会批准")


def test_the_amendment_adds_a_class_and_moves_two():
    before = AMENDED_ON - timedelta(days=1)
    names = {code: industries.find(code).name for code in ("9231", "9232", "9233")}
    assert names == {"9231": "监察委员会", "9232": "人民法院", "9233": "人民检察院"}
    assert industries.find("9231", on=before).name == "人民法院"
    assert industries.find("9233", on=before) is None
    assert industries.find("9233").note == industries.find("9232", on=before).note
    assert [entry.code for entry in industries.path("9233")] == ["S", "92", "923", "9233"]


def test_every_change_says_whether_two_copies_agree_on_it():
    changes = industries.amendments()
    assert [change.code for change in changes if change.is_verified] == ["6631"]
    assert all(industries.find(change.code) for change in changes)


def test_a_group_without_classes_has_its_own_code_and_a_zero_as_its_class():
    sole = [
        group
        for section in industries.sections()
        for division in industries.children(section.code)
        for group in industries.children(division.code)
        if [entry.code for entry in industries.children(group.code)] == [group.code + "0"]
    ]
    assert len(sole) == 199
    assert all(industries.sole_class(group.code).level == CLASS for group in sole)


def test_a_class_is_found_with_all_above_it():
    assert [entry.name for entry in industries.path("0111")] == [
        "农、林、牧、渔业",
        "农业",
        "谷物种植",
        "稻谷种植",
    ]
    assert industries.find("9999") is None
    assert industries.path("9999") == ()


def test_every_entry_hangs_on_an_entry():
    for entry in industries.classes():
        assert entry.parent.parent.parent.code == entry.section


def test_an_enterprise_type_has_its_place_in_the_tree():
    found = enterprise_types.find("1130")
    assert found.name == "有限责任公司(自然人投资或控股)"
    assert found.parent.name == "有限责任公司"
    assert enterprise_types.is_within("1130", "1000")
    assert not enterprise_types.is_within("1130", "5000")
    assert enterprise_types.find("0000") is None
    assert all(entry.parent or not entry.parent_code for entry in enterprise_types.all_types())


@pytest.mark.parametrize(
    ("code", "kind", "class_name"),
    [
        ("91440101MA59ABCD1D", "enterprise", "企业"),
        ("92440101MA59ABCD1D", "individual_business", "个体工商户"),
        ("93440101MA59ABCD1D", "cooperative", "农民专业合作社"),
        ("51440101MA59ABCD1D", "other", "社会团体"),
        ("Y1440101MA59ABCD1D", "other", "其他"),
    ],
)
def test_the_first_two_characters_say_who_registered_what(code, kind, class_name):
    assert registration_authorities.entity_kind(code) == kind
    assert registration_authorities.find(code[:2]).class_name == class_name
    assert registration_authorities.registrar_division(code).kind == "registrar"


def test_pairs_outside_the_standard_are_unknown():
    assert registration_authorities.find("99") is None
    assert len(registration_authorities.all_authorities()) == 36
