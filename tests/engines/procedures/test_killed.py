"""A process that is killed in the middle of a step leaves the case as it was; killed after it, as it is then."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = """
import json, os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import django; django.setup()
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from tests.engines.procedures import drawn
from zhijian.engines.facts.models import Fact
from zhijian.engines.procedures import services
from zhijian.engines.procedures.models import Case
from zhijian.security.models import Organisation

AT = datetime(2026, 5, 18, 2, tzinfo=UTC)
die = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)

def seen():
    case = Case.objects.get()
    return {
        "open": sorted(case.work_items.filter(state="open").values_list("task", flat=True)),
        "revision": case.revision, "events": case.events.count(), "facts": Fact.objects.count(),
        "data": sorted(case.state.data), "walked": "tell" in case.state.walked,
    }

def killed(what):
    connections.close_all()
    child = os.fork()
    if child == 0:
        what()
        die()
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    return seen()

def hand_in():
    services.complete(Case.objects.get().work_items.get(state="open"), data={"x": 1}, by=None, at=AT)

class NoMigrations(dict):  # the tables as the models say, without their history: seconds instead of a minute
    __contains__ = lambda self, name: True
    __getitem__ = lambda self, name: None


settings.MIGRATION_MODULES = NoMigrations()
call_command("migrate", run_syncdb=True, verbosity=0, interactive=False)
unit = Organisation.objects.create(code="u", name="u", level="station", division_code="440106001")
text = drawn.straight(
    drawn.node("user", "ask", fact="decision"), drawn.node("service", "tell", service="tell"), drawn.node("user", "next")
)
mortal = {"tell": die}
drawn.declare(Path(sys.argv[2]), text, code="test/killed", services=mortal)
services.start_case("test/killed", number="1", title="t", organisation=unit, division_code="440106", data={}, by=None, at=AT)
before = seen()
in_the_middle = killed(hand_in)
mortal["tell"] = lambda *_, **__: None
afterwards = killed(hand_in)
print(json.dumps([before, in_the_middle, afterwards]))
"""


def test_the_case_is_before_or_after_and_never_between(tmp_path):
    environment = {
        "ZHIJIAN_HOME": str(tmp_path / "home"),
        "DJANGO_SETTINGS_MODULE": "zhijian.infrastructure.settings",
        "PATH": "/usr/bin:/bin",
    }
    (tmp_path / "home").mkdir()
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(ROOT), str(tmp_path)],
        capture_output=True,
        text=True,
        env=environment,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    before, in_the_middle, afterwards = json.loads(result.stdout)
    assert in_the_middle == before
    assert before == {"open": ["ask"], "revision": 1, "events": 1, "facts": 1, "data": [], "walked": False}
    assert afterwards == {
        "open": ["next"],
        "revision": 2,
        "events": 2,
        "facts": 2,
        "data": ["x"],
        "walked": True,
    }
