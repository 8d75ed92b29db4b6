import pytest
from django.core.management import call_command

from approvals.audit.verification import first_failure
from publishing.models import Post
from publishing.publish import unpublish
from publishing.reconciliation import live_posts
from tests.factories import make_user
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db


def findings():
    return [shown.unapproved for shown in live_posts() if shown.unapproved]


def test_posts_that_an_earlier_release_rendered_are_rendered_as_this_one_does(capsys):
    post, as_it_is, gone = make_post("Asphalt"), make_post("Trees"), make_post("Gone")
    unpublish(gone, by=make_user("publisher"))
    before = Post.objects.get(pk=post.pk)
    Post.objects.filter(pk__in=[post.pk, gone.pk]).update(body_html="<p>As it was.</p>")
    assert findings() == ["body_html is not what its Markdown renders to: run `manage.py render_posts`"]
    call_command("render_posts", "--dry-run")
    assert capsys.readouterr().out == f"{post.get_absolute_url()}\n1 of the posts would be rendered again.\n"
    assert Post.objects.get(pk=post.pk).body_html == "<p>As it was.</p>"
    call_command("render_posts")
    assert capsys.readouterr().out == "1 post rendered again.\n"
    post.refresh_from_db()
    assert (post.body_html, post.updated_at) == (before.body_html, before.updated_at)
    assert post.history.first().history_change_reason == "rendered again"
    assert as_it_is.history.count() == 1
    assert findings() == []
    assert first_failure() is None
    call_command("render_posts")
    assert capsys.readouterr().out == "0 posts rendered again.\n"


def test_what_a_page_adds_to_be_read_out_is_in_the_language_of_the_text():
    post = make_post("Bäume", body="Text[^a].\n\n- [x] a\n\n[^a]: Note.", language="de")
    assert 'aria-label="Fußnote 1"' in post.body_html
    assert 'aria-label="Erledigt:"' in post.body_html
    assert findings() == []
    call_command("render_posts")
    assert Post.objects.get(pk=post.pk).body_html == post.body_html
