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
from contentpipeline.cache_tiers import OF_THE_SITE, TIERS, caches_for
from contentpipeline.circuit_breaker import Breaker
from contentpipeline.counters import Counters
from publishing.cache_invalidation import site_generation


@pytest.fixture(autouse=True)
def _breakers_begin_closed() -> Iterator[None]:
    yield
    RedisTier.breakers.clear()
    RedisTier.unheard.clear()


@pytest.fixture(autouse=True)
def _changes_are_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site_generation, "current", "first")


@pytest.fixture
def in_redis(settings: Any, redis_url: str) -> str:
    settings.REDIS_URL, settings.CACHES = redis_url, caches_for(redis_url)
    return redis_url


@pytest.fixture
def silent(settings: Any) -> Iterator[socket.socket]:
    """A Redis that takes connections, and never says a word."""
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
def test_a_tier_computes_once_and_remembers_for_its_time(in_redis: str, name: str) -> None:
    tier, compute = caches[name], Counted()
    assert [tier.remember("a", compute) for _ in range(3)] == [1, 1, 1]
    key = "first:a" if name in OF_THE_SITE else "a"
    assert 0 < tier.ttl(key) <= TIERS[name].total_seconds()
    assert tier.ttl(key) > TIERS[name].total_seconds() - 10


def test_forgetting_ends_every_value_of_a_tier_and_of_no_other(in_redis: str) -> None:
    content, query = Counted(), Counted()
    for key in ("a", "b"):
        caches["content"].remember(key, content)
        caches["query"].remember(key, query)
    caches["content"].forget()
    assert caches["content"].remember("a", content) == 3
    assert caches["query"].remember("a", query) == 1


def test_a_value_computed_from_before_a_change_is_not_kept_after_it(in_redis: str) -> None:
    tier = caches["content"]

    def compute() -> str:
        tier.forget()  # as another process does, between the reading and the writing of this one
        return "old"

    assert tier.remember("a", compute) == "old"
    assert tier.remember("a", lambda: "new") == "new"
    assert tier.remember("a", lambda: "newer") == "new"


def test_a_value_is_found_in_one_round_trip(in_redis: str) -> None:
    import redis

    caches["content"].remember("a", lambda: 1)
    with redis.Redis.from_url(in_redis) as client:
        before = client.info("commandstats")
        caches["content"].remember("a", lambda: 2)
        after = client.info("commandstats")
    calls = {
        name: after[name]["calls"] - before.get(name, {"calls": 0})["calls"]
        for name in after
        if name not in {"cmdstat_info", "cmdstat_client|setinfo", "cmdstat_hello"}
    }
    assert {name: number for name, number in calls.items() if number} == {"cmdstat_mget": 1}


def test_what_another_release_has_written_is_computed_anew(in_redis: str) -> None:
    tier = caches["content"]
    tier.remember("a", lambda: 1)
    tier.client.get_client().set(tier.make_key("first:a"), b"\x80\x04cno.such.module\nClass\n.")
    assert tier.remember("a", lambda: 2) == 2


def test_a_redis_that_is_gone_costs_nothing_but_speed(settings: Any) -> None:
    settings.CACHES = caches_for("redis://127.0.0.1:1/0")
    tier, compute = caches["content"], Counted()
    assert [tier.remember("a", compute) for _ in range(3)] == [1, 2, 3]
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
        assert caches["query"].remember("a", lambda: 1) == 1
        assert caches["default"].get("b") is None
    assert time.monotonic() - began_at < 1.5
    assert caches["content"].is_out, "one breaker for one Redis"


