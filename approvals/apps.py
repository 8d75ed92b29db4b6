from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ApprovalsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "approvals"

    def ready(self) -> None:
        import approvals.access.navigation_items
        import approvals.access.second_factor
        import approvals.notifications.enqueue
        import approvals.webhooks.enqueue  # noqa: F401  (each connects its signal receivers)
        from approvals import assignments, library_models, receivers, task_history  # noqa: F401
        from approvals.audit import permission_reconciliation, rights, source_edits  # noqa: F401
        from approvals.desk import finders, home_sections, navigation_items  # noqa: F401

        library_models.install()
        post_migrate.connect(permission_reconciliation.record_missing, sender=self)
