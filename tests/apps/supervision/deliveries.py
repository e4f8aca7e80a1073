"""What other systems delivered about a firm, as the serving store hands it out: for rules that must not ask the log alone."""

from datetime import date, datetime
from types import SimpleNamespace

from zhijian.engines.registers import public_records
from zhijian.engines.registers.records import DeliveredFact
from zhijian.standards.calendar import ZONE


def fact(
    uscc: str, kind: str, on: date, key: str = "D1", until: date | None = None, **payload
) -> DeliveredFact:
    """Return a delivered fact."""
    return DeliveredFact(
        fact_id=f"delivered/{key}", uscc=uscc, kind=kind, occurred_on=on, recorded_at=datetime(on.year, on.month, on.day, tzinfo=ZONE),
        source="delivered", source_key=key, payload=payload, legal_basis=None, public_until=until, is_synthetic=True,
    )  # fmt: skip


def penalty(uscc: str, on: date, key: str = "D1", **more) -> DeliveredFact:
    payload = {
        "decision_no": f"外罚{key}",
        "authority": "示例区局",
        "violation": "违法行为",
        "types": ["fine"],
        "procedure": "ordinary",
    }
    return fact(uscc, "penalty.decided", on, key, **{**payload, **more})


def serious(uscc: str, on: date, key: str = "S1") -> DeliveredFact:
    return fact(
        uscc,
        "serious_list.listed",
        on,
        key,
        until=date(on.year + 3, on.month, on.day),
        decision_no=f"外列{key}",
    )


def serve(monkeypatch, *facts: DeliveredFact) -> None:
    """Let the register hand out these facts and no others."""
    register = SimpleNamespace(
        is_ready=True,
        find=lambda uscc: None,
        delivered_facts=lambda uscc: [one for one in facts if one.uscc == uscc],
    )
    monkeypatch.setattr(public_records, "register_at", lambda _serving: register)


def register(monkeypatch, uscc: str, **fields) -> None:
    """Let the register know one firm, of which it says this, and no other."""
    fields = {"county_code": None, "prefecture_code": None, **fields}
    known = SimpleNamespace(
        is_ready=True,
        find=lambda asked: SimpleNamespace(uscc=uscc, **fields) if asked == uscc else None,
        delivered_facts=lambda _uscc: [],
    )
    monkeypatch.setattr(public_records, "register_at", lambda _serving: known)
