"""What tests/contentpipeline/test_telemetry.py runs as a process: spans and errors, sent as settings say."""

from __future__ import annotations

import asyncio
import logging
from typing import Any
from wsgiref.util import setup_testing_defaults

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from tasks.tracing import past_span, span


async def run_task(number: int) -> None:
    with span("task", task_id=number):
        await asyncio.sleep(0)
        with span("stage draft", stage="draft"):
            past_span("model call", 0.25, provider="openai", model="small", input_tokens=7, output_tokens=3)
            logging.getLogger("tasks.engine").error("Task %s broke", number)


async def run_two() -> None:
    await asyncio.gather(run_task(5), run_task(6))


def status_of(application: Any, address: str) -> str:
    """What the ordinary WSGI application answers to a client."""
    path, _, query = address.partition("?")
    environ = {
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "HTTP_AUTHORIZATION": "Token secret-token",
        "HTTP_COOKIE": "theme=secret-cookie",
        "HTTP_REFERER": "http://localhost/preview/secret-preview/",
        "HTTP_X_FORWARDED_FOR": "secret-client",
    }
    setup_testing_defaults(environ)
    answered: list[str] = []
    response = application(environ, lambda status, headers, error=None: answered.append(status))
    list(response)
    response.close()
    return answered[0]


def main() -> None:
    settings.ROOT_URLCONF = "tests.telemetry_urls"
    application = get_wsgi_application()
    assert status_of(application, "/calm/?q=secret-query") == "200 OK"
    assert status_of(application, "/preview/secret-preview/?q=secret-query") == "500 Internal Server Error"
    asyncio.run(run_two())


if __name__ == "__main__":
    main()
