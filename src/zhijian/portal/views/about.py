"""What the numbers mean, what programs may ask for, and every component in all its states."""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from zhijian.engines.forms import declaration
from zhijian.engines.forms.binding import bind
from zhijian.engines.forms.shown import ShownForm, show_bound
from zhijian.portal.api import api
from zhijian.portal.api.publicity import ASK, COPY
from zhijian.portal.components import bar_chart, tile_map, trend_chart
from zhijian.portal.views.register import today
from zhijian.security.permissions import Permission, require
from zhijian.standards import parameters

GENERAL_ITEM_RATE = "supervision/general_item_annual_rate_percent"


@dataclass(frozen=True)
class Definition:
    """One published number: what it counts, over what, from where."""

    anchor: str
    title: str
    formula: str
    numerator: str
    denominator: str
    source: str
    note: str


def definitions() -> list[Definition]:
    """Return the definition of every number that public pages show."""
    return [
        Definition(
            "entities", _("市场主体户数"), _("登记簿里现有的户数"), _("每个统一社会信用代码算一户"), _("无"),
            _("表entity_market_entities，由登记数据的各次交付归并"),
            _("本站装入的是样本，不是全省总数；合成的户单独标明，一并计入。"),
        ),
        Definition(
            "drawn-share", _("抽查比例（指标18）"), _("本年被抽到的户数÷名录库户数×100%"),
            _("本年各次抽签抽到的户，一户抽到多次只算一次"), _("冻结时公布的该市名录库户数；一年多次取最多的一次"),
            _("抽签文件和检查任务"), _("只有演练时用演练的数，并写明“演练”。低于目标的标▼。"),
        ),
        Definition(
            "results", _("已公示检查结果"), _("已公示的检查户次"), _("每次检查算一次，更正不另算"), _("无"),
            _("检查系统的公示记录"), _("不含照片、检查人员姓名和内部分类。"),
        ),
        Definition(
            "quality", _("数据质量分"), _("100×（0.5×有效率＋0.4×完整率＋0.1×唯一率）"), _("通过全部规则的行、已知的字段、不重复的主键"),
            _("交付的全部行"), _("每次交付的质量报告"), _("分数只说这批数据好不好用，不说企业好不好。"),
        ),
        Definition(
            "inspections", _("本年检查次数"), _("本年已公示结果的检查次数"), _("检查结果公示在本年的次数"), _("无"),
            _("检查结果（事实inspection.result）"), _("没有记录不等于没有问题。"),
        ),
    ]  # fmt: skip


def numbers(request: HttpRequest) -> HttpResponse:
    target = parameters.load(GENERAL_ITEM_RATE)
    context = {"definitions": definitions(), "target": target.on(today())}
    return render(request, "portal/about/numbers.html", context)


@dataclass(frozen=True)
class Address:
    """One address of the public API: what it gives, and what may narrow it."""

    path: str
    title: str
    parameters: list[dict[str, str]]
    example: str
    method: str = "GET"


