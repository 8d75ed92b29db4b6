"""How an article is produced, with steps and versions in memory and a model server on loopback."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any, get_type_hints

import pytest

from tasks.pipeline import orchestrator
from tasks.pipeline.errors import BudgetExceeded, ParagraphLocked, ProviderError, ProviderUnavailable
from tasks.pipeline.orchestrator import produce_article
from tasks.pipeline.prompts import prompt
from tasks.pipeline.providers import FetchedPage, Providers
from tasks.pipeline.providers.model_calls.calls import CallRecord
from tasks.pipeline.providers.model_calls.model_chain import ModelChain
from tasks.pipeline.providers.model_servers.vendor_pool import Vendors
from tasks.pipeline.types import (
    Article,
    Assessment,
    Brief,
    CheckResult,
    CheckStatus,
    Critique,
    GivenSource,
    LockedParagraph,
    Output,
    Research,
    Role,
)
from tests.model_server import ModelServer, Reply, access_to, body_from, critique_text, model_server

__all__ = ["model_server"]

BEES = (
    "Honey bees tell each other where flowers are by a dance inside the hive.\n\n"
    "The angle of the dance shows the direction of the flowers relative to the sun.\n\n"
    "The length of each run shows how far away the flowers are from the hive.\n\n"
    "Karl von Frisch described the dance and received a Nobel Prize for it in 1973."
)
HIVES = (
    "A strong colony of honey bees holds up to 60,000 workers in the summer.\n\n"
    "The queen lays as many as 2,000 eggs on a single day in the spring.\n\n"
    "Workers visit between 50 and 100 flowers during each trip from the hive."
)
BRIEF = Brief(
    topic="How honey bees find flowers",
    target_words=100,
    sources=(
        GivenSource(number=1, title="The dance", text=BEES),
        GivenSource(number=2, title="The hive", text=HIVES),
    ),
    guidance=("Explain the angle of the dance.",),
)
WHOLE_RUN = ["research", "outline", "draft", "critique", "refine", "critique", "seo"]


class NoPages:
    async def fetch(self, url: str) -> FetchedPage:
        raise ProviderError("There is no network in tests.")


class Run:
    """A run whose steps and versions are stored in memory, as the database would store them."""

    def __init__(self) -> None:
        self.saved: dict[str, Any] = {}
        self.versions: dict[str, tuple[Article, Assessment, str]] = {}
        self.calls: list[CallRecord] = []

    async def step(self, stage: Callable[..., Awaitable[Output]], *inputs: object, key: str = "") -> Output:
        output_type: type[Output] = get_type_hints(stage)["return"]
        if key not in self.saved:
            self.saved[key] = (await stage(*inputs)).model_dump(mode="json")
        return output_type.model_validate(self.saved[key])

    async def keep(self, article: Article, report: Assessment, *, reason: str, key: str) -> None:
        self.versions.setdefault(key, (article, report, reason))

    async def record(self, record: CallRecord) -> None:
        self.calls.append(record)

    def skipped(self, key: str) -> dict[str, str]:
        """The checks that did not run on a version, and why."""
        _, report, _ = self.versions[key]
        return {result.check: result.message for result in report.results if result.status == "skipped"}

    @property
    def reasons(self) -> list[str]:
        return [reason for _, _, reason in self.versions.values()]

    async def produce(
        self, server: ModelServer, *models: str, brief: Brief = BRIEF, **options: Any
    ) -> Article:
        names = tuple(f"openai:{model}" for model in models or ("first",))
        access = access_to(openai_base_url=server.base_url)
        async with Vendors(access) as vendors:
            llm = ModelChain(dict.fromkeys(Role, names), vendors, on_call=self.record, **options)
            return await produce_article(brief, Providers(NoPages(), llm), self.step, self.keep)


@pytest.fixture
def only_the_critic(monkeypatch: pytest.MonkeyPatch) -> None:
    """No checks: the score is the critic's, which the tests of the loop choose."""

    async def inspect(
        brief: Brief, research: Research, article: Article, critique: Critique | None = None
    ) -> Assessment:
        return Assessment(results=(), critique=critique)

    monkeypatch.setattr(orchestrator, "inspect", inspect)


