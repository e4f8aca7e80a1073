"""Django settings. What a province may choose is in ``configuration``; the rest is decided here."""

import os
from pathlib import Path

from zhijian.infrastructure import configuration

_configuration = configuration.load(os.environ)
_source = Path(__file__).resolve().parents[1]

HOME = _configuration.home
SECRET_KEY = _configuration.secret_key
DEBUG = _configuration.debug
ALLOWED_HOSTS = _configuration.allowed_hosts
SITE = _configuration.site
DATABASES = {"default": _configuration.database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "axes",
    "zhijian.security",
    "zhijian.engines.recusal",
    "zhijian.engines.data_protection",
    "zhijian.engines.registers",
    "zhijian.engines.registers.declared",
    "zhijian.engines.facts",
    "zhijian.engines.draws",
    "zhijian.engines.quarantine",
    "zhijian.engines.feed",
    "zhijian.engines.exchange",
    "zhijian.engines.procedures",
    "zhijian.engines.forms",
    "zhijian.engines.evidence",
    "zhijian.engines.documents",
    "zhijian.engines.notices",
    "zhijian.apps.supervision.inspection",
    "zhijian.apps.supervision.listing",
    "zhijian.apps.supervision.repair",
    "zhijian.apps.supervision.own_page",
    "zhijian.apps.supervision.annual_reports",
    "zhijian.apps.supervision.visit_codes",
    "zhijian.apps.supervision.joint",
    "zhijian.apps.supervision.recordings",
    "zhijian.apps.supervision.case_checks",
    "zhijian.apps.supervision.annual_reports.instant_information",
    "zhijian.apps.supervision.planning",
    "zhijian.apps.supervision.commitments",
    "zhijian.apps.supervision.measures",
    "zhijian.apps.supervision.inclusive",
    "zhijian.apps.supervision.key_files",
    "zhijian.apps.supervision.drug_files",
    "zhijian.apps.supervision.class_review",
    "zhijian.apps.consumer.complaints",
    "zhijian.apps.consumer.complaints.intake",
    "zhijian.apps.consumer.complaints.rewards",
    "zhijian.apps.consumer.worry_free",
    "zhijian.apps.consumer.prepaid",
    "zhijian.apps.consumer.warranty",
    "zhijian.apps.consumer.complaints.matters",
    "zhijian.apps.consumer.analysis",
    "zhijian.apps.consumer.credit_files",
    "zhijian.apps.consumer.education",
    "zhijian.apps.consumer.member_files",
    "zhijian.apps.consumer.contracts",
    "zhijian.apps.consumer.odr",
    "zhijian.apps.consumer.bay_area",
    "zhijian.apps.consumer.evaluation",
    "zhijian.apps.consumer.goods_quality",
    "zhijian.apps.plan.monitoring",
    "zhijian.apps.plan.board",
    "zhijian.portal",
]

MIDDLEWARE = [
    "zhijian.portal.middleware.VisitorAddressMiddleware",
    "zhijian.portal.measuring.MeasuringMiddleware",
    "zhijian.portal.refusals.RefusalMiddleware",
    "zhijian.portal.middleware.HttpsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "zhijian.portal.uploads.UploadLimitMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "zhijian.portal.middleware.ForeignCookieMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "zhijian.portal.session_guard.SessionGuardMiddleware",
    "zhijian.portal.access_guard.AccessGuardMiddleware",
    "zhijian.portal.receipts.ReceiptMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "zhijian.portal.middleware.ReloadMiddleware",
    "zhijian.portal.middleware.ContentSecurityPolicyMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "zhijian.portal.urls"
WSGI_APPLICATION = "zhijian.infrastructure.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [_source / "portal" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "zhijian.portal.context.site",
            ],
        },
    }
]

AUTH_USER_MODEL = "security.Officer"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "zhijian.security.passwords.LocalWordsValidator"},
]
CSRF_FAILURE_VIEW = "zhijian.portal.views.errors.csrf_failure"
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/work/"
LOGOUT_REDIRECT_URL = "/"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "portal/locked_out.html"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = _configuration.https
if _configuration.https:  # no other host and no page without TLS can set a cookie of such a name
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    LANGUAGE_COOKIE_NAME = "__Host-django_language"
SECURE_HSTS_SECONDS = 31_536_000 if _configuration.https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _configuration.https
SECURE_SSL_REDIRECT = _configuration.https
SECURE_REDIRECT_EXEMPT = [r"^healthz/"]  # asked from the own machine, without nginx; says nothing of anybody
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _configuration.https else None
X_FRAME_OPTIONS = "DENY"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [_source / "portal" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATIC_ROOT = HOME.root / "static"
STATICFILES_DIRS: list[Path] = []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_MANIFEST_STRICT = True
MEDIA_ROOT = HOME.media
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

EMAIL_HOST, EMAIL_PORT = _configuration.mail.host, _configuration.mail.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _configuration.mail.user, _configuration.mail.password
EMAIL_USE_SSL, EMAIL_TIMEOUT = _configuration.mail.is_tls, 20
NOTICE_SENDER = _configuration.mail.sender
NOTICE_WEBHOOKS, NOTICE_SECRET = _configuration.notice_webhooks, _configuration.notice_secret

CIPHERS = _configuration.ciphers
METRICS_TOKEN, CERTIFICATE = _configuration.metrics_token, _configuration.certificate
TIME_SOURCE = _configuration.time_source
OPENID_PROVIDER = _configuration.openid
VIRUS_SCANNER = _configuration.virus_scanner
LOGS_REQUESTS = _configuration.log == "json"
TRACES_URL = _configuration.traces_url

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
        "json": {"()": "zhijian.infrastructure.json_log.JsonFormatter"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": _configuration.log}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"zhijian": {"level": "INFO"}, "axes": {"level": "ERROR"}},
}
