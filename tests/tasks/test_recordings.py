"""Runs that are recorded, repeated, branched and moved to another desk."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from tasks import recordings
from tasks.engine.worker import write_one
from tasks.lifecycle import Status
from tasks.models import ContentTask, Stage
from tasks.pipeline.errors import ProviderError, ProviderUnavailable
from tasks.pipeline.providers import CoverMaker, FetchedPage, PageReader, Providers
from tasks.pipeline.providers.recording import STAGES, ProviderExchange, RecordedCovers, RecordedPages
from tasks.pipeline.providers.replay import Replay, ReplayedPages, ReplayIncomplete
from tasks.pipeline.types import Cover, CoverRequest
from tasks.sample import file_sample_brief
from tests.model_server import Reply, model_server

__all__ = ["model_server"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def with_model(settings, model_server):
    settings.PIPELINE_MODELS = ["openai:gpt-test"]
    settings.OPENAI_BASE_URL = model_server.base_url
    settings.RECORD_RUNS = True
    return model_server


def written(task: ContentTask) -> ContentTask:
    write_one(task.pk)
    task.refresh_from_db()
    assert (task.status, task.error) == (Status.AWAITING_APPROVAL, "")
    return task


def texts(task: ContentTask) -> list[tuple[str, int | None, str]]:
    """Every version: its hash, its score and why it was made."""
    rows = task.draft.history.order_by("version")
    return list(rows.values_list("content_sha256", "score", "history_change_reason"))


def test_a_run_is_repeated_byte_by_byte_without_a_call(with_model, settings):
    with_model.for_stage("seo", Reply(status=400), Reply(status=400))
    task = written(file_sample_brief(None))
    asked = len(with_model.requests)
    # What has changed since makes no difference: the brief of that run is used.
    ContentTask.objects.filter(pk=task.pk).update(target_words=300)
    settings.PIPELINE_MODELS = []
    repeated = written(recordings.replay(task, by=None))
    assert texts(repeated) == texts(task)
    assert repeated.draft.quality_reports.first().results == task.draft.quality_reports.first().results
    assert len(with_model.requests) == asked
    assert not repeated.calls.exists()
    assert repeated.replay_of == task


def test_a_branch_asks_again_from_its_stage_on(with_model):
    task = written(file_sample_brief(None))
    asked = len(with_model.requests)
    branched = written(recordings.replay(task, by=None, branch="refine"))
    again = [request.stage for request in with_model.requests[asked:]]
    assert again[0] == "refine"
    assert "draft" not in again
    assert branched.calls.count() == len(again)
    assert texts(branched)[0] == texts(task)[0]


def test_what_the_recording_lacks_is_a_failure_that_says_so(with_model):
    task = written(file_sample_brief(None))
    task.recorded_exchanges.filter(stage="outline").delete()
    repeated = recordings.replay(task, by=None)
    write_one(repeated.pk)
    repeated.refresh_from_db()
    assert (repeated.status, repeated.error_kind) == (Status.FAILED, "replay_incomplete")
    assert "branch from outline" in repeated.error


def test_a_recording_moves_to_another_desk_as_a_file(with_model, settings, tmp_path):
    task, file, out = written(file_sample_brief(None)), tmp_path / "run.json", StringIO()
    call_command("recordings", "list", stdout=out)
    call_command("recordings", "export", str(task.pk), str(file), stdout=out)
    settings.PIPELINE_MODELS = []
    call_command("recordings", "import", str(file), stdout=out)
    imported = written(ContentTask.objects.latest("pk"))
    assert texts(imported) == texts(task)
    assert f"Task {imported.pk} replays" in out.getvalue()


def test_without_a_recording_there_is_no_replay(with_model, settings):
    settings.RECORD_RUNS = False
    task = written(file_sample_brief(None))
    with pytest.raises(ValidationError, match="RECORD_RUNS"):
        recordings.replay(task, by=None)
    with pytest.raises(CommandError, match="was not recorded"):
        call_command("recordings", "replay", str(task.pk))
    assert ContentTask.objects.count() == 1


def test_a_damaged_file_is_refused_and_files_nothing(tmp_path):
    whole = {"format": recordings.FORMAT, "task": {}, "sources": [], "exchanges": [{"key": "x"}]}
    for content, why in (
        ("{", "no JSON"),
        ("[]", "no recording of the format"),
        (json.dumps(whole), "cannot be read"),
        (json.dumps({**whole, "exchanges": []}), "no brief"),
    ):
        file = tmp_path / "run.json"
        file.write_text(content)
        with pytest.raises(CommandError, match=why):
            call_command("recordings", "import", str(file))
    assert not ContentTask.objects.exists()


def test_branches_are_the_stages_of_the_pipeline():
    assert recordings.BRANCHES == STAGES
    assert set(STAGES) <= set(Stage.values)


def test_editors_repeat_a_run_from_its_page_and_integrations_by_the_api(with_model, admin_client, client):
    task = written(file_sample_brief(None))
    page = f"/admin/tasks/contenttask/{task.pk}/change/"
    assert "Repeat the recorded run" in admin_client.get(page).content.decode()
    answer = admin_client.post(f"/admin/tasks/contenttask/{task.pk}/replay/", {"branch": ""}, follow=True)
    assert "This task repeats run 1" in answer.content.decode()
    address = f"/api/tasks/{task.pk}/replay/"
    made = admin_client.post(address, {"branch": "refine"}, content_type="application/json")
    assert made.status_code == 201
    assert ContentTask.objects.get(pk=made.json()["id"]).replay_branch == "refine"
    for wrong in ({"branch": "nothing"}, {"run": 7}):
        assert admin_client.post(address, wrong, content_type="application/json").status_code == 400
    before = ContentTask.objects.count()
    assert client.post(f"/admin/tasks/contenttask/{task.pk}/replay/").status_code == 302
    assert client.post(address, {}, content_type="application/json").status_code == 401
    assert ContentTask.objects.count() == before


def test_pages_are_repeated_as_they_were_and_so_are_their_errors():
    class Pages:
        async def fetch(self, url: str) -> FetchedPage:
            if "gone" in url:
                raise ProviderUnavailable("The page did not answer.")
            return FetchedPage(b"\xff<p>Text</p>", url, "text/html", datetime(2026, 11, 30, tzinfo=UTC))

    saved: dict[str, ProviderExchange] = {}

    async def save(exchange: ProviderExchange) -> None:
        saved[exchange.key] = exchange

    async def outcome(pages: PageReader, url: str) -> object:
        try:
            return await pages.fetch(url)
        except ProviderError as error:
            return type(error), str(error)

    for url in ("https://a.example/", "https://a.example/gone"):
        recorded = asyncio.run(outcome(RecordedPages(Pages(), save), url))
        assert asyncio.run(outcome(ReplayedPages(Replay(saved), Pages()), url)) == recorded
    assert len(saved) == 2


def test_a_cover_is_repeated_by_its_name_and_made_again_where_its_image_is_not_stored():
    wanted = CoverRequest(title="Trees", subject="street trees")
    asked, saved = [], []

    class Covers(CoverMaker):
        stored = True

        async def make(self, wanted: CoverRequest) -> Cover:
            asked.append(wanted)
            return Cover(image=f"image {len(asked)}")

        async def is_stored(self, cover: Cover) -> bool:
            return self.stored

    async def save(exchange: ProviderExchange) -> None:
        saved.append(exchange)

    async def run() -> None:
        covers = Covers()
        first = await RecordedCovers(covers, save).make(wanted)
        exchanges = {one.key: one for one in saved}
        live = Providers(pages=None, covers=covers)
        again = Replay(exchanges).in_place_of(live).covers
        assert (await again.make(wanted), len(asked)) == (first, 1)
        covers.stored = False
        assert (await again.make(wanted)).image == "image 2"
        assert Replay({}).in_place_of(live).covers is None
        with pytest.raises(ReplayIncomplete):
            await again.make(wanted.model_copy(update={"title": "Bees"}))

    asyncio.run(run())
