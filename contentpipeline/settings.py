"""Settings. Only this module reads the environment, through `env`, which words the errors."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from contentpipeline import account_settings, api_settings, cache_tiers, embedded, env
from contentpipeline.log_format import logging_config
from tasks.delivery import channels
from tasks.pipeline.vendors import vendor_settings
from tasks.pipeline.web_search import known_engines, search_settings

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / ".data"))).expanduser().absolute()
DEBUG = env.boolean("DEBUG")

# --- The site -----------------------------------------------------------------------------------------

SITE_URL = env.url("SITE_URL", "http://127.0.0.1:8000")
SITE_NAME = env.text("SITE_NAME", "Content Desk")
SHOW_CLAIMS = env.boolean("SHOW_CLAIMS", default=True)
SLUGS = env.matching("SLUGS", "unicode|ascii", "unicode or ascii") or "unicode"
SITE_IS_HTTPS = SITE_URL.startswith("https://")

ALLOWED_HOSTS = env.items("ALLOWED_HOSTS") or [
    *{urlsplit(SITE_URL).hostname or "", "localhost", "127.0.0.1", "[::1]"} - {""}
]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
CSRF_FAILURE_VIEW = "contentpipeline.forms.recovery.csrf_failure"
ROOT_URLCONF = "contentpipeline.urls"
WSGI_APPLICATION = "contentpipeline.wsgi.application"
FORM_RENDERER = "contentpipeline.forms.renderer.WidgetRenderer"
SESSION_ENGINE = "contentpipeline.sessions"
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

SECURITY_CONTACT = env.matching(
    "SECURITY_CONTACT",
    r"(mailto:|https://)\S+|[^@\s:]+@[^@\s]+",
    "a mail address, or a page's address that begins with https://",
)
# Search engines are notified of changes when there is a key, which may be any string.
INDEXNOW_KEY = env.matching("INDEXNOW_KEY", r"[A-Za-z0-9-]{8,128}", "8 to 128 letters, digits and hyphens")
INDEXNOW_URL = env.url("INDEXNOW_URL", "https://api.indexnow.org/indexnow")

# --- The database -------------------------------------------------------------------------------------

# Without DATABASE_URL the product runs its own PostgreSQL inside DATA_DIR: see contentpipeline/embedded/.
_GIVEN_DATABASE = env.database("DATABASE_URL")
USES_EMBEDDED_DATABASE = _GIVEN_DATABASE is None


def _connection(given: dict[str, Any]) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.postgresql",
        # A connection a request costs three times the throughput of the job queue, measured.
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        **given,
        "OPTIONS": {
            "connect_timeout": "5",
            # A process that hangs in a transaction must not keep the lock of the audit chain for ever.
            "options": "-c idle_in_transaction_session_timeout=60s",
            **given.get("OPTIONS", {}),
        },
    }


DATABASES = {"default": _connection(_GIVEN_DATABASE or embedded.connection_settings(DATA_DIR))}

# The tables' owner can drop the triggers that protect the evidence: only `migrate` runs as the owner.
_OWNER = env.owner_of_database("MIGRATION_DATABASE_URL", application=_GIVEN_DATABASE)
if USES_EMBEDDED_DATABASE:
    _OWNER = dict(embedded.owner_settings(DATA_DIR))
DATABASE_OWNER = _connection(_OWNER) if _OWNER else None
# The role to which `migrate` grants what the application needs; none where the application is the owner.
APPLICATION_ROLE = str(DATABASES["default"]["USER"]) if DATABASE_OWNER else ""
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Generated only where the whole installation is this directory; a deployment sets its own.
SECRET_KEY = env.secret("SECRET_KEY", create_in=DATA_DIR / "secret_key" if USES_EMBEDDED_DATABASE else None)

# --- The applications ---------------------------------------------------------------------------------

INSTALLED_APPS = [
    # First: its `qcluster` replaces django-q2's, which does not stop cleanly.
    "contentpipeline.apps.ContentpipelineConfig",
    "tasks.apps.TasksConfig",
    "approvals.apps.ApprovalsConfig",
    "publishing.apps.PublishingConfig",
    "contentpipeline.apps.DeskAdminConfig",  # django.contrib.admin
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "rest_framework",
    "knox",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "simple_history",
    *account_settings.APPS,
    "django_q",
    "csp",
]

MIDDLEWARE = [
    "contentpipeline.request_ids.middleware",
    "corsheaders.middleware.CorsMiddleware",
    # First: it turns the refusals of the others into problem details, too.
    "contentpipeline.api_middleware.api_middleware",
    "approvals.access.middleware.only_trusted_proxies",
    "django.middleware.security.SecurityMiddleware",
    # Whatever responds below, be it with a file or a redirect: these headers are added on top.
    "contentpipeline.browser_policy.policy",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "publishing.site_zone.middleware",
    "publishing.site_language.middleware",
    # Outside of the session: it requests the page of a refused form as the browser would.
    "contentpipeline.forms.recovery.middleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    *account_settings.MIDDLEWARE,
    "simple_history.middleware.HistoryRequestMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "approvals.access.account_urls.desk_context",
            ],
        },
    },
]

AUTHENTICATION_BACKENDS = account_settings.BACKENDS
AUTH_PASSWORD_VALIDATORS = account_settings.PASSWORD_VALIDATORS
globals().update(account_settings.read(env, site_name=SITE_NAME, is_https=SITE_IS_HTTPS))

# --- Files --------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_DIR", str(DATA_DIR / "static"))).expanduser().absolute()
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
_BUCKET = env.bucket("MEDIA_S3_URL")
STORAGES = {
    "default": {"BACKEND": "contentpipeline.s3.S3Storage", "OPTIONS": _BUCKET}
    if _BUCKET
    else {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "contentpipeline.static_storage.StaticStorage"},
}

# --- Language and time --------------------------------------------------------------------------------

# Of the desk and the API; the identity of the site has the language of its public pages.
LANGUAGE_CODE = "en"
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = "contentpipeline.formats"

# --- Response headers ---------------------------------------------------------------------------------

# No nonces: a page from the cache would carry a used one. So there is no inline script or style anywhere.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
DENIED_FEATURES = (
    "accelerometer", "autoplay", "camera", "display-capture", "geolocation", "gyroscope", "hid",
    "idle-detection", "magnetometer", "microphone", "midi", "payment", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SITE_IS_HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SITE_IS_HTTPS else 0
# Whose X-Forwarded-For and X-Forwarded-Proto are believed; those of all others are ignored.
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES")
# The web server speaks plain HTTP, so an https site has a proxy in front; the proxy must set this header.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SITE_IS_HTTPS else None

# --- Caches -------------------------------------------------------------------------------------------

REDIS_URL = env.url("REDIS_URL", schemes=("redis", "rediss", "unix"), needs_host=False)
CACHES = cache_tiers.caches_for(REDIS_URL)

# --- Operations ---------------------------------------------------------------------------------------

QUEUE_LIMIT_SECONDS = env.integer("QUEUE_LIMIT_SECONDS", 300, minimum=1)
REVIEW_HOURS = env.integer("REVIEW_HOURS", 48, minimum=1)
CLAIM_MINUTES = env.integer("CLAIM_MINUTES", 20, minimum=1)
METRICS_PUBLIC = env.boolean("METRICS_PUBLIC")

# Each channel, tasks/delivery/channels/mail and webhook, names its own: EMAIL_…, ALERT_… and NOTICE_….
globals().update(channels.read_settings(env, site_url=SITE_URL))

AUDIT_HEADS_DIR = Path(env.text("AUDIT_HEADS_DIR", str(DATA_DIR / "audit-heads"))).expanduser().absolute()
AUDIT_KEY = env.text("AUDIT_KEY")

# --- The pipeline -------------------------------------------------------------------------------------

# In order of preference, each as vendor:name. Empty: the offline writer.
PIPELINE_MODELS = env.models("PIPELINE_MODELS")
MODEL_FOR = {
    role: chosen
    for role in ("research", "creative", "qa", "image", "publishing")
    if (chosen := env.models(f"MODEL_FOR_{role.upper()}"))
}
SEARCH_RANKING = env.text("SEARCH_RANKING", "builtin")  # or the path of a class
# Which search may find pages for an article: none, or one of the modules of tasks/pipeline/web_search.
WEB_SEARCH = env.choice("WEB_SEARCH", known_engines())
# Keys and addresses of models and searches, by the names that their modules give: OPENAI_API_KEY …
_ACCESS = [*vendor_settings(), *search_settings()]
globals().update({one.name: env.url(one.name) if one.is_url else env.text(one.name) for one in _ACCESS})

TASK_TIMEOUT_SECONDS = env.integer("TASK_TIMEOUT_SECONDS", 1800, minimum=1)
STAGE_TIMEOUT_SECONDS = env.integer("STAGE_TIMEOUT_SECONDS", 300, minimum=1)
TASK_BUDGET_USD = Decimal(str(env.number("TASK_BUDGET_USD", 1.00)))
# Of all tasks and workers together, in a day of UTC. None: no such limit.
DAILY_BUDGET_USD = Decimal(str(env.number("DAILY_BUDGET_USD", 0))) if env.text("DAILY_BUDGET_USD") else None
QUALITY_THRESHOLD = env.integer("QUALITY_THRESHOLD", 70, maximum=100)
MAX_REFINEMENTS = env.integer("MAX_REFINEMENTS", 2)
RECORD_RUNS = env.boolean("RECORD_RUNS")
# Of drafts without one: drawn from the title, or found at Pexels.
COVERS = env.matching("COVERS", "off|generated|pexels", "off, generated or pexels") or "generated"
PEXELS_API_KEY = env.secret("PEXELS_API_KEY") if COVERS == "pexels" else ""
MAX_ATTEMPTS = env.integer("MAX_ATTEMPTS", 3, minimum=1)
FETCH_ALLOW_PRIVATE_NETWORKS = env.boolean("FETCH_ALLOW_PRIVATE_NETWORKS")
CHECK_LINKS = env.boolean("CHECK_LINKS", default=True)

# How many of the cluster's workers write articles, each up to MAX_IN_FLIGHT; the others run jobs.
ENGINE_WORKERS = env.integer("ENGINE_WORKERS", 2, maximum=64)
MAX_IN_FLIGHT = env.integer("MAX_IN_FLIGHT", 1000, minimum=1)
JOB_WORKERS = 2

Q_CLUSTER = {
    "name": "desk",
    "label": "Jobs",
    "orm": "default",
    "workers": ENGINE_WORKERS + JOB_WORKERS,
    "poll": 0.5,
    # Storing every success costs three quarters of the throughput; what matters is on record elsewhere.
    "save_limit": -1,
    "ack_failures": True,
    "max_attempts": 1,
    "timeout": 120,
    # Must exceed the timeout: a shorter one starts a running job a second time.
    "retry": 180,
    "catch_up": False,
    "log_level": "WARNING",
    "ALT_CLUSTERS": {},
}

# --- History ------------------------------------------------------------------------------------------

SIMPLE_HISTORY_REVERT_DISABLED = True  # restoring makes a new version, through the product's own verb
SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True

# --- The API ------------------------------------------------------------------------------------------

globals().update(api_settings.read(env))
MCP = env.boolean("MCP")

# --- Logging ------------------------------------------------------------------------------------------

LOG_FORMAT = env.matching("LOG_FORMAT", "plain|json", "plain or json") or "plain"
LOGGING = logging_config(LOG_FORMAT, env.text("LOG_LEVEL", "WARNING").upper())

# --- Traces and errors, sent elsewhere ----------------------------------------------------------------

# The packages of requirements-telemetry.txt are loaded only where one of these is set. OpenTelemetry itself
# reads all other variables that begin with OTEL_.
OTEL_EXPORTER_OTLP_ENDPOINT = env.url("OTEL_EXPORTER_OTLP_ENDPOINT")
OTEL_SERVICE_NAME = env.text("OTEL_SERVICE_NAME", "desk")
SENTRY_DSN = env.url("SENTRY_DSN")
SENTRY_ENVIRONMENT = env.text("SENTRY_ENVIRONMENT", "production")
