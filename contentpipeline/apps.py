from django.apps import AppConfig, apps
from django.contrib.admin.apps import AdminConfig
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.db.models.signals import post_migrate

from contentpipeline.djangoq.imports import load_django_q

load_django_q()  # this is the first application that is loaded


class ContentpipelineConfig(AppConfig):
    """Wires the project: commands, health, roles, and whatever no single app can own."""

    name = "contentpipeline"
    verbose_name = "Content pipeline"

    def ready(self) -> None:
        from contentpipeline import (
            navigation_items,  # noqa: F401  (which registers what is in it)
            telemetry,
        )
        from contentpipeline.djangoq import job_spans
        from contentpipeline.ownership import grant_to_application
        from contentpipeline.roles import create_groups

        telemetry.start()
        job_spans.connect()
        # The browsable API's files are a fifth of all, and the API speaks JSON alone.
        static_files = apps.get_app_config("staticfiles")
        assert isinstance(static_files, StaticFilesConfig)
        static_files.ignore_patterns = [*static_files.ignore_patterns, "rest_framework"]

        # The last app with models: by then all permissions exist.
        last = apps.get_app_config("django_q")
        post_migrate.connect(create_groups, sender=last)
        post_migrate.connect(grant_to_application, sender=last)


class DeskAdminConfig(AdminConfig):
    """Django's admin, with our own idea of who may log in."""

    default_site = "contentpipeline.admin_site.DeskAdminSite"
