"""The cache tiers: with a real Redis, with one that is gone or silent, and with none."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from django.core.management import CommandError, call_command

from contentpipeline import circuit_breaker, counters
from contentpipeline.cache import RedisTier
from contentpipeline.cache_tiers import SITE_TIERS, TIERS, caches_for
from contentpipeline.circuit_breaker import CircuitBreaker
from contentpipeline.counters import Counters
from publishing.cache_invalidation import site_generation


@pytest.fixture(autouse=True)
def _breakers_begin_closed() -> Iterator[None]:
    yield
    RedisTier.breakers.clear()
    RedisTier.pending_invalidations.clear()


@pytest.fixture(autouse=True)
def _invalidations_arrive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site_generation, "current", "first")


@pytest.fixture
def in_redis(settings: Any, redis_url: str) -> str:
    settings.REDIS_URL, settings.CACHES = redis_url, caches_for(redis_url)
    return redis_url


@pytest.fixture
def silent(settings: Any) -> Iterator[socket.socket]:
    """A Redis that takes connections, and never replies."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        settings.REDIS_URL, settings.CACHES = url, caches_for(url)
        yield server
        server.shutdown(socket.SHUT_RDWR)  # closing alone would not wake a thread in accept()


class Counted:
    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> int:
        self.times += 1
        return self.times


@pytest.mark.parametrize("name", TIERS)
def test_a_tier_computes_once_and_caches_for_its_time(in_redis: str, name: str) -> None:
    tier, compute = caches[name], Counted()
    assert [tier.get_or_compute("a", compute) for _ in range(3)] == [1, 1, 1]
    key = "first:a" if name in SITE_TIERS else "a"
    assert 0 < tier.ttl(key) <= TIERS[name].total_seconds()
    assert tier.ttl(key) > TIERS[name].total_seconds() - 10


def test_invalidation_drops_every_value_of_a_tier_and_of_no_other(in_redis: str) -> None:
    content, query = Counted(), Counted()
    for key in ("a", "b"):
        caches["content"].get_or_compute(key, content)
        caches["query"].get_or_compute(key, query)
    caches["content"].invalidate()
    assert caches["content"].get_or_compute("a", content) == 3
    assert caches["query"].get_or_compute("a", query) == 1


def test_a_value_computed_before_a_change_is_not_found_after_it(in_redis: str) -> None:
    tier = caches["content"]

    def compute() -> str:
        tier.invalidate()  # as another process does, between the reading and the writing of this one
        return "old"

    assert tier.get_or_compute("a", compute) == "old"
    assert tier.get_or_compute("a", lambda: "new") == "new"
    assert tier.get_or_compute("a", lambda: "newer") == "new"


def test_a_value_is_found_in_one_round_trip(in_redis: str) -> None:
    import redis

    caches["content"].get_or_compute("a", lambda: 1)
    with redis.Redis.from_url(in_redis) as client:
        before = client.info("commandstats")
        caches["content"].get_or_compute("a", lambda: 2)
        after = client.info("commandstats")
    calls = {
        name: after[name]["calls"] - before.get(name, {"calls": 0})["calls"]
        for name in after
        if name not in {"cmdstat_info", "cmdstat_client|setinfo", "cmdstat_hello"}
    }
    assert {name: number for name, number in calls.items() if number} == {"cmdstat_mget": 1}


def test_what_another_release_has_written_is_computed_again(in_redis: str) -> None:
    tier = caches["content"]
    tier.get_or_compute("a", lambda: 1)
    tier.client.get_client().set(tier.make_key("first:a"), b"\x80\x04cno.such.module\nClass\n.")
    assert tier.get_or_compute("a", lambda: 2) == 2


