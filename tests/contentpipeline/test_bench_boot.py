"""What `bench boot` prints: times, memory and CPU of whole installations, next to a baseline."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from benchmarks import boot, boot_rig
from benchmarks.installation import open_directory
from contentpipeline.processes.process_tree import trees
from tests.conftest import BASE_DIR

FAKE = """
import os, signal, sys, time
data_dir = sys.argv[sys.argv.index("--data-dir") + 1]
assert sys.argv[1] == "up" and "--no-sample" in sys.argv and "SECRET_KEY" not in os.environ
os.makedirs(data_dir, exist_ok=True)
is_first = not os.path.exists(data_dir + "/known")
open(data_dir + "/known", "w").close()
print("Database: ready", flush=True)
time.sleep({pause} if is_first else 0)
if os.fork() == 0:
    ballast = b"x" * {megabytes} * 2**20
    while True:
        sum(range({work}))
        time.sleep(0.01)
print("Ready: http://127.0.0.1/", flush=True)
signal.signal(signal.SIGTERM, lambda *_: (os.killpg(0, signal.SIGKILL)))
signal.pause()
"""


def make_checkout(directory: Path, *, pause: float, megabytes: int, work: int) -> Path:
    directory.mkdir()
    code = FAKE.format(pause=pause, megabytes=megabytes, work=work)
    (directory / "manage.py").write_text(code)
    return directory


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boot, "QUICK", (1, 0.3, 1.5))


def shown(said: list[str]) -> dict[str, list[str]]:
    """The lines of each figure: ours, the baseline's and the ratio."""
    lines = "\n".join(said).splitlines()
    return {line[:33].strip(): lines[index : index + 3] for index, line in enumerate(lines)}


def test_every_figure_is_shown_next_to_the_baselines_with_the_ratio(tmp_path: Path, settings) -> None:
    settings.BASE_DIR = make_checkout(tmp_path / "ours", pause=0.4, megabytes=5, work=10_000)
    theirs = make_checkout(tmp_path / "theirs", pause=2.0, megabytes=60, work=200_000)
    said: list[str] = []
    boot.run(said.append, quick=True, baseline=theirs)
    found = shown(said)
    for name in ("first start, to Ready", "idle memory", "idle CPU, with PostgreSQL"):
        ours, baseline, ratio = found[name]
        assert baseline.split()[0] == boot.BASELINE
        assert ratio.endswith(" met"), ratio
        assert float(ours.removeprefix(name).split()[0]) < float(baseline.split()[1]), name
    assert found["idle Python processes"][0].split()[-1] == "2"
    assert "Memory of this checkout by process, PSS:" in "\n".join(said)
    assert "2 × " in "\n".join(said), "the two processes have one role"


def test_without_a_baseline_the_figures_are_absolute(tmp_path: Path, settings) -> None:
    settings.BASE_DIR = make_checkout(tmp_path / "ours", pause=0, megabytes=1, work=10)
    said: list[str] = []
    boot.run(said.append, quick=True)
    text = "\n".join(said)
    assert "give --baseline DIR, a checkout of 6226cb5" in text
    assert "ratio" not in text
    assert "first start, to Ready" in text


def test_a_commit_of_the_repository_is_a_baseline_by_itself(tmp_path: Path) -> None:
    git = ["git", "-C", str(tmp_path), "-c", "user.name=x", "-c", "user.email=x@example.org"]
    (tmp_path / "manage.py").write_text("earlier")
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "One"]):
        subprocess.run([*git, *command], check=True)
    (tmp_path / "manage.py").write_text("later")
    with boot_rig.checkout_of("HEAD", tmp_path) as checkout:
        assert checkout is not None
        assert (checkout / "manage.py").read_text() == "earlier"
    assert not checkout.exists()
    with boot_rig.checkout_of("0000000", tmp_path) as checkout:
        assert checkout is None


def test_an_installation_that_does_not_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "manage.py").write_text("import sys; sys.exit('Port 1 is in use.')")
    with (
        pytest.raises(boot_rig.NotStarted, match="Port 1 is in use"),
        boot_rig.installation(tmp_path, tmp_path),
    ):
        pass


def test_cpu_time_of_children_that_ended_is_counted(tmp_path: Path) -> None:
    code = "import subprocess, sys, time\nsubprocess.run([sys.executable, '-c', 'sum(range(20_000_000))'])\n"
    parent = subprocess.Popen([sys.executable, "-c", f"{code}print(flush=True)\ntime.sleep(60)"], stdout=-1)
    try:
        assert parent.stdout is not None
        parent.stdout.readline()
        assert boot_rig.cpu_seconds(trees([parent.pid])) > 0.2
    finally:
        parent.kill()
        parent.communicate()


@pytest.mark.parametrize(
    "words",
    [["site", "--baseline", str(BASE_DIR)], ["boot", "--baseline", "/nowhere"], ["boot", "--posts", "5"]],
)
def test_a_baseline_is_a_checkout_and_for_starting_alone(words: list[str]) -> None:
    with pytest.raises(CommandError, match=r"--baseline|--posts"):
        call_command("bench", *words)


@pytest.mark.long
def test_the_product_itself_is_measured_and_leaves_no_process() -> None:
    with open_directory() as directory, boot_rig.installation(BASE_DIR, directory / "data") as installation:
        tree = {each.pid for each in installation.tree()}
        idle = installation.idle(0.5, 1.0)
    assert installation.start.cpu_seconds > 0.5
    assert idle.processes > 5
    assert idle.pss_mb > 50
    assert idle.postgres_pss_mb > 5
    assert sum(count for count, _ in idle.by_role.values()) == idle.processes
    deadline = time.monotonic() + 5
    while (left := trees(tree)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not left
