"""The entry point for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

from zhijian.infrastructure.configuration import use_own_parameters

use_own_parameters(os.environ)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhijian.infrastructure.settings")
application = get_wsgi_application()
