"""What a field holds of persons is declared (《个人信息保护法》第五十一条第二项), and what follows from it is kept."""

import json
import logging

from django.apps import apps
from django.db import models

from zhijian.apps.consumer.member_files.models import Association
from zhijian.engines.registers.declared import registry
from zhijian.engines.registers.declared.declaration import Column, Label, declare
from zhijian.infrastructure.json_log import JsonFormatter
from zhijian.portal.api import api
from zhijian.security.field_classes import NEVER_SHOWN, FieldClass, classes

TEXTS = (models.CharField, models.TextField, models.JSONField, models.FileField)


def text_fields():
    return {
        (model._meta.label, field.name)
        for model in apps.get_models()
        if model.__module__.startswith("zhijian.")
        for field in model._meta.local_fields
        if isinstance(field, TEXTS) and not field.choices
    }


def test_every_field_that_may_hold_words_says_what_it_holds_of_persons():
    assert text_fields() - set(classes()) == set(), "add their lines to security/field_classes.csv"
    assert set(classes()) - text_fields() == set(), "these lines of security/field_classes.csv name no field"


def test_what_is_named_sealed_is_sealed_and_nothing_else_claims_it():
    for (model, field), kind in classes().items():
        if field.endswith("sealed"):
            assert kind is FieldClass.SEALED, (model, field)
        if kind is FieldClass.SEALED and (model, field) != ("security.SecondFactor", "secret"):
            assert field.endswith("sealed"), (model, field)


def test_a_private_persons_name_or_address_lies_open_in_two_places_alone():
    """A disputed warranty's consumer, behind the right to personal data; a message's address until it is sent."""
    plain = {key for key, kind in classes().items() if kind in (FieldClass.NAME, FieldClass.CONTACT)}
    assert plain == {("warranty.WarrantyDispute", "consumer_name"), ("notices.Dispatch", "address")}


def test_the_interfaces_answer_with_no_field_that_is_sealed_a_mark_or_a_credential():
    hidden = {field for (_, field), kind in classes().items() if kind in NEVER_SHOWN} - {"mark", "digest"}
    schemas = api.get_openapi_schema()["components"]["schemas"]
    assert len(schemas) > 20
    answers = {
        name: schema for name, schema in schemas.items() if not name.endswith("In")
    }  # the rest is handed in
    shown = {(name, field) for name, schema in answers.items() for field in schema.get("properties", {})}
    assert {one for one in shown if one[1] in hidden} == set()


def test_a_register_shows_no_private_persons_name_and_nothing_sealed_to_the_public():
    told = 0
    for register in registry.every():
        for column in register.columns:
            kind = classes().get((register.model._meta.label, column.name))
            if kind in NEVER_SHOWN or kind in (FieldClass.NAME, FieldClass.CONTACT):
                assert not column.is_public and column.is_personal, (register.name, column.name)
                told += 1
    assert told >= 1


def test_the_class_of_a_field_keeps_it_from_the_public_whatever_a_register_declares():
    contact = Column("contact_name", Label("联系人", "Contact person"))
    declared = declare(
        "tried", model=Association, plan_ids=("S1",), title=Label("试", "Tried"), keeper=Label("省局", "Province"),
        keepers=("register_keeper",), about=Label("试", "Tried"), columns=(contact,),
    )  # fmt: skip
    assert contact.is_public and not contact.is_personal
    assert [one.name for one in declared.columns if one.is_personal] == ["contact_name"]
    assert "contact_name" not in [one.name for one in declared.public_columns]
    officers = declared.readable(internal=True, personal=False)
    assert "contact_name" not in [one.name for one in officers]


def test_a_log_line_covers_numbers_of_persons_that_somebody_typed():
    record = logging.LogRecord(
        "zhijian", logging.WARNING, "x", 1, "could not send to %s", ("13800000000",), None
    )
    assert json.loads(JsonFormatter().format(record))["message"] == f"could not send to {'＊' * 11}"
