"""What a backup says of itself, and whether this version can take it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from approvals.audit import chain
from contentpipeline.backups.errors import FileDamaged, NotRestorable
from tasks.pipeline.vendors import vendor_settings
from tasks.pipeline.web_search import search_settings
from tasks.site_name import site_name

FORMAT = 1

WITHOUT_ROWS = ("django_session", "usersessions_usersession", "approvals_requestcount")
"""Sessions would let in again who has logged out since; counts of requests are of the moment."""

SECRETS = {
    "SECRET_KEY": "signs sessions and links, and encrypts second factors: without the same one these, and "
    "the secrets of webhooks, have to be made again",
    "AUDIT_KEY": "signs checkpoints: without the same one they cannot be verified",
    "DATABASE_URL": "the password of the application's role",
    "MIGRATION_DATABASE_URL": "the password of the owner's role",
    "REDIS_URL": "the password of the shared cache",
    "MEDIA_S3_URL": "the key of the bucket with the pictures",
    "EMAIL_URL": "the password of the mail server",
    "ALERT_WEBHOOK_SECRET": "signs alerts",
    "NOTICE_WEBHOOK_SECRET": "signs notices",
    "INDEXNOW_KEY": "shows search engines whose site it is",
    "OIDC_CLIENT_SECRET": "the desk's secret at the OpenID Connect provider",
    "SENTRY_DSN": "the address, with a key in it, that errors are sent to",
    "OTEL_EXPORTER_OTLP_HEADERS": "the key of the collector of traces",
    "PEXELS_API_KEY": "the key of the picture search",
}
"""Settings that are in no backup. The keys of models and searches are added to them."""

IN_IT = (
    "passwords, tokens and recovery codes, as hashes or encrypted with SECRET_KEY",
    "names and mail addresses of people, drafts that nobody has published, and what models were asked",
)


def secrets() -> dict[str, str]:
    keys = [setting.name for setting in (*vendor_settings(), *search_settings()) if not setting.is_url]
    return SECRETS | dict.fromkeys(keys, "the key of a model or a search")


def manifest() -> dict[str, Any]:
    """Of the database as this transaction sees it."""
    seq, digest = chain.head()
    return {
        "format": FORMAT,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "site": {"name": site_name(), "url": settings.SITE_URL},
        "postgresql": server_version(),
        "migrations": sorted([app, name] for app, name in MigrationRecorder(connection).applied_migrations()),
        "audit_head": {"seq": seq, "hash": digest},
        "secrets_left_out": secrets(),
        "tables_without_rows": list(WITHOUT_ROWS),
        "also_confidential": list(IN_IT),
    }


def server_version() -> int:
    """As PostgreSQL counts: 180006."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int")
        return int(cursor.fetchone()[0])


def check(found: dict[str, Any]) -> None:
    """Raise NotRestorable for a backup that this version, or this server, is too old for."""
    try:
        made_by = int(found["format"])
        migrations = {(str(app), str(name)) for app, name in found["migrations"]}
        postgresql = int(found["postgresql"])
    except (KeyError, TypeError, ValueError):
        raise FileDamaged("The manifest of this backup cannot be read: use another copy.") from None
    if made_by > FORMAT:
        raise NotRestorable(
            f"This backup has format {made_by}, and this version reads up to {FORMAT}: "
            "restore it with the version that made it, or a newer one."
        )
    if unknown := sorted(migrations - _known_migrations()):
        more = f" (and {len(unknown) - 1} more)" if len(unknown) > 1 else ""
        raise NotRestorable(
            f"This backup is of a newer version: its database has {'.'.join(unknown[0])}{more}, which this "
            "version does not know. Restore it with the version that made it, or a newer one."
        )
    if postgresql // 10_000 > server_version() // 10_000:
        raise NotRestorable(
            f"This backup is of PostgreSQL {postgresql // 10_000}, and this server is version "
            f"{server_version() // 10_000}: use a server of at least the former version."
        )


def _known_migrations() -> set[tuple[str, str]]:
    loader = MigrationLoader(None, load=False)
    loader.load_disk()
    replaced = {step for migration in loader.disk_migrations.values() for step in migration.replaces}
    return set(loader.disk_migrations) | replaced
