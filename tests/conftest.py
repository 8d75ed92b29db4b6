"""What all tests share: a throwaway PostgreSQL, and on request a real Redis and a real browser."""

from __future__ import annotations

import gc
import itertools
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

BASE_DIR = Path(__file__).resolve().parent.parent
IS_CI = os.environ.get("CI") == "true"

# A developer's own models, keys and addresses must not decide what a test does. DATABASE_URL may.
OURS = (
    "ANONYMOUS_REQUESTS_A_MINUTE", "API_CORS_ORIGINS", "REQUESTS_A_MINUTE", "SEARCHES_A_MINUTE",
    "ALERT_EMAILS", "ALERT_WEBHOOK_SECRET", "ALERT_WEBHOOK_URL", "ALLOWED_HOSTS", "ANTHROPIC_API_KEY",
    "ANTHROPIC_BASE_URL", "AUDIT_HEADS_DIR", "AUDIT_KEY", "COVERS",
    "CLAIM_MINUTES", "DAILY_BUDGET_USD", "DEBUG", "EMAIL_FROM", "EMAIL_URL", "ENGINE_WORKERS",
    "FETCH_ALLOW_PRIVATE_NETWORKS", "GOOGLE_API_KEY", "GOOGLE_BASE_URL",
    "LOG_FORMAT", "INDEXNOW_KEY", "INDEXNOW_URL",
    "MAX_ATTEMPTS", "MAX_IN_FLIGHT", "MAX_REFINEMENTS", "MEDIA_S3_URL",
    "METRICS_PUBLIC", "MIGRATION_DATABASE_URL", "MIGRATION_DATABASE_URL_FILE", "MODEL_FOR_CREATIVE",
    "MODEL_FOR_IMAGE", "MODEL_FOR_PUBLISHING", "MODEL_FOR_QA", "MODEL_FOR_RESEARCH",
    "NOTICE_WEBHOOK_SECRET", "NOTICE_WEBHOOK_URL",
    "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_CLIENT_SECRET_FILE", "OIDC_ISSUER", "OIDC_NAME",
    "OIDC_ONLY", "OIDC_ROLES", "OIDC_ROLES_CLAIM",
    "OPENAI_API_KEY", "OPENAI_BASE_URL", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_SERVICE_NAME",
    "PEXELS_API_KEY", "PIPELINE_MODELS", "QUALITY_THRESHOLD",
    "QUEUE_LIMIT_SECONDS", "REDIS_URL", "REQUIRE_SECOND_FACTOR",
    "REVIEW_HOURS", "SECRET_KEY", "SECRET_KEY_FILE", "SECURITY_CONTACT",
    "SENTRY_DSN", "SENTRY_ENVIRONMENT",
    "SITE_NAME", "SITE_URL", "SLUGS", "STAGE_TIMEOUT_SECONDS", "STATIC_DIR", "TASK_BUDGET_USD",
    "TASK_TIMEOUT_SECONDS", "TRUSTED_PROXIES",
)  # fmt: skip
for _name in OURS:
    os.environ.pop(_name, None)
os.environ["DATA_DIR"] = str(BASE_DIR / ".data-test")
os.environ["CHECK_LINKS"] = "off"  # no test depends on a network, nor does a process that it starts
os.environ["SECRET_KEY"] = "only for tests, where nothing is secret"
os.environ["DJANGO_SETTINGS_MODULE"] = "contentpipeline.settings"

from django.conf import settings

from contentpipeline import embedded
from contentpipeline.processes import lifetime
from tools.test_services import find_browser, find_redis_server

settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
settings.STORAGES = {
    **settings.STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# WhiteNoise warns about a missing directory, in the processes that tests start as well.
settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
# Each test client makes a handler, and each handler's WhiteNoise lists all files: a fifth of all time. The
# tests of static files have a server, or a directory, of their own.
settings.STATIC_ROOT = settings.DATA_DIR / "no-static-files"
settings.STATIC_ROOT.mkdir(exist_ok=True)
if settings.USES_EMBEDDED_DATABASE:
    # Every process of the run uses it; the last one stops it.
    embedded.use(settings.DATA_DIR, durable=False)
    # Tests make and empty databases, and some test what only an owner can do.
    settings.DATABASES["default"].update(settings.DATABASE_OWNER)
    settings.DATABASE_OWNER = None

pytest_plugins = ["tests.migrated_database", "tests.installation", "tests.backups"]

CHROMIUM_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip


@pytest.fixture(scope="session")
def application_role(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, str]]:
    """Account of a role that may work in the tests' database, as the product does, and owns nothing."""
    from django.db import connection

    from contentpipeline import grants

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        role = f"{connection.settings_dict['NAME']}_application"
        cursor.execute("SELECT to_regrole(%s)", [role])
        if cursor.fetchone()[0] is None:  # a run that was killed left it behind
            cursor.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'only for tests'")
        grants.grant(cursor, role)
    yield {"USER": role, "PASSWORD": "only for tests"}
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