def test_when_redis_is_back_one_call_finds_out(
    silent: socket.socket, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(circuit_breaker, "OPEN_SECONDS", 0.1)
    tier = caches["content"]
    for _ in range(3):
        tier.get("a")
    assert tier.is_out
    tier.forget()
    assert tier.must_forget, "that was not heard"
    threading.Thread(target=_stand_in, args=(silent, redis_url), daemon=True).start()
    time.sleep(0.15)
    compute = Counted()
    deadline = time.monotonic() + 5
    while tier.remember("a", compute) != tier.remember("a", compute):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert not tier.is_out
    assert not tier.must_forget, "what could not be said before was said first"


def test_a_change_that_one_thread_could_not_tell_is_known_to_all_of_the_process(settings: Any) -> None:
    settings.CACHES = caches_for("redis://127.0.0.1:1/0")
    teller = threading.Thread(target=lambda: caches["content"].forget())
    teller.start()
    teller.join()
    assert caches["content"].must_forget
    assert not caches["query"].must_forget


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
    one = Breaker()
    assert [one.failed() for _ in range(3)] == [False, False, True]
    assert not one.may_try()
    one._try_at = 0
    assert [one.may_try() for _ in range(3)] == [True, False, False]
    one.worked()
    assert one.may_try()


def test_without_redis_each_process_remembers_for_itself() -> None:
    for name in TIERS:
        compute = Counted()
        assert [caches[name].remember("a", compute) for _ in range(2)] == [1, 1]


# --- What is made from published posts ---


@pytest.fixture(params=["in Redis", "in memory", "while Redis is out", "while Redis is silent"])
def anywhere(request: pytest.FixtureRequest, settings: Any) -> str:
    """Wherever the tiers are kept; what Redis does or does not do decides about speed alone."""
    if request.param == "in Redis":
        request.getfixturevalue("in_redis")
    elif request.param == "while Redis is out":
        settings.CACHES = caches_for("redis://127.0.0.1:1/0")
    elif request.param == "while Redis is silent":
        request.getfixturevalue("silent")
    return str(request.param)


@pytest.mark.parametrize("name", sorted(OF_THE_SITE))
def test_what_belongs_to_another_state_of_the_site_is_not_found(
    anywhere: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tier, compute = caches[name], Counted()
    tier.remember("a", compute)
    before = compute.times
    monkeypatch.setattr(site_generation, "current", "second")
    assert tier.remember("a", compute) == before + 1
    assert (tier.remember("a", compute) == before + 1) is (anywhere in {"in Redis", "in memory"})


@pytest.mark.parametrize("name", sorted(OF_THE_SITE))
def test_who_hears_of_no_change_remembers_nothing_of_the_site(
    anywhere: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    caches[name].remember("a", lambda: "kept")
    monkeypatch.setattr(site_generation, "current", "")
    assert caches[name].remember("a", lambda: "new") == "new"
    assert caches[name].remember("a", lambda: "newer") == "newer"


def test_a_value_made_during_a_change_is_not_found_after_it(
    anywhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def compute() -> str:
        monkeypatch.setattr(site_generation, "current", "second")  # the change is heard while this is made
        return "old"

    assert caches["content"].remember("a", compute) == "old"
    assert caches["content"].remember("a", lambda: "new") == "new"


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
    read = counters.of_this_machine()
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


def test_a_place_that_cannot_be_written_costs_the_sum_and_not_the_server(
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
def test_clear_forgets_what_is_named_or_all(in_redis: str) -> None:
    computes = {name: Counted() for name in TIERS}

    def values() -> list[int]:
        return [caches[name].remember("a", computes[name]) for name in TIERS]

    assert values() == [1, 1, 1, 1, 1]
    assert run("clear", "query", "pages").strip() == "Forgotten: query, pages."
    assert values() == [2, 1, 1, 1, 1]
    run("clear")
    assert values() == [3, 2, 2, 2, 2]


@pytest.mark.django_db
def test_clear_refuses_a_name_that_is_none(in_redis: str) -> None:
    with pytest.raises(CommandError, match=r"no cache nonsense: choose from pages, query, user"):
        run("clear", "nonsense")


@pytest.mark.django_db
def test_clear_says_when_redis_did_not_hear_it(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    settings.CACHES = caches_for(settings.REDIS_URL)
    with pytest.raises(CommandError, match="Redis does not answer"):
        run("clear", "content")
