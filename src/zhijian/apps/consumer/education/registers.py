"""S54: what can be learnt, bases of consumer education, and their events."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from zhijian.apps.consumer.education import queries
from zhijian.apps.consumer.education.models import EducationBase, EducationEvent, EducationItem
from zhijian.engines.registers.declared.columns import Code, Column, Kind, Problem
from zhijian.engines.registers.declared.declaration import Figure, Geography, Label, Values, declare
from zhijian.security.models import Role
from zhijian.standards import consumer_matters

_DATA = Path(__file__).parent / "data"
_KEEPERS = (Role.HANDLER, Role.STEWARD, Role.LEADER)
_PLAN = "《广东省市场监管现代化“十四五”规划》第五章第二节"
_LAW = "《消费者权益保护法》第十三条"

FIELDS = tuple(Code(one.code, Label(one.name_zh, one.name_en)) for one in consumer_matters.fields())
KINDS = (
    Code("course", Label("课程", "Course")),
    Code("article", Label("文章", "Article")),
    Code("case", Label("案例", "Case")),
    Code("video", Label("视频（外部链接）", "Video (elsewhere)")),
)
AUDIENCES = (
    Code("everyone", Label("所有人", "Everyone")),
    Code("elder", Label("老年人", "Older people")),
    Code("student", Label("学生", "Students")),
    Code("rural", Label("农村居民", "Rural residents")),
    Code("visitor", Label("游客和境外人士", "Visitors")),
    Code("business", Label("经营者", "Businesses")),
)
LANGUAGES = (
    Code("zh", Label("中文", "Chinese")),
    Code("en", Label("英文", "English")),
    Code("both", Label("中文和英文", "Chinese and English")),
)
SETTINGS = (
    Code("mall", Label("商场", "Shopping centre")),
    Code("firm", Label("企业", "Firm")),
    Code("community", Label("社区", "Community")),
    Code("school", Label("学校", "School")),
    Code("village", Label("农村", "Village")),
)


def _can_be_read(values: Values, on: date) -> Iterator[Problem]:
    link = values["link"] or ""
    if link and not link.startswith("https://"):
        yield Problem("link", link, Label("链接要以https开头", "a link begins with https"),
                      Label("请填写完整的网址。", "Give the whole address."))  # fmt: skip
    if values["kind_code"] == "video":
        if not link:
            yield Problem("link", link, Label("视频要有https开头的链接", "a video needs a link that begins with https"),
                          Label("请填写视频所在的网址。", "Give the address of the video."))  # fmt: skip
        return
    if values["language_code"] in ("zh", "both") and len(values["body"] or "") < 30:
        yield Problem("body", "", Label("正文不足30字", "the text has fewer than 30 characters"),
                      Label("请写正文。", "Write the text."))  # fmt: skip
    if values["language_code"] in ("en", "both") and not (values["body_en"] and values["title_en"]):
        yield Problem("body_en", "", Label("写明有英文，但没有英文标题或正文", "English is promised, but title or text lacks"),
                      Label("请补英文，或把语言改为中文。", "Add the English, or call it Chinese."))  # fmt: skip


def _attendance_is_past(values: Values, on: date) -> Iterator[Problem]:
    if values["attended"] is not None and values["valid_from"] > on:
        yield Problem("attended", str(values["attended"]), Label("活动还没有举行", "the event lies ahead"),
                      Label("举行后再填到场人数。", "Fill it in after the event."))  # fmt: skip


def coverage_by_city(on: date) -> Sequence[Figure]:
    """The share of each city's counties that education reaches."""
    rows = tuple(
        (Label(name, name), share, f"{part}/{whole}") for name, part, whole, share in queries.by_city(on)
    )
    return [Figure(Label("覆盖的县区占全部县区", "Counties reached, of all"), rows, Label("%", "%"))]


def attendance(on: date) -> Sequence[Figure]:
    """How many came, by audience."""
    counts: Counter[str] = Counter()
    for audience, attended in EducationEvent.objects.values_list("audience_code", "attended"):
        counts[audience] += attended or 0
    rows = tuple((one.label, float(counts[one.value]), f"{counts[one.value]:,}") for one in AUDIENCES)
    return [Figure(Label("到场人次", "Attendance"), rows, Label("人次", "people"))]


