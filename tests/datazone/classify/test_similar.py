import random

import numpy as np
import pytest

from zhijian.datazone.classify.similar import groups_of, jaccard, shingles, signatures, similar_pairs

BASE = "我在该健身房办了三年会员卡充值五千元，上周发现店铺已经关门，老板联系不上，要求退还剩余的余额"


def test_signs_and_numbers_make_no_difference():
    assert shingles("花了35元，退款！") == shingles("花了 8 元退款")


def test_the_share_of_equal_hashes_estimates_the_common_share():
    dice = random.Random(0)
    texts = ["".join(dice.choices("退款充值会员卡过期牛奶电梯故障", k=60)) for _ in range(40)]
    texts += [text[:90] + text[100:] for text in texts]
    sets = [shingles(text) for text in texts]
    marks = signatures(sets)
    for a, b in [(0, 40), (3, 43), (1, 2), (5, 7)]:
        assert float(np.mean(marks[a] == marks[b])) == pytest.approx(jaccard(sets[a], sets[b]), abs=0.15)


def test_copies_with_changes_are_found_and_others_are_not():
    texts = [
        BASE,
        BASE.replace("五千", "8000").replace("上周", "昨天"),
        "电梯困人半小时无人理睬，物业电话不通，请查处",
        "",
    ]
    assert [(p.first, p.second) for p in similar_pairs(texts, least=0.5)] == [(0, 1)]
    assert similar_pairs(["", ""], least=0.1) == []


def test_every_pair_above_the_least_is_found_as_a_plain_comparison_finds_it():
    dice = random.Random(1)
    texts = []
    for number in range(30):
        words = list(BASE + str(number))
        for _ in range(dice.randint(0, 25)):
            words[dice.randrange(len(words))] = dice.choice("天地玄黄宇宙洪荒日月盈昃辰宿列张")
        texts.append("".join(words))
    sets = [shingles(text) for text in texts]
    plain = {(a, b) for a in range(30) for b in range(a + 1, 30) if jaccard(sets[a], sets[b]) >= 0.3}
    found = {(p.first, p.second) for p in similar_pairs(texts, least=0.3)}
    assert found <= plain
    assert len(found) >= 0.95 * len(plain)


def test_groups_are_named_by_their_least_member_whatever_the_order():
    assert groups_of(["c", "a", "b", "d"], [(0, 2), (2, 1)]) == ["a", "a", "a", "d"]
    assert groups_of(["d", "b", "a", "c"], [(1, 3), (2, 1)]) == ["d", "a", "a", "a"]
