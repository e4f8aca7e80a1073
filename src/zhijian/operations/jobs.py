"""Background jobs. They are put in the queue by `zhijian serve` and by pages, and run by its worker."""

import time
from datetime import date, datetime, timedelta

from django_tasks import task

from zhijian.standards.calendar import ZONE, statutory_day

MOST_VERIFIED_BY_NIGHT = 1_000_000
"""Facts: some minutes of the one worker; what waits behind them is late by that much."""


@task()
def seal_facts_of(day: str) -> str:
    """Seal the facts recorded up to the end of a day (YYYY-MM-DD); return the root. A sealed day keeps its seal."""
    from zhijian.engines.facts import seals

    return seals.seal_day(date.fromisoformat(day), at=datetime.now(ZONE)).root


@task()
def publish_day_root(day: str) -> str:
    """Make, sign and publish the root of what is public on a day (YYYY-MM-DD); return it. A day keeps its root."""
    from zhijian.engines.publicity import building
    from zhijian.infrastructure.home import current_home

    built = building.build_day(date.fromisoformat(day), at=datetime.now(ZONE), home=current_home())
    return built.day.root.hex()


@task()
def push_grant(application: int, tries: int = 0) -> str:
    """Push what is new to one grant's webhook; if it does not arrive, come back later, each time four times as late."""
    from zhijian.datazone.lake import Lake, NoSuchTable
    from zhijian.engines.exchange import webhooks
    from zhijian.engines.exchange.models import Application
    from zhijian.engines.exchange.policies import Refused
    from zhijian.infrastructure.home import current_home

    now = datetime.now(ZONE)
    try:
        arrival = webhooks.push(Lake(current_home().lake), Application.objects.get(pk=application), at=now)
    except Refused as problem:
        return problem.message_en
    except NoSuchTable:
        return "the table is not published yet"
    if arrival is None:
        return "nothing new"
    wait = webhooks.next_try(tries + 1)
    if arrival.outcome != "sent" and wait is not None:
        push_grant.using(run_after=now + wait).enqueue(application, tries + 1)
    return str(arrival.outcome)


def enqueue_pushes() -> int:
    """Put a push in the queue for every approved grant with a webhook that did not stop; return how many."""
    from zhijian.engines.exchange import webhooks
    from zhijian.engines.exchange.models import Application

    today = statutory_day(datetime.now(ZONE))
    waiting = Application.objects.filter(
        decision__is_approved=True, revocation=None, until__gte=today, keys__isnull=False
    ).exclude(webhook="")
    numbers = [one.pk for one in waiting.distinct() if not webhooks.is_stopped(one)]
    for number in numbers:
        push_grant.enqueue(number)
    return len(numbers)


@task()
def tell_of_colours() -> str:
    """Tell officers of the consumer field which of their steps turned yellow or red; e-mail waits for the morning."""
    from zhijian.apps.consumer.complaints import noticing, receiving

    procedures = (receiving.COMPLAINT, receiving.REPORT)
    return f"{noticing.tell_of_colours(procedures, by=None, at=datetime.now(ZONE))} steps"


@task()
def clear_unsent() -> str:
    """Forget what was typed or uploaded and never handed in, or never confirmed; each kind after its own days."""
    from zhijian.apps.consumer.analysis import subscribing
    from zhijian.apps.consumer.complaints.intake import drafts as intake
    from zhijian.engines.evidence import clearing
    from zhijian.engines.forms import services as forms
    from zhijian.infrastructure.home import current_home

    now = datetime.now(ZONE)
    counts = {
        "drafts of forms": forms.clear_drafts(before=now - forms.KEPT),
        "drafts of complaints": intake.sweep(at=now),
        "files": clearing.clear_unnamed(current_home().media, before=intake.oldest(now), at=now),
        "subscriptions": subscribing.forget_unconfirmed(at=now),
    }
    return ", ".join(f"{count} {name}" for name, count in counts.items())


@task()
def watch_prepaid() -> str:
    """Open a piece of work for each issuer of prepaid cards at high risk."""
    from zhijian.apps.consumer.prepaid import alerts

    return f"{alerts.watch(at=datetime.now(ZONE))} alerts"


