"""What everybody may know of the audit of draws: sums, never who was drawn or matched."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from zhijian.apps.supervision.inspection import audit, kept_audit
from zhijian.portal.views.downloads import csv_file


@require_GET
def audit_page(request: HttpRequest) -> HttpResponse:
    """How many draws verify, which were held again and why, what was left out by hand, what the tests say; also as CSV."""
    sums = kept_audit.public_sums()
    if sums is not None and request.GET.get("format") == "csv":
        return csv_file("draws-audit.csv", _table(sums))
    draws = kept_audit.draws_in(kept_audit.PROVINCE)
    context = {
        "sums": sums,
        "rate": f"{audit.RATE:.0%}",
        "synthetic": "part" if any(draw.is_synthetic for draw in draws) else "",
    }
    return render(request, "portal/draws/audit.html", context)


def _table(sums: kept_audit.PublicSums) -> list[tuple[str, object]]:
    share = "" if sums.by_hand_share is None else f"{sums.by_hand_share:.6f}"
    return [
        ("what", "value"),
        ("reckoned_at", sums.kept.at.isoformat()),
        ("input_sha256", sums.kept.input_hash),
        ("draws_drawn", sums.drawn),
        ("draws_published", sums.published),
        ("files_that_verify", sums.right),
        ("files_that_do_not", sums.wrong),
        ("attempts_voided", len(sums.voided)),
        ("objects_left_out_by_hand", sums.by_hand),
        ("share_left_out_by_hand", share),
        ("tests", sums.tests),
        ("tests_that_ring", sums.ringing),
        ("rings_explained", sums.explained),
        ("rings_looked_into", sums.looked_into),
        ("rings_unanswered", sums.unanswered),
    ]
