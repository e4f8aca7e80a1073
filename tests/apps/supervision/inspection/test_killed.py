"""kill -9 in the middle of publishing a result: nothing or everything is there, and running again finishes it."""

import os
import signal
import subprocess
import sys

import pytest

_PUBLISH = """
import os, sys, time, types
import django
django.setup()
from datetime import date
from django.core.management import call_command
from tests.apps.supervision.inspection import casework as c
from zhijian.apps.supervision.inspection import services
from zhijian.apps.supervision.inspection.models import Check
from zhijian.engines.facts.models import Fact
from zhijian.security.models import Officer, Organisation

def prepare():
    call_command("migrate", verbosity=0)
    unit = Organisation.objects.create(code="u", name="示例局", name_en="Sample", level="county", division_code="440106")
    def officer(name, role):
        return Officer.objects.create(username=name, organisation=unit, roles=[role], certificate_valid_until=date(2027, 12, 31))
    first, second, drawer = officer("a", "inspector"), officer("b", "inspector"), officer("d", "drawer")
    officer("p", "publisher")
    visit = services.DrawnVisit("91440106MA9XH0T10X", "示例店", "", "440106", True, (first, second))
    services.publish_item_list(by=None, at=c.AT)
    plan = services.Dispatch("P", 1, "t", "t", c.ITEMS, unit, date(2026, 9, 1), date(2026, 9, 30), False, (visit,))
    check = services.dispatch(plan, by=drawer, at=c.AT).checks.get()
    services.begin(check, c.HERE, certificates_shown=True, by=first, at=c.AT)
    services.record_result(check, c.NOTHING_FOUND, by=first, at=c.AT)
    services.confirm_by_second(check, by=second, at=c.AT)

def stall(owner, name, after):
    real = getattr(owner, name)
    def slow(*args, **kwargs):
        answer = real(*args, **kwargs) if after else None
        print("STALLED", flush=True)
        time.sleep(60)
    setattr(owner, name, slow)

if sys.argv[1] == "prepare":
    prepare()
elif sys.argv[1] == "count":
    check = Check.objects.get()
    print(check.state.value, Fact.objects.filter(kind="inspection.result").count(), check.events.filter(verb="publish").count())
else:
    if sys.argv[1] == "before-fact":
        stall(services.facts, "record", False)
    elif sys.argv[1] == "after-fact":
        stall(services.facts, "record", True)
    elif sys.argv[1] == "after-event":
        stall(services, "_event", True)
    services.publish(Check.objects.get(), by=Officer.objects.get(username="p"), at=c.AT)
    if sys.argv[1] == "after-commit":
        print("STALLED", flush=True)
        time.sleep(60)
"""


@pytest.fixture
def run(tmp_path, empty_tables):
    empty_tables.rename(tmp_path / "zhijian.sqlite3")
    variables = {name: value for name, value in os.environ.items() if name != "ZHIJIAN_DATABASE_URL"}
    variables |= {"ZHIJIAN_HOME": str(tmp_path), "PYTHONPATH": "."}

    def start(word):
        command = [sys.executable, "-c", _PUBLISH, word]
        return subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, text=True)

    def finished(word):
        with start(word) as process:
            said, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        return said.split()

    return start, finished


def test_a_publication_killed_at_any_point_leaves_nothing_or_everything_and_is_finished_by_the_next(run):
    start, finished = run
    finished("prepare")
    for word in ("before-fact", "after-fact", "after-event", "after-commit"):
        with start(word) as process:
            assert process.stdout.readline() == "STALLED\n"
            process.send_signal(signal.SIGKILL)
        expected = ["published", "1", "1"] if word == "after-commit" else ["confirmed", "0", "0"]
        assert finished("count") == expected, word
