"""What `manage.py serve` loads: the site and the event streams, on one port."""

from __future__ import annotations

from contentpipeline.front import Front, Handover
from contentpipeline.wsgi import application as pages
from tasks.events import handover
from tasks.events.streams import TaskStreams

application = Front(pages, Handover(handover.HEADER, handover.ENVIRON_KEY, TaskStreams()))
