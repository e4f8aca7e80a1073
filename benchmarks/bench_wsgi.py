"""The site plus one empty view, for the race of pages.py."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhijian.infrastructure.settings")

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

from django.http import HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402

from zhijian.portal import urls  # noqa: E402
from zhijian.security import addresses  # noqa: E402

EMPTY = "bench-empty/"

addresses.declared()[EMPTY] = addresses.Declared(EMPTY, addresses.Door.EVERYBODY, addresses.Door.EVERYBODY)  # type: ignore[index]
urls.urlpatterns.insert(0, path(EMPTY, lambda request: HttpResponse("")))
