"""A plan loaded, and the officers who measure it: two analysts and a leader of the province, an analyst of a city."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from tests.engines.registers.declared import desk
from tests.engines.registers.declared.desk import AT
from zhijian.apps.plan.monitoring import files, loading, services
from zhijian.apps.plan.monitoring.services import Typed


class Office:
    def __init__(self):
        self.plan = loading.load(files.read(files.OWN), at=AT).plan
        province, city = desk.unit("440000", "示例省局"), desk.unit("440100", "示例市局")
        self.first, self.second = (desk.officer(f"analyst-{n}", province, "analyst") for n in (1, 2))
        self.leader = desk.officer("plan-leader", province, "leader")
        self.of_city = desk.officer("city-analyst", city, "analyst")

    def enter(self, number, year, value, *, area="440000", by=None, kind="A", parts=("", ""), as_of=None):
        typed = Typed(value, as_of or date(year, 12, 31), kind, *parts, evidence="统计年报第3页")
        at = datetime(year + 1, 2, 10, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
        return services.submit(self.plan, number, year, typed, area=area, by=by or self.first, at=min(at, AT))

    def published(self, *args, **kwargs):
        point = services.verify(self.enter(*args, **kwargs), by=self.second, at=AT)
        return services.publish(point, by=self.second, at=AT)
