from django.apps import AppConfig


class PublishingConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "publishing"

    def ready(self) -> None:
        from approvals import objections
        from approvals.audit import dossier, reconciliation
        from publishing import receivers  # noqa: F401  (connects what is in it, like the next)
        from publishing.desk import queue  # noqa: F401
        from publishing.failed_schedules import failed_schedules
        from publishing.images.cover_source import AutomaticCovers
        from publishing.images.covers import images_of
        from publishing.known_paths import unknown_paths
        from publishing.readiness import objections_to
        from publishing.reconciliation import live_posts
        from tasks import site_paths
        from tasks.alerts import incidents
        from tasks.covers import cover_sources
        from tasks.models import Incident

        objections.publication_checks.append(objections_to)
        reconciliation.checks.append(live_posts)
        site_paths.unknown_path_checks.append(unknown_paths)
        dossier.other_parts["images"] = images_of
        cover_sources.append(AutomaticCovers())
        incidents.DETECTORS[Incident.Kind.SCHEDULE_FAILED] = failed_schedules
