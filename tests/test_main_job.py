"""The main job from end to end: real processes, a real browser, the real API."""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from contentpipeline.processes.ports import free_port
from tests.generated import generated_client

BASE_DIR = Path(__file__).resolve().parent.parent
START_SECONDS = 200
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@dataclass
class Desk:
    """A running `manage.py up`, with its own data directory."""

    url: str
    data_dir: Path
    output: Path
    password: str = ""

    def command(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=BASE_DIR, env=environment(self.data_dir), capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def api(self, method: str, path: str, token: str = "", body: Any = None) -> tuple[int, Any]:
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Token {token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)


def environment(data_dir: Path) -> dict[str, str]:
    ours = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PIPELINE_MODELS", "SITE_URL", "ALLOWED_HOSTS"}
    return {name: value for name, value in os.environ.items() if name not in ours} | {
        "DATA_DIR": str(data_dir)
    }


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    home = tmp_path_factory.mktemp("desk")
    output = home / "output"
    port = free_port()
    with output.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, "-u", "manage.py", "up", "--port", str(port), "--data-dir", str(home / "data")],
            cwd=BASE_DIR, env=environment(home / "data"), stdout=stream, stderr=subprocess.STDOUT,
        )  # fmt: skip
    running = Desk(f"http://127.0.0.1:{port}", home / "data", output)
    try:
        running.password = wait_for_draft(process, output)
        yield running
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0, output.read_text()


