"""The baseline of the page cache: the same pages, each in a per-view cache of Django on Redis."""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contentpipeline.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import URLPattern, URLResolver, path
from django.views.decorators.cache import cache_page

from contentpipeline import embedded

if settings.USES_EMBEDDED_DATABASE:
    embedded.use(settings.DATA_DIR)
settings.ROOT_URLCONF = __name__
application = get_wsgi_application()


def _addresses() -> list[URLPattern | URLResolver]:
    from contentpipeline import urls  # only once the applications are loaded
    from publishing.site import views

    all_others: list[Any] = urls.urlpatterns
    return [path("posts/<name:slug>/", cache_page(3600)(views.post)), *all_others]


urlpatterns = _addresses()
