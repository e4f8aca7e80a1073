"""A new system of the plan from nothing: the files that every system has, filled in from what was said about it."""

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from zhijian.standards import plan

_NAME = re.compile(r"^[a-z][a-z0-9_]{1,30}$")
KINDS = ("text", "long", "date", "integer", "money", "boolean")


class CannotMake(ValueError):
    """The system cannot be made so; the message says what to change."""


@dataclass(frozen=True)
class ColumnSpec:
    """One column: `kind` is one of KINDS, or code with its list of (value, Chinese, English)."""

    name: str
    kind: str
    zh: str
    en: str
    codes: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class SystemSpec:
    """What a new system is: its folder (field and name), its row of the plan, its register's columns."""

    field: str
    name: str
    plan_id: str
    title_zh: str
    title_en: str
    article: str
    columns: tuple[ColumnSpec, ...] = ()

    @property
    def class_name(self) -> str:
        return "".join(part.capitalize() for part in self.name.split("_")) + "Entry"

    @property
    def module(self) -> str:
        return f"zhijian.apps.{self.field}.{self.name}"


def column(text: str) -> ColumnSpec:
    """Read ``name:kind:中文:English``; for codes ``name:code:中文:English:value=中文/English,value=中文/English``.

    Raises:
        CannotMake: the text has another form.
    """
    parts = text.split(":")
    codes: tuple[tuple[str, str, str], ...] = ()
    if len(parts) == 5 and parts[1] == "code":
        found = [re.fullmatch(r"([a-z0-9_]+)=([^/]+)/(.+)", one.strip()) for one in parts[4].split(",")]
        codes = tuple((one[1], one[2], one[3]) for one in found if one)
    if not (len(parts) == 4 and parts[1] in KINDS) and not codes:
        raise CannotMake(
            f"'{text}' is no column. Write name:kind:中文:English with one of {', '.join(KINDS)}, "
            "or name:code:中文:English:value=中文/English,…"
        )
    if not _NAME.match(parts[0]):
        raise CannotMake(f"'{parts[0]}' is no name of a column: small letters, digits, underscore.")
    return ColumnSpec(parts[0], parts[1], parts[2], parts[3], codes)


def check(spec: SystemSpec, root: Path) -> None:
    """Refuse names that cannot be, a number that the plan lacks, and a folder that is there already.

    Raises:
        CannotMake: with what to change.
    """
    if not _NAME.match(spec.name) or not _NAME.match(spec.field):
        raise CannotMake(
            "Field and name have small letters, digits and underscores, as consumer/repair_shops."
        )
    if plan.find(spec.plan_id) is None:
        raise CannotMake(f"The plan has no system {spec.plan_id}; see the page of the plan.")
    if (root / "src" / "zhijian" / "apps" / spec.field / spec.name).exists():
        raise CannotMake(f"apps/{spec.field}/{spec.name} exists already.")
    if "《" not in spec.article and "〔" not in spec.article:
        raise CannotMake(
            "--article names the text on which the register rests, as 《消费者权益保护法》第十六条."
        )
    taken = {
        "key",
        "name",
        "uscc",
        "division_code",
        "valid_from",
        "valid_to",
        "tags",
        "is_synthetic",
        "version",
    }
    names = [one.name for one in spec.columns]
    if not names or len(set(names)) < len(names) or taken & set(names):
        raise CannotMake(
            f"Give at least one column, each once, and none of {', '.join(sorted(taken))}: every register has them."
        )


def files(spec: SystemSpec) -> dict[str, str]:
    """Return every file of the new system by its path from the root of the sources."""
    app, test = f"src/zhijian/apps/{spec.field}/{spec.name}", f"tests/apps/{spec.field}/{spec.name}"
    return {
        f"src/zhijian/apps/{spec.field}/__init__.py": "",
        f"{app}/__init__.py": "",
        f"{app}/apps.py": _apps(spec),
        f"{app}/models.py": _models(spec),
        f"{app}/registers.py": _registers(spec),
        f"{app}/system.py": _system(spec),
        f"{app}/procedure.bpmn": _drawing(spec),
        f"{app}/forms/examine.json": _FORM,
        f"{app}/data/{spec.name}.csv": _demo(spec),
        f"{app}/migrations/__init__.py": "",
        f"tests/apps/{spec.field}/__init__.py": "",
        f"{test}/__init__.py": "",
        f"{test}/test_journey.py": _test(spec),
    }


