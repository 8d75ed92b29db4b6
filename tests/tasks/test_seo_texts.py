"""SEO texts after a person's change of the text: they follow it, or are flagged as out of date."""

import pytest
from django.test import Client
from django.urls import reverse

from tasks.actions import edit_draft, restore_version
from tasks.jobs import inspect_draft
from tasks.pipeline.quality.checks import seo_stale
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.quality.site_facts import SeoTextsBefore, SiteFacts
from tasks.pipeline.text.titles import is_shortened, shortened
from tasks.pipeline.types import Brief, Research
from tests.factories import make_draft, make_user
from tests.tasks.test_quality import BRIEF, RESEARCH, draft

LONG = "How a street tree cools the air of a whole district on the hottest day of a summer"
SUMMARY = "Trees cool a street by shade and by water, and do so most on hot days. " * 4


def test_a_short_form_is_the_text_itself_or_its_beginning_up_to_an_ellipsis():
    assert is_shortened("Trees", "Trees")
    assert is_shortened(shortened(LONG, 60), LONG)
    assert is_shortened(LONG[:30] + "...", LONG)
    assert not is_shortened("", "")
    assert not is_shortened("", LONG)
    assert not is_shortened("…", LONG)
    assert not is_shortened("How a street", LONG)
    assert not is_shortened("Trees: a guide", "Trees")


@pytest.mark.django_db
class TestEdits:
    def test_short_forms_of_title_and_summary_follow_them_in_the_same_version(self):
        editor = make_user("editor", "Editors", is_staff=True)
        own = make_draft(
            title=LONG, seo_title=shortened(LONG, 60), summary=SUMMARY,
            seo_description=shortened(SUMMARY, 155),
        )  # fmt: skip
        version, new = own.version, "What shade does, and what water does. " * 5
        edit_draft(own, {"title": "Shade and water", "summary": new}, by=editor)
        own.refresh_from_db()
        assert own.version == version + 1
        assert own.seo_title == "Shade and water"
        assert own.seo_description == shortened(new, 155)
        restore_version(own, version, by=editor)
        own.refresh_from_db()
        assert (own.seo_title, own.seo_description) == (shortened(LONG, 60), shortened(SUMMARY, 155))

    def test_texts_in_words_of_their_own_and_those_of_the_change_stay(self):
        editor = make_user("editor", "Editors", is_staff=True)
        own = make_draft(title=LONG, seo_title="Trees against heat", summary="Short.", seo_description="")
        edit_draft(own, {"title": "Shade", "summary": "Long.", "seo_title": "Trees against heat"}, by=editor)
        assert (own.seo_title, own.seo_description) == ("Trees against heat", "")
        edit_draft(own, {"seo_title": "Shade"}, by=editor)
        edit_draft(own, {"title": "Water", "seo_title": "Water in streets"}, by=editor)
        assert own.seo_title == "Water in streets"

    def test_what_does_not_follow_is_flagged_with_the_title_it_was_written_for(self):
        editor = make_user("editor", "Editors", is_staff=True)
        own = make_draft(title="Oak trees cool streets", seo_title="Why oak trees matter in streets")
        edit_draft(own, {"title": "Lime trees cool streets"}, by=editor)
        inspect_draft(own.pk)
        (found,) = [
            one for one in own.quality_reports.get(version=own.version).results if one["check"] == "seo_stale"
        ]
        assert found["status"] == "failed"
        assert found["severity"] == "advisory"
        assert "written for the earlier “Oak trees cool streets”" in found["evidence"][0]
        client = Client()
        client.force_login(editor)
        for page in ("desk:edit", "desk:review"):
            assert "the earlier “Oak trees" in client.get(reverse(page, args=[own.pk])).content.decode(), page


def outcome(article, brief: Brief = BRIEF, research: Research = RESEARCH, before=None):
    return seo_stale.CHECK.run(InspectedDraft(brief, research, article, SiteFacts(seo_texts_before=before)))


def test_a_seo_text_that_no_longer_fits_is_named_with_the_reason():
    cases = [
        (draft(seo_title="Banana republics"), None, "no word of the title is in it"),
        (draft(seo_description="Trees save 87 % of the energy of a street, as studies say."), None, "87 %"),
        (draft(seo_description="What trees in Ljubljana do for a street on a hot day."), None, "Ljubljana"),
        (draft(seo_title="NASA on street trees"), None, "NASA"),
    ]  # fmt: skip
    for article, before, reason in cases:
        found = outcome(article, before=before)
        assert found.status == "failed", article.seo_title
        assert reason in found.evidence[0], found.evidence


def test_a_seo_text_that_still_fits_is_not():
    article = draft()
    assert outcome(article).status == "passed"
    for older in ("", article.title, f"{article.title}!", "The trees and the bees"):
        before = SeoTextsBefore(title=older, summary=article.summary)
        assert outcome(article, before=before).status == "passed", older
    for fits in (
        {"seo_title": "Street Trees And Honey Bees Explained"},
        {"seo_title": "How trees and bees live in town | The Canopy Review"},
        {"seo_description": "What a tree does in a dry week: it evaporates 1500 l. Bees? 50 000 in June."},
        {"seo_description": "How the Honey of a bee and the Tree of Watering stay alive in a dry week."},
        {"title": "街路樹と蜂", "seo_title": "街路樹と蜂の話"},
        {"title": "Bäume", "seo_title": "Bäume in der Stadt: Was der Schatten bringt"},
    ):
        brief = BRIEF.model_copy(update={"language": "de" if "title" in fits else "en"})
        assert outcome(draft(**fits), brief).evidence == (), fits
    assert outcome(draft(seo_title="", seo_description="")).status == "skipped"
