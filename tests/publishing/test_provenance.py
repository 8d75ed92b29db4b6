import pytest
from django.test import Client

from publishing.publish import publish
from tasks.actions import edit_draft
from tasks.lifecycle import Status
from tasks.models import Draft, QualityReport
from tests.factories import BODY, CITATIONS, approve, make_draft, make_task, make_user

pytestmark = pytest.mark.django_db


def written_by_a_model():
    task = make_task()
    task.move_to(Status.IN_PROGRESS)
    draft = Draft(task=task)
    draft.save_version(
        {"title": "Trees", "slug": "trees", "body": BODY, "citations": CITATIONS},
        reason="draft",
        written_by="openai:gpt-x",
    )
    task.move_to(Status.AWAITING_APPROVAL)
    return draft


def published(draft):
    draft.task.refresh_from_db()
    approve(draft)
    return publish(draft, by=make_user("publisher", "Publishers"))


def made(post):
    return Client().get(post.get_absolute_url()).content.decode().split('id="making"')[1]


def test_readers_see_what_wrote_the_text():
    digest = published(make_draft())
    assert digest.provenance["writer"] == "digest"
    assert "without a language model" in made(digest)
    model = published(written_by_a_model())
    assert "a language model wrote it" in made(model)
    assert "gpt-x" not in made(model)
    person = published(make_draft(author=make_user("writer")))
    assert "Written by a person" in made(person)


def test_readers_see_that_a_person_edited_it():
    draft = make_draft()
    assert "A person edited it" not in made(published(make_draft()))
    edit_draft(draft, {"title": "Another title"}, by=make_user("writer"))
    assert "A person edited it" in made(published(draft))


def test_findings_about_sources_are_shown_and_the_others_counted():
    draft = make_draft()
    QualityReport.objects.create(
        draft=draft,
        version=draft.version,
        results=[
            {
                "check": "citations_resolve",
                "status": "passed",
                "message": "Every citation leads home.",
            },
            {"check": "figures_in_sources", "status": "failed", "message": "1 figure is in <no> source."},
            {"check": "quotations_verbatim", "status": "skipped", "message": "The text has no quotations."},
            {"check": "length", "status": "failed", "message": "Too short for the brief."},
        ],
    )
    text = made(published(draft))
    assert "Every citation leads home." in text
    assert "1 figure is in &lt;no&gt; source." in text
    assert "no quotations" not in text
    assert "Too short" not in text
    assert "1 checks passed, 2 failed" in text


def test_an_unchecked_text_is_not_called_checked():
    text = made(published(make_draft()))
    assert "Checked against" not in text
    assert "checks passed" not in text
