from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ApprovalsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "approvals"

    def ready(self) -> None:
        from approvals import receivers  # noqa: F401  (connects what is in it, like the others)
        from approvals.audit import drift, rights, source_edits  # noqa: F401
        from approvals.notices import filing  # noqa: F401
        from approvals.webhooks import filing as webhook_filing  # noqa: F401

        post_migrate.connect(drift.record_unknown, sender=self)
