"""The pages, for asgi.py, or for any WSGI server: there, who follows a task asks again every two seconds."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contentpipeline.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from contentpipeline import embedded

if settings.USES_EMBEDDED_DATABASE and not embedded.is_held(settings.DATA_DIR):
    embedded.use(settings.DATA_DIR)

application = get_wsgi_application()
