"""The demonstration's registers come in whole, and a second time change nothing."""

import pytest


@pytest.mark.django_db
def test_every_register_takes_in_its_demonstration_once():
    from tests.engines.registers.declared import desk
    from zhijian.engines.facts.models import Fact
    from zhijian.engines.registers.declared import registry
    from zhijian.operations.demo.registers import KEEPER, take_in_demonstration

    roles = {role for register in registry.every() for role in register.keepers}
    desk.officer(KEEPER, desk.unit("440000", "示例省局"), *sorted(roles))
    counts, is_new = take_in_demonstration(at=desk.AT)
    assert is_new and counts.keys() == {register.name for register in registry.every()}
    entered = Fact.objects.filter(kind__startswith="register.").count()
    assert entered == sum(counts.values())
    facts = Fact.objects.count()  # alerts about issuers of prepaid cards open cases besides
    assert take_in_demonstration(at=desk.AT) == (counts, False)
    assert Fact.objects.count() == facts


def test_the_demonstration_s_keeper_keeps_every_register():
    from zhijian.engines.registers.declared import registry
    from zhijian.operations.demo.registers import KEEPER
    from zhijian.operations.seed.officers import ACCOUNTS

    roles = next(set(roles) for name, _, roles, _, _ in ACCOUNTS if name == KEEPER)
    assert all(roles & set(register.keepers) for register in registry.every())


@pytest.mark.django_db
def test_a_home_whose_days_are_sealed_gets_a_new_register_now():
    from datetime import timedelta

    from tests.engines.registers.declared import desk
    from zhijian.engines.facts.models import Seal
    from zhijian.operations.demo.registers import open_moment

    later = desk.AT + timedelta(days=9)
    assert open_moment(desk.AT, now=later) == desk.AT
    Seal.objects.create(
        day=desk.AT.date(),
        tree_size=1,
        root="0" * 64,
        previous_root="",
        count=1,
        sealed_through=desk.AT,
        sealed_at=later,
    )
    assert open_moment(desk.AT, now=later) == later
