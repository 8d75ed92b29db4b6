from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "approvals"

    def ready(self) -> None:
        from approvals import receivers  # noqa: F401  (connects them)
        from approvals.notices import filing  # noqa: F401
        from approvals.webhooks import filing as webhook_filing  # noqa: F401