def write(spec: SystemSpec, root: Path) -> list[str]:
    """Write the files and the line of the settings; files that are there stay. Returns what was written.

    Raises:
        CannotMake: as `check`.
    """
    check(spec, root)
    written = []
    for name, text in files(spec).items():
        path = root / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            written.append(name)
    settings = root / "src" / "zhijian" / "infrastructure" / "settings.py"
    text = settings.read_text("utf-8")
    settings.write_text(
        text.replace('    "zhijian.portal",\n', f'    "{spec.module}",\n    "zhijian.portal",\n', 1), "utf-8"
    )
    return [*written, "src/zhijian/infrastructure/settings.py"]


def _apps(spec: SystemSpec) -> str:
    return f'''from pathlib import Path

from django.apps import AppConfig


class {spec.class_name.removesuffix("Entry")}Config(AppConfig):
    name = "{spec.module}"
    label = "{spec.name}"
    verbose_name = "{spec.title_zh}"

    def ready(self) -> None:
        """Make the register and its procedure known to their engines."""
        from {spec.module}.registers import REGISTER
        from zhijian.engines.procedures.declaration import Procedure, register
        from zhijian.engines.registers.declared import applications, registry

        registry.add(REGISTER)
        register(
            Procedure(
                code=REGISTER.procedure,
                title_zh="{spec.title_zh}：列入",
                title_en="{spec.title_en}: entry",
                drawing=Path(__file__).parent / "procedure.bpmn",
                plan_ids=REGISTER.plan_ids,
                services={{"decide": applications.decide}},
            )
        )
'''


_MODEL_FIELDS = {
    "text": "models.CharField(max_length=200, blank=True)",
    "long": "models.TextField(blank=True)",
    "date": "models.DateField(null=True, blank=True)",
    "integer": "models.IntegerField(null=True, blank=True)",
    "money": "models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)",
    "boolean": "models.BooleanField(default=False)",
    "code": "models.CharField(max_length=30)",
}


def _models(spec: SystemSpec) -> str:
    lines = "\n".join(f"    {one.name} = {_MODEL_FIELDS[one.kind]}" for one in spec.columns)
    return f'''"""What one entry of {spec.title_en} holds."""

from django.db import models

from zhijian.engines.registers.declared.models import DeclaredEntry


class {spec.class_name}(DeclaredEntry):
    """One entry ({spec.title_zh})."""

{lines}
'''


def _registers(spec: SystemSpec) -> str:
    lists = "".join(_code_list(one) for one in spec.columns if one.codes)
    columns = "\n".join(_column(one) for one in spec.columns)
    counted = ", ".join(f'"{one.name}"' for one in spec.columns if one.kind in ("code", "boolean"))
    counted = f"    counted_by=({counted},),\n" if counted else ""
    code = "Code, " if lists else ""
    return f'''"""{spec.plan_id}: {spec.title_en}."""

from pathlib import Path

from {spec.module}.models import {spec.class_name}
from zhijian.engines.registers.declared.columns import {code}Column, Kind
from zhijian.engines.registers.declared.declaration import Label, declare
from zhijian.security.models import Role

{lists}REGISTER = declare(
    "{spec.name}",
    model={spec.class_name},
    plan_ids=("{spec.plan_id}",),
    title=Label("{spec.title_zh}", "{spec.title_en}"),
    keeper=Label("市场监管部门", "Market regulators"),
    keepers=(Role.HANDLER, Role.STEWARD),
    about=Label(
        "{spec.title_zh}：经审查列入，人人可查。",
        "{spec.title_en}: entered after examination, open to all.",
    ),
    legal_basis="{spec.article}",
    procedure="{spec.field}/{spec.name}",
{counted}    demo_file=Path(__file__).parent / "data" / "{spec.name}.csv",
    columns=(
{columns}
    ),
)
'''


def _code_list(one: ColumnSpec) -> str:
    rows = "".join(f'    Code("{value}", Label("{zh}", "{en}")),\n' for value, zh, en in one.codes)
    return f"{one.name.upper()} = (\n{rows})\n"


def _column(one: ColumnSpec) -> str:
    parts = [f'"{one.name}"', f'Label("{one.zh}", "{one.en}")', f"kind=Kind.{one.kind.upper()}"]
    if one.codes:
        parts += [f"codes={one.name.upper()}", "is_required=True", "is_filter=True", "in_list=True"]
    if one.kind == "text":
        parts.append("is_searched=True")
    inside = "".join(f"            {part},\n" for part in parts)
    return f"        Column(\n{inside}        ),"


