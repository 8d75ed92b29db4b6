from django.apps import AppConfig


class TasksConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "tasks"

    def ready(self) -> None:
        from tasks import brief_finder, home_sections, navigation_items, receivers  # noqa: F401
