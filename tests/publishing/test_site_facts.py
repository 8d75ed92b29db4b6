"""What checks know of the site: published texts that are alike, and paths that lead nowhere."""

import pytest

from publishing.models import Post
from publishing.publish import publish
from tasks import near_duplicates
from tasks.jobs import inspect_draft
from tasks.models import PublishedSketch, QualityReport
from tasks.site_facts import unknown_paths
from tests.factories import approve, make_draft, make_user

pytestmark = pytest.mark.django_db

WORDS = (
    "Street trees give shade to pavements and cool the air by evaporating water. Shaded pavements are cooler "
    "than pavements in full sun, and a large tree evaporates much water in a dry week. The council plants a "
    "row of tall trees in every street, and people water young ones in summer."
)


@pytest.fixture
def live():
    draft = make_draft(body=WORDS)
    approve(draft)
    publish(draft, by=make_user("paula", "Publishers"))
    return draft


def found(draft, check):
    QualityReport.objects.filter(draft=draft).delete()
    inspect_draft(draft.pk)
    results = QualityReport.objects.get(draft=draft).results
    return next(one for one in results if one["check"] == check)


def test_a_text_that_is_nearly_a_published_one_fails_and_the_published_one_itself_does_not(live):
    copied = make_draft(body=WORDS.replace("large", "great"), title="Something else")
    result = found(copied, "published_duplicate")
    assert result["status"] == "failed"
    assert live.title in result["message"]
    assert found(live, "published_duplicate")["status"] == "passed"


def test_until_all_published_texts_are_prepared_the_check_is_skipped(live, monkeypatch):
    other = make_draft(body="Bees make honey. " + " ".join(f"word{number}" for number in range(60)))
    monkeypatch.setattr(near_duplicates, "BATCH", 0)
    monkeypatch.setattr(near_duplicates, "record_sketches", lambda limit: 7)
    result = found(other, "published_duplicate")
    assert (result["status"], result["applies"]) == ("skipped", True)
    assert "7 published texts" in result["message"]


def test_a_newer_version_gets_a_new_sketch(live):
    assert near_duplicates.record_sketches(10) == 0
    PublishedSketch.objects.update(version=0, hashes=[1])
    near_duplicates.record_sketches(10)
    sketch = PublishedSketch.objects.get()
    assert (sketch.version, len(sketch.hashes) > 20) == (live.version, True)


def test_links_within_the_site_are_known_or_not(live):
    post = Post.objects.get()
    known = [
        post.get_absolute_url(),
        "/",
        "/about/",
        f"/archive/{post.published_at:%Y/%m}/",
        "/search/?q=tree",
    ]
    unknown = ["/posts/gone/", "/category/none/", "/nothing/here/", "/admin/"]
    body = " ".join(f"[here]({path})" for path in known + unknown)
    assert unknown_paths(body) == tuple(unknown)
    assert (
        found(make_draft(body=f"Read [this](/posts/gone/). {WORDS}"), "internal_links")["status"] == "failed"
    )
