"""Following a task: who may, from where on, and that every client gets every event once and in order."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from tasks.database_connections import connect
from tasks.engine.wakeups import FOLLOW, notify_events
from tasks.events import hub, log, streams
from tasks.events.handover import HEADER
from tasks.events.hub import Hub
from tasks.events.streams import TaskStreams
from tasks.lifecycle import Status
from tasks.models import ContentTask, TaskEvent
from tests.callers import caller, problem, token_of
from tests.factories import make_task, make_user
from tests.live import Server

Event = tuple[int | None, str, Any]


def say(task_id: int, kind: str, *, tell: bool = True, **data: Any) -> int:
    """Write an event as the engine does; `tell` announces it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tasks_contenttask SET event_seq = event_seq + 1 WHERE id = %s RETURNING event_seq",
            [task_id],
        )
        seq = cursor.fetchone()[0]
        TaskEvent.objects.create(task_id=task_id, seq=seq, kind=kind, data=data)
        if tell:
            notify_events([task_id])
    return seq


def running_task(**fields: Any) -> ContentTask:
    task = make_task(**fields)
    task.move_to(Status.IN_PROGRESS)
    return task


def events_in(text: str) -> list[Event]:
    """The events of a stream as (id, kind, data), as a browser would read them."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "event" in fields:
            number = int(fields["id"]) if "id" in fields else None
            found.append((number, fields["event"], json.loads(fields["data"])))
    return found


class Follower:
    """A client of a stream."""

    def __init__(
        self, site: Server, task: ContentTask, token: str, after: int | None = None, **headers: str
    ) -> None:
        self._connection = site.connect()
        given = {"Authorization": f"Token {token}", "Accept": "text/event-stream"} | headers
        if after is not None:
            given["Last-Event-ID"] = str(after)
        self._connection.request("GET", f"/api/tasks/{task.pk}/events/", headers=given)
        self.answer = self._connection.getresponse()
        self.text = ""

    def read(self) -> bool:
        """Read a piece; False at the end."""
        piece = self.answer.read1(65536)
        self.text += piece.decode()
        return bool(piece)

    def read_until(self, text: str) -> str:
        while text not in self.text:
            assert self.read(), f"no {text!r} in:\n{self.text}"
        return self.text

    def read_all(self) -> list[Event]:
        while self.read():
            pass
        self.close()
        return events_in(self.text)

    def close(self) -> None:
        self.answer.close()
        self._connection.close()


# --- Without a server of ours: what there is by now ---


@pytest.mark.django_db
def test_a_plain_server_sends_what_there_is_and_has_the_client_come_again() -> None:
    task = running_task()
    say(task.pk, "text", stage="draft", offset=0, text="Shade\ncools.")
    client = caller("Auditors")
    answer = client.get(f"/api/tasks/{task.pk}/events/", headers={"Last-Event-ID": "1"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/event-stream")
    assert (answer["Cache-Control"], answer["X-Accel-Buffering"]) == ("no-store", "no")
    assert not answer.has_header(HEADER)
    text = answer.content.decode()
    assert text.startswith("retry: 2000\n\n")
    assert events_in(text) == [(2, "text", {"stage": "draft", "offset": 0, "text": "Shade\ncools."})]
    now = events_in(client.get(f"/api/content/tasks/{task.pk}/events/").content.decode())
    assert now == [(2, "status", {"status": "in_progress", "stage": "", "progress": 0, "error": ""})]


@pytest.mark.django_db
def test_the_end_comes_after_the_last_event() -> None:
    task = running_task()
    task.move_to(Status.FAILED, error="No sources.")
    client = caller("Writers")
    path = f"/api/tasks/{task.pk}/events/"
    assert [event[:2] for event in events_in(client.get(f"{path}?last_event_id=0").content.decode())] == [
        (1, "status"), (2, "status"), (None, "end")
    ]  # fmt: skip
    assert events_in(client.get(f"{path}?last_event_id=1").content.decode())[-1] == (
        None, "end", {"status": "failed"}
    )  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("after", ["2", "99"])
def test_an_event_source_that_has_all_of_an_ended_task_is_not_to_connect_again(after: str) -> None:
    task = running_task()
    client, path = caller("Writers"), f"/api/tasks/{task.pk}/events/"
    assert client.get(path, headers={"Last-Event-ID": "1"}).status_code == 200, "more is to come"
    task.move_to(Status.FAILED, error="No sources.")
    for answer in (
        client.get(path, headers={"Last-Event-ID": after}),
        client.get(path, {"last_event_id": after}),
    ):
        assert (answer.status_code, answer.content) == (204, b"")
    assert events_in(client.get(path).content.decode())[-1][1] == "end", "without an id it has nothing yet"


@pytest.mark.django_db
def test_a_long_past_comes_in_several_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "BATCH", 2)
    task = running_task()
    task.move_to(Status.FAILED)
    say(task.pk, "stage")
    client = caller("Writers")
    kinds = []
    for after in ("0", "2"):
        answer = client.get(f"/api/tasks/{task.pk}/events/", headers={"Last-Event-ID": after})
        kinds.append([event[1] for event in events_in(answer.content.decode())])
    assert kinds == [["status", "status"], ["stage", "end"]]


@pytest.mark.django_db
@pytest.mark.parametrize("given", ["x", "-1", "1.5", " ", "", "1,2", "٣", "9" * 19, "0x1"])
def test_an_id_that_is_no_number_is_refused(given: str) -> None:
    task = running_task()
    client = caller("Writers")
    found = problem(client.get(f"/api/tasks/{task.pk}/events/", {"last_event_id": given}), 400)
    assert set(found["errors"]) == {"last_event_id"}
    if given.isascii():
        refused = client.get(f"/api/tasks/{task.pk}/events/", headers={"Last-Event-ID": given})
        assert set(problem(refused, 400)["errors"]) == {"Last-Event-ID"}


@pytest.mark.django_db
def test_the_header_counts_for_more_than_the_address() -> None:
    task = running_task()
    say(task.pk, "stage", stage="draft")
    answer = caller("Writers").get(
        f"/api/tasks/{task.pk}/events/?last_event_id=0", headers={"Last-Event-ID": "1"}
    )
    assert [number for number, *_ in events_in(answer.content.decode())] == [2]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "accept", ["text/event-stream", "*/*", "text/*", "text/event-stream, application/json"]
)
def test_who_accepts_a_stream_gets_one(accept: str) -> None:
    task = running_task()
    client = caller("Writers")
    assert client.get(f"/api/tasks/{task.pk}/events/", HTTP_ACCEPT=accept).status_code == 200
    assert problem(client.get("/api/tasks/0/events/", HTTP_ACCEPT=accept), 404)


@pytest.mark.django_db
def test_a_client_that_accepts_no_event_stream_gets_an_error() -> None:
    task = running_task()
    problem(caller("Writers").get(f"/api/tasks/{task.pk}/events/", HTTP_ACCEPT="application/json"), 406)


@pytest.mark.django_db
@pytest.mark.parametrize("group", ["Writers", "Editors", "Publishers", "Auditors", "Integrations"])
def test_every_role_may_follow(group: str) -> None:
    assert caller(group).get(f"/api/tasks/{running_task().pk}/events/").status_code == 200


@pytest.mark.django_db
def test_nobody_else_may_follow() -> None:
    path = f"/api/tasks/{running_task().pk}/events/"
    problem(caller().get(path), 403)
    anonymous = caller("Writers")
    anonymous.force_authenticate(None)
    problem(anonymous.get(path), 401)
    problem(caller("Writers").post(path), 405)


@pytest.mark.django_db
def test_only_the_server_can_say_that_there_are_streams() -> None:
    headers = {"Desk.Streams": "1", "desk-streams": "1", HEADER: "1;0"}
    answer = caller("Writers").get(f"/api/tasks/{running_task().pk}/events/", headers=headers)
    assert not answer.has_header(HEADER)
    assert answer.content


@pytest.mark.django_db
def test_a_task_links_to_its_events() -> None:
    task = running_task()
    links = caller("Writers").get(f"/api/tasks/{task.pk}/").json()["links"]
    assert links["events"] == f"http://testserver/api/tasks/{task.pk}/events/"


# --- The real server ---


@pytest.fixture
def token(transactional_db: None) -> str:
    make_user("wim", "Writers")
    return token_of("wim", "writer")


def test_a_stream_begins_with_the_present_and_goes_on(site: Server, token: str) -> None:
    task = running_task()
    follower = Follower(site, task, token, **{HEADER: "1;0"})
    assert follower.answer.getheader("Content-Type") == "text/event-stream"
    assert follower.answer.getheader("Cache-Control") == "no-store"
    assert follower.answer.getheader(HEADER) is None
    assert follower.answer.getheader("Content-Length") is None
    follower.read_until('"in_progress"')
    say(task.pk, "stage", stage="draft", progress=30)
    follower.read_until("event: stage")
    say(task.pk, "text", tell=False, stage="draft", offset=0, text="unannounced")
    follower.read_until("unannounced")
    task.refresh_from_db()
    task.move_to(Status.ON_HOLD)
    follower.read_until("on_hold")
    task.move_to(Status.CANCELLED)
    found = follower.read_all()
    assert [event[:2] for event in found] == [
        (1, "status"), (2, "stage"), (3, "text"), (4, "status"), (5, "status"), (None, "end")
    ]  # fmt: skip
    assert found[-1][2] == {"status": "cancelled"}
    again = Follower(site, task, token, after=3).read_all()
    assert [number for number, *_ in again] == [4, 5, None]


def test_the_server_refuses_whom_the_view_refuses(site: Server, token: str) -> None:
    task = running_task()
    path = f"/api/tasks/{task.pk}/events/"
    assert site.ask("GET", path).status == 401
    mine = {"Authorization": f"Token {token}"}
    assert site.ask("GET", "/api/tasks/999999/events/", headers=mine).status == 404
    refused = site.ask("GET", path, headers=mine | {"Last-Event-ID": "x"})
    assert (refused.status, refused.header("content-type")) == (400, "application/problem+json")
    head = site.ask("HEAD", path, headers=mine)
    assert (head.status, head.body, head.header(HEADER)) == (200, b"", "")


def test_every_client_sees_every_event_once_whenever_it_comes(site: Server, token: str) -> None:
    tasks = [running_task() for _ in range(3)]

    def write() -> None:
        for number in range(60):
            say(
                random.choice(tasks).pk,
                "text",
                tell=number % 3 > 0,
                stage="draft",
                offset=number,
                text="é" * 9,
            )
        connection.close()

    def follow(number: int) -> tuple[ContentTask, int, list[Event]]:
        task = tasks[number % 3]
        time.sleep(random.random() * 0.6)
        known = ContentTask.objects.values_list("event_seq", flat=True).get(pk=task.pk)
        connection.close()
        after = random.randint(0, known)
        return task, after, Follower(site, task, token, after=after).read_all()

    with ThreadPoolExecutor(20) as pool:
        followers = [pool.submit(follow, number) for number in range(15)]
        for writer in [pool.submit(write) for _ in range(4)]:
            writer.result()
        for task in tasks:
            task.move_to(Status.FAILED)
        found = [follower.result() for follower in followers]
    assert sum(task.event_seq for task in tasks) == 4 * 60 + 3 * 2
    for task, after, events in found:
        assert [number for number, *_ in events] == [*range(after + 1, task.event_seq + 1), None]


@pytest.mark.slow
def test_hundreds_of_idle_streams_leave_pages_alone(site: Server, token: str) -> None:
    tasks = [running_task() for _ in range(50)]
    asyncio.run(_hundreds(site, token, tasks, 500))


async def _hundreds(site: Server, token: str, tasks: list[ContentTask], count: int) -> None:
    async def opened(number: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        path = f"/api/tasks/{tasks[number % len(tasks)].pk}/events/"
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Token {token}\r\n\r\n".encode()
        )
        await reader.readuntil(b"in_progress")
        return reader, writer

    def write() -> None:
        for task in tasks:
            say(task.pk, "stage", stage="draft")
        connection.close()

    async with asyncio.timeout(60):
        all_streams = await asyncio.gather(*map(opened, range(count)))
        pages = [await asyncio.to_thread(site.ask, "GET", "/health/live/") for _ in range(20)]
        assert [page.status for page in pages] == [200] * 20
        await asyncio.to_thread(write)
        await asyncio.gather(*(reader.readuntil(b"event: stage") for reader, _ in all_streams))
    for _, writer in all_streams:
        writer.close()


# --- The hub alone ---


class Listening:
    """A stream inside this process, in its own event loop's time."""

    def __init__(self, task_id: int, after: int | None = None, source: TaskStreams | None = None) -> None:
        source = source or TaskStreams()
        self._pieces = source.open(f"{task_id};{'' if after is None else after}")
        self.text = ""

    async def until(self, text: str) -> None:
        async with asyncio.timeout(10):
            while text not in self.text:
                self.text += (await anext(self._pieces)).decode()

    async def to_the_end(self) -> str:
        async with asyncio.timeout(10):
            async for piece in self._pieces:
                self.text += piece.decode()
        return self.text

    async def close(self) -> None:
        await self._pieces.aclose()


