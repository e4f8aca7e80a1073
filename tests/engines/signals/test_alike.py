"""Near copies of texts are found; texts that only share a theme are not."""

from zhijian.engines.signals import alike

LONG = "环境一流服务周到性价比超高强烈推荐大家都来体验一次真的不会后悔"


def test_a_text_with_a_sign_more_is_a_near_copy_and_another_text_is_not():
    texts = [
        LONG,
        LONG[:9] + "！" + LONG[9:],
        "菜上得快，价格和菜单写的一样，下次再来",
        "等了二十分钟才有位子",
    ]
    assert alike.pairs(alike.signatures(texts)) == [(0, 1)]


def test_texts_without_letters_are_copies_of_nothing_but_each_other():
    assert alike.pairs(alike.signatures(["！！！", LONG])) == []


def test_pairs_hang_together_as_groups_the_largest_first():
    assert alike.groups(7, [(0, 1), (4, 5), (5, 6)]) == [[4, 5, 6], [0, 1]]
