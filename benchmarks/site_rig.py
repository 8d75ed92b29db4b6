"""What the site's benchmark runs on: servers in processes of their own, load, and many posts."""

from __future__ import annotations

import asyncio
import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, models, transaction

from approvals.decisions import decide
from approvals.models import Decision, Verdict
from benchmarks.redis_server import find_redis_server
from contentpipeline import embedded
from contentpipeline.ownership import as_owner
from contentpipeline.processes import lifetime
from contentpipeline.processes.ports import free_port
from contentpipeline.processes.process_tree import trees
from contentpipeline.processes.supervisor import wait_until
from publishing.models import Post, PostSearch
from publishing.publish import publish
from publishing.search import lists
from tasks import actions
from tasks.content import CONTENT_FIELDS
from tasks.lifecycle import Status
from tasks.models import ContentTask, Draft

CONNECTIONS = 16


# --- Posts ----------------------------------------------------------------------------------------------

PARAGRAPH = (
    "A row of street trees cools the pavement below it by several degrees on a summer day [1], partly by "
    "shade and partly by the water that its leaves give off. Roots need room, and soil that is not pressed "
    "hard [2]; where both are missing a young tree stays as small as it was planted, however it is watered."
)
BODY = "\n\n".join(f"## Part {number}\n\n" + "\n\n".join([PARAGRAPH] * 4) for number in range(1, 7))
CITATIONS = [
    {"number": number, "title": f"Study {number}", "url": f"https://example.org/{number}"}
    for number in (1, 2)
]


HISTORY = Draft.history.model._meta.db_table


def first_post() -> Post:
    """One post, made by the product's own verbs."""
    author = User.objects.create_superuser("bench-author")
    editor = User.objects.create_superuser("bench-editor")
    task = actions.file_brief({"topic": "Street trees", "category": "City", "tags": ["trees"]}, by=author)
    task.move_to(Status.IN_PROGRESS)
    draft = Draft(task=task)
    content = {
        "title": "Street trees", "slug": "street-trees", "summary": "What a tree does for a hot street.",
        "body": BODY, "category": "City", "tags": ["trees"], "citations": CITATIONS,
    }  # fmt: skip
    draft.save_version(content, reason="draft", written_by="bench")
    task.move_to(Status.AWAITING_APPROVAL)
    version, digest = draft.version, draft.content_sha256
    decide(draft, Verdict.APPROVE, version=version, content_sha256=digest, by=editor, via="api")
    return publish(draft, by=editor)


def have_posts(amount: int, first: Post) -> None:
    """Copy the first post until there are `amount`, an hour apart: each approved, as the triggers require."""
    missing = amount - Post.objects.count()
    if missing <= 0:
        return
    start = 1 + max(_highest_id(model) for model in (ContentTask, Draft, Post))
    ids, slug = "n", "'street-trees-' || n"
    with transaction.atomic():
        awaiting = {"id": ids, "status": f"'{Status.AWAITING_APPROVAL}'"}
        _copy(ContentTask, first.draft.task_id, start, missing, awaiting)
        text = {"slug": slug, "title": "'Street trees, part ' || n"}
        written = {**text, "content_sha256": _hash_of(text)}
        version = {"id": ids, "task_id": ids, **written}
        _copy(Draft, first.draft_id, start, missing, version)
        history = {"history_id": _next(HISTORY, "history_id")}
        _copy(Draft.history.model, _version_row(first), start, missing, version | history)
        digest = "(SELECT content_sha256 FROM tasks_draft WHERE id = n)"
        decision = {"id": _next("approvals_decision", "id"), "draft_id": ids, "content_sha256": digest}
        _copy(Decision, first.approval_id, start, missing, decision)
        ContentTask.objects.filter(pk__gte=start).update(status=Status.PUBLISHED)
        published = "row.published_at - n * interval '1 hour'"
        _copy(
            Post, first.pk, start, missing,
            {**text, "id": ids, "draft_id": ids, "content_sha256": digest,
             "approval_id": "(SELECT id FROM approvals_decision WHERE draft_id = n)",
             "published_at": published, "updated_at": published, "feed_id": "''"},
        )  # fmt: skip
        _copy(PostSearch, first.pk, start, missing, {"post_id": ids})
        tagged = Post.tags.through._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {tagged} (post_id, tag_id)"
                f" SELECT n, tag_id FROM {tagged}, generate_series(%s, %s) n WHERE post_id = %s",
                [start, start + missing - 1, first.pk],
            )
    lists.rebuild()
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _highest_id(model: type[models.Model]) -> int:
    return int(model._default_manager.aggregate(models.Max("id"))["id__max"])