ITEMS = declare(
    "education_items",
    model=EducationItem,
    plan_ids=("S54",),
    title=Label("消费教育内容", "What consumers can learn"),
    keeper=Label("县级以上市场监管部门、消费者委员会", "Market regulators and consumer councils"),
    is_of_councils=True,
    keepers=_KEEPERS,
    about=Label("课程、文章、案例和视频：给谁看、哪个行业、什么语言、从哪里来。", "Courses, articles, cases and videos: for whom, in which trade and language, from where."),
    legal_basis=_LAW,
    name_label=Label("标题", "Title"),
    entity_label=None,
    geography=Geography.NONE,
    from_label=Label("发布", "Published"),
    to_label=Label("撤下", "Taken down"),
    counted_by=("kind_code", "field_code", "audience_code", "language_code"),
    rules=(_can_be_read,),
    demo_file=_DATA / "education_items.csv",
    tags=("消费", "教育"),
    links=(("/learn/", Label("阅读", "Read")), ("/learn/quiz/", Label("小测验", "Quiz"))),
    columns=(
        Column("kind_code", Label("类型", "Kind"), kind=Kind.CODE, codes=KINDS, is_required=True, is_filter=True, in_list=True),
        Column("field_code", Label("行业", "Trade"), kind=Kind.CODE, codes=FIELDS, is_required=True, is_filter=True, in_list=True),
        Column("audience_code", Label("给谁看", "Audience"), kind=Kind.CODE, codes=AUDIENCES, is_required=True, is_filter=True, in_list=True),
        Column("language_code", Label("语言", "Language"), kind=Kind.CODE, codes=LANGUAGES, is_required=True, is_filter=True),
        Column("title_en", Label("英文标题", "English title"), is_searched=True),
        Column("body", Label("正文", "Text"), kind=Kind.LONG, is_searched=True),
        Column("body_en", Label("英文正文", "English text"), kind=Kind.LONG),
        Column("article", Label("法律依据", "Article of law")),
        Column("link", Label("链接", "Link")),
        Column("minutes", Label("要多久", "Takes"), kind=Kind.INTEGER, unit="分钟", is_required=True, least=1, most=300),
        Column("source", Label("来源", "Source"), is_required=True),
    ),
)  # fmt: skip

BASES = declare(
    "education_bases",
    model=EducationBase,
    plan_ids=("S54",),
    title=Label("消费教育基地", "Bases of consumer education"),
    keeper=Label("县级以上市场监管部门、消费者委员会", "Market regulators and consumer councils"),
    is_of_councils=True,
    keepers=_KEEPERS,
    about=Label("进商场、进企业、进社区、进学校、进农村的消费教育基地在哪里、什么时候开。", "Where consumers are taught, in malls, firms, communities, schools and villages, and when it is open."),
    legal_basis=_PLAN,
    name_label=Label("基地", "Base"),
    entity_label=None,
    from_label=Label("设立", "Since"),
    to_label=Label("撤销", "Until"),
    counted_by=("setting_code",),
    figures=coverage_by_city,
    demo_file=_DATA / "education_bases.csv",
    tags=("消费", "教育"),
    links=(("/learn/coverage/", Label("覆盖情况", "Coverage")),),
    columns=(
        Column("setting_code", Label("设在哪里", "Setting"), kind=Kind.CODE, codes=SETTINGS, is_required=True, is_filter=True, in_list=True),
        Column("address", Label("地址", "Address"), is_required=True, is_searched=True, in_list=True),
        Column("hours", Label("开放时间", "Open")),
        Column("service_phone", Label("咨询电话", "Phone")),
        Column("seats", Label("可容纳", "Seats"), kind=Kind.INTEGER, unit="人", is_required=True, least=1, most=100_000),
        Column("teaches", Label("教什么", "Teaches"), kind=Kind.LONG, is_required=True),
    ),
)  # fmt: skip

EVENTS = declare(
    "education_events",
    model=EducationEvent,
    plan_ids=("S54",),
    title=Label("消费教育活动", "Events of consumer education"),
    keeper=Label("县级以上市场监管部门、消费者委员会", "Market regulators and consumer councils"),
    is_of_councils=True,
    keepers=_KEEPERS,
    about=Label("讲座、体验和宣传活动：哪天、在哪里、给谁、来了多少人。", "Talks and open days: when, where, for whom, and how many came."),
    legal_basis=_PLAN,
    name_label=Label("活动", "Event"),
    entity_label=None,
    from_label=Label("开始", "From"),
    to_label=Label("结束", "To"),
    counted_by=("field_code", "audience_code"),
    rules=(_attendance_is_past,),
    figures=attendance,
    demo_file=_DATA / "education_events.csv",
    tags=("消费", "教育"),
    columns=(
        Column("base", Label("基地编号", "Base"), kind=Kind.REFERENCE, refers_to="education_bases"),
        Column("field_code", Label("行业", "Trade"), kind=Kind.CODE, codes=FIELDS, is_required=True, is_filter=True, in_list=True),
        Column("audience_code", Label("给谁", "Audience"), kind=Kind.CODE, codes=AUDIENCES, is_required=True, is_filter=True, in_list=True),
        Column("venue", Label("地点", "Place held"), is_required=True, is_searched=True, in_list=True),
        Column("seats", Label("名额", "Seats"), kind=Kind.INTEGER, unit="人", is_required=True, least=1, most=100_000),
        Column("attended", Label("到场", "Attended"), kind=Kind.INTEGER, unit="人次", least=0, most=100_000),
    ),
)  # fmt: skip

REGISTERS = (ITEMS, BASES, EVENTS)
