"""The page behind an address that two administrators handed out: a person chooses the own password there, once."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from zhijian.portal.components.words import in_english
from zhijian.portal.views.register import now
from zhijian.security import invitations
from zhijian.security.passwords import PasswordRefused


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def first_password(request: HttpRequest, key: str) -> HttpResponse:
    """Show whose account it is and take the password; afterwards the person signs in with it."""
    problem = ""
    try:
        officer = invitations.account_of(key, at=now())
        if request.method == "POST":
            new, again = (request.POST.get(name, "") for name in ("password", "again"))
            invitations.choose(key, new, again, at=now())
            messages.success(request, _("密码已设好，请登录。"))
            return redirect("sign_in")
    except PasswordRefused as refused:
        problem = refused.message_en if in_english() else refused.message_zh
    except invitations.InvitationRefused as refused:
        why = refused.message_en if in_english() else refused.message_zh
        return render(request, "portal/first_password.html", {"closed": why}, status=HTTPStatus.GONE)
    context = {"officer": officer, "problem": problem}
    response = render(request, "portal/first_password.html", context, status=422 if problem else 200)
    # The address is the secret: only the site's name is told on. `no-referrer` would make a browser send the form
    # with `Origin: null`, which the check against forged forms refuses.
    response.headers["Referrer-Policy"] = "strict-origin"
    return response
