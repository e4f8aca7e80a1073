"""GB 32100-2015 and GB 11714: what a credit code must be, and what is said of one that is not."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc as stdnum_uscc

from zhijian.standards import organisation_code, uscc
from zhijian.standards.registration_number import RegistrationNumber, check_digit
from zhijian.standards.uscc import ALPHABET, InvalidCode, UnifiedSocialCreditCode, check_character

VECTORS = json.loads((Path(__file__).parents[1] / "data/standards/uscc.json").read_text(encoding="utf-8"))
bodies = st.text(alphabet=ALPHABET, min_size=17, max_size=17)


def problems_of(text):
    with pytest.raises(InvalidCode) as caught:
        UnifiedSocialCreditCode.parse(text)
    return caught.value.problems


@pytest.mark.parametrize(
    ("body", "check"),
    [
        ("91350100M000100Y4", "3"),
        ("91440101MA59ABCD1", "D"),
        ("91440110MA59ABCD1", "E"),  # 01 and 10 swapped in the division
        ("91440300MA5000495", "0"),
        ("91440300MA5000137", "Y"),
        ("91440300MA500009X", "K"),
    ],
)
def test_the_18th_character_follows_the_standard(body, check):
    assert check_character(body) == check
    assert UnifiedSocialCreditCode.parse(body + check).value == body + check


def test_the_common_wrong_formula_is_refused():
    (problem,) = problems_of("91350100M000100Y4D")
    assert (problem.kind, problem.position, problem.found, problem.expected) == ("check_18", 18, "D", "3")
    assert "第18位" in problem.message_zh
    assert "The 18th character should be 3, it is D" in problem.message_en


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: v["code"])
def test_published_codes_are_judged_as_expected(vector):
    assert uscc.is_valid(vector["code"]) == vector["valid"]


def test_a_military_code_is_accepted_as_the_amended_standard_lists_department_a():
    assert UnifiedSocialCreditCode.parse("A1110000600037341K").department_code == "A"


@pytest.mark.parametrize("vector", [v for v in VECTORS if v.get("lawful")], ids=lambda v: v["code"])
def test_an_officer_may_accept_a_lawful_code_whose_check_is_wrong(vector):
    assert problems_of(vector["code"])
    code = UnifiedSocialCreditCode.parse(vector["code"], overruled_by="officer-7", reason="营业执照原件一致")
    assert code.overruled_by == "officer-7"
    assert [flag.kind for flag in code.flags][:1] == ["check_18"]


def test_overruling_needs_a_reason():
    with pytest.raises(ValueError, match="reason"):
        UnifiedSocialCreditCode.parse("91350211M0000XUF46", overruled_by="officer-7")


@pytest.mark.parametrize("text", ["91350100M000100Y4", "91350100M00O100Y43"])
def test_an_officer_may_not_overrule_length_or_characters(text):
    with pytest.raises(InvalidCode):
        UnifiedSocialCreditCode.parse(text, overruled_by="officer-7", reason="营业执照原件一致")


def test_a_wrong_organisation_check_inside_a_right_code_is_flagged_not_refused():
    body = "91440101MA59ABCD2"
    code = UnifiedSocialCreditCode.parse(body + check_character(body))
    assert [flag.kind for flag in code.flags] == ["check_organisation"]
    assert (code.flags[0].position, code.flags[0].found, code.flags[0].expected) == (17, "2", "1")


def test_a_short_code_is_told_its_length():
    (problem,) = problems_of("91350100M000100Y4")
    assert problem.message_zh == "统一社会信用代码应为18位，您输入了17位。请对照营业执照核对。"


@pytest.mark.parametrize(
    "text",
    [
        "91350100m000100y43",
        " 91350100M000100Y43\n",
        "91-350100-M000100Y4 3",
        "９１３５０１００Ｍ０００１００Ｙ４３",
    ],
)
def test_lower_case_full_width_and_blanks_are_read_as_meant(text):
    assert UnifiedSocialCreditCode.parse(text).value == "91350100M000100Y43"


def test_letters_outside_the_alphabet_are_suggested_and_not_repaired():
    (problem,) = problems_of("9135O100M000100Y43")
    assert (problem.kind, problem.position, problem.found, problem.expected) == ("charset", 5, "O", "0")
    assert problem.suggestion == "91350100M000100Y43"


def test_every_strange_letter_is_named_and_one_suggestion_repairs_all():
    problems = problems_of("9I3SO1OOM000100Y43")
    assert [problem.position for problem in problems] == [2, 4, 5, 7, 8]
    assert problems[0].suggestion is None  # five letters at once: too much guessing
    assert {p.suggestion for p in problems_of("9I3SO100M000100Y43")} == {"91350100M000100Y43"}


def test_a_digit_read_for_a_letter_is_suggested():
    (problem,) = [p for p in problems_of("91440101MA59A8CD1D") if p.kind == "check_18"]
    assert problem.suggestion == "91440101MA59ABCD1D"


def test_no_code_is_suggested_that_cannot_be_one():
    (problem,) = [p for p in problems_of("9144040071223717XJ") if p.kind == "check_18"]
    assert check_character("9J44040071223717X") == "J"  # but no class of institution is called J
    assert problem.suggestion is None


def test_the_final_z_is_refused():
    assert problems_of("91350100M000100Y4Z")[0].kind == "charset"


@given(bodies)
def test_a_computed_code_agrees_with_another_implementation(body):
    code = body + check_character(body)
    assert stdnum_uscc.calc_check_digit(body) == code[17]
    assert uscc.is_valid(code)


@given(bodies, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_every_single_wrong_character_is_found(body, position, other):
    code = body + check_character(body)
    changed = code[:position] + other + code[position + 1 :]
    assert uscc.is_valid(changed) == (changed == code)


@given(st.text(max_size=24))
def test_no_text_at_all_breaks_the_check(text):
    problems = uscc.find_problems(uscc.normalise(text))
    assert uscc.is_valid(text) == all(problem.kind == "check_organisation" for problem in problems)


@given(bodies)
def test_a_suggestion_is_always_a_right_code(body):
    value = body + "0"
    assert all(uscc.is_valid(found) for found in uscc.suggestions(value))


@pytest.mark.parametrize(("body", "check"), [("MA59ABCD", "1"), ("D2143569", "X"), ("00000000", "0")])
def test_the_organisation_code_has_its_own_table_of_values(body, check):
    assert organisation_code.check_character(body) == check
    assert organisation_code.is_valid(f"{body}-{check}")
    assert not organisation_code.is_valid(body + ("1" if check != "1" else "2"))


@pytest.mark.parametrize(
    ("body", "check"),
    [("11010800000001", "6"), ("44000000000001", "4"), ("44030110300001", "1"), ("44010160000001", "8")],
)
def test_the_old_registration_number_carries_iso_7064_mod_11_10(body, check):
    assert check_digit(body) == check
    assert RegistrationNumber.parse(body + check).registrar_code == body[:6]
    with pytest.raises(InvalidCode, match="第15位"):
        RegistrationNumber.parse(body + str((int(check) + 1) % 10))


@pytest.mark.parametrize(
    ("number", "kind"),
    [("440301103000011", "domestic_enterprise"), ("440101600000018", "individual_business")],
)
def test_the_serial_number_tells_the_kind_of_entity(number, kind):
    assert RegistrationNumber.parse(number).entity_kind_code == kind


@pytest.mark.parametrize(("text", "kind"), [("4403011030000", "length"), ("44030110300001A", "charset")])
def test_a_registration_number_of_other_form_is_explained(text, kind):
    with pytest.raises(InvalidCode) as caught:
        RegistrationNumber.parse(text)
    assert caught.value.problems[0].kind == kind