def addresses() -> list[Address]:
    """Return every address of the public API as its own description has them, so that none is forgotten."""
    titles = {
        "/api/v1/entities": _("查市场主体"),
        "/api/v1/entities/suggest": _("边输入边给的建议"),
        "/api/v1/entities/counts": _("按地市、行业、状态等数户数"),
        "/api/v1/entities.csv": _("查询结果，CSV"),
        "/api/v1/entities.xlsx": _("查询结果，Excel"),
        "/api/v1/entities/{uscc}": _("一户的登记信息"),
        "/api/v1/entities/{uscc}/versions": _("一户登记信息的历次变更"),
        "/api/v1/entities/{uscc}/facts": _("一户公示中的记录"),
        "/api/v1/codes/{code}/check": _("核对统一社会信用代码"),
        "/api/v1/registers": _("全部公开名录"),
        "/api/v1/registers/{name}": _("一本名录和它的字段"),
        "/api/v1/registers/{name}/entries": _("查名录里的条目"),
        "/api/v1/registers/{name}/entries/{key}": _("名录里的一条"),
        "/api/v1/registers/{name}/entries/{key}/versions": _("一条的历次版本"),
        "/api/v1/complaints/tickets": _("12345、12315热线凭密钥转来投诉举报"),
        "/api/v1/complaints/tickets/{ticket_no}": _("热线凭密钥看自己转来的一件到哪一步"),
        "/api/v1/credit-files/{uscc}": _("一户的公开信用档案，写明谁查、查来做什么"),
        "/api/v1/bay-area/deliveries": _("港澳消费者委员会凭密钥转来案件"),
        "/api/v1/bay-area/cases/{number}/replies": _("港澳消费者委员会凭密钥答复案件"),
        "/api/v1/bay-area/cases/{number}": _("港澳消费者委员会凭密钥看一件到哪一步"),
        "/api/v1/measures/{code}": _("部门凭密钥查一户在某类事项上适用的惩戒和激励措施"),
        "/api/v1/measures/persons": _("部门凭密钥查某人的任职限制"),
        "/api/v1/measures/matches/{number}/response": _("部门凭密钥反馈采取了什么措施"),
        "/api/v1/publicity/{uscc}": _("一户公示信息齐全、或没有公示信息的证明"),
        "/api/v1/publicity/roots": _("签名的公示日根，逐日相连"),
        "/api/v1/publicity/roots/{day}": _("一天的日根在封存日志里的位置"),
        "/api/v1/publicity/snapshot.jsonl": _("今天全部公示信息的快照，供镜像"),
        "/api/v1/publicity/changes.jsonl": _("某一天以来的变更，供镜像"),
        "/api/v1/exchange/{service}/rows": _("凭密钥取用一项数据服务（数据共享交换）"),
    }
    examples = {
        "/api/v1/entities": "?q=食品&size=5",
        "/api/v1/entities/suggest": "?q=食品",
        "/api/v1/entities/counts": "?by=industry_section",
    }
    meanings = {
        "q": _("名称、任意片段、拼音首字母、信用代码或地址"),
        "prefecture": _("地市代码（GB/T 2260），或unknown"),
        "county": _("县区代码（GB/T 2260），或unknown"),
        "section": _("行业门类（GB/T 4754），或unknown"),
        "kind": _("主体类别"),
        "status": _("登记状态"),
        "synthetic": _("true只要合成数据，false不要"),
        "from_year": _("成立年份从，1900为不限"),
        "to_year": _("成立年份到，2100为不限"),
        "cursor": _("上一页给出的next_cursor"),
        "size": _("每页户数"),
        "by": _("按哪个字段数"),
        "uscc": _("统一社会信用代码，全角、小写都可以"),
        "code": _("统一社会信用代码，全角、小写都可以"),
        "matter": _("事项：licence、deregistration、procurement、honour、commitment或supervision"),
        "reference": _("贵单位自己的案号或受理号"),
        "number": _("告知措施时给的编号"),
        "asker": _("谁查：单位名称，会记下来"),
        "name": _("名录的代码"),
        "key": _("条目的编号"),
        "division": _("行政区划代码，6位或9位"),
        "state": _("current现在有效，ended已结束"),
        "page": _("第几页"),
        "service": _("数据服务的名称，见数据共享交换"),
        "purpose": _("获批的用途：supervision、service或statistics"),
        "since": _("上次取到的版本或日子；不写则给全部"),
        "day": _("哪一天，如2026-11-28；不写则为最近一天"),
        "format": _("jsonl或arrow"),
        "columns": _("只要其中几列，用逗号分开；不写则给获批的全部列"),
    }
    found = []
    for path, operations in api.get_openapi_schema()["paths"].items():
        method, operation = next(iter(operations.items()))
        parameters = [
            {"name": one["name"], "description": meanings.get(one["name"], "")}
            for one in operation.get("parameters", [])
        ]
        example = path + examples[path] if path in examples else ""
        found.append(Address(path, titles.get(path, path), parameters, example, method.upper()))
    return found


def interfaces(request: HttpRequest) -> HttpResponse:
    context = {
        "addresses": addresses(),
        "ask_limit": ASK.per_address,
        "copy_limit": COPY.per_address,
    }
    return render(request, "portal/about/interfaces.html", context)


def components(request: HttpRequest) -> HttpResponse:
    """Every component in all its states, for those who build and check pages."""
    if not settings.DEBUG:
        require(request.user, Permission.VIEW_COMPONENTS)
    shares = {code: 3.4 + 0.15 * number for number, (*_rest, code, _name) in enumerate(tile_map.PLACES)}
    sample = tile_map.shares(
        {**shares, "445300": None}, target=5, title=_("示例：各市抽查比例"), href=lambda code: f"#{code}"
    )
    context = {"map": sample, "classes": "ABCD", "synthetic": "all", "form_sample": _form(), **_charts()}
    return render(request, "portal/components.html", context)


def _form() -> ShownForm:
    """A form with each kind of question, handed in with something wrong at most of them."""
    form = declaration.load(Path(__file__).parent.parent / "components" / "form_sample.json")
    typed = {"bought_on": ["昨天"], "amount": ["1280.505"], "shop.code": ["91440106"], "goods.0.price": ["x"]}
    return show_bound(bind(form, typed))


def _charts() -> dict[str, object]:
    """Bars, bars of parts and lines, each with its extremes: none, very long names, an incomplete year."""
    long_name = _("示例：很长的行业名称，电力、热力、燃气及水生产和供应业")
    return {
        "bar_sample": bar_chart.bars(_("示例：条形"), [(long_name, 120, "120"), ("B", 1, "1"), ("C", None, "—")]),
        "part_sample": bar_chart.parts(
            _("示例：百分比条"), list("12345"), [("A", (60, 20, 10, 6, 4), ""), ("B", None, "—")]
        ),
        "line_sample": trend_chart.draw(
            _("示例：折线"), "x", "y", [("A", range(2021, 2027), (3, 5, 8, 9, 12, 6)), ("B", [2024], [4])],
            write=lambda value: f"{value:g}", break_after=2025, break_text="2026",
        ),
    }  # fmt: skip
