"""A whole run with a small real model, which writes badly: nothing of that may go unnoticed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tasks.actions import file_brief
from tasks.engine.worker import write_one
from tasks.lifecycle import Status
from tasks.pipeline.errors import KINDS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800)]
SOURCE = (
    "The harbour office of Bergen counted 412 ships in March 2024. It expects as many in April. Most of the "
    "ships brought timber from the east, which the town needs for its new quay. The quay will be 300 metres "
    "long and is to be opened in 2026."
)
BRIEF = {
    "topic": "Ships in the harbour of Bergen",
    "target_words": 120,
    "max_refinements": 1,
    "max_attempts": 1,
    "stage_timeout_seconds": 400,
    "timeout_seconds": 1700,
}


@pytest.fixture
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    weights = Path(os.environ.get("MODEL_WEIGHTS") or tmp_path_factory.mktemp("weights"))
    script = Path(__file__).with_name("serve_model.py")
    command = [os.environ["MODEL_PYTHON"], script, weights]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        yield server.stdout.readline().strip()
        server.stdin.close()


def test_a_small_model_ends_in_a_draft_or_in_a_failure_that_says_why(settings, address, capsys):
    settings.PIPELINE_MODELS = ["openai:small"]
    settings.OPENAI_BASE_URL = f"{address}/v1"
    task = file_brief(BRIEF, [{"title": "Harbour office", "text": SOURCE}], by=None)
    write_one(task.pk)
    task.refresh_from_db()
    with capsys.disabled():
        print(f"\n{task.status} ({task.error_kind or 'no error'}) {task.error}")
        for call in task.calls.all():
            tokens = f"{call.input_tokens} + {call.output_tokens} tokens"
            print(f"  {call.stage:<10} {call.outcome:<7} {tokens}, {call.duration_ms} ms {call.error[:120]}")
    assert task.status in {Status.AWAITING_APPROVAL, Status.FAILED}
    assert task.error_kind in {"", *KINDS} - {"bug"}
    if task.status == Status.FAILED:
        assert task.error
        return
    report = task.draft.quality_reports.first()
    with capsys.disabled():
        print(task.draft.body)
        for result in report.results:
            if result["status"] == "failed":
                print(f"  {result['check']} ({result['severity']}): {result['message']}")
    for mark in ("<think", "<|im_", "<start_of_turn", "[INST]"):
        assert mark not in task.draft.title + task.draft.body + task.draft.summary
