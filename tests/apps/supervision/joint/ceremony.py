"""A ceremony in short: announced; then the events that carry the public value and the seed, and the dispatch."""

from datetime import date, timedelta

from tests.apps.supervision.inspection.casework import AT
from zhijian.apps.supervision.inspection import services as inspections
from zhijian.engines.draws import services as draws
from zhijian.engines.draws.models import EventKind
from zhijian.engines.draws.plan import Design, Item, Party, Plan, PublicSource, Rate

SEED = "5eed" * 16


class Ceremony:
    """One draw whose steps are written by hand, so that its seed is known to the test."""

    def __init__(self, staff, a_draw):
        self.staff, self.a_draw = staff, a_draw
        self.draw = draws.announce(self._plan(), by=staff.drawer, at=AT)

    def _plan(self):
        return Plan(
            plan_id="2026-0312", title="食品销售联合抽查",
            items=(Item("FOO-01", "食品销售", "《食品安全法》第一百一十条", "general"),),
            design=Design(rates=(Rate("R1", 500),), follows_class=False, area_level="county"),
            parties=(Party("unit", "示例单位", "组织单位", self.staff.drawer.username),
                     Party("audit", "示例监督", "监督单位", self.staff.publisher.username)),
            source=PublicSource(name="示例", place="示例", shape="9999999999", exists_at=AT + timedelta(hours=5)),
            freeze_at=AT + timedelta(hours=1), commit_until=AT + timedelta(hours=2),
            reveal_until=AT + timedelta(hours=8), inspection_until=date(2026, 9, 30),
            mode="open", is_synthetic=True, rehearsal=False,
        )  # fmt: skip

    def drawn(self):
        """Write the public value and the seed, and dispatch two checks."""
        for kind, body in (
            (EventKind.PUBLIC_VALUE, {"value": "1"}),
            (EventKind.DRAWN, {"seed": SEED, "drawn": 2}),
        ):
            draws._step(self.draw, kind, body, by=self.staff.drawer, at=AT)
        self.draw.dispatched_at = AT  # published and given out
        self.draw.save()
        names = ("示例禾满食品有限公司", "示例广食品有限公司")
        return inspections.dispatch(self.a_draw(names=names), by=self.staff.drawer, at=AT)