def _version_row(post: Post) -> int:
    row = Draft.history.get(id=post.draft_id, version=post.version)
    return int(row.history_id)


def _next(table: str, column: str) -> str:
    return f"nextval(pg_get_serial_sequence('{table}', '{column}'))"


def _hash_of(new: dict[str, str]) -> str:
    """SQL for the hash of a draft's row with these values in place of its own."""
    return f"content_sha256({', '.join(new.get(name, f'row.{name}') for name in CONTENT_FIELDS)})"


def _copy(model: type[models.Model], pk: int, start: int, amount: int, new: dict[str, str]) -> None:
    table, key = model._meta.db_table, model._meta.pk.column
    columns = [str(field.column) for field in model._meta.concrete_fields]
    values = [new.get(column, f'row."{column}"') for column in columns]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(map(_quoted, columns))}) SELECT {', '.join(values)}"
            f" FROM {table} row, generate_series(%s, %s) n WHERE row.{key} = %s",
            [start, start + amount - 1, pk],
        )


def _quoted(name: str) -> str:
    return f'"{name}"'


# --- Servers --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Target:
    """A server, and whose CPU time a request to it takes."""

    port: int
    pid: int
    others: Sequence[int] = ()

    def cpu_seconds(self) -> float:
        return sum(each.cpu_seconds for each in trees([self.pid, *self.others]))

    def get(self, path: str) -> tuple[bytes, str]:
        """The page's body and its tag. Raises RuntimeError when it is not there."""
        asking = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            asking.request("GET", path)
            answer = asking.getresponse()
            if answer.status != 200:
                raise RuntimeError(f"{path} was answered with {answer.status}.")
            return answer.read(), answer.headers.get("ETag", "")
        finally:
            asking.close()


@contextmanager
def server(
    command: Sequence[str], *, port: int, others: Sequence[int] = (), **environment: str
) -> Iterator[Target]:
    parent = os.getpid()
    started = subprocess.Popen(
        command, env=os.environ | environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        preexec_fn=lambda: lifetime.die_with_parent(parent=parent),
    )  # fmt: skip
    try:
        wait_until(lambda: _listens(port) or started.poll() is not None, seconds=60)
        if not _listens(port):
            raise TimeoutError(f"{command[0]} does not listen at {port}.")
        yield Target(port, started.pid, others)
    finally:
        started.terminate()
        started.wait(20)


def site(*, others: Sequence[int] = (), **environment: str) -> Any:
    port = free_port()
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "serve", "--port", str(port),
               "--processes", "2", "--threads", "4"]  # fmt: skip
    return server(command, port=port, others=others, SITE_URL=f"http://127.0.0.1:{port}", **environment)


def baseline(redis_url: str, *, others: Sequence[int] = ()) -> Any:
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--workers", "2",
               "--blocking-threads", "4", "--log-level", "error",
               "benchmarks.site_baseline:application"]  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    return server(command, port=port, others=others, SITE_URL=address, REDIS_URL=redis_url)