@pytest.fixture
def as_application(transactional_db: None, application_role: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Have this test's connection be the application's, as far as the test goes."""
    from django.db import connection

    as_owner = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(application_role)
    yield as_owner
    connection.close()
    connection.settings_dict.update(as_owner)


@pytest.fixture(scope="session")
def _audit_heads(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A new path at each `next`; the product makes the directory when it has something to write."""
    directory = tmp_path_factory.mktemp("audit-heads")
    return (directory / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def _own_audit_heads(settings: Any, _audit_heads: Iterator[Path]) -> None:
    """The checkpoints of one test's chain would show the next one's to be truncated."""
    settings.AUDIT_HEADS_DIR = next(_audit_heads)


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """Caches outlive a test's transaction."""
    yield
    from django.core.cache import caches

    for cache in caches.all(initialized_only=True):
        cache.clear()


@pytest.fixture(autouse=True)
def _unedited_identity() -> None:
    """Of the site: no test sees what another one saved, or has a statement more for looking."""
    from publishing.site_identity.current import assume_unedited

    assume_unedited(seconds=3600)


@pytest.fixture(scope="module", autouse=True)
def _leaks_fail_their_module() -> Iterator[None]:
    """What a test left open warns when it is collected as garbage: at the end of its module at the latest."""
    yield
    gc.collect()


def missing(what: str) -> None:
    """Skip the test; in CI fail it, because a test that never ran shows nothing."""
    message = f"No {what} was found: run make test, which gets one."
    pytest.fail(message) if IS_CI else pytest.skip(message)


@pytest.fixture(scope="session")
def _redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    binary = find_redis_server()
    if binary is None:
        missing("Redis server")
    directory = tmp_path_factory.mktemp("redis")
    socket = directory / "s"
    command = [binary, "--port", "0", "--unixsocket", str(socket), "--save", "", "--appendonly", "no"]
    with subprocess.Popen(
        command, cwd=directory, stdout=subprocess.DEVNULL, preexec_fn=lifetime.die_with_parent
    ) as server:
        deadline = time.monotonic() + 10
        while not socket.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        yield f"unix://{socket}?db=0"
        server.terminate()


@pytest.fixture
def redis_url(_redis_server: str) -> str:
    """The address of a real, empty Redis."""
    import redis

    with redis.Redis.from_url(_redis_server) as client:
        client.flushall()
    return _redis_server


@pytest.fixture(scope="session")
def site(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The real web server, in a process of its own, on the test's database: its data must be committed."""
    from tests.live import database_url, serving

    log = tmp_path_factory.mktemp("site") / "log"
    with serving(log, "-m", "tests.live", DATABASE_URL=database_url(settings.APPLICATION_ROLE)) as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A real Chromium, closed after each module: while it is open, no other test could run an event loop."""
    from playwright.sync_api import sync_playwright

    path = find_browser()
    if path is None:
        missing("Chromium")
    with pytest.MonkeyPatch.context() as patch:
        # Playwright's synchronous interface runs an event loop; in one, Django refuses all database work.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
            yield chromium
            chromium.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A fresh page, with no cookies."""
    context = browser.new_context()
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def pytest_itemcollected(item: pytest.Item) -> None:
    if "browser" in getattr(item, "fixturenames", ()):
        item.add_marker(pytest.mark.slow)


LONGEST = ("test_process_tree.py", "test_environments.py", "test_faults.py")
"""Files with tests that take a minute or more, most of it waiting, on installations of their own."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest begin: one that began last would leave the other core idle."""
    items.sort(key=lambda item: item.path.name not in LONGEST)


def pytest_collection_finish(session: pytest.Session) -> None:
    # What is loaded by now stays to the end: looking for garbage in it again and again took 3 % of the time.
    gc.collect()
    gc.freeze()


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if IS_CI and reporter is not None and reporter.stats.get("skipped"):
        reporter.write_line("In CI no test may be skipped.", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
