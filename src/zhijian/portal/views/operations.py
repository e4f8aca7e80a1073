"""For machines: is the site alive, is it ready, its numbers. For officers: one page that says how everything is."""

import hmac
import math
from dataclasses import asdict, dataclass
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from zhijian.infrastructure import clock
from zhijian.infrastructure.home import current_home
from zhijian.portal import measuring
from zhijian.portal.condition import (
    UNREADABLE,
    Condition,
    condition,
    demonstrated_on,
    dependencies,
    failed_jobs,
)
from zhijian.security.permissions import Permission, require

HOUR, DAY = 3600, 86_400  # seconds


@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """This process answers. Asks nothing else: a dead database is no reason to start the site again."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Everything that is needed holds, or 503 with what does not."""
    found = dependencies(current_home())
    is_ready = all(one.is_well for one in found if one.needed)
    content = {
        "status": "ok" if is_ready else "unavailable",
        "checks": {one.name: "ok" if one.is_well else one.fault for one in found},
    }
    return JsonResponse(content, status=HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The numbers as Prometheus reads them, for who has the token; for everybody else there is no such page."""
    token = settings.METRICS_TOKEN
    if not token or not hmac.compare_digest(request.headers.get("Authorization", ""), f"Bearer {token}"):
        raise Http404
    lines = [*_gauges(condition(current_home(), at=now())), *_latencies()]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4; charset=utf-8")


def _gauges(found: Condition) -> list[str]:
    """One number a line. What never was is infinitely old: an alert on a number that is not there would never fire."""
    lines = []
    for name, value in asdict(found).items():
        told = math.inf if value is None and name.endswith("_age_seconds") else value
        if told is not None:
            lines += [f"# TYPE zhijian_{name} gauge", f"zhijian_{name} {_number(told)}"]
    return lines


def _number(value: float) -> str:
    """Write a number as Prometheus reads it."""
    return str(value) if math.isfinite(value) else f"{'+' if value > 0 else '-'}Inf"


def _latencies() -> list[str]:
    name = "zhijian_request_seconds"
    lines = [f"# TYPE {name} histogram"]
    for key, row in sorted(measuring.summed(measuring.folder_of(settings.HOME)).items()):
        method, status, route = key.split(" ", 2)
        escaped = route.replace("\\", "\\\\").replace('"', '\\"')
        labels = f'method="{method}",status="{status}",route="{escaped}"'
        lines += [
            f'{name}_bucket{{{labels},le="{bound}"}} {row[place]:.0f}'
            for place, bound in enumerate(measuring.BUCKETS)
        ]
        lines += [
            f'{name}_bucket{{{labels},le="+Inf"}} {row[-2]:.0f}',
            f"{name}_count{{{labels}}} {row[-2]:.0f}",
        ]
        lines.append(f"{name}_sum{{{labels}}} {row[-1]:.6f}")
    return lines


@dataclass(frozen=True)
class Line:
    """One line of the page: what, how it is, whether that is well, and what to do where it is not."""

    what: str
    how: str
    is_well: bool
    todo: str


@login_required
@require_safe
def operations_page(request: HttpRequest) -> HttpResponse:
    """Queues, jobs, freshness, seals, disk, certificate and backups, each with what to do."""
    require(request.user, Permission.VIEW_OPERATIONS)
    at = now()
    lines = page_lines(condition(current_home(), at=at))
    context = {
        "lines": lines, "bad": sum(not line.is_well for line in lines), "at": at,
        "failed": failed_jobs(at=at),
        "demonstrated_on": demonstrated_on(current_home(), at=at),
    }  # fmt: skip
    return render(request, "portal/operations/page.html", context)


def page_lines(found: Condition) -> list[Line]:
    """Say how everything is. The bounds are those of the alerts in deploy/prometheus/alerts.yaml."""
    free = found.disk_free_bytes / found.disk_total_bytes
    return [
        Line(_("后台任务"), _("排队%(n)s项，运行%(r)s项，今天失败%(f)s项") % {"n": found.jobs_waiting, "r": found.jobs_running, "f": found.jobs_failed},
             found.oldest_job_seconds < HOUR / 4 and not found.jobs_failed, _("请运维人员查看日志，并确认后台进程在运行。")),
        Line(_("等待最久的任务"), age(found.oldest_job_seconds), found.oldest_job_seconds < HOUR / 4, _("后台进程可能已停。请重新启动服务。")),
        Line(_("待发通知"), _("%(n)s条；没有送达%(d)s条") % {"n": found.notices_due, "d": found.notices_dead},
             not found.notices_dead, _("请数据管理员到“没有送达的通知”处理。")),
        Line(_("事实进入数据湖"), _("还差%(n)s条") % {"n": found.facts_not_fed}, found.facts_not_fed < 20_000, _("请确认后台进程在运行。")),
        Line(_("最近一次封存"), age(found.seal_age_seconds), _within(found.seal_age_seconds, 26 * HOUR), _("请运行 zhijian facts seal。")),
        Line(_("记录核对"), _("%(age)s，发现改动%(n)s处") % {"age": age(found.verification_age_seconds), "n": found.records_changed},
             not found.records_changed and _within(found.verification_age_seconds, 8 * DAY),
             _("请运行 zhijian facts verify 和 zhijian audit verify，逐处查明是谁、什么时候改的；查清以前不要恢复、不要重封。")),
        Line(_("查询库建成"), age(found.store_age_seconds), _within(found.store_age_seconds, 2 * DAY), _("请查看昨夜的刷新，再运行 zhijian serving build。")),
        Line(_("磁盘剩余"), f"{found.disk_free_bytes / (1 << 30):,.0f} GiB · {free:.0%}", free >= 0.1, _("请腾出空间或扩容。")),
        Line(_("最近一次备份"), age(found.backup_age_seconds), _within(found.backup_age_seconds, 26 * HOUR), _("请运行 zhijian backup。")),
        Line(_("最后一次备份的结果"), _("没有做成") if found.backup_failed else _("没有失败"), not found.backup_failed,
             _("原因记在 ZHIJIAN_HOME/operations/backups.jsonl 最后一行；处理后再运行 zhijian backup --verify。")),
        Line(_("最近一次恢复演练"), age(found.drill_age_seconds), _within(found.drill_age_seconds, 92 * DAY), _("请运行 zhijian backup --verify。")),
        Line(_("密钥文件"), _("缺失或与记录不符%(n)s个") % {"n": found.keys_lost}, not found.keys_lost,
             _("请从密钥备份中取回文件，放回 ZHIJIAN_HOME/keys；缺哪些由 zhijian keys status 说明。")),
        _clock_line(found), _discipline_line(found),
        Line(_("网站证书"), _certificate(found.certificate_seconds_left), _is_good(found.certificate_seconds_left), _("请更换证书。")),
        Line(_("节假日安排"), _holidays(found.holidays_known_days), found.holidays_known_days >= 31,
             _("通知公布后请运行 zhijian calendar add；在此以前，落在其后的期限按周末和法律定死的公历假日暂算，录入后在办案件的期限自动重算。")),
    ]  # fmt: skip


def _within(age: float | None, bound: float) -> bool:
    return age is not None and age <= bound


def _is_good(left: float | None) -> bool:
    return left is None or left > 21 * DAY


def _clock_line(found: Condition) -> Line:
    """Say how the clock compares, and with what alone it was compared."""
    what = _("机器时钟")
    if found.clock_off_seconds > clock.MOST_SECONDS:
        how = _off_the_database(found) or _("差%(n)s分钟") % {"n": round(found.clock_off_seconds / 60)}
        return Line(what, how, False, _("期限、动态码和事实的时间都按这个时钟。请先对时（chronyc tracking），再继续办案；对时前记下的不改，另行更正。"))  # fmt: skip
    if found.time_source_answers is None:
        return Line(what, _("与数据库和已有记录一致；没有设置时间源"), True, "")
    if not found.time_source_answers:
        how = _("与数据库和已有记录一致；时间源没有回答")
        return Line(what, how, False, _("请检查 ZHIJIAN_TIME_SOURCE 和到它的网络。"))
    return Line(what, _("与数据库、时间源和已有记录一致"), True, "")


def _off_the_database(found: Condition) -> str:
    """Say by how much the two machines differ, where it is they that do."""
    ahead = found.clock_ahead_of_database_seconds or 0.0
    if abs(ahead) <= clock.MOST_SECONDS:
        return ""
    minutes = {"n": round(abs(ahead) / 60)}
    return _("比数据库快%(n)s分钟") % minutes if ahead > 0 else _("比数据库慢%(n)s分钟") % minutes


def _discipline_line(found: Condition) -> Line:
    """Say whether a service keeps the clock right; an outside source that agrees will do as well."""
    what = _("对时服务")
    if found.clock_disciplined is None:
        return Line(what, _("内核没有告知"), True, "")
    if found.clock_disciplined:
        return Line(what, _("正在校准这台机器的时钟"), True, "")
    is_well = bool(found.time_source_answers) and found.clock_off_seconds <= clock.MOST_SECONDS
    todo = _("请启用 chrony 或 systemd-timesyncd（容器里看宿主机），或者设置 ZHIJIAN_TIME_SOURCE。")
    return Line(what, _("没有校准这台机器的时钟"), is_well, todo)


def _certificate(left: float | None) -> str:
    if left is None:
        return _("没有设置")
    if left == UNREADABLE:
        return _("读不出，请核对 ZHIJIAN_CERTIFICATE")
    return _("还有%(n)s天到期") % {"n": int(left // DAY)}


def _holidays(days: int) -> str:
    return _("还有%(n)s天录入的安排") % {"n": days} if days > 0 else _("今年的安排还没有录入")


def age(seconds: float | None) -> str:
    """Say how long ago something was, in the unit that a person would use."""
    if seconds is None:
        return _("从未有过")
    if seconds < 120:
        return _("刚刚")
    if seconds < 2 * HOUR:
        return _("%(n)s分钟前") % {"n": int(seconds // 60)}
    if seconds < 2 * DAY:
        return _("%(n)s小时前") % {"n": int(seconds // HOUR)}
    return _("%(n)s天前") % {"n": int(seconds // DAY)}
