"""A register's declaration of itself."""

import pytest

from zhijian.engines.registers import Audience, EntityRegister, Field, Label, RegisterDeclaration


def declare(*fields: Field, key: str = "number", audience: Audience = Audience.PUBLIC) -> RegisterDeclaration:
    words = Label("示例名录", "Sample register")
    return RegisterDeclaration("sample", words, words, audience, "sample", key, fields)


NUMBER = Field("number", Label("编号", "Number"))


def test_a_key_must_be_a_field_and_a_field_is_declared_once():
    with pytest.raises(ValueError, match="not among its fields"):
        declare(NUMBER, key="name")
    with pytest.raises(ValueError, match="twice"):
        declare(NUMBER, NUMBER)


def test_a_personal_field_cannot_be_public():
    with pytest.raises(ValueError, match="personal"):
        declare(NUMBER, Field("phone", Label("电话", "Telephone"), is_personal=True))


def test_only_public_fields_of_a_public_register_are_for_everybody():
    inner = Field("note", Label("备注", "Note"), is_public=False)
    assert declare(NUMBER, inner).public_fields == (NUMBER,)
    assert declare(NUMBER, inner, audience=Audience.OFFICER).public_fields == ()


def test_a_field_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(KeyError, match="it has number"):
        declare(NUMBER).field("name")


def test_every_declared_field_of_market_entities_is_on_the_record_and_none_is_a_class():
    from zhijian.engines.registers.records import ENTITY_COLUMNS

    declared = EntityRegister.declaration.field_names
    assert set(declared) <= set(ENTITY_COLUMNS)
    assert not [name for name in declared if "class" in name or "score" in name]