@contextlib.contextmanager
def own_connection() -> Iterator[psycopg.Connection[Any]]:
    with connect() as other:
        yield other


def test_an_idle_stream_has_a_heartbeat_and_a_longest_life(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(streams, "LIFE_SECONDS", 0.5)
    text = asyncio.run(Listening(running_task().pk).to_the_end())
    assert text.startswith("retry: 2000\n\nid: 1\nevent: status\n")
    assert text.count(": hb\n\n") >= 3
    assert "event: end" not in text, "the work goes on: the client is to come again"


def test_a_task_that_does_not_exist_ends_its_stream(transactional_db: None) -> None:
    assert asyncio.run(Listening(0).to_the_end()) == "retry: 2000\n\n"


def test_workers_are_notified_which_tasks_are_followed(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "FOLLOW_SECONDS", 0.1)
    monkeypatch.setattr(hub, "POLL_SECONDS", 0.05)
    task, other = running_task(), running_task()

    async def follow_both() -> None:
        source = TaskStreams()
        first, second = Listening(task.pk, source=source), Listening(other.pk, source=source)
        await first.until("in_progress")
        await second.until("in_progress")
        await asyncio.sleep(0.3)
        await first.close()
        await second.close()

    with own_connection() as worker:
        worker.execute(f"LISTEN {FOLLOW}")
        asyncio.run(follow_both())
        payloads = [note.payload for note in worker.notifies(timeout=0.2)]
    assert payloads[0] == str(task.pk), "at once"
    assert payloads.count(f"{task.pk},{other.pk}") >= 2, "and again"


def test_payloads_hold_as_many_ids_as_fit() -> None:
    ids = list(range(10**6, 10**6 + 3000))
    payloads = list(hub._payloads(ids))
    assert [int(part) for payload in payloads for part in payload.split(",")] == ids
    assert max(map(len, payloads)) <= 7900
    assert list(hub._payloads([])) == []


def test_streams_survive_the_loss_of_their_connections(transactional_db: None) -> None:
    task = running_task()

    async def follow() -> str:
        listening = Listening(task.pk)
        await listening.until("in_progress")
        with own_connection() as other:
            ended = other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND query ~ 'LISTEN|AS query'"
                " AND pid <> pg_backend_pid()"
            ).rowcount
            assert ended == 2
        await asyncio.to_thread(finish)
        return await listening.to_the_end()

    def finish() -> None:
        say(task.pk, "stage", stage="draft")
        task.move_to(Status.FAILED)
        connection.close()

    assert [event[:2] for event in events_in(asyncio.run(follow()))] == [
        (1, "status"), (2, "stage"), (3, "status"), (None, "end")
    ]  # fmt: skip