@pytest.mark.usefixtures("only_the_critic")
class TestWithACritic:
    def test_refining_stops_at_the_threshold(self, model_server: ModelServer) -> None:
        run = Run()
        article = asyncio.run(run.produce(model_server))

        assert model_server.stages == WHOLE_RUN
        assert run.reasons == ["draft: 62", "refine 1: 62 → 81", "seo"]
        assert [report.score for _, report, _ in run.versions.values()] == [62, 81, 81]
        assert article.seo_title
        assert article.summary
        assert [citation.number for citation in article.citations] == [1, 2]
        assert "[1]" in article.body
        assert "[2]" in article.body

    def test_every_pass_is_a_version_of_its_own(self, model_server: ModelServer) -> None:
        run = Run()
        asyncio.run(run.produce(model_server))

        draft, refined, final = (article for article, _, _ in run.versions.values())
        assert draft.body != refined.body == final.body
        assert not refined.seo_title
        assert final.seo_title

    def test_refining_ends_when_the_rounds_run_out(self, model_server: ModelServer) -> None:
        model_server.for_stage("critique", *map(critique_text, (40, 50, 45)))
        run = Run()
        asyncio.run(run.produce(model_server))

        assert run.reasons == ["draft: 40", "refine 1: 40 → 50", "refine 2: 50 → 45", "seo"]
        assert model_server.stages.count("refine") == 2

    def test_a_good_draft_is_not_refined(self, model_server: ModelServer) -> None:
        model_server.for_stage("critique", critique_text(70))
        run = Run()
        asyncio.run(run.produce(model_server))

        assert "refine" not in model_server.stages
        assert run.reasons == ["draft: 70", "seo"]

    def test_guidance_reaches_every_writer(self, model_server: ModelServer) -> None:
        asyncio.run(Run().produce(model_server))

        writers = [
            request for request in model_server.requests if request.stage in ("outline", "draft", "refine")
        ]
        assert len(writers) == 3
        assert all("Explain the angle of the dance." in request.prompt for request in writers)

    def test_the_reviser_reads_what_the_critic_said(self, model_server: ModelServer) -> None:
        asyncio.run(Run().produce(model_server))

        assert "The section is thin." in model_server.requests[4].prompt

    def test_each_stage_asks_in_its_role(self, model_server: ModelServer) -> None:
        run = Run()
        asyncio.run(run.produce(model_server))

        assert [(call.stage, call.role) for call in run.calls] == [
            ("research", Role.RESEARCH),
            ("outline", Role.CREATIVE),
            ("draft", Role.CREATIVE),
            ("critique", Role.QA),
            ("refine", Role.CREATIVE),
            ("critique", Role.QA),
            ("seo", Role.PUBLISHING),
        ]

    def test_a_resumed_run_repeats_nothing(self, model_server: ModelServer) -> None:
        model_server.for_stage("refine", Reply(status=500))
        run = Run()
        with pytest.raises(ProviderUnavailable):
            asyncio.run(run.produce(model_server))
        article = asyncio.run(run.produce(model_server))

        assert model_server.stages == [*WHOLE_RUN[:5], *WHOLE_RUN[4:]]
        assert run.reasons == ["draft: 62", "refine 1: 62 → 81", "seo"]
        again = asyncio.run(run.produce(model_server))
        assert again == article
        assert len(model_server.stages) == 8, "a finished run calls no model"

    def test_the_model_that_wrote_a_version_is_on_record_and_survives_a_resume(
        self, model_server: ModelServer
    ) -> None:
        model_server.for_model("first", *[Reply("[]", status=500)] * 3)
        run = Run()
        asyncio.run(run.produce(model_server, "first", "second"))
        asyncio.run(run.produce(model_server, "first", "second"))

        writers = [article.written_by for article, _, _ in run.versions.values()]
        assert writers == ["openai:second", "openai:first", "openai:first"]

    def test_a_spent_budget_stops_the_run_and_keeps_what_is_done(self, model_server: ModelServer) -> None:
        run = Run()
        with pytest.raises(BudgetExceeded, match="budget_usd"):
            asyncio.run(
                run.produce(model_server, budget_usd=Decimal("0.02"), price=lambda *_: Decimal("0.01"))
            )

        assert model_server.stages == WHOLE_RUN[:2]
        assert list(run.saved) == ["research", "research-notes", "outline"]

    def test_a_budget_that_pays_for_the_draft_alone_brings_it_unjudged(
        self, model_server: ModelServer
    ) -> None:
        run = Run()
        article = asyncio.run(
            run.produce(model_server, budget_usd=Decimal("0.03"), price=lambda *_: Decimal("0.01"))
        )

        assert model_server.stages == WHOLE_RUN[:3]
        assert article.body
        assert run.reasons == ["draft: not scored", "seo"]
        skipped = run.skipped("seo")
        assert list(skipped) == ["critique", "seo"]
        assert all("budget of $0.03 is spent" in message for message in skipped.values())

    def test_cancelling_a_run_closes_the_connection_and_asks_nothing_more(
        self, model_server: ModelServer
    ) -> None:
        model_server.for_stage("draft", Reply("## Bees\n\n" + "They dance. " * 50, fault="stall"))
        run = Run()

        async def cancel_while_it_drafts() -> float:
            work = asyncio.create_task(run.produce(model_server, "first", "second"))
            request = await asyncio.to_thread(model_server.wait_for, 3)
            await asyncio.to_thread(request.started.wait, 5)
            await asyncio.sleep(0.1)
            cancelled_at = asyncio.get_running_loop().time()
            work.cancel()
            with pytest.raises(asyncio.CancelledError):
                await work
            return cancelled_at

        cancelled_at = asyncio.run(cancel_while_it_drafts())

        request = model_server.requests[2]
        assert request.disconnected.wait(1)
        assert request.disconnected_at is not None
        assert request.disconnected_at - cancelled_at < 1
        assert model_server.stages == WHOLE_RUN[:3]
        assert [call.outcome for call in run.calls] == ["ok", "ok", "cancelled"]
        assert not run.versions

    def test_two_revisions_in_a_row_that_bring_nothing_end_the_rounds(
        self, model_server: ModelServer
    ) -> None:
        model_server.for_stage("critique", *map(critique_text, (40, 40, 30)))
        run = Run()
        asyncio.run(run.produce(model_server, brief=BRIEF.model_copy(update={"max_refinements": 9})))

        assert run.reasons == ["draft: 40", "refine 1: 40 → 40", "refine 2: 40 → 30", "seo"]

        model_server.for_stage("critique", *map(critique_text, (40, 30, 41, 41, 40)))
        run = Run()
        asyncio.run(run.produce(model_server, brief=BRIEF.model_copy(update={"max_refinements": 9})))

        assert run.reasons[1:-1] == [
            "refine 1: 40 → 30", "refine 2: 40 → 41", "refine 3: 41 → 41", "refine 4: 41 → 40"
        ]  # fmt: skip

    def test_a_long_text_is_written_in_parts_and_a_resumed_run_repeats_none(
        self, model_server: ModelServer
    ) -> None:
        model_server.for_stage("draft", body_from({1: ["Bees dance."]}, 1), Reply(status=500))
        run = Run()
        for_long = BRIEF.model_copy(update={"target_words": 800, "locked": (LOCKED,)})
        with pytest.raises(ProviderUnavailable):
            asyncio.run(run.produce(model_server, brief=for_long))
        assert list(run.saved) == ["research", "research-notes", "outline", "draft-1-of-2"]
        asyncio.run(run.produce(model_server, brief=for_long))

        drafting = [request for request in model_server.requests if request.stage == "draft"]
        assert [request.prompt.rpartition("Write part ")[2][:6] for request in drafting] == [
            "1 of 2", "2 of 2", "2 of 2"
        ]  # fmt: skip
        assert "Karl von Frisch" in drafting[0].prompt
        assert "2,000 eggs" not in drafting[0].prompt, "the plan names no such source for it"
        assert "## Source 1 in brief" in drafting[2].prompt
        article, _, _ = run.versions["draft"]
        assert re.findall("^## .*$", article.body, re.MULTILINE) == [
            "## Source 1 in brief", "## Source 2 in brief"
        ]  # fmt: skip
        assert article.body.count(LOCKED.text) == 1
        assert {call.prompt_version for call in run.calls if call.stage == "draft"} == {
            prompt("section").label
        }

    def test_stages_of_the_keys_are_those_a_task_can_show(self, model_server: ModelServer) -> None:
        run = Run()
        asyncio.run(run.produce(model_server))

        shown = list(dict.fromkeys(key.partition("-")[0] for key in run.saved))
        assert shown == ["research", "outline", "draft", "critique", "refine", "seo"]