@contextmanager
def redis(directory: Path) -> Iterator[tuple[str, int] | None]:
    """The address and process of a Redis of our own; None where none is installed."""
    binary = find_redis_server()
    if binary is None:
        yield None
        return
    port = free_port()
    command = [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(directory),
               "--loglevel", "warning"]  # fmt: skip
    with server(command, port=port) as target:
        yield f"redis://127.0.0.1:{port}/0", target.pid


@contextmanager
def nginx(directory: Path, body: bytes) -> Iterator[Target | None]:
    """The page as a file, served by nginx; None where it is not installed."""
    binary = shutil.which("nginx")
    if binary is None:
        yield None
        return
    port = free_port()
    root = directory / "www"
    root.mkdir()
    (root / "page.html").write_bytes(body)
    for path in (directory, root):
        path.chmod(0o755)
    configuration = directory / "nginx.conf"
    temporary = "".join(
        f"{name}_temp_path {directory}/{name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration.write_text(
        f"daemon off; worker_processes 2; pid {directory}/nginx.pid; error_log {directory}/nginx.log crit;"
        f"{'user root;' if os.geteuid() == 0 else ''}"
        f"events {{}} http {{ access_log off; {temporary} types {{ text/html html; }}"
        f" server {{ listen 127.0.0.1:{port}; root {root}; }} }}"
    )
    with server([binary, "-c", str(configuration), "-p", str(directory)], port=port) as target:
        yield target


def database_process() -> int:
    pid = embedded.postmaster(settings.DATA_DIR)
    assert pid is not None, "no database runs"
    return pid


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


# --- Load -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cost:
    a_second: float
    cpu_ms: float


def load_with() -> str:
    return "wrk" if shutil.which("wrk") else "a client of our own, which is slower than wrk"


def load(target: Target, path: str, seconds: float, **headers: str) -> Cost:
    """Requests a second over some connections that stay open, and CPU time a request."""
    before, began_at = target.cpu_seconds(), time.monotonic()
    amount = (_wrk if shutil.which("wrk") else _own)(target.port, path, seconds, headers)
    taken = time.monotonic() - began_at
    return Cost(amount / taken, 1000 * (target.cpu_seconds() - before) / amount)


def one_by_one(target: Target, path: str, seconds: float) -> Cost:
    """The same for a page that may take long: one request after the other, five at least."""
    before, began_at = target.cpu_seconds(), time.monotonic()
    amount = 0
    while amount < 5 or time.monotonic() - began_at < seconds:
        target.get(path)
        amount += 1
    taken = time.monotonic() - began_at
    return Cost(amount / taken, 1000 * (target.cpu_seconds() - before) / amount)


def _wrk(port: int, path: str, seconds: float, headers: dict[str, str]) -> int:
    given = [part for name, value in headers.items() for part in ("-H", f"{name.replace('_', '-')}: {value}")]
    command = ["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{seconds:g}s", *given, f"http://127.0.0.1:{port}{path}"]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    done = re.search(r"(\d+) requests in", output)
    if not done or "Socket errors" in output or "Non-2xx" in output:
        raise RuntimeError(f"{path} was not answered as it should be:\n{output}")
    return int(done[1])


def _own(port: int, path: str, seconds: float, headers: dict[str, str]) -> int:
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{lines}\r\n".encode()

    async def ask(until: float) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        amount = 0
        try:
            while time.monotonic() < until:
                writer.write(request)
                head = await reader.readuntil(b"\r\n\r\n")
                if head.split()[1] not in (b"200", b"304"):
                    raise RuntimeError(f"{path} was answered with {head[:40]!r}.")
                length = re.search(rb"content-length: (\d+)", head.lower())
                await reader.readexactly(int(length[1]) if length and head.split()[1] == b"200" else 0)
                amount += 1
        finally:
            writer.close()
        return amount

    async def ask_all() -> int:
        until = time.monotonic() + seconds
        return sum(await asyncio.gather(*(ask(until) for _ in range(CONNECTIONS))))

    return asyncio.run(ask_all())
