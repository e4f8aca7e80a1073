"""The API keeps to the description that it publishes."""

import json
from collections.abc import Iterator

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, assume, given
from hypothesis import settings as budget

from tests.engines.registers.factory import AT, code, entity, write
from zhijian.datazone.lake import Lake
from zhijian.engines.registers import build
from zhijian.infrastructure.home import Home
from zhijian.infrastructure.wsgi import application

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def schema(home: Home, settings: object) -> Iterator[object]:
    """The API's description; Django's own test client, too, keeps the test's connection open between requests."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    settings.ALLOWED_HOSTS = ["*"]  # type: ignore[attr-defined]
    lake = Lake(home.lake)
    write(lake, [entity(number, f"示例第{number}号有限公司") for number in range(1, 4)])
    build(lake, home.serving, at=AT)
    yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_whatever_is_asked_the_answer_is_one_that_the_description_allows(schema):
    tested = 0
    for operation in schema.get_all_operations():
        _check(operation.ok())
        tested += 1
    assert tested == 29


def _check(operation: object) -> None:
    @budget(
        max_examples=25,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    @given(case=operation.as_strategy())  # type: ignore[attr-defined]
    def ask(case):
        assume("\\u0000" not in json.dumps(case.body, default=str))  # refused for every address: test_nul.py
        case.call_and_validate(headers={"Accept-Encoding": "identity"})

    ask()


@pytest.mark.parametrize("path", ["/entities/{uscc}", "/entities/{uscc}/versions", "/entities/{uscc}/facts"])
def test_what_is_said_of_an_entity_keeps_to_the_description(schema, path):
    case = schema[f"/api/v1{path}"]["GET"].Case(path_parameters={"uscc": code(1)})
    assert case.call_and_validate(headers={"Accept-Encoding": "identity"}).status_code == 200
