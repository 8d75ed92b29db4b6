"""The ASGI application: pages run in threads, event streams on the event loop, all on one port.

A page is a call of the ordinary WSGI application in one of a few threads. A stream is a page whose response
was handed over to the event loop, and holds no thread from then on. A cached page needs no thread either.
"""

from contentpipeline.webserver.application import Handover, WebServerApplication
from contentpipeline.webserver.page_cache import CacheRules, PageCache

__all__ = ["CacheRules", "Handover", "PageCache", "WebServerApplication"]
