"""Personal data at rest open only under their key, at their place, unchanged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhijian.security.sealed_text import CannotOpen, fingerprint, seal, unseal


@given(text=st.text(st.characters(codec="utf-8"), max_size=200))
def test_a_sealed_text_opens_as_it_was(text):
    assert unseal(seal(text, key="t", context="S1/name"), key="t", context="S1/name") == text


def test_the_same_text_never_looks_the_same():
    assert seal("示例张三", key="t", context="S1") != seal("示例张三", key="t", context="S1")


def test_a_text_does_not_open_under_another_key_or_at_another_place():
    sealed = seal("示例张三", key="t", context="S1/name")
    seal("x", key="u", context="S1/name")
    with pytest.raises(CannotOpen):
        unseal(sealed, key="u", context="S1/name")
    with pytest.raises(CannotOpen):
        unseal(sealed, key="t", context="S2/name")


def test_a_changed_character_is_noticed():
    sealed = seal("13800000000", key="t", context="S1")
    changed = sealed[:-6] + ("A" if sealed[-6] != "A" else "B") + sealed[-5:]
    with pytest.raises(CannotOpen):
        unseal(changed, key="t", context="S1")


def test_equal_texts_have_one_mark_whatever_their_width_and_spaces():
    assert fingerprint("138 0000 0000", key="t") == fingerprint("１３８００００００００", key="t")
    assert fingerprint("138 0000 0000", key="t") != fingerprint("13800000000", key="u")
    assert fingerprint(" ", key="t") == ""


def test_the_key_file_is_for_its_owner_only(settings, tmp_path):
    from zhijian.infrastructure.home import Home

    settings.HOME = Home(tmp_path)
    seal("x", key="private", context="")
    assert (tmp_path / "keys" / "private.key").stat().st_mode & 0o077 == 0
