"""A refusal speaks Chinese to people and English to programs; what it prints is the choice of its kind."""

import pickle

import pytest

from zhijian.standards.bilingual import BilingualError


class InBoth(BilingualError, ValueError):
    wording = "{zh} / {en}"


@pytest.mark.parametrize(("kind", "printed"), [(BilingualError, "too late"), (InBoth, "已过期 / too late")])
def test_both_languages_are_kept_and_one_wording_is_printed(kind, printed):
    refused = kind("已过期", "too late")
    assert (refused.message_zh, refused.message_en, str(refused)) == ("已过期", "too late", printed)


def test_it_arrives_whole_from_another_process():
    refused = pickle.loads(pickle.dumps(InBoth("已过期", "too late {x}")))
    assert isinstance(refused, ValueError)
    assert str(refused) == "已过期 / too late {x}"
