"""Canaries: what the project relies on inside of other libraries is still as it was.

A failure names the module to check; docs/library-internals.md says what each relies on.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import aiohttp
import granian.server.common
import granian.server.mp
import psycopg
import pytest
from aiohttp.client_proto import ResponseHandler
from django.contrib.staticfiles.storage import HashedFilesMixin
from django.db import connection
from django.db.backends.postgresql.base import DatabaseWrapper, ServerBindingCursor
from django.db.models import IntegerField
from django_q import cluster, pusher, worker
from django_q.queues import Queue
from drf_spectacular.openapi import AutoSchema
from granian.net import SocketHolder
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline, emphasis, strikethrough
from markdown_it.rules_inline.state_inline import Delimiter
from mdit_py_plugins.footnote import footnote_plugin
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

from contentpipeline import djangoq, lean_imports, static_storage
from contentpipeline.api_schema import DeskSchema
from contentpipeline.library_versions import UncheckedVersion, check_version
from contentpipeline.processes import serving
from contentpipeline.static_storage import QuickCompressor, StaticStorage
from publishing.models import Category
from tasks.database_connections import LoopConnection
from tasks.pipeline.providers.model_servers import aiohttp_internals
from tasks.pipeline.text import footnotes
from tasks.pipeline.text.delimiters import flanks
from tasks.prepared_queries import Parameter, PreparedQuery
from tests import test_imports
from tests.approvals import test_library_models

BASE_DIR = Path(__file__).resolve().parent.parent
DOCUMENT = (BASE_DIR / "docs" / "library-internals.md").read_text()
ROWS = re.findall(r"^\| ([\w.-]+) ([\d.]+) \| `([\w/.]+)` \| .* \| `(\w+)` \|$", DOCUMENT, re.MULTILINE)


def globals_of(function: Callable[..., Any]) -> set[str]:
    """The names that a function looks up when it runs."""
    return set(function.__code__.co_names)


def parameters(function: Callable[..., Any]) -> list[str]:
    return list(inspect.signature(function).parameters)


def sources(*functions: Callable[..., Any]) -> str:
    return "\n".join(map(inspect.getsource, functions))


# --- The table ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("library", "series", "module", "canary"), ROWS)
def test_the_table_is_true(library: str, series: str, module: str, canary: str) -> None:
    assert f"{version(library)}.".startswith(f"{series}."), (
        f"{library} is {version(library)} now: check {module} and this table, then run {canary}"
    )
    assert (BASE_DIR / module).exists()
    assert canary in globals() or hasattr(test_imports, canary) or hasattr(test_library_models, canary)


def test_the_table_has_every_module_that_asserts_a_version() -> None:
    listed = {module for _, _, module, _ in ROWS}
    asserting = {
        str(path.relative_to(BASE_DIR))
        for folder in ("contentpipeline", "tasks")
        for path in sorted((BASE_DIR / folder).rglob("*.py"))
        if re.search(r"^WRITTEN_FOR\b", path.read_text(), re.MULTILINE)
    }
    assert asserting
    assert {module.removesuffix("/__init__.py") for module in asserting} <= listed
    written = {
        "django-q2": djangoq.WRITTEN_FOR, "granian": serving.WRITTEN_FOR,
        "whitenoise": static_storage.WRITTEN_FOR, "aiohttp": aiohttp_internals.WRITTEN_FOR,
        **lean_imports.WRITTEN_FOR,
    }  # fmt: skip
    assert written.items() <= {library: series for library, series, *_ in ROWS}.items()


@pytest.mark.parametrize("installed", ["1.12.0", "1.110.0", "2.11.0", "1.1"])
def test_another_series_stops_the_start_and_names_the_module(installed: str) -> None:
    check_version("django-q2", "1.11.9", written_for="1.11", module="contentpipeline.djangoq")
    with pytest.raises(UncheckedVersion, match=r"contentpipeline\.djangoq .*library-internals\.md"):
        check_version("django-q2", installed, written_for="1.11", module="contentpipeline.djangoq")


@pytest.mark.parametrize(
    ("command", "patch"),
    [
        ("qcluster", "from contentpipeline import djangoq; djangoq.WRITTEN_FOR = '0.1'"),
        ("serve", "from contentpipeline.processes import serving; serving.WRITTEN_FOR = '0.1'"),
    ],
)
def test_a_command_asserts_the_version_before_it_does_anything(command: str, patch: str) -> None:
    code = (
        "import os, sys, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'contentpipeline.settings'\n"
        f"django.setup()\n{patch}\nimport manage\nsys.argv = ['manage.py', {command!r}]\n"
        "sys.exit(manage.main())"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=BASE_DIR, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith("contentpipeline."), done.stderr
    assert "library-internals.md" in done.stderr


# --- The canaries ---------------------------------------------------------------------------------------


def test_django_q2_looks_up_what_is_replaced() -> None:
    look_at = "contentpipeline/djangoq/: django-q2 no longer works as it is changed there"
    assert {"Event", "Sentinel"} <= globals_of(cluster.Cluster.start), look_at
    assert {"Queue", "Event"} <= globals_of(cluster.Sentinel.__init__), look_at
    assert "Value" in globals_of(cluster.Sentinel.spawn_worker), look_at
    assert "signal" in globals_of(cluster.Cluster.__init__), look_at
    assert "sleep" in globals_of(pusher.pusher), look_at
    assert {"post_spawn", "send"} <= globals_of(worker.worker), look_at
    assert parameters(cluster.Sentinel.start) == ["self"], look_at
    assert {"stop_event", "sentinel"} <= globals_of(cluster.Cluster.stop), look_at
    queue = Queue()
    assert {"_rlock", "_wlock", "size"} <= vars(queue).keys(), look_at
    assert "count" in vars(queue.size), look_at


def test_granian_calls_what_is_overridden() -> None:
    look_at = "contentpipeline/processes/serving.py: Granian no longer works as it is changed there"
    common, mp = granian.server.common.AbstractServer, granian.server.mp.MPServer
    for name, expected in {
        "startup": ["self", "spawn_target", "target_loader"], "shutdown": ["self", "exit_code"],
        "_reload": ["self", "spawn_target", "target_loader"], "_init_shared_socket": ["self"],
        "_drop_shared_socket": ["self"], "on_startup": ["self", "hook"],
    }.items():  # fmt: skip
        assert parameters(getattr(mp, name)) == expected, f"{look_at} ({name})"
    loop = globals_of(common._serve_loop)
    assert {"main_loop_interrupt", "wait", "interrupt_signal", "reload_signal", "_reload"} <= loop, look_at
    assert {"_init_shared_socket", "on_startup"} & globals_of(common.startup), look_at
    assert {"_ssp", "_shd", "_sso"} <= globals_of(mp._spawn_worker), look_at
    assert "_drop_shared_socket" in sources(common.shutdown, common._stop_workers), look_at
    assert "_id" in vars(granian.server.common.AbstractWorker), look_at
    assert callable(SocketHolder), look_at


def test_whitenoise_compresses_through_what_is_overridden() -> None:
    look_at = "contentpipeline/static_storage.py: WhiteNoise no longer compresses as it is changed there"
    stock = CompressedManifestStaticFilesStorage
    assert parameters(stock.compress_files) == parameters(StaticStorage.compress_files), look_at
    assert "create_compressor" in globals_of(stock.compress_files), look_at
    assert "self.compress_files(" in inspect.getsource(stock), look_at
    assert "self.hashed_files[" in inspect.getsource(HashedFilesMixin), look_at
    assert "compress_brotli" in globals_of(Compressor.compress), look_at
    assert parameters(Compressor.compress_brotli) == parameters(QuickCompressor.compress_brotli), look_at
    assert "gz" in Compressor.SKIP_COMPRESS_EXTENSIONS, look_at


def test_drf_spectacular_calls_what_is_overridden() -> None:
    own = {name: method for name, method in vars(DeskSchema).items() if inspect.isfunction(method)}
    assert own
    for name, method in own.items():
        stock = getattr(AutoSchema, name, None)
        assert stock is not None, f"contentpipeline/api_schema.py: AutoSchema has no {name} any more"
        assert parameters(stock) == parameters(method), f"contentpipeline/api_schema.py: {name} has changed"
        calls = inspect.getsource(sys.modules[AutoSchema.__module__]).count(f"self.{name}(")
        assert calls, f"contentpipeline/api_schema.py: nothing calls {name} any more"


@pytest.mark.django_db
def test_django_compiles_a_queryset_as_prepared_queries_expect() -> None:
    look_at = "tasks/prepared_queries.py: Django's SQL compiler no longer works as it is used there"
    for name in ("Streets", "Parks", "Rivers"):
        Category.objects.create(name=name, slug=name.lower())
    wanted = Category.objects.order_by("-pk").values_list("name", "pk")
    third = Category.objects.order_by("-pk")[0].pk
    statement = PreparedQuery(wanted.filter(pk__lte=Parameter("most", IntegerField())))
    assert statement.rows(most=third) == list(wanted.filter(pk__lte=third)), look_at
    assert statement.rows(most=third - 1) == list(wanted.filter(pk__lt=third)), look_at
    compiler = wanted.query.get_compiler("default")
    compiler.as_sql()
    assert [len(selected) for selected in compiler.select] == [3, 3], look_at
    assert issubclass(ServerBindingCursor, psycopg.Cursor), look_at
    assert callable(DatabaseWrapper.make_cursor), look_at
    assert connection.connection.prepare_threshold in (None, 0), look_at


def test_aiohttp_works_as_streams_use_it() -> None:
    look_at = "providers/model_servers/aiohttp_internals.py: aiohttp is no longer as it is used there"
    with pytest.raises(aiohttp_internals.UncheckedAiohttp, match=r"library-internals\.md"):
        aiohttp_internals.check("3.15.0")
    aiohttp_internals.check()
    asyncio.run(_stream_with_aiohttp(look_at))
    assert isinstance(inspect.getattr_static(aiohttp.ClientResponse, "connection"), property), look_at
    assert {"protocol", "transport"} <= set(dir(aiohttp.connector.Connection)), look_at
    assert isinstance(inspect.getattr_static(ResponseHandler, "read_timeout"), property), look_at
    assert callable(aiohttp.StreamReader.set_exception), look_at
    assert "_read_timeout" in globals_of(ResponseHandler._reschedule_timeout), look_at


async def _stream_with_aiohttp(look_at: str) -> None:
    """Stop the timer of a stream, end it from outside while it is read, and cut its connection."""
    closed = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n")
        with contextlib.suppress(OSError):
            await reader.read()
        closed.set()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, aiohttp.ClientSession() as session:
        timeout = aiohttp.ClientTimeout(total=None, sock_read=60)
        response = await session.get(f"http://127.0.0.1:{port}/", timeout=timeout)
        assert await response.content.readany() == b"x", look_at
        connection = response.connection
        assert connection is not None, look_at
        assert connection.protocol is not None, look_at
        assert connection.protocol.read_timeout == 60, look_at
        aiohttp_internals.stop_read_timeout(response)
        assert connection.protocol.read_timeout is None, look_at
        reading = asyncio.create_task(response.content.readany())
        await asyncio.sleep(0)
        aiohttp_internals.fail_reading(response, aiohttp.SocketTimeoutError())
        with pytest.raises(aiohttp.SocketTimeoutError):
            await reading
        aiohttp_internals.close(response)
        async with asyncio.timeout(5):
            await closed.wait()


def test_psycopg_waits_through_the_method_that_is_overridden() -> None:
    look_at = "tasks/database_connections.py: psycopg no longer waits as it is changed there"
    assert {"gen", "interval"} <= set(parameters(psycopg.AsyncConnection.wait)), look_at
    assert set(parameters(psycopg.AsyncConnection.wait)) <= set(parameters(LoopConnection.wait)), look_at
    assert "wait" in globals_of(psycopg.AsyncConnection.notifies), look_at
    assert "wait" in globals_of(psycopg.AsyncCursor.execute), look_at


def test_markdown_it_pairs_the_marks_that_our_rules_push() -> None:
    look_at = "tasks/pipeline/text/delimiters.py: markdown-it-py no longer pairs marks as it is used there"
    names = {"marker", "length", "token", "end", "open", "close"}
    assert names <= set(inspect.signature(Delimiter).parameters), look_at
    for rule in (emphasis.tokenize, strikethrough.tokenize):
        assert {"scanDelims", "push", "delimiters", "Delimiter"} <= globals_of(rule), look_at
    made = MarkdownIt("commonmark")
    for text in (
        "a*b",
        "*a*",
        "**a.**b",
        "a_b_",
        '"*a*"',
        "a *b",
        "*",
        "**",
        "é*“a”*",
        "a* b",
        "(*a*)",
        "x**.a",
    ):
        start = text.index("_" if "_" in text else "*")
        expected = StateInline(text, made, {}, []).scanDelims(start, text[start] == "*")
        assert tuple(flanks(text, start, len(text), within_words=text[start] == "*")) == expected, look_at


def test_footnotes_have_the_tokens_that_are_moved() -> None:
    look_at = (
        "tasks/pipeline/text/footnotes.py: footnotes of mdit-py-plugins are no longer as they are used there"
    )
    env: dict[str, Any] = {}
    made = MarkdownIt("commonmark").use(footnote_plugin, inline=False, move_to_end=False)
    tokens = made.parse("a[^x]\n\n[^x]: b\n\n[^y]: c", env)
    opened = [token for token in tokens if token.type == footnotes.OPEN]
    assert [(token.meta["label"], token.map) for token in opened] == [("x", [2, 4]), ("y", [4, 5])], look_at
    assert sum(token.type == footnotes.CLOSE for token in tokens) == 2, look_at
    marks = [child for token in tokens for child in token.children or () if child.type == footnotes.MARK]
    assert [mark.meta["id"] for mark in marks] == [0], look_at
    assert footnotes.numbers_by_label(env) == {"x": 1}, look_at
