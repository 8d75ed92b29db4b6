import pytest
from django.test import Client
from django.utils import translation

from publishing.models import Post
from publishing.public_findings import public_findings
from publishing.publish import publish
from tasks.actions import edit_draft
from tasks.lifecycle import Status
from tasks.models import Draft, QualityReport
from tests.factories import BODY, CITATIONS, approve, make_draft, make_task, make_user
from tests.publishing.factories import edit_identity

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


RESULTS = [
    {"check": "citations_resolve", "status": "passed", "message": "Every citation leads to a source."},
    {
        "check": "citations_fit",
        "status": "failed",
        "message": "1 citation fits another source better: cite it.",
    },
    {
        "check": "claims_supported",
        "status": "failed",
        "message": "2 of 9 sentences say what no source says: …",
    },
    {
        "check": "figures_in_sources",
        "status": "failed",
        "message": "1 sentence has a figure that is in none.",
    },
    {"check": "quotations_verbatim", "status": "failed", "message": "1 quotation is not word for word …"},
]


def test_findings_about_sources_are_in_the_language_of_the_site():
    draft = make_draft()
    QualityReport.objects.create(draft=draft, version=draft.version, results=RESULTS)
    post = published(draft)
    english = made(post)
    assert all(result["message"] in english for result in RESULTS)
    for language, passed, opened in [
        ("de", "Jeder Beleg führt zu einer Quelle.", "nicht jede Zahl in einer Quelle"),
        ("fr", "Chaque référence mène à une source.", "n’a pas retrouvé chaque chiffre"),
        ("es", "Cada cita lleva a una fuente.", "no encontró todas las cifras"),
    ]:
        edit_identity(language=language)
        recorded = made(post)
        assert passed in recorded
        assert opened in recorded
        assert recorded.count('<li class="note-') == len(RESULTS)
        assert not any(result["message"] in recorded for result in RESULTS)
        # As publications of earlier versions are: they did not record which check it was.
        without = [
            {"status": note["status"], "message": note["message"]} for note in post.provenance["notes"]
        ]
        with translation.override(language):
            assert public_findings(Post(provenance={"notes": without})) == public_findings(post)
