"""A station with people, and complaints under the example drawing, for tests of the pages of procedures."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

CODE = "test/sketch"
SKETCH = Path(__file__).parents[2] / "engines" / "procedures" / "complaint_sketch.bpmn"
AT = datetime(2026, 11, 20, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
PASSWORD = "a password for tests"


def declare():
    from zhijian.engines.procedures import declaration
    from zhijian.engines.procedures.declaration import Procedure

    if declaration.find(CODE) is None:
        declaration.register(Procedure(CODE, "投诉处理（测试）", "Complaint (test)", SKETCH))


def unit(code, level, division, parent=None):
    from zhijian.security.models import Organisation

    return Organisation.objects.create(
        code=code, name=f"{code}（合成）", name_en=code, level=level, division_code=division, parent=parent, is_synthetic=True
    )  # fmt: skip


def officer(name, organisation, *roles):
    from zhijian.security.models import Officer

    return Officer.objects.create_user(
        name,
        password=PASSWORD,
        organisation=organisation,
        roles=list(roles),
        display_name=name,
        is_synthetic=True,
    )


class Place:
    """A province with a station; its people by name; `case(number)` opens a complaint there."""

    def __init__(self):
        self.province = unit("province", "province", "440000")
        self.county = unit("county", "county", "440106", self.province)
        self.station = unit("station", "station", "440106001", self.county)
        self.other = unit("other", "station", "440106002", self.county)
        self.keeper = officer("keeper", self.province, "leader")
        self.leader = officer("leader", self.station, "leader")
        self.handler = officer("handler", self.station, "handler", "intake")
        self.colleague = officer("colleague", self.station, "handler", "intake")
        self.stranger = officer("stranger", self.other, "handler", "intake")

    def case(self, number=1, *, received="2026-11-20", at=AT):
        from zhijian.engines.procedures import services

        return services.start_case(
            CODE, number=f"粤投〔2026〕{number}号", title="一件测试投诉", organisation=self.station,
            division_code="440106001", data={"received_on": received}, by=None, at=at, is_synthetic=True,
        )  # fmt: skip

    def do(self, case, task, by=None, *, at=AT, **data):
        from zhijian.engines.procedures import services

        item = case.work_items.get(task=task, state="open")
        return services.complete(item, data=data, by=by, at=at)

    def year(self, cases=12):
        """Some complaints of the past year, each taken, judged and mediated."""
        from zhijian.engines.procedures import services

        for number in range(cases):
            at = AT - timedelta(days=20 * number + 30)
            case = self.case(number + 100, received=at.date().isoformat(), at=at)
            for task, data, days in (
                ("register", {}, 0),
                ("screen", {"accepted": True, "accepted_on": at.date().isoformat()}, 3),
                ("mediate", {}, 9),
            ):
                moment = at + timedelta(days=days, hours=1)
                services.claim(case.work_items.get(task=task, state="open"), by=self.handler, at=moment)
                self.do(case, task, self.handler, at=moment + timedelta(hours=2), **data)