@task()
def refresh_objects() -> str:
    """Find the objects of every tag anew, for draws and plans; nothing is done before there is a register."""
    from zhijian.apps.supervision.planning import tagging
    from zhijian.datazone.lake import Lake
    from zhijian.infrastructure.home import current_home

    lake = Lake(current_home().lake)
    if not lake.exists(tagging.REGISTER):
        return "no register"
    changes = tagging.refresh(lake, at=datetime.now(ZONE))
    return f"{sum(one.added for one in changes)} came, {sum(one.left for one in changes)} left"


@task()
def end_measures() -> str:
    """End the measures whose listing stands no more, and tell the departments that took them."""
    from zhijian.apps.supervision.measures import services

    return f"{services.tell_ended(by=None, at=datetime.now(ZONE))} measures"


@task()
def sweep_lists() -> str:
    """Take off the white list and the presumption who breached by what others delivered; tell of dormancies not told of."""
    from zhijian.apps.supervision.inclusive import filing, sweeping

    now = datetime.now(ZONE)
    return f"{sweeping.sweep(at=now)} entries, {filing.tell_untold(at=now)} dormancies"


@task()
def audit_draws() -> str:
    """Reckon the audit of draws anew where anything changed, and how inspections do, for every area that somebody audits."""
    from zhijian.apps.supervision.inspection import kept_audit, kept_figures
    from zhijian.datazone.lake import Lake
    from zhijian.infrastructure.home import current_home

    now = datetime.now(ZONE)
    lake = Lake(current_home().lake)
    new = kept_audit.compute_kept_scopes(lake, at=now, clock=time.perf_counter)
    return f"{new} audits, {kept_figures.keep_known_scopes(lake, at=now)} figures"


@task()
def remind_of_annual_reports() -> str:
    """Remind firms of a report that is not filed, on the days that a parameter names; e-mail waits for the morning."""
    from zhijian.apps.supervision.annual_reports import reminding
    from zhijian.apps.supervision.annual_reports.rules import Reporter
    from zhijian.engines.registers.market_entities import EntityRegister
    from zhijian.infrastructure.home import current_home

    now = datetime.now(ZONE)
    register = EntityRegister(current_home().serving)
    if not reminding.is_day_to_remind(statutory_day(now)) or not register.is_ready:
        return "no day to remind"
    records = filter(None, map(register.find, reminding.firms_with_address()))
    firms = (
        (one.uscc, Reporter(one.entity_kind_code, one.registered_on, one.status_code), register.delivered_facts(one.uscc))
        for one in records
    )  # fmt: skip
    return f"{reminding.remind(firms, at=now)} firms"


@task()
def tell_subscribers() -> str:
    """Tell subscribers of consumer warnings that were published or taken back; e-mail waits for the morning."""
    from zhijian.apps.consumer.analysis import subscribing

    return f"{subscribing.tell_subscribers(at=datetime.now(ZONE))} messages"


def enqueue_subscribers() -> bool:
    """Put the telling of subscribers in the queue where there is something to tell; say whether."""
    from zhijian.apps.consumer.analysis.subscribing import has_untold

    if not has_untold():
        return False
    tell_subscribers.enqueue()
    return True


@task()
def watch_access(day: str) -> str:
    """Find the unusual looks of a day (YYYY-MM-DD), and tell the auditors and the leaders above; late answers too."""
    from zhijian.operations import access_watch

    alerts, late = access_watch.watch_and_tell(date.fromisoformat(day), at=datetime.now(ZONE))
    return f"{alerts} alerts, {late} late requests"


@task()
def delete_what_is_due() -> str:
    """Delete each kind of data after its days, nothing that is held."""
    from zhijian.operations import deletion

    counts = deletion.run(at=datetime.now(ZONE))
    return ", ".join(f"{count} {what}" for what, count in counts.items())


