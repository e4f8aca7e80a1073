"""A keeper's desk: units, keepers, and a few rows of each register's own demonstration."""

import csv
import io
from datetime import datetime
from zoneinfo import ZoneInfo

AT = datetime(2026, 11, 20, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def unit(division, name):
    from zhijian.security.models import Organisation

    return Organisation.objects.create(
        code=f"u-{division}",
        name=name,
        name_en=name,
        level="county",
        division_code=division,
        is_synthetic=True,
    )


def officer(username, organisation, *roles):
    from zhijian.security.models import Officer

    return Officer.objects.create(
        username=username,
        display_name=username,
        staff_number=f"no-{username}",
        organisation=organisation,
        roles=list(roles),
        is_synthetic=True,
    )


def province_keeper(register):
    return officer("keeper", unit("440000", "示例省局"), *register.keepers)


def demo_rows(register, most=6):
    """The first rows of a register's demonstration whose references are met by `parents`."""
    with register.demo_file.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))[:most]


def as_csv(rows):
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def fill(register, keeper, most=6):
    """Put rows of the demonstration on the register, and before them what they refer to."""
    from zhijian.engines.registers.declared import registry, services

    rows = demo_rows(register, most)
    for column in register.columns:
        if not column.refers_to:
            continue
        parent = registry.find(column.refers_to)
        wanted = {row[column.name] for row in rows}
        if parent is not register and wanted - {""}:
            keeper.roles = sorted({*keeper.roles, *parent.keepers})
            found = [row for row in demo_rows(parent, 100_000) if row["key"] in wanted]
            services.take_in(parent, "parents.csv", as_csv(found), by=keeper, at=AT)
    return services.take_in(register, "demo.csv", as_csv(rows), by=keeper, at=AT), rows


def decide_all(keeper):
    """Where one comes on a register by a procedure: hand every open step in, so that the application is entered."""
    from zhijian.engines.procedures import services
    from zhijian.engines.procedures.models import WorkItem

    for item in WorkItem.objects.filter(state="open"):
        data = {"outcome": "enter", "decision_reason": "材料齐全，符合条件"}
        services.complete(item, data=data, by=keeper, at=item.case.opened_at)