def wait_for_draft(process: subprocess.Popen[Any], output: Path) -> str:
    """Wait until `up` says that the sample draft awaits approval; return the password it printed."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        text = output.read_text()
        if "/admin/desk/" in text:
            found = re.search(r"[Pp]assword:?\s+(\S+)", text)
            assert found, text
            return found[1]
        assert process.poll() is None, text
        time.sleep(0.1)
    raise AssertionError(f"No draft after {START_SECONDS} s:\n{output.read_text()}")


def test_an_editor_approves_with_the_keyboard_and_a_reader_finds_the_post(desk: Desk, page: Any) -> None:
    violations: list[str] = []
    page.on(
        "console",
        lambda message: (
            violations.append(f"{message.text} {message.location}")
            if message.type == "error"
            and "409 (Conflict)" not in message.text  # the question before approving
            else None
        ),
    )

    page.goto(f"{desk.url}/admin/desk/")
    page.get_by_label("Login name or mail address").fill("admin")
    page.get_by_label("Password").fill(desk.password)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="How street trees keep cities cool").first.click()
    page.wait_for_url("**/admin/desk/1/**")

    page.keyboard.press("a")
    assert page.evaluate("document.activeElement.value") == "approve"
    page.keyboard.press("Control+Enter")
    page.get_by_role("heading", name="Approve it despite these objections?").wait_for()
    page.keyboard.press("a")
    assert page.evaluate("document.activeElement.textContent").startswith("Approve anyway")
    page.keyboard.press("Control+Enter")
    page.wait_for_load_state()
    page.get_by_role("button", name="Publish").click()
    page.wait_for_load_state()

    reader = page.context.browser.new_page()
    reader.goto(f"{desk.url}/")
    reader.get_by_role("link", name="How street trees keep cities cool").first.click()
    assert "Shade is the most direct way in which a tree cools a street." in reader.inner_text("main")
    reader.goto(f"{desk.url}/search/?q=shade")
    assert reader.locator("mark", has_text="Shade").count()
    assert reader.get_by_role("link", name="How street trees keep cities cool").count()
    assert reader.context.cookies() == []
    reader.close()

    with urllib.request.urlopen(f"{desk.url}/feed/", timeout=20) as feed:
        assert feed.status == 200
        assert "How street trees keep cities cool" in feed.read().decode()
    assert violations == [], "the pages keep to the content security policy"


def test_three_tokens_take_a_brief_to_a_post(desk: Desk) -> None:
    writer, editor, publisher = (
        desk.command("api_token", f"{role}-{secrets.token_hex(3)}", "--role", role)
        for role in ("writer", "editor", "publisher")
    )
    source = (BASE_DIR / "tasks/sample/keeping-young-trees-alive.txt").read_text()
    brief = {
        "topic": "Watering young trees",
        "keywords": ["watering"],
        "sources": [{"title": "Keeping young trees alive", "text": source}],
    }
    status, task = desk.api("POST", "/api/tasks/", writer, brief)
    assert status == 201, task
    task = wait_until_written(desk, writer, task["id"])
    _, draft = desk.api("GET", f"/api/drafts/{task['draft']}/", writer)

    read = {"version": draft["version"], "content_sha256": draft["content_sha256"]}
    decisions = f"/api/drafts/{draft['id']}/decisions/"
    assert desk.api("GET", f"/api/drafts/{draft['id']}/")[0] == 401, "a reader sees no draft"
    assert desk.api("POST", decisions, writer, {"decision": "approve", **read})[0] == 403
    assert desk.api("POST", f"/api/drafts/{draft['id']}/publish/", publisher, {})[0] == 409
    assert desk.api("POST", decisions, editor, {"decision": "reject", **read})[0] == 400
    assert desk.api("POST", decisions, editor, {"decision": "approve", **read})[0] == 201
    assert desk.api("POST", f"/api/drafts/{draft['id']}/publish/", editor, {})[0] == 403
    status, post = desk.api("POST", f"/api/drafts/{draft['id']}/publish/", publisher, {})
    assert status == 201, post

    _, found = desk.api("GET", "/api/posts/?search=watering")
    assert post["slug"] in [row["slug"] for row in found["results"]]


def wait_until_written(desk: Desk, token: str, task_id: int) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        _, task = desk.api("GET", f"/api/tasks/{task_id}/", token)
        if task["status"] == "awaiting_approval":
            return task
        assert task["status"] in {"pending", "in_progress"}, task
        time.sleep(0.2)
    raise AssertionError(task)


def test_a_generated_client_takes_a_brief_to_a_post(desk: Desk, tmp_path: Path) -> None:
    with generated_client(f"{desk.url}/api/schema/", tmp_path) as client:
        writer, editor, publisher = (
            client.connect(
                desk.url, desk.command("api_token", f"{role}-{secrets.token_hex(3)}", "--role", role)
            )
            for role in ("writer", "editor", "publisher")
        )
        text = (BASE_DIR / "tasks/sample/keeping-young-trees-alive.txt").read_text()
        source = client.models.Source(title="Keeping young trees alive", text=text)
        brief = client.models.Brief(topic="Mulching young trees", keywords=["mulch"], sources=[source])
        filed = client.call("tasks_create", client=writer, body=brief, idempotency_key="the only one")
        assert (filed.stage, filed.status, filed.draft) == ("", "pending", None)
        again = client.call("tasks_create", client=writer, body=brief, idempotency_key="the only one")
        assert again.id == filed.id
        deadline = time.monotonic() + 60
        while (task := client.call("tasks_retrieve", filed.id, client=writer)).draft is None or task.stage:
            assert time.monotonic() < deadline, task
            time.sleep(0.2)
        draft = client.call("drafts_retrieve", task.draft, client=editor)
        read = {"version": draft.version, "content_sha256": draft.content_sha256}

        refused = client.call("drafts_decisions_create", draft.id, client=editor, body=client.models.Decide(
            decision=client.models.DecisionEnum.REJECT, **read
        ))  # fmt: skip
        assert isinstance(refused, client.models.Problem)
        assert "reason_code" in refused.errors.additional_properties
        decision = client.call("drafts_decisions_create", draft.id, client=editor, body=client.models.Decide(
            decision=client.models.DecisionEnum.APPROVE, **read
        ))  # fmt: skip
        assert decision.reason_code == ""
        post = client.call("drafts_publish_create", draft.id, client=publisher)
        assert client.call("posts_retrieve", post.slug, client=client.connect(desk.url)).title == draft.title
        for name in ("tasks_list", "decisions_list", "posts_list", "tasks_metrics_retrieve"):
            assert not isinstance(client.call(name, client=editor), client.models.Problem)


def test_write_prints_the_address_of_the_draft(desk: Desk) -> None:
    source = BASE_DIR / "tasks/sample/how-a-tree-cools-a-street.md"
    address = desk.command("write", "How trees cool streets", "--source", str(source), "--wait")
    assert re.search(r"/admin/desk/\d+/$", address)