def _system(spec: SystemSpec) -> str:
    planned = plan.find(spec.plan_id)
    assert planned is not None
    return f'''"""{spec.title_en}: a register onto which one comes by a procedure."""

from zhijian.apps.system import Page, System

SYSTEM = System(
    name="{spec.field}/{spec.name}",
    plan_ids=("{spec.plan_id}",),
    title_zh="{spec.title_zh}",
    title_en="{spec.title_en}",
    audience=("public", "officer"),
    regulations=("{spec.article}",),
    facts_in=(),
    facts_out=(
        "register.added",
        "register.changed",
        "register.ended",
        "procedure.opened",
        "procedure.closed",
    ),
    pages=(
        Page(
            "/registers/{spec.name}/",
            "{spec.title_zh}",
            "{spec.title_en}",
            audience="public",
        ),
        Page("/registers/{spec.name}/statistics/", "统计", "Statistics", audience="public"),
        Page(
            "/procedures/{spec.field}/{spec.name}/",
            "列入的流程",
            "How one is entered",
            audience="public",
        ),
        Page("/work/registers/{spec.name}/", "维护名录", "Keep the register"),
    ),
    plan_titles={{
        "{spec.plan_id}": (
            {_quoted(planned.name_zh)},
            {_quoted(planned.name_en)},
        ),
    }},
)
'''


def _quoted(text: str) -> str:
    mended = re.sub(r'"([^"]*)"', r"“\1”", text)
    return f'"{mended}"'


def _drawing(spec: SystemSpec) -> str:
    prefix = f"examine_{spec.name}"
    return _BPMN.format(process=prefix, name=f"{spec.title_zh}：列入", article=spec.article)


_BPMN = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"
    id="definitions_{process}" targetNamespace="https://zhijian.example/bpmn">
  <bpmn:process id="{process}" name="{name}" isExecutable="true">
    <bpmn:startEvent id="applied" name="收到申请"><bpmn:outgoing>to_examine</bpmn:outgoing></bpmn:startEvent>
    <bpmn:userTask id="examine" name="审查申请">
      <bpmn:extensionElements><spiffworkflow:properties>
        <spiffworkflow:property name="role" value="handler"/>
        <spiffworkflow:property name="article" value="{article}"/>
        <spiffworkflow:property name="deadline" value="registers/application_decision from applied_on"/>
        <spiffworkflow:property name="form" value="examine"/>
      </spiffworkflow:properties></bpmn:extensionElements>
      <bpmn:incoming>to_examine</bpmn:incoming><bpmn:outgoing>to_decide</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:serviceTask id="decide" name="列入或不列入">
      <bpmn:extensionElements><spiffworkflow:properties>
        <spiffworkflow:property name="service" value="decide"/>
      </spiffworkflow:properties></bpmn:extensionElements>
      <bpmn:incoming>to_decide</bpmn:incoming><bpmn:outgoing>to_decided</bpmn:outgoing>
    </bpmn:serviceTask>
    <bpmn:endEvent id="decided" name="办结"><bpmn:incoming>to_decided</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="to_examine" sourceRef="applied" targetRef="examine"/>
    <bpmn:sequenceFlow id="to_decide" sourceRef="examine" targetRef="decide"/>
    <bpmn:sequenceFlow id="to_decided" sourceRef="decide" targetRef="decided"/>
  </bpmn:process>
  <bpmndi:BPMNDiagram id="diagram"><bpmndi:BPMNPlane id="plane" bpmnElement="{process}">
    <bpmndi:BPMNShape id="shape_applied" bpmnElement="applied"><dc:Bounds x="120" y="118" width="34" height="34"/><bpmndi:BPMNLabel><dc:Bounds x="92" y="158" width="90" height="17"/></bpmndi:BPMNLabel></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="shape_examine" bpmnElement="examine"><dc:Bounds x="220" y="100" width="112" height="70"/></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="shape_decide" bpmnElement="decide"><dc:Bounds x="400" y="100" width="112" height="70"/></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="shape_decided" bpmnElement="decided"><dc:Bounds x="580" y="118" width="34" height="34"/><bpmndi:BPMNLabel><dc:Bounds x="552" y="158" width="90" height="17"/></bpmndi:BPMNLabel></bpmndi:BPMNShape>
    <bpmndi:BPMNEdge id="edge_to_examine" bpmnElement="to_examine"><di:waypoint x="154" y="135"/><di:waypoint x="220" y="135"/></bpmndi:BPMNEdge>
    <bpmndi:BPMNEdge id="edge_to_decide" bpmnElement="to_decide"><di:waypoint x="332" y="135"/><di:waypoint x="400" y="135"/></bpmndi:BPMNEdge>
    <bpmndi:BPMNEdge id="edge_to_decided" bpmnElement="to_decided"><di:waypoint x="512" y="135"/><di:waypoint x="580" y="135"/></bpmndi:BPMNEdge>
  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</bpmn:definitions>
