"""New consumer warnings by e-mail: choose, confirm, end. No account, and no page ever shows an address."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from zhijian.apps.consumer.analysis import subscribing
from zhijian.apps.consumer.analysis.models import Subscription
from zhijian.apps.consumer.analysis.policies import NotNow
from zhijian.apps.consumer.complaints.intake.throttle import Limit, TooOften, address_of, admit, device_of
from zhijian.portal.components.words import in_english
from zhijian.portal.views.analysis import words_of
from zhijian.portal.views.register import now
from zhijian.standards import consumer_matters, divisions

_LIMIT = Limit("subscribe", per_address=60, per_device=10)


@never_cache
def subscribe(request: HttpRequest) -> HttpResponse:
    """Ask for warnings of some topics and cities, or of all. The answer is the same for a known and an unknown address."""
    problem, status = "", 200
    topics, cities = request.POST.getlist("topic"), request.POST.getlist("city")
    if request.method == "POST":
        try:
            admit(_LIMIT, address=address_of(request), device=device_of(request), at=now())
            subscribing.ask(
                request.POST.get("address", ""),
                topic_codes=topics,
                division_codes=cities,
                language=get_language() or "zh",
                at=now(),
            )
        except TooOften as refused:
            problem, status = refused.message_en if in_english() else refused.message_zh, refused.status
        except NotNow as refused:
            problem, status = words_of(refused), 422
        else:
            return render(request, "portal/warnings/subscription.html", {"state": "asked"})
    context = {
        "problem": problem,
        "address": request.POST.get("address", "")[:254],
        "topics": [
            (one.code, one.name_en if in_english() else one.name_zh, one.code in topics)
            for one in consumer_matters.fields()
        ],
        "cities": [(code, name, code in cities) for code, name in subscribing.cities()],
        "has_mail": bool(settings.NOTICE_SENDER),
    }
    return render(request, "portal/warnings/subscribe.html", context, status=status)


@never_cache
def confirm(request: HttpRequest, code: str) -> HttpResponse:
    """What the link in the first message opens. A click confirms; opening alone does not, since scanners of mail open too."""
    found = subscribing.waiting(code, at=now())
    if found is None:
        return render(request, "portal/warnings/subscription.html", {"state": "unknown"}, status=404)
    if request.method == "POST":
        subscribing.confirm(found, at=now())
    state = "confirmed" if found.confirmed_at else "to_confirm"
    return render(request, "portal/warnings/subscription.html", {"state": state, **_chosen(found)})


@csrf_exempt  # a mail program posts here by itself (RFC 8058); the link is the proof
@never_cache
def leave(request: HttpRequest, code: str) -> HttpResponse:
    """End a subscription by one click: of the mail program's button, or of the one on this page."""
    found = subscribing.find_leaving(code)
    if found is not None and request.method == "POST":
        subscribing.leave(found)
        found = None
    context = {"state": "left" if found is None else "to_leave"}
    return render(request, "portal/warnings/subscription.html", context)


def _chosen(found: Subscription) -> dict[str, list[str]]:
    names = [consumer_matters.full_name(code, english=in_english()) for code in found.topic_codes]
    places = [
        (division.name if (division := divisions.find(code)) else code) for code in found.division_codes
    ]
    return {"topics": names, "cities": places}
