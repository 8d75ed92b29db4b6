"""Killed half-way: sending notifications, and writing checkpoints of the chain."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.utils import timezone

from approvals.audit import chain
from approvals.audit.checkpoints import UNFINISHED, latest_day, read_checkpoints, write_checkpoint
from approvals.models import Notification, Verdict
from approvals.notifications.delivery import send_due
from tests.conftest import BASE_DIR
from tests.factories import approve, decide_on, make_draft, make_task, make_user
from tests.live import database_url
from tests.receivers import PASSWORD, mailbox

__all__ = ["mailbox"]

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

COUNT, FATAL = 6, 3
"""How many are to be notified, and at which of them the process is killed."""


def run(code, **environment):
    """Start a command of the desk on the test's database."""
    return subprocess.Popen(
        [sys.executable, "manage.py", "shell", "-c", code],
        cwd=BASE_DIR,
        env=os.environ | {"DATABASE_URL": database_url()} | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def assert_ended_by(signal_number, process):
    _, said = process.communicate(timeout=60)
    assert process.returncode == -signal_number, said


def sending(**environment):
    return run("from approvals.notifications.delivery import send_due; send_due()", **environment)


def send_the_rest():
    """What another process does, at last also with what the dead one had: once its lease ends."""
    deadline = time.monotonic() + 20
    while Notification.objects.filter(due_at__isnull=False).exists():
        assert time.monotonic() < deadline
        Notification.objects.filter(due_at__isnull=False).update(due_at=timezone.now())
        send_due()


# --- Notifications ------------------------------------------------------------------------------------------


class DeadlyHook:
    """A web server that kills the process that posts to it for the FATAL time, at one of three moments."""

    def __init__(self, moment):
        self.got, self.victim, self.requests = Counter(), None, 0
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                hook.requests += 1
                is_fatal = hook.victim is not None and hook.requests == FATAL
                if is_fatal and moment == "connected":
                    return hook.victim.kill()
                hook.got[json.loads(self.rfile.read(int(self.headers["Content-Length"])))["notice"]] += 1
                if is_fatal and moment == "received":
                    return hook.victim.kill()
                self.send_response(204)
                self.end_headers()
                self.wfile.flush()
                if is_fatal:
                    hook.victim.kill()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()


@pytest.mark.parametrize("moment", ["connected", "received", "answered"])
def test_a_webhook_loses_nothing_and_gets_at_most_one_message_twice(settings, moment):
    hook = DeadlyHook(moment)
    settings.NOTICE_WEBHOOK_URL = hook.url
    for _ in range(COUNT):
        make_draft()
    notified = set(Notification.objects.values_list("pk", flat=True))
    hook.victim = victim = sending(NOTICE_WEBHOOK_URL=hook.url)
    assert_ended_by(signal.SIGKILL, victim)
    hook.victim = None
    assert sum(hook.got.values()) < COUNT, "it was killed in the middle"
    send_due()
    leased = Notification.objects.filter(due_at__gt=timezone.now() + timedelta(seconds=5))
    assert leased.count() <= 1, "what the dead process had is left alone until its lease ends"
    send_the_rest()
    assert set(hook.got) == notified
    assert sum(hook.got.values()) - len(notified) <= (0 if moment == "connected" else 1), hook.got
    hook.server.shutdown()
    hook.server.server_close()


@pytest.mark.parametrize("moment", ["received", "answered"])
def test_people_who_are_being_mailed_miss_nothing_and_get_at_most_one_mail_twice(mailbox, settings, moment):
    editor = make_user("edith", "Editors", is_staff=True)
    for number in range(COUNT):
        writer = make_user(f"writer{number}", "Writers", email=f"writer{number}@example.org")
        decide_on(make_draft(make_task(created_by=writer)), Verdict.APPROVE, by=editor)
    take, mails = mailbox.handle_DATA, []

    async def deadly(server, session, envelope):
        mails.append(envelope)
        if len(mails) == FATAL and moment == "received":
            victim.kill()
        answer = await take(server, session, envelope)
        if len(mails) == FATAL and moment == "answered":
            threading.Timer(0.01, victim.kill).start()
        return answer

    mailbox.handle_DATA = deadly
    address = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    victim = sending(EMAIL_URL=f"smtp://desk:{PASSWORD}@{address}/", SITE_URL="https://desk.example")
    assert_ended_by(signal.SIGKILL, victim)
    assert len(mailbox.got) < COUNT, "it was killed in the middle"
    send_the_rest()
    got = Counter((tos[0], mail["Message-ID"]) for tos, mail in mailbox.got)
    assert {to for to, _ in got} == {f"writer{number}@example.org" for number in range(COUNT)}
    assert len(got) == COUNT, "a mail that comes twice has the same Message-ID"
    assert got.total() - COUNT <= 1, got


# --- The head of the day ------------------------------------------------------------------------------

KILLED_IN_WRITING = """
import resource, signal
from approvals.audit.checkpoints import write_checkpoint
# The kernel ends the process in the middle of the file, with its first bytes written.
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
resource.setrlimit(resource.RLIMIT_FSIZE, (40, 40))
write_checkpoint()
"""
KILLED_ONCE_LINKED = """
import os, signal
from approvals.audit.checkpoints import write_checkpoint
link = os.link
def link_and_die(*paths):
    link(*paths)
    os.kill(os.getpid(), signal.SIGKILL)
os.link = link_and_die
write_checkpoint()
"""


@pytest.fixture
def heads(settings):
    approve(make_draft())
    return settings.AUDIT_HEADS_DIR


def killed(code, heads, signal_number):
    victim = run(code, AUDIT_HEADS_DIR=str(heads))
    assert_ended_by(signal_number, victim)
    return sorted(path.name for path in heads.iterdir())


def test_half_a_checkpoint_does_not_count_and_the_next_run_writes_it(heads):
    (left,) = killed(KILLED_IN_WRITING, heads, signal.SIGXFSZ)
    assert (heads / left).stat().st_size == 40
    assert (read_checkpoints(), latest_day()) == ([], None)
    os.utime(heads / left, (time.time() - 7200,) * 2)
    checkpoint = write_checkpoint()
    assert read_checkpoints() == [chain.head()]
    assert [path.name for path in heads.iterdir()] == [checkpoint.name], "what was left behind is gone"


def test_what_another_process_is_just_writing_is_left_alone(heads):
    (left,) = killed(KILLED_IN_WRITING, heads, signal.SIGXFSZ)
    checkpoint = write_checkpoint()
    assert sorted(path.name for path in heads.iterdir()) == sorted([left, checkpoint.name])


def test_a_complete_checkpoint_counts_though_its_writer_died(heads):
    names = killed(KILLED_ONCE_LINKED, heads, signal.SIGKILL)
    assert [name.endswith(UNFINISHED) for name in names].count(False) == 1
    assert read_checkpoints() == [chain.head()]
    assert write_checkpoint() is None
    assert read_checkpoints() == [chain.head()]
