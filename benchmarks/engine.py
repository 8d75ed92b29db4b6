"""The engine under load, next to an executor that polls and to plain django-q2 jobs."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from statistics import median

from django.conf import settings
from django.db import connection, connections
from django_q.tasks import async_task

from benchmarks import cancellation, engine_rig, faults
from benchmarks.figures import MeasuredFigure, at_least, at_most, milliseconds, show
from contentpipeline.embedded import server
from contentpipeline.embedded.accounts import account_of
from contentpipeline.embedded.paths import Files
from contentpipeline.processes.cluster import run_cluster
from contentpipeline.processes.process_tree import send, trees
from contentpipeline.processes.supervisor import wait_until
from tasks import actions
from tasks.lifecycle import Status
from tasks.models import ContentTask, StageRun, Worker

Say = Callable[[str], object]
numbers = count(1)


def run(say: Say, *, quick: bool) -> None:
    """Measure everything and print it. `quick` takes few samples: for a rough check, not for a record."""
    streams, samples = (200, 10) if quick else (1000, 60)
    say("Cancelling …")
    figures = cancellation.figures(24 if quick else 120)
    say("Baselines …")
    polling = _polling(2 if quick else 4)
    figures.append(milliseconds("baseline: polling every 5 s, dispatch", polling))
    with _cluster() as cluster:
        jobs, jobs_a_second = _plain_jobs(samples)
        figures.append(milliseconds("baseline: a django-q2 job each, dispatch", jobs))
        figures.append(MeasuredFigure("baseline: no-op django-q2 jobs", f"{jobs_a_second:.0f}/s"))
        say("Dispatch and throughput …")
        idle = _dispatch(samples)
        figures.append(milliseconds("dispatch, idle", idle, (15, 50)))
        figures.append(milliseconds("  of which filing the brief", _filing(samples)))
        figures.append(MeasuredFigure("  ratio: polling / ours", f"{median(polling) / median(idle):.0f}×"))
        figures.append(MeasuredFigure("  ratio: django-q2 job / ours", f"{median(jobs) / median(idle):.1f}×"))
        rates = [_no_op_pipelines(300 if quick else 2000) for _ in range(1 if quick else 3)]
        figures.append(at_least("no-op pipelines of six stages, audited", median(rates), 500, "/s"))
        figures.append(
            MeasuredFigure("  ratio: ours / django-q2 jobs", f"{median(rates) / jobs_a_second:.1f}×")
        )
        figures.append(at_most("idle CPU of all workers", _idle_cpu(cluster), 3, "% of a core"))
        say(f"{streams} streams …")
        figures += _streams(cluster, streams, samples)
        say("Faults …")
        figures += _faults(cluster, 20 if quick else 100, 3 if quick else 50)
        figures += _database_restart()
        figures.append(at_most("SIGTERM to exit, all given back", _sigterm(cluster), 3, "s"))
    show(figures, say)
    faults.processes(say, quick=quick)


# --- What is measured -----------------------------------------------------------------------------------


def _file(kind: str) -> int:
    number = next(numbers)
    actions.file_brief({"topic": f"{kind} {number}", "timeout_seconds": 7200}, by=None)
    return number


def _file_many(kind: str, amount: int) -> list[int]:
    """File quickly, from several connections."""

    def some(share: int) -> list[int]:
        try:
            return [_file(kind) for _ in range(share)]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        return [number for part in pool.map(some, [amount // 4] * 4) for number in part]


def _dispatch(samples: int) -> list[float]:
    """Seconds from before the call that files a brief to the first line of its pipeline."""
    taken = []
    for _ in range(samples):
        time.sleep(random.uniform(0.01, 0.1))
        began_at = time.time()
        number = _file("no-op")
        taken.append(engine_rig.stage_times.wait_for("S", [number], 20)[0] - began_at)
    return taken


def _filing(samples: int) -> list[float]:
    taken = []
    for _ in range(samples):
        began_at = time.time()
        _file("no-op")
        taken.append(time.time() - began_at)
    return taken


def _polling(samples: int) -> list[float]:
    with engine_rig.forked(engine_rig.poll_every_five_seconds):
        taken = []
        for _ in range(samples):
            time.sleep(random.uniform(0, 5))
            began_at = time.time()
            number = _file("no-op")
            taken.append(engine_rig.stage_times.wait_for("S", [number], 20)[0] - began_at)
        return taken


def _plain_jobs(samples: int) -> tuple[list[float], float]:
    job = f"{engine_rig.__name__}.plain_job"
    taken = []
    for _ in range(samples):
        time.sleep(random.uniform(0, 0.3))
        began_at, number = time.time(), next(numbers)
        async_task(job, number)
        taken.append(engine_rig.stage_times.wait_for("S", [number], 20)[0] - began_at)
    many = [next(numbers) for _ in range(300)]
    for number in many:
        async_task(job, number)
    engine_rig.stage_times.wait_for("S", many[:1], 20)
    ended_at = max(engine_rig.stage_times.wait_for("S", many, 120))
    return taken, len(many) / (
        ended_at - min(engine_rig.stage_times.times("S", number)[0] for number in many)
    )


def _no_op_pipelines(amount: int) -> float:
    """Tasks a second from the first to the last, all waiting when the first is taken."""
    ContentTask.objects.bulk_create(
        ContentTask(topic=f"no-op {next(numbers)}", timeout_seconds=7200) for _ in range(amount)
    )
    began_at = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('desk_work', '')")
    _wait_until_all_is_done(300)
    return amount / (time.monotonic() - began_at)


def _wait_until_all_is_done(seconds: float) -> None:
    waiting = ContentTask.objects.filter(status__in=[Status.PENDING, Status.IN_PROGRESS])

    def is_done() -> bool:
        engine_rig.stage_times.receive()
        return not waiting.exists()

    if not wait_until(is_done, seconds=seconds):
        raise TimeoutError(f"{waiting.count()} tasks were not done.")


def _idle_cpu(cluster: int) -> float:
    time.sleep(3)
    workers = _engine_processes()
    before, began_at = engine_rig.cpu_seconds(workers), time.monotonic()
    time.sleep(10)
    return 100 * (engine_rig.cpu_seconds(workers) - before) / (time.monotonic() - began_at)


def _streams(cluster: int, amount: int, samples: int) -> list[MeasuredFigure]:
    """Live streams of a model, 5 pieces a second each; then dispatch among them, then cancelling."""
    running = _file_many("stream", amount)
    engine_rig.stage_times.wait_for("O", running, 120)
    time.sleep(5)
    workers = _engine_processes()
    before, began_at = engine_rig.cpu_seconds(workers), time.monotonic()
    time.sleep(10)
    cpu = 100 * (engine_rig.cpu_seconds(workers) - before) / (time.monotonic() - began_at)
    memory = engine_rig.memory_mb(cluster)
    figures = [
        at_most(f"{amount} streams: memory of the cluster", memory, 250, "MB PSS"),
        at_most(f"{amount} streams: connections to the database", engine_rig.connections_in_use(), 12, ""),
        at_most(f"{amount} streams: CPU of the workers", cpu, 50, "% of a core"),
        milliseconds(f"dispatch with {amount} in flight", _dispatch(samples), (15, 50)),
    ]
    closed, ended = [], []
    for number in running[:samples]:
        task = ContentTask.objects.get(topic=f"stream {number}")
        began_at = time.time()
        actions.cancel(task, by=None, reason="benchmark")
        ended.append(time.time() - began_at)
        closed.append(engine_rig.stage_times.wait_for("C", [number], 10)[0] - began_at)
    figures.append(milliseconds("cancel → terminal row", ended, (250, 250)))
    figures.append(milliseconds("cancel → the model's socket closed", closed, (100, 100)))
    for task in ContentTask.objects.filter(topic__startswith="stream", status=Status.IN_PROGRESS):
        actions.cancel(task, by=None, reason="benchmark")
    engine_rig.stage_times.wait_for("C", running, 60)
    return figures


def _faults(cluster: int, held: int, kills: int) -> list[MeasuredFigure]:
    """Kill workers while tasks sleep in them, freeze one, and kill again and again under load."""
    sleeping = _file_many("sleep", held)
    engine_rig.stage_times.wait_for("S", sleeping, 60)
    taken_over = []
    for _ in range(3):
        victim = _busiest_worker()
        lost = _numbers_held_by(victim)
        before = {number: len(engine_rig.stage_times.times("S", number)) for number in lost}
        os.kill(victim.pid, signal.SIGKILL)
        killed_at = time.time()
        again = [engine_rig.stage_times.wait_for("S", [number], 30, before[number] + 1)[0] for number in lost]
        taken_over.append(max(again) - killed_at)
        _wait_for_workers()
    victim = _busiest_worker()
    lost = _numbers_held_by(victim)
    before = {number: len(engine_rig.stage_times.times("S", number)) for number in lost}
    os.kill(victim.pid, signal.SIGSTOP)
    frozen_at = time.time()
    thawed = (
        max(engine_rig.stage_times.wait_for("S", [number], 30, before[number] + 1)[0] for number in lost)
        - frozen_at
    )
    send(signal.SIGCONT, [victim.pid])  # unless the cluster has ended it by now
    _wait_for_workers()
    for task in ContentTask.objects.filter(topic__startswith="sleep", status=Status.IN_PROGRESS):
        actions.cancel(task, by=None, reason="benchmark")
    return [
        MeasuredFigure(
            "kill -9: its tasks running again", f"median {median(taken_over):.2f} s of {len(taken_over)}",
            "≤ 2 s", median(taken_over) <= 2,
        ),
        at_most("frozen worker: its tasks running again", thawed, 12, "s"),
        *_kills(kills),
    ]  # fmt: skip


def _numbers_held_by(worker: Worker) -> list[int]:
    held = ContentTask.objects.filter(lease_owner=worker.pk, status=Status.IN_PROGRESS)
    return [int(topic.split()[1]) for topic in held.values_list("topic", flat=True)]


def _kills(kills: int) -> list[MeasuredFigure]:
    topics = [f"no-op {next(numbers)}" for _ in range(200 * kills)]
    done = 0
    for _ in range(kills):
        some, topics = topics[:200], topics[200:]
        ContentTask.objects.bulk_create(ContentTask(topic=topic, timeout_seconds=7200) for topic in some)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify('desk_work', '')")
        time.sleep(random.uniform(0.02, 0.25))
        engine_rig.stage_times.receive()
        send(signal.SIGKILL, [random.choice(_wait_for_workers(1)).pid])
        done += 1
    _wait_until_all_is_done(300)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT 1 FROM tasks_stagerun WHERE output IS NOT NULL"
            " GROUP BY task_id, run, key HAVING count(*) > 1) AS repeated"
        )
        repeated = cursor.fetchone()[0]
        cursor.execute(
            "SELECT count(*) FROM (SELECT 1 FROM tasks_taskevent WHERE data->>'status' = 'awaiting_approval'"
            " GROUP BY task_id HAVING count(*) > 1) AS twice"
        )
        twice = cursor.fetchone()[0]
    lost = ContentTask.objects.filter(status=Status.FAILED).count()
    stages = StageRun.objects.filter(output__isnull=False).count()
    shown = f"{repeated}, {lost}, {twice} in {done} kills, {stages} stages"
    return [
        MeasuredFigure("stages re-run, tasks lost, done twice", shown, "0", not (repeated or lost or twice))
    ]


def _database_restart() -> list[MeasuredFigure]:
    """How long after the server is back until a brief is taken as quickly as before."""
    files = Files(settings.DATA_DIR)
    connections.close_all()
    server.stop(files)
    server.start(files, account_of(files), {})
    back_at = time.time()
    while True:
        began_at = time.time()
        try:
            number = _file("no-op")
        except Exception:
            connection.close()
            continue
        started_at = engine_rig.stage_times.wait_for("S", [number], 60)[0]
        if started_at - began_at <= 0.05:
            return [at_most("PostgreSQL restart: dispatch back to goal", started_at - back_at, 5, "s")]


def _sigterm(cluster: int) -> float:
    sleeping = _file_many("sleep", 100)
    engine_rig.stage_times.wait_for("S", sleeping, 60)
    began_at = time.monotonic()
    os.kill(cluster, signal.SIGTERM)
    os.waitpid(cluster, 0)
    seconds = time.monotonic() - began_at
    if ContentTask.objects.filter(status=Status.IN_PROGRESS).exists():
        raise AssertionError("A task was not given back.")
    return seconds


# --- What it is measured on -----------------------------------------------------------------------------


@contextmanager
def _cluster() -> Iterator[int]:
    """A real cluster whose workers run the benchmark's pipeline, and a model that it can talk to."""
    with tempfile.TemporaryDirectory() as directory:
        port_file = Path(directory) / "port"
        with engine_rig.forked(lambda: asyncio.run(engine_rig.serve_model(port_file))):
            wait_until(lambda: port_file.exists() and bool(port_file.read_text()), seconds=10)
            settings.PIPELINE_MODELS = ["openai:bench"]
            settings.OPENAI_BASE_URL = f"http://127.0.0.1:{port_file.read_text()}/v1"
            with engine_rig.forked(lambda: run_cluster(pipeline=engine_rig.pipeline)) as cluster:
                _wait_for_workers()
                yield cluster


def _wait_for_workers(amount: int | None = None) -> list[Worker]:
    wanted = amount or settings.ENGINE_WORKERS

    alive: list[Worker] = []

    def are_there() -> bool:
        alive[:] = [worker for worker in Worker.objects.all() if Path(f"/proc/{worker.pid}").exists()]
        return len(alive) >= wanted

    if not wait_until(are_there, seconds=60):
        raise TimeoutError("The workers did not start: see the log above.")
    return alive


def _busiest_worker() -> Worker:
    return max(
        _wait_for_workers(),
        key=lambda worker: ContentTask.objects.filter(lease_owner=worker.pk, status="in_progress").count(),
    )


def _engine_processes() -> set[int]:
    return {each.pid for each in trees(worker.pid for worker in _wait_for_workers())}
