"""S50: associations, their members, and what they say of them. An association writes of its own members alone."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from zhijian.apps.consumer.member_files import rules
from zhijian.apps.consumer.member_files.models import Association, AssociationMember, MemberRecord
from zhijian.engines.registers.declared.columns import Code, Column, Kind, Problem
from zhijian.engines.registers.declared.declaration import Audience, Label, Values, declare
from zhijian.security.models import Role
from zhijian.security.permissions import is_regulator

_DATA = Path(__file__).parent / "data"
_PLAN = "《广东省市场监管现代化“十四五”规划》第五章第二节"
TRADE_LEVEL = "trade"
"""The level of an association's unit: none of the authorities' levels. It has no area either, so that no case is handed to it."""

_OWNERS = (Role.ASSOCIATION, Role.STEWARD)

TRADES = (
    Code("retail", Label("零售", "Retail")),
    Code("catering", Label("餐饮", "Catering")),
    Code("travel", Label("旅游住宿", "Travel and lodging")),
    Code("fitness", Label("健身美容", "Fitness and beauty")),
    Code("education", Label("教育培训", "Training")),
    Code("vehicles", Label("汽车", "Vehicles")),
    Code("ecommerce", Label("电子商务", "E-commerce")),
    Code("other", Label("其他", "Other")),
)
LEVELS = (
    Code("province", Label("省级", "Province")),
    Code("city", Label("市级", "City")),
    Code("county", Label("县级", "County")),
)
KINDS = (
    Code("praise", Label("表扬", "Praise")),
    Code("measure", Label("自律惩戒", "Measure of self-discipline")),
    Code("training", Label("培训", "Training")),
    Code("pledge", Label("自律承诺", "Pledge")),
)


def organisation_code(association: str) -> str:
    """The code of the unit in which an association's own clerks sign in."""
    return f"association-{association}"


def own_association(officer: Any, values: Values) -> Label | None:
    """Say why an officer may not write a row: it is another association's. Stewards take in files by agreement."""
    if officer.has_role(Role.STEWARD) and officer.organisation and is_regulator(officer.organisation):
        return None
    unit = officer.organisation.code if officer.organisation else ""
    if unit == organisation_code(str(values.get("association") or "")):
        return None
    return Label(
        f"协会只能写自己的会员：这一条属于{values.get('association') or '（未填协会）'}，您的单位不是它。",
        f"An association writes of its own members: this row is of {values.get('association') or '(none)'}, not of your unit.",
    )


def _agreement_is_whole(values: Values, on: date) -> Iterator[Problem]:
    if values["agreement_from"] and not values["agreement_number"]:
        yield Problem("agreement_number", "", Label("有共享协议的应写编号", "an agreement has a number"),
                      Label("请填写协议编号。", "Give the number."))  # fmt: skip
    if (
        values["agreement_to"]
        and values["agreement_from"]
        and values["agreement_to"] < values["agreement_from"]
    ):
        yield Problem("agreement_to", str(values["agreement_to"]), Label("早于协议开始", "before the agreement begins"),
                      Label("请核对两个日期。", "Check both days."))  # fmt: skip


def _consent_comes_first(values: Values, on: date) -> Iterator[Problem]:
    if values["consent_on"] > on:
        yield Problem("consent_on", str(values["consent_on"]), Label("同意的日期在将来", "the consent lies ahead"),
                      Label("企业书面同意后再登记。", "Register once the firm agreed in writing."))  # fmt: skip
    ended = values["consent_ended_on"]
    if ended and ended < values["consent_on"]:
        yield Problem("consent_ended_on", str(ended), Label("早于同意的日期", "before the consent"),
                      Label("请核对两个日期。", "Check both days."))  # fmt: skip


def _ended_consent_stays(values: Values, on: date) -> Iterator[Problem]:
    """Refuse to take the end of a consent away: the firm ended it, and only a new consent, given later, opens the file again."""
    known = AssociationMember.objects.filter(key=values["key"]).first()
    if known is None or known.consent_ended_on is None or values["consent_on"] > known.consent_ended_on:
        return
    if values["consent_ended_on"] is None or values["consent_ended_on"] > known.consent_ended_on:
        yield Problem("consent_ended_on", str(values["consent_ended_on"] or ""),
                      Label(f"企业已于{known.consent_ended_on}撤回同意", f"the firm ended its consent on {known.consent_ended_on}"),
                      Label("撤回不能取消；企业重新书面同意的，填新的同意日期。", "An end stays; with a new written consent give its day."))  # fmt: skip


def _is_of_a_member(values: Values, on: date) -> Iterator[Problem]:
    """Refuse what is said of a firm that is no member, of another association's member, or after the membership."""
    key = values["membership"]
    member = AssociationMember.objects.filter(key=key).first()
    if member is None:
        return  # the column itself has refused it
    if member.association != values["association"]:
        yield Problem("membership", key, Label("这一户不是这家协会的会员", "the firm is no member of this association"),
                      Label("请核对会员编号；协会只能写自己的会员。", "Check the membership; an association writes of its own."))  # fmt: skip
    if member.uscc != values["uscc"]:
        yield Problem("uscc", values["uscc"], Label("代码和会员登记的不一致", "not the code of the membership"),
                      Label("请对照会员名录填写。", "Copy it from the register of members."))  # fmt: skip
    day = values["valid_from"]
    for when, words in (
        (day, Label("记录的日子", "the day of the record")),
        (min(on, values["valid_to"] or on), Label("今天", "today")),
    ):
        if not rules.is_member(
            member.valid_from, member.valid_to, member.consent_on, member.consent_ended_on, on=when
        ):
            yield Problem(
                "valid_from" if when == day else "membership", str(when),
                Label(f"{words.zh}（{when}）不在会员期内，或者企业没有同意建档", f"{words.en} ({when}) lies outside the membership, or the firm's consent"),
                Label("会员资格或同意结束后，不能再写。", "Nothing is written after membership or consent ended."),
            )  # fmt: skip
            break