def test_all_streams_share_two_connections_that_close_with_the_last(transactional_db: None) -> None:
    tasks = [running_task() for _ in range(10)]

    async def follow() -> tuple[int, int]:
        source = TaskStreams()
        all_streams = [Listening(task.pk, source=source) for task in tasks * 3]
        for one in all_streams:
            await one.until("in_progress")
        during = await asyncio.to_thread(connections_of_hubs)
        for one in all_streams:
            await one.close()
        await asyncio.sleep(0.2)
        return during, await asyncio.to_thread(connections_of_hubs)

    def connections_of_hubs() -> int:
        with own_connection() as other:
            row = other.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND query ~ 'LISTEN|AS query|desk_watch' AND pid <> pg_backend_pid()"
            ).fetchone()
            return row[0] if row else -1

    assert asyncio.run(follow()) == (2, 0)


def test_a_subscriber_that_takes_nothing_is_given_no_more_than_it_can_hold(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "BATCH", 5)
    monkeypatch.setattr(hub, "QUEUE_BYTES", 2000)
    task = running_task()
    for number in range(100):
        say(task.pk, "text", stage="draft", offset=number * 300, text="x" * 300)
    task.move_to(Status.FAILED)

    async def follow() -> tuple[list[int], str]:
        here, sizes, text = Hub(), [], ""
        async with here.subscribe(task.pk, 0) as subscriber:
            await asyncio.sleep(0.3)
            while not subscriber.is_over:
                piece = await subscriber.take()
                sizes.append(len(piece))
                text += piece.decode()
            text += (await subscriber.take()).decode()
        return sizes, text

    sizes, text = asyncio.run(follow())
    assert max(sizes) < 2000 + 5 * 500
    assert [number for number, *_ in events_in(text)] == [*range(1, 103), None]


def test_a_hub_that_stops_ends_its_streams(transactional_db: None) -> None:
    task = running_task()

    async def follow() -> str:
        source = TaskStreams()
        listening = Listening(task.pk, source=source)
        await listening.until("in_progress")
        source.stop()
        late = Listening(task.pk, source=source)
        assert await late.to_the_end() == "retry: 2000\n\n"
        return await listening.to_the_end()

    assert "event: end" not in asyncio.run(follow())
