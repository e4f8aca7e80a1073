"""The declared registers of the demonstration: each takes in its own file, as a keeper would hand it in."""

from datetime import datetime

from zhijian.apps.consumer.prepaid import alerts
from zhijian.engines.facts.models import Seal
from zhijian.engines.registers.declared import registry, services
from zhijian.engines.registers.declared.declaration import Register
from zhijian.engines.registers.declared.models import Delivery
from zhijian.security.models import Officer

KEEPER = "province-keeper"


def take_in_demonstration(*, at: datetime) -> tuple[dict[str, int], bool]:
    """Hand in the file of every register, those first to which others refer.

    Returns the entries by register, and whether anything was new.
    """
    keeper = Officer.objects.get(username=KEEPER)
    counts, before = {}, Delivery.objects.count()
    for register in _in_order():
        if register.demo_file is None:
            continue
        content = register.demo_file.read_bytes()
        delivery = services.take_in(register, register.demo_file.name, content, by=keeper, at=at)
        if delivery.refused:
            raise ValueError(f"{register.demo_file}: {delivery.refused} rows were refused.")
        counts[register.name] = register.model._default_manager.count()
    alerts.watch(at=at)
    return counts, Delivery.objects.count() > before


def open_moment(planned: datetime, *, now: datetime) -> datetime:
    """Return the planned moment, or now where its day is sealed already: a home made before may lack a new register."""
    newest = Seal.objects.order_by("-day").first()
    return planned if newest is None or newest.sealed_through < planned else now


def _in_order() -> list[Register]:
    """Return the registers so that each comes after those it refers to."""
    left: list[Register] = list(registry.every())
    done: list[Register] = []
    while left:
        ready = [one for one in left if _needs(one) <= {register.name for register in done}]
        if not ready:
            raise ValueError(f"Registers refer to each other in a circle: {[one.name for one in left]}.")
        done += ready
        left = [one for one in left if one not in ready]
    return done


def _needs(register: Register) -> set[str]:
    return {one.refers_to for one in register.columns if one.refers_to} - {register.name}