def test_a_redis_that_is_gone_costs_nothing_but_speed(settings: Any) -> None:
    settings.CACHES = caches_for("redis://127.0.0.1:1/0")
    tier, compute = caches["content"], Counted()
    assert [tier.get_or_compute("a", compute) for _ in range(3)] == [1, 2, 3]
    cache = caches["default"]
    assert (cache.get("a", 7), cache.get("a"), cache.set("a", 1), cache.get_many(["a"])) == (
        7,
        None,
        False,
        {},
    )
    assert (cache.add("a", 1), cache.delete("a"), cache.clear()) == (False, False, False)


def test_a_silent_redis_is_waited_for_three_times_and_then_no_more(silent: socket.socket) -> None:
    began_at = time.monotonic()
    for _ in range(100):
        assert caches["query"].get_or_compute("a", lambda: 1) == 1
        assert caches["default"].get("b") is None
    assert time.monotonic() - began_at < 1.5
    assert caches["content"].is_circuit_open, "one circuit breaker for one Redis"


def test_when_redis_is_back_one_call_finds_out(
    silent: socket.socket, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(circuit_breaker, "OPEN_SECONDS", 0.1)
    tier = caches["content"]
    for _ in range(3):
        tier.get("a")
    assert tier.is_circuit_open
    tier.invalidate()
    assert tier.has_pending_invalidation, "that did not arrive"
    threading.Thread(target=_stand_in, args=(silent, redis_url), daemon=True).start()
    time.sleep(0.15)
    compute = Counted()
    deadline = time.monotonic() + 5
    while tier.get_or_compute("a", compute) != tier.get_or_compute("a", compute):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert not tier.is_circuit_open
    assert not tier.has_pending_invalidation, "the pending invalidation was sent first"


def test_an_invalidation_that_one_thread_could_not_send_is_pending_for_all_threads(settings: Any) -> None:
    settings.CACHES = caches_for("redis://127.0.0.1:1/0")
    other = threading.Thread(target=lambda: caches["content"].invalidate())
    other.start()
    other.join()
    assert caches["content"].has_pending_invalidation
    assert not caches["query"].has_pending_invalidation


def _stand_in(server: socket.socket, redis_url: str) -> None:
    """Be that Redis from here on, by passing on to the real one."""
    path = redis_url.removeprefix("unix://").partition("?")[0]
    while True:
        try:
            client, _ = server.accept()
        except OSError:
            return
        behind = socket.socket(socket.AF_UNIX)
        behind.connect(path)
        for source, target in ((client, behind), (behind, client)):
            threading.Thread(target=_pass_on, args=(source, target), daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    # Each thread closes the socket it reads: closing the other one would not wake the thread that reads that.
    with source, suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def test_while_a_breaker_is_open_one_caller_at_a_time_tries() -> None:
    one = CircuitBreaker()
    assert [one.failed() for _ in range(3)] == [False, False, True]
    assert not one.may_try()
    one._try_at = 0
    assert [one.may_try() for _ in range(3)] == [True, False, False]
    one.worked()
    assert one.may_try()


def test_without_redis_each_process_has_a_cache_of_its_own() -> None:
    for name in TIERS:
        compute = Counted()
        assert [caches[name].get_or_compute("a", compute) for _ in range(2)] == [1, 1]


# --- What is made from published posts ---


@pytest.fixture(params=["in Redis", "in memory", "while Redis is unreachable", "while Redis is silent"])
def anywhere(request: pytest.FixtureRequest, settings: Any) -> str:
    """Wherever the tiers are stored: Redis decides about speed alone."""
    if request.param == "in Redis":
        request.getfixturevalue("in_redis")
    elif request.param == "while Redis is unreachable":
        settings.CACHES = caches_for("redis://127.0.0.1:1/0")
    elif request.param == "while Redis is silent":
        request.getfixturevalue("silent")
    return str(request.param)


@pytest.mark.parametrize("name", sorted(SITE_TIERS))
def test_a_value_of_another_site_generation_is_not_found(
    anywhere: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tier, compute = caches[name], Counted()
    tier.get_or_compute("a", compute)
    before = compute.times
    monkeypatch.setattr(site_generation, "current", "second")
    assert tier.get_or_compute("a", compute) == before + 1
    assert (tier.get_or_compute("a", compute) == before + 1) is (anywhere in {"in Redis", "in memory"})


@pytest.mark.parametrize("name", sorted(SITE_TIERS))
def test_a_process_that_receives_no_changes_caches_nothing_of_the_site(
    anywhere: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    caches[name].get_or_compute("a", lambda: "cached")
    monkeypatch.setattr(site_generation, "current", "")
    assert caches[name].get_or_compute("a", lambda: "new") == "new"
    assert caches[name].get_or_compute("a", lambda: "newer") == "newer"


def test_a_value_made_during_a_change_is_not_found_after_it(
    anywhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def compute() -> str:
        monkeypatch.setattr(site_generation, "current", "second")  # the change arrives while this is computed
        return "old"

    assert caches["content"].get_or_compute("a", compute) == "old"
    assert caches["content"].get_or_compute("a", lambda: "new") == "new"


# --- Counts ---


def test_counts_of_all_processes_come_together(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    shared = Counters()
    shared.share()
    pids = []
    for _ in range(4):
        pid = os.fork()
        if pid == 0:
            for _ in range(1000):
                shared.add("pages.hit")
            os._exit(0)
        pids.append(pid)
    for pid in pids:
        assert os.waitpid(pid, 0)[1] == 0
    assert shared.totals()["pages.hit"] == 4000
    read = counters.server_totals()
    assert read is not None
    assert read["pages.hit"] == 4000


def test_a_new_server_counts_from_the_start(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    old, new = Counters(), Counters()
    old.share()
    old.add("pages.miss")
    new.share()
    old.add("pages.miss")
    assert (old.totals()["pages.miss"], new.totals()["pages.miss"]) == (2, 0)


def test_counters_that_cannot_be_written_cost_the_sum_and_not_the_server(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    alone = Counters()
    alone.share(tmp_path / "file" / "counts")
    alone.add("pages.hit")
    assert alone.totals()["pages.hit"] == 1
    assert "cannot be written" in caplog.text


# --- manage.py cache ---


def run(*arguments: str) -> str:
    output = StringIO()
    call_command("cache", *arguments, stdout=output)
    return output.getvalue()


def test_status_shows_hit_rates(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DATA_DIR = tmp_path
    assert "No web server has counted anything" in run("status")
    shared = Counters()
    shared.share()
    for name in ("pages.hit", "pages.hit", "pages.hit", "pages.miss", "query.miss"):
        shared.add(name)
    shown = {line.split()[0]: line for line in run("status").splitlines()}
    assert "75.0%" in shown["pages"]
    assert "0.0%" in shown["query"]
    assert "30 min" in shown["query"]
    assert "–" in shown["user"]
    found = json.loads(run("status", "--json"))
    assert found["caches"]["pages"] == {
        "hits": 3, "misses": 1, "hit_rate": 0.75, "seconds": 0, "unchanged": 0, "purges": 0,
    }  # fmt: skip
    assert found["redis"] is False


@pytest.mark.django_db(transaction=True)
def test_clear_invalidates_what_is_named_or_all(in_redis: str) -> None:
    computes = {name: Counted() for name in TIERS}

    def values() -> list[int]:
        return [caches[name].get_or_compute("a", computes[name]) for name in TIERS]

    assert values() == [1, 1, 1, 1, 1]
    assert run("clear", "query", "pages").strip() == "Invalidated: query, pages."
    assert values() == [2, 1, 1, 1, 1]
    run("clear")
    assert values() == [3, 2, 2, 2, 2]


@pytest.mark.django_db
def test_clear_refuses_a_name_that_is_none(in_redis: str) -> None:
    with pytest.raises(CommandError, match=r"no cache nonsense: choose from pages, query, user"):
        run("clear", "nonsense")


@pytest.mark.django_db
def test_clear_reports_when_redis_did_not_answer(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    settings.CACHES = caches_for(settings.REDIS_URL)
    with pytest.raises(CommandError, match="Redis does not answer"):
        run("clear", "content")
