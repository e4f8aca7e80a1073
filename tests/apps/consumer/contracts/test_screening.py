"""The published rules hold against their own examples, tell where and why, and take linear time on hostile texts."""

import time
from datetime import date
from pathlib import Path

import pytest

from zhijian.apps.consumer.contracts.codes import KINDS, SEVERITIES
from zhijian.apps.consumer.contracts.screening import judging
from zhijian.apps.consumer.contracts.screening.amounts import shares
from zhijian.apps.consumer.contracts.screening.clauses import sentences, split
from zhijian.apps.consumer.contracts.screening.engine import MOST_CHARACTERS, TooLong, screen
from zhijian.apps.consumer.contracts.screening.rulebook import BadRule, load, shipped
from zhijian.apps.consumer.contracts.screening.shown import as_json, pieces
from zhijian.apps.consumer.contracts.texts import all_texts

ON = date(2026, 11, 28)
BOOK = shipped()
SAMPLES = Path(__file__).resolve().parents[4] / "data" / "samples" / "contract_clauses"


def found(text, on=ON):
    return [one.rule.id for one in screen(text, BOOK, on=on).findings]


@pytest.mark.parametrize("rule", BOOK.rules, ids=lambda one: one.id)
def test_a_rule_finds_its_own_examples_and_leaves_its_counter_examples(rule):
    assert len(rule.match) >= 2 and rule.no_match
    assert [text for text in rule.match if rule.id not in found(text)] == []
    assert [text for text in rule.no_match if rule.id in found(text)] == []


def test_every_rule_has_a_known_kind_and_its_lawful_wording_breaks_no_rule():
    assert {one.kind for one in BOOK.rules} <= set(KINDS)
    assert {one.severity for one in BOOK.rules} <= set(SEVERITIES)
    assert {one.id: found(one.suggest.zh) for one in BOOK.rules if found(one.suggest.zh)} == {}


def test_the_model_contracts_break_no_rule():
    assert {code: found(words.body) for code, words in all_texts().items() if found(words.body)} == {}


def test_a_rule_is_not_applied_before_its_article_was_in_force():
    text = "储值余额概不退款。"
    assert "prepaid_no_refund" in found(text)
    assert "prepaid_no_refund" not in found(text, date(2024, 6, 30))


def test_a_finding_says_where_in_the_text_as_given_whatever_blanks_lie_inside():
    text = "健身协议\n\n第一条 本会所的会员卡、次卡和私教课会员卡 一经\n售出，概　不退款。\n第二条 其他"
    (one,) = screen(text, BOOK, on=ON).findings
    assert one.clause.label == "第一条"
    assert text[one.start : one.end] == one.quote and one.quote.endswith("概　不退款")
    assert "".join(piece.text for piece in pieces(text, [one])) == text
    assert as_json(screen(text, BOOK, on=ON))["findings"][0]["rule"] == "prepaid_no_refund"


def test_full_width_letters_and_hidden_characters_do_not_hide_a_term():
    assert found("消费者解约的，支付合同价款５０％的违约金。") == ["heavy_penalty"]
    assert found("最终\u200b解释\u200b权归本店所有。") == ["final_interpretation"]


@pytest.mark.parametrize(
    ("head", "is_found"),
    [("甲方：示例健身公司\n乙方（会员）：\n", True), ("甲方（消费者）：\n乙方：示例公司\n", False)],
)
def test_who_a_letter_stands_for_is_read_from_the_contract(head, is_found):
    assert ("no_termination" in found(f"{head}乙方不得解除合同。")) is is_found


def test_shares_are_read_as_contracts_write_them():
    text = "30%、百分之四十五、千分之五、万分之三、三成、双倍、十二倍"
    assert [value for _, _, value in shares(text)] == [0.3, 0.45, 0.005, 0.0003, 0.3, 2.0, 12.0]


def test_clauses_begin_at_their_numbers_and_wrapped_lines_stay_together():
    text = "合同\n第一条 甲方在经营场所提供服务，服务的内容和时间\n以附件为准。\n（二）其他。\n\n没有编号的一段。"
    assert [one.label for one in split(text)] == ["第1段", "第一条", "（二）", "第4段"]
    assert len(sentences(text, split(text)[1])) == 1


@pytest.mark.parametrize(
    "piece",
    [
        "不得不退",
        "本店有权随时调整价格，",
        "违约金百分之五十",
        "甲方不承担乙方受伤",
        "（一）",
        "(",
        "啊",
        "\n",
        "第1条 ",
    ],
)
def test_one_clause_of_100000_characters_takes_linear_time(piece):
    def seconds(length):
        text = (piece * (length // len(piece) + 1))[:length]
        began = time.process_time()
        screen(text, BOOK, on=ON)
        return time.process_time() - began

    short, long = seconds(25_000), seconds(100_000)
    assert long < 8 * short + 0.5, (short, long)


def test_a_text_beyond_the_limit_is_refused_unread():
    with pytest.raises(TooLong):
        screen("长" * (MOST_CHARACTERS + 1), BOOK, on=ON)


def test_more_findings_than_are_listed_are_counted():
    told = screen("最终解释权归本店。\n" * 400, BOOK, on=ON)
    assert len(told.findings) == 300 and told.left_out == 100


def test_a_rule_file_with_an_unknown_key_or_list_is_refused(tmp_path):
    text = (Path(judging.__file__).parent / "unfair_terms.yaml").read_text("utf-8")
    for name, broken in {
        "a": text.replace("    severity: high", "    severity: high\n    colour: red", 1),
        "b": text.replace("      - $exempt", "      - $nothing", 1),
        "c": text.replace("id: property", "id: injury", 1),
    }.items():
        path = tmp_path / f"{name}.yaml"
        path.write_text(broken, "utf-8")
        with pytest.raises(BadRule):
            load(path)


def test_rules_are_more_precise_than_a_word_search_on_both_sets_and_the_sets_are_large_enough():
    sets = [judging.from_templates(SAMPLES / "templates.yaml")]
    sets += [judging.hand_written(path) for path in sorted(SAMPLES.glob("*.csv"))]
    assert sum(map(len, sets)) >= 200
    assert {kind for one in sets for clause in one for kind in clause.kinds} <= set(KINDS)
    for clauses in sets:
        rules = judging.judged(clauses, judging.by_rules(BOOK, ON))["kind"]
        words = judging.judged(clauses, judging.by_plain_words)["kind"]
        assert rules["precision"] > words["precision"]
