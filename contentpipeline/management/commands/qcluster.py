"""Runs a cluster, in place of django-q2's own command, which does not stop cleanly."""

from __future__ import annotations

import os
from typing import Any

from django_q.management.commands.qcluster import Command as StockCommand

from contentpipeline.processes.cluster import run_cluster


class Command(StockCommand):  # type: ignore[misc]  # django-q2 has no types
    help = "Writes the articles of tasks that wait, and runs the jobs that are queued."
    requires_system_checks: list[str] = []  # half of a start's time

    def handle(self, *args: Any, **options: Any) -> None:
        if options.get("cluster_name"):
            os.environ["Q_CLUSTER_NAME"] = options["cluster_name"]
        run_cluster(once=bool(options.get("run_once")))