"""

_FORM = """{
 "$schema": "https://json-schema.org/draft/2020-12/schema",
 "type": "object",
 "title": "审查申请",
 "x-title-en": "Examine the application",
 "required": ["outcome", "decision_reason"],
 "properties": {
  "outcome": {
   "type": "string",
   "title": "决定",
   "x-title-en": "Decision",
   "oneOf": [
    {"const": "enter", "title": "列入", "x-title-en": "Enter"},
    {"const": "refuse", "title": "不列入", "x-title-en": "Do not enter"}
   ]
  },
  "decision_reason": {
   "type": "string",
   "title": "理由和依据",
   "x-title-en": "Reason and basis",
   "minLength": 4,
   "maxLength": 400
  }
 }
}
"""


def _demo(spec: SystemSpec) -> str:
    """Three invented rows, marked as such, that keep the rules of the declaration."""
    from zhijian.operations.seed.synthetic import synthetic_code

    out = io.StringIO()
    own = [one.name for one in spec.columns]
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        ["key", "name", "uscc", "division_code", *own, "valid_from", "valid_to", "tags", "is_synthetic"]
    )
    for number, place in enumerate(("440106", "440305", "440604"), start=1):
        values = [_sample(one, number) for one in spec.columns]
        firm = [
            f"{spec.name[:20].upper()}-{number:04d}",
            f"示例{spec.title_zh[:20]}{number}号",
            synthetic_code(700_000 + number, place),
            place,
        ]
        writer.writerow([*firm, *values, f"2026-0{number}-15", "", "", "1"])
    return out.getvalue()


def _sample(one: ColumnSpec, number: int) -> str:
    if one.codes:
        return one.codes[number % len(one.codes)][0]
    samples = {
        "date": f"2026-0{number}-15",
        "integer": str(10 * number),
        "money": f"{1000 * number}.00",
        "boolean": str(number % 2),
    }
    return samples.get(one.kind, f"示例{one.zh}{number}")


def _test(spec: SystemSpec) -> str:
    return f'''"""{spec.title_en}, end to end: an application is examined, entered, public, and proved by facts."""

import pytest

from tests.engines.registers.declared import desk
from {spec.module}.registers import REGISTER
from zhijian.engines.facts.models import Fact
from zhijian.engines.procedures import checks, declaration, services
from zhijian.engines.procedures.models import Case, WorkItem

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper():
    return desk.province_keeper(REGISTER)


@pytest.fixture
def row():
    return desk.demo_rows(REGISTER, 1)[0]


def apply(client, keeper, row):
    client.force_login(keeper)
    answer = client.post("/work/registers/{spec.name}/add/", {{**row, "reason": "按申请受理"}})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    return Case.objects.get(number=f"{spec.name}-{{row['key']}}")


def decide(case, keeper, outcome):
    item = WorkItem.objects.get(case=case, task="examine")
    data = {{"outcome": outcome, "decision_reason": "材料齐全，符合条件"}}
    services.complete(item, data=data, by=keeper, at=case.opened_at)


def test_an_application_is_examined_and_comes_on_the_public_register(client, keeper, row):
    case = apply(client, keeper, row)
    address = f"/registers/{spec.name}/entries/{{row['key']}}/"
    assert client.get(f"/work/cases/{{case.pk}}/").status_code == 200
    assert client.get(address).status_code == 404
    decide(case, keeper, "enter")
    client.logout()
    assert row["name"] in client.get(address).content.decode()
    assert row["name"] in client.get("/registers/{spec.name}/").content.decode()
    kinds = set(Fact.objects.values_list("kind", flat=True))
    assert {{"register.added", "procedure.opened", "procedure.closed"}} <= kinds


def test_what_is_refused_stays_off_the_register(client, keeper, row):
    decide(apply(client, keeper, row), keeper, "refuse")
    assert client.get(f"/registers/{spec.name}/entries/{{row['key']}}/").status_code == 404


def test_the_drawing_is_sound_and_open_to_everyone(client):
    procedure = declaration.get(REGISTER.procedure)
    assert checks.problems(procedure, procedure.drawing_text()) == []
    assert "审查申请" in client.get(f"/procedures/{{REGISTER.procedure}}/").content.decode()
'''