def _is_shared(values: Values, on: date) -> Iterator[Problem]:
    found = Association.objects.filter(key=values["association"]).first()
    if found and not rules.is_shared(found.agreement_from, found.agreement_to, on=on):
        yield Problem("association", values["association"], Label("没有在有效期内的共享协议", "no agreement to share is in force"),
                      Label("签订或续签协议后再交。", "Hand it in once the agreement is signed."))  # fmt: skip


ASSOCIATIONS = declare(
    "associations",
    model=Association,
    plan_ids=("S50",),
    title=Label("建立会员信用档案的行业协会商会", "Associations that keep members' credit files"),
    keeper=Label("地级以上市市场监管部门", "City market regulators"),
    keepers=(Role.HANDLER, Role.STEWARD, Role.LEADER),
    about=Label("哪些行业协会商会建立了会员企业信用档案，和本平台有没有共享协议。", "Which associations keep credit files of members, and whether they share them here by agreement."),
    legal_basis=_PLAN,
    name_label=Label("协会商会", "Association"),
    counted_by=("trade_code", "level_code"),
    rules=(_agreement_is_whole,),
    demo_file=_DATA / "associations.csv",
    tags=("消费", "协会"),
    columns=(
        Column("trade_code", Label("行业", "Trade"), kind=Kind.CODE, codes=TRADES, is_required=True, is_filter=True, in_list=True),
        Column("level_code", Label("层级", "Level"), kind=Kind.CODE, codes=LEVELS, is_required=True, is_filter=True, in_list=True),
        Column("website", Label("网站", "Website")),
        Column("agreement_number", Label("共享协议编号", "Agreement")),
        Column("agreement_from", Label("协议自", "Agreement from"), kind=Kind.DATE),
        Column("agreement_to", Label("协议至", "Agreement until"), kind=Kind.DATE),
        Column("contact_name", Label("联系人", "Contact person")),
    ),
)  # fmt: skip

MEMBERS = declare(
    "association_members",
    model=AssociationMember,
    plan_ids=("S50",),
    title=Label("同意建档的会员企业", "Member firms that agreed to a file"),
    keeper=Label("各行业协会商会", "Each association"),
    keepers=_OWNERS,
    about=Label("企业书面同意后，协会才为它建立信用档案；会员资格或同意结束，档案不再展示。", "An association keeps a file once the firm agreed in writing; with membership or consent it is shown no more."),
    legal_basis=_PLAN,
    key_label=Label("会员编号", "Membership"),
    name_label=Label("会员企业", "Member firm"),
    from_label=Label("入会", "Member from"),
    to_label=Label("退会", "Member until"),
    counted_by=("association",),
    rules=(_consent_comes_first, _ended_consent_stays),
    scope=own_association,
    demo_file=_DATA / "association_members.csv",
    tags=("消费", "协会"),
    columns=(
        Column("association", Label("协会编号", "Association"), kind=Kind.REFERENCE, refers_to="associations", is_required=True, is_searched=True, in_list=True),
        Column("consent_on", Label("同意建档", "Consent given"), kind=Kind.DATE, is_required=True),
        Column("consent_paper", Label("同意书编号", "Paper of consent"), is_required=True, is_public=False),
        Column("consent_ended_on", Label("撤回同意", "Consent ended"), kind=Kind.DATE),
    ),
)  # fmt: skip

RECORDS = declare(
    "member_records",
    model=MemberRecord,
    plan_ids=("S50",),
    title=Label("协会对会员的记录", "What associations say of members"),
    keeper=Label("各行业协会商会", "Each association"),
    keepers=_OWNERS,
    audience=Audience.OFFICER,
    about=Label("表扬、自律惩戒、培训和承诺。这是协会的说法，不是监管部门的认定。", "Praise, measures of self-discipline, trainings, pledges: the association's word, no finding of a regulator."),
    legal_basis=_PLAN,
    key_label=Label("记录号", "Record"),
    name_label=Label("会员企业", "Member firm"),
    from_label=Label("日期", "Day"),
    to_label=Label("展示至", "Shown until"),
    counted_by=("kind_code", "association"),
    rules=(_is_of_a_member, _is_shared),
    scope=own_association,
    demo_file=_DATA / "member_records.csv",
    tags=("消费", "协会"),
    columns=(
        Column("association", Label("协会编号", "Association"), kind=Kind.REFERENCE, refers_to="associations", is_required=True, is_searched=True, in_list=True),
        Column("membership", Label("会员编号", "Membership"), kind=Kind.REFERENCE, refers_to="association_members", is_required=True),
        Column("kind_code", Label("类别", "Kind"), kind=Kind.CODE, codes=KINDS, is_required=True, is_filter=True, in_list=True),
        Column("said", Label("内容", "What is said"), kind=Kind.LONG, is_required=True),
        Column("basis", Label("依据的行规行约", "Rule of the association"), is_required=True),
    ),
)  # fmt: skip

REGISTERS = (ASSOCIATIONS, MEMBERS, RECORDS)
