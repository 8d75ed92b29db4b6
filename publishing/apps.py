from django.apps import AppConfig


class PublishingConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "publishing"

    def ready(self) -> None:
        from approvals import reconciliation
        from publishing import desk_queue, forgetting, receivers  # noqa: F401  (connects what is in them)
        from publishing.reconciliation import live_posts

        reconciliation.checks.append(live_posts)