def test_a_veto_sends_a_text_back_that_the_critic_liked(
    model_server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def inspect(
        brief: Brief, research: Research, article: Article, critique: Critique | None = None
    ) -> Assessment:
        is_first = article.body.count("[1]") <= 2
        failed = CheckResult(
            check="citations", status=CheckStatus.FAILED, message="A citation is missing.", severity="veto"
        )
        return Assessment(results=(failed,) if is_first else (), critique=critique)

    monkeypatch.setattr(orchestrator, "inspect", inspect)
    model_server.for_stage("critique", critique_text(90), critique_text(90))
    run = Run()
    asyncio.run(run.produce(model_server))

    assert run.reasons == ["draft: 49", "refine 1: 49 → 90", "seo"]
    assert "A citation is missing." in model_server.requests[4].prompt


def test_the_whole_story_with_the_real_checks(model_server: ModelServer) -> None:
    run = Run()
    article = asyncio.run(run.produce(model_server))

    assert article.body
    assert article.citations
    assert list(run.versions) == ["draft", "refine-1", "seo"]
    assert all(report.results and report.critique for _, report, _ in run.versions.values())


def test_without_a_model_the_offline_writer_makes_one_labelled_version() -> None:
    run = Run()
    article = asyncio.run(produce_article(BRIEF, Providers(NoPages()), run.step, run.keep))

    assert article.written_by == "offline writer"
    assert list(run.versions) == ["draft"]
    assert run.reasons[0].startswith("draft: ")


LOCKED = LockedParagraph(
    text="Bees dance, and that is the editor's own sentence [1].", section="Source 1 in brief"
)
WITH_LOCK = BRIEF.model_copy(update={"locked": (LOCKED,)})
ELSEWHERE = "An article about money alone [2].\n\n## Money\n\nHoney is sold by weight in many places [2]."


class TestLockedParagraphs:
    @pytest.mark.usefixtures("only_the_critic")
    def test_every_prompt_names_them_and_every_version_has_them_word_for_word(
        self, model_server: ModelServer
    ) -> None:
        run = Run()
        asyncio.run(run.produce(model_server, brief=WITH_LOCK))

        for request in model_server.requests:
            if request.stage in {"draft", "refine"}:
                assert LOCKED.text in request.prompt
                assert "word for word" in request.prompt
            elif request.stage == "critique":
                assert "name no problem in them" in request.prompt
        assert len(run.versions) == 3
        for article, _, _ in run.versions.values():
            assert f"\n\n{LOCKED.text}" in article.body
            assert 1 in [citation.number for citation in article.citations]

    @pytest.mark.usefixtures("only_the_critic")
    def test_a_pass_that_has_no_place_for_one_is_refused_with_a_finding(
        self, model_server: ModelServer
    ) -> None:
        model_server.for_stage("refine", ELSEWHERE)
        run = Run()
        article = asyncio.run(
            run.produce(model_server, brief=WITH_LOCK.model_copy(update={"max_refinements": 1}))
        )

        assert run.reasons == ["draft: 62", "seo"]
        assert model_server.stages.count("critique") == 1, "what is refused is not judged"
        assert LOCKED.text in article.body
        _, report, _ = run.versions["seo"]
        (finding,) = [result for result in report.results if result.check == "locked_paragraphs"]
        assert finding.status == CheckStatus.FAILED
        assert finding.evidence == (LOCKED.text,)
        assert "Revision 1 was refused" in finding.message

    @pytest.mark.usefixtures("only_the_critic")
    def test_the_next_pass_may_do_better(self, model_server: ModelServer) -> None:
        model_server.for_stage("refine", ELSEWHERE)
        run = Run()
        asyncio.run(run.produce(model_server, brief=WITH_LOCK))

        assert run.reasons == ["draft: 62", "refine 2: 62 → 81", "seo"]

    def test_a_new_text_without_a_place_for_one_is_no_draft(self, model_server: ModelServer) -> None:
        model_server.for_stage("draft", ELSEWHERE)
        run = Run()
        with pytest.raises(ParagraphLocked, match="Bees dance"):
            asyncio.run(run.produce(model_server, brief=WITH_LOCK.model_copy(
                update={"locked": (LOCKED.model_copy(update={"before": "Never seen."}),)}
            )))  # fmt: skip
        assert not run.versions
        assert "draft" not in run.saved, "a retry asks the model again"

    def test_the_offline_writer_keeps_them_too(self) -> None:
        locked = LockedParagraph(text="The editor's own opening [2].")
        run = Run()
        brief = BRIEF.model_copy(update={"locked": (locked,)})
        article = asyncio.run(produce_article(brief, Providers(NoPages(), None), run.step, run.keep))
        assert article.body.startswith(locked.text)
        assert 2 in [citation.number for citation in article.citations]
