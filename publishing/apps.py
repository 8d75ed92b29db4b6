from django.apps import AppConfig


class PublishingConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "publishing"

    def ready(self) -> None:
        from approvals import objections
        from approvals.audit import dossier, reconciliation
        from publishing import known_names, receivers  # noqa: F401  (each connects what is in it, like the next)
        from publishing.desk import finders, home_sections, navigation_items, queue  # noqa: F401
        from publishing.failed_schedules import failed_schedules
        from publishing.images.body_images import stored_images
        from publishing.images.cover_source import AutomaticCovers
        from publishing.images.covers import images_of
        from publishing.known_paths import unknown_paths
        from publishing.link_cards import stored_cards
        from publishing.readiness import objections_to
        from publishing.reconciliation import live_posts
        from publishing.site_identity.current import site_facts
        from tasks import attachments, site_name, site_paths
        from tasks.alerts import incidents
        from tasks.covers import cover_sources
        from tasks.models import Incident

        attachments.image_stores.append(stored_images)
        attachments.card_stores.append(stored_cards)
        objections.publication_checks.append(objections_to)
        reconciliation.checks.append(live_posts)
        site_name.source = site_facts
        site_paths.unknown_path_checks.append(unknown_paths)
        dossier.other_parts["images"] = images_of
        cover_sources.append(AutomaticCovers())
        incidents.DETECTORS[Incident.Kind.SCHEDULE_FAILED] = failed_schedules
