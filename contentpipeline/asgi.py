"""What `manage.py serve` loads: the site, its page cache and the event streams, on one port."""

from __future__ import annotations

from functools import partial

from contentpipeline import wsgi

# isort: split
# Only now are the applications loaded, which what follows needs.
from django.conf import settings
from django.http.request import split_domain_port, validate_host

from approvals.access.addresses import is_trusted_proxy
from contentpipeline.counters import counters
from contentpipeline.webserver import CacheRules, Handover, PageCache, WebServerApplication
from publishing.cache_invalidation import follow_changes
from publishing.site import public_pages
from tasks.events import handover
from tasks.events.streams import TaskStreams


def _host_of(header: str) -> str:
    domain, _ = split_domain_port(header)
    return domain if domain and validate_host(domain, settings.ALLOWED_HOSTS) else ""


page_cache = PageCache(
    CacheRules(
        public_pages.HEADER,
        public_pages.ENVIRON_KEY,
        settings.SESSION_COOKIE_NAME,
        public_pages.CACHED_PARAMETERS,
        _host_of,
        settings.STATIC_URL,
        settings.SECURE_PROXY_SSL_HEADER and ("x-forwarded-proto", settings.SECURE_PROXY_SSL_HEADER[1]),
        is_trusted_proxy,
        public_pages.QUERY_KEY,
    ),
    count=lambda what: counters.add(f"pages.{what}"),
)
application = WebServerApplication(
    wsgi.application,
    Handover(handover.HEADER, handover.ENVIRON_KEY, TaskStreams()),
    page_cache=page_cache,
    # While templates are being edited, nothing would invalidate a page.
    background_tasks=[] if settings.DEBUG else [partial(follow_changes, page_cache)],
)
