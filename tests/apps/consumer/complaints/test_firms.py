"""A shop typed by hand becomes a firm of the register, by an officer, with a reason, in the time line."""

from dataclasses import dataclass, replace

import pytest

from tests.apps.consumer.complaints.casework import SHOP, at
from tests.apps.consumer.odr.roomwork import drawn
from zhijian.apps.consumer.complaints import firms
from zhijian.apps.consumer.complaints.models import Complaint
from zhijian.apps.consumer.complaints.policies import Incomplete, NotNow
from zhijian.apps.consumer.odr import opening
from zhijian.apps.consumer.odr.errors import InvitationEnded, OdrRefused
from zhijian.portal.views import matters
from zhijian.security.permissions import Forbidden

BY_HAND = replace(SHOP, name="示例禾满小店", code="")


@dataclass(frozen=True)
class Firm:
    uscc: str
    name: str


RIGHT = Firm("91440106MA9XH0T01X", "示例禾满食品有限公司")
OTHER = Firm("91350100M000100Y43", "示例其他有限公司")
REGISTER = {one.uscc: one for one in (RIGHT, OTHER)}


def establish(complaint, code, by, day, reason="小票抬头"):
    return firms.establish(complaint, code, reason=reason, find=REGISTER.get, by=by, at=at(day))


def test_a_shop_typed_by_hand_comes_into_the_room_and_a_corrected_firm_is_out_again(journey, home):
    complaint = journey.in_mediation(respondent=BY_HAND)
    handler, mediator = journey.office.handler, journey.office.mediator
    with pytest.raises(OdrRefused, match="核对被投诉人"):
        opening.open_room(complaint, by=mediator, at=at(journey.day))
    establish(complaint, OTHER.uscc, handler, journey.day)
    complaint = Complaint.objects.get(pk=complaint.pk)
    room = opening.open_room(complaint, by=mediator, at=at(journey.day))
    code = opening.invite(room, by=handler, at=at(journey.day), randomness=drawn)
    establish(complaint, RIGHT.uscc.lower(), handler, journey.day, "门头照片")
    with pytest.raises(InvitationEnded):
        opening.firm_by_code(room.number, code, at=at(journey.day))
    complaint = Complaint.objects.select_related("case").get(pk=complaint.pk)
    assert (complaint.respondent_code, complaint.respondent_name) == (RIGHT.uscc, RIGHT.name)
    assert complaint.case.entity_code == RIGHT.uscc
    told = [event.note for event in complaint.case.events.filter(verb="comment").order_by("sequence")]
    assert len(told) == 2
    assert "示例禾满小店（信用代码未核对）" in told[0]
    assert OTHER.uscc in told[1] and "门头照片" in told[1]


def test_a_firm_is_set_by_a_right_code_with_a_reason_by_who_handles_it_and_before_the_end(journey):
    complaint = journey.in_mediation(respondent=BY_HAND)
    office, day = journey.office, journey.day
    wrong = [
        ("", "选一户"),
        ("91440106MA9XH0T019", "第18位"),
        ("9144", "18"),
        ("91440300708461136T", "没有这个代码"),
    ]
    for code, said in wrong:
        with pytest.raises(Incomplete, match=said):
            establish(complaint, code, office.handler, day)
    with pytest.raises(Incomplete, match="依据"):
        establish(complaint, RIGHT.uscc, office.handler, day, reason=" ")
    with pytest.raises(Forbidden):
        establish(complaint, RIGHT.uscc, office.other_handler, day)
    establish(complaint, RIGHT.uscc, office.handler, day)
    with pytest.raises(Incomplete, match="已经是这一户"):
        establish(complaint, RIGHT.uscc, office.handler, day)
    complaint = journey.mediate(complaint, "agreed", agreement="退款")
    journey.do(complaint, "close_complaint", office.handler, is_upheld=False)
    with pytest.raises(NotNow, match="办结"):
        establish(complaint, OTHER.uscc, office.handler, day)


def test_the_pages_lead_the_handler_to_the_firm_instead_of_a_room_that_would_be_refused(
    client, journey, home, monkeypatch
):
    monkeypatch.setattr(matters, "_registered", REGISTER.get)
    complaint = journey.in_mediation(respondent=BY_HAND)
    client.force_login(journey.office.mediator)
    desk = client.get(f"/work/odr/complaints/{complaint.number}/").content.decode()
    assert f"/work/matters/{complaint.number}/#firm" in desk
    assert 'value="open"' not in desk
    client.force_login(journey.office.handler)
    address = f"/work/matters/{complaint.number}/"
    assert "信用代码未核对" in client.get(address).content.decode()
    refused = client.post(address, {"act": "firm", "code": "9144", "firm_reason": "小票抬头"})
    assert refused.status_code == 422
    assert 'value="小票抬头"' in refused.content.decode()
    assert (
        client.post(address, {"act": "firm", "firm": RIGHT.uscc, "firm_reason": "小票抬头"}).status_code
        == 302
    )
    assert RIGHT.name in client.get(address).content.decode()
