"""The web server's side of the site: pages run in threads, streams on the event loop, all on one port.

`application` is what an ASGI server calls. A page is a request to the ordinary WSGI application, made in
one of a few threads; a stream is a page that asked to be taken over, and from then on holds no thread. A page
that is the same for all is kept, and needs none either.
"""

from contentpipeline.webserver.application import Front, Handover
from contentpipeline.webserver.page_cache import KeptPages, Rules

__all__ = ["Front", "Handover", "KeptPages", "Rules"]
