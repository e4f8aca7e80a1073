"""The demonstration's rooms: every stage of a room, all marked, and nothing twice."""

from tests.operations.demo.test_complaints import NoRegister
from zhijian.operations.demo import complaints, odr


def test_invented_rooms_stand_at_every_stage_and_a_second_run_adds_none(db, home):
    from zhijian.apps.consumer.odr import rooms
    from zhijian.apps.consumer.odr.models import Package, Room
    from zhijian.operations.demo.days import moment
    from zhijian.security.models import Organisation

    for county in ("440100", *complaints.COUNTIES):  # the city decides reviews of its county
        Organisation.objects.create(
            code=f"amr-{county}", name=f"示例局{county}", name_en=county, level="county", division_code=county, is_synthetic=True
        )  # fmt: skip
    complaints.staff()
    complaints.seed(NoRegister(), lambda: None)
    assert odr.seed() == Room.objects.filter(is_synthetic=True).count() == 8
    now = moment(11, 27)
    phases = {str(rooms.standing(room, at=now).phase) for room in Room.objects.all()}
    assert phases == {"waiting", "negotiation", "mediation", "agreed", "ended"}
    assert set(Package.objects.values_list("kind", flat=True)) == {"judicial", "small_claim"}
    assert odr.seed() == 0
