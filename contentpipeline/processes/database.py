"""The embedded database as a child of `manage.py up`: starts the server, and ends when that has ended.

It is also what stops the server after `up` itself was killed, once the other children have ended. The server
itself is a child of `up`, which adopts what lost its parent.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from ctypes import c_int
from pathlib import Path

from contentpipeline import embedded
from contentpipeline.processes.stop_flag import StopFlag

POLL_SECONDS = 0.25
OTHERS_SECONDS = 4.0
"""How long the other children may take to end after their parent was killed."""


def run_database(data_dir: Path, parents_use: embedded.DatabaseUse, server: c_int) -> None:
    """Run the server until it ends, this process is asked to stop or its parent dies.

    `server` is in shared memory, and gets the server's process id.
    """
    parents_use.leave()
    parent, must_stop = os.getppid(), StopFlag()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: must_stop.set())
    try:
        # To ask a server that runs whether it does would cost this process megabytes for as long as it lives.
        is_there = embedded.is_running(data_dir)
        in_use = embedded.hold(data_dir) if is_there else embedded.use(data_dir, must_stop=must_stop.is_set)
    except embedded.DatabaseUnavailable as error:
        raise SystemExit(str(error)) from error
    server.value = embedded.postmaster(data_dir) or 0
    while not must_stop.wait(POLL_SECONDS):
        if not embedded.is_running(data_dir):
            sys.exit(1)
    if os.getppid() != parent:
        _wait_for_others(in_use)
    in_use.release()


def _wait_for_others(in_use: embedded.DatabaseUse) -> None:
    deadline = time.monotonic() + OTHERS_SECONDS
    while not in_use.is_last() and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
