"""The WSGI application; behind another server than ours, a page that follows a task polls every 2 s."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contentpipeline.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from contentpipeline import embedded

if settings.USES_EMBEDDED_DATABASE and not embedded.is_held(settings.DATA_DIR):
    embedded.use(settings.DATA_DIR)

application = get_wsgi_application()
