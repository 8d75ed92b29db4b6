"""The queue between a cluster's processes, when one of them is killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from multiprocessing.process import BaseProcess

from django_q import pusher

from contentpipeline.djangoq.job_queue import JobQueue, KernelLock, install

FORK = multiprocessing.get_context("fork")


def started(target: object, *given: object) -> BaseProcess:
    process = FORK.Process(target=target, args=given, daemon=True)  # type: ignore[attr-defined]
    process.start()
    return process


def hand_on(jobs: JobQueue, done: JobQueue) -> None:
    for job in iter(jobs.get, "STOP"):
        done.put(job)


def test_jobs_are_done_after_every_idle_worker_was_killed_in_turn() -> None:
    jobs, done = JobQueue(), JobQueue()
    workers = [started(hand_on, jobs, done) for _ in range(2)]
    time.sleep(0.3)  # both are waiting for a job now, one of them with the lock
    for number, killed in enumerate(workers):
        os.kill(killed.pid or 0, signal.SIGKILL)
        killed.join(5)
        replacement = started(hand_on, jobs, done)
        jobs.put(number)
        assert replacement.is_alive()
        assert received(done) == number
    for _ in workers:
        jobs.put("STOP")


def received(done: JobQueue) -> object:
    deadline = time.monotonic() + 5
    while done.empty():
        assert time.monotonic() < deadline, "nobody took the job"
        time.sleep(0.01)
    return done.get()


def hold(lock: KernelLock, held: JobQueue) -> None:
    lock.acquire()
    held.put("held")
    time.sleep(30)


def test_the_lock_keeps_others_out_until_its_holder_dies() -> None:
    lock, held = KernelLock(), JobQueue()
    holder = started(hold, lock, held)
    assert received(held) == "held"
    assert not lock.acquire(block=False)
    os.kill(holder.pid or 0, signal.SIGKILL)
    holder.join(5)
    assert lock.acquire(block=False)
    lock.release()


class BrokerAway:
    list_key = "jobs"

    def dequeue(self) -> None:
        raise ConnectionError("The database is away.")


def take_jobs(jobs: JobQueue) -> None:
    install()
    pusher.pusher(jobs, FORK.Event(), BrokerAway())


def test_what_takes_jobs_is_soon_replaced_when_the_database_was_away() -> None:
    taker = started(take_jobs, JobQueue())
    taker.join(5)
    assert not taker.is_alive(), "it sleeps, and a cluster that is to stop waits for it"