@task()
def keep_boards(day: str) -> str:
    """Count the leader's board of every area up to a day (YYYY-MM-DD), and keep it for that night."""
    from zhijian.datazone.lake import Lake
    from zhijian.infrastructure.home import current_home
    from zhijian.portal import board_counting

    last = date.fromisoformat(day)
    kept = board_counting.keep_night(Lake(current_home().lake), day=last, at=datetime.now(ZONE))
    return f"{kept} boards"


@task()
def compute_plan(day: str) -> str:
    """Compute what the platform's own tables make of the plans' indicators up to a day (YYYY-MM-DD), and keep it for that night."""
    from zhijian.engines.registers import register_at
    from zhijian.infrastructure.home import current_home
    from zhijian.portal import plan_computing

    register = register_at(current_home().serving)
    kept = plan_computing.compute_all(register, day=date.fromisoformat(day), at=datetime.now(ZONE))
    return f"{kept} values"


@task()
def remind_of_plan() -> str:
    """Remind of a year's values of the plan that lack, of warnings without reply, and of measures that are late."""
    from zhijian.apps.plan.monitoring import reminding

    return f"{reminding.remind(at=datetime.now(ZONE))} things"


@task()
def verify_records() -> str:
    """Check that nobody changed facts, looks, refusals, or what was published; more facts than a night holds are the timer's."""
    from zhijian.engines.facts.models import Fact
    from zhijian.infrastructure.home import current_home
    from zhijian.operations import verifying

    if Fact.objects.count() > MOST_VERIFIED_BY_NIGHT:
        return "left to zhijian-verify.timer"
    return f"{verifying.check_all(current_home(), at=datetime.now(ZONE))} findings"


def enqueue_nightly(now: datetime) -> None:
    """Put the jobs of the night in the queue: seal, day root, pushes, steps due soon, what was typed and never handed in."""
    today = statutory_day(now)
    seal_facts_of.enqueue((today - timedelta(days=1)).isoformat())
    publish_day_root.enqueue(today.isoformat())
    enqueue_pushes()
    tell_of_colours.enqueue()
    clear_unsent.enqueue()
    watch_prepaid.enqueue()
    end_measures.enqueue()
    remind_of_annual_reports.enqueue()
    remind_of_plan.enqueue()
    sweep_lists.enqueue()
    refresh_objects.enqueue()
    audit_draws.enqueue()
    keep_boards.enqueue((today - timedelta(days=1)).isoformat())
    compute_plan.enqueue((today - timedelta(days=1)).isoformat())
    watch_access.enqueue((today - timedelta(days=1)).isoformat())
    delete_what_is_due.enqueue()
    verify_records.enqueue()


@task()
def tick_procedures() -> str:
    """Let timers of cases fire, send late steps to the leader above, compute days again under new holidays."""
    from zhijian.engines.procedures import services

    return str(services.tick(datetime.now(ZONE)))


def enqueue_tick(now: datetime) -> bool:
    """Put a tick of the procedures in the queue where one has something to do; say whether."""
    from zhijian.engines.procedures.ticking import is_due

    if not is_due(now):
        return False
    tick_procedures.enqueue()
    return True


@task()
def send_notices() -> str:
    """Send the notices that are due; what does not arrive is due again later, each time four times as late."""
    from zhijian.engines.notices import services

    return str(services.send_due(at=datetime.now(ZONE)))


def enqueue_notices(now: datetime) -> bool:
    """Put the sending of notices in the queue where one is due; say whether."""
    from zhijian.engines.notices.services import has_due

    if not has_due(now):
        return False
    send_notices.enqueue()
    return True


@task()
def echo_transfers() -> str:
    """Tell the councils of Hong Kong and Macao what became of the cases they handed over, and send what is due."""
    from zhijian.apps.consumer.bay_area import outbox, services

    at = datetime.now(ZONE)
    return f"{services.follow(at=at)} {outbox.send_due(at=at)}"


def enqueue_echoes(now: datetime) -> bool:
    """Put the echoes in the queue where a council waits for one; say whether."""
    from zhijian.apps.consumer.bay_area import outbox, services

    if not (outbox.has_due(now) or services.has_news()):
        return False
    echo_transfers.enqueue()
    return True
