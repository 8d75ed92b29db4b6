"""A post without any picture is shared with one of its title."""

import io
import re

import pytest
from django.test import Client
from PIL import Image as Pillow

from publishing.publish import unpublish
from tests.factories import make_user
from tests.publishing.factories import make_post
from tests.publishing.pictures import make_illustrated_post

pytestmark = pytest.mark.django_db

SITE = "http://127.0.0.1:8000"


def shared(post):
    page = Client().get(post.get_absolute_url()).content.decode()
    found = dict(re.findall(r'<meta property="(og:[^"]+)" content="([^"]*)">', page))
    assert found["og:image"].startswith(SITE)
    return found, found["og:image"].removeprefix(SITE)


def test_a_post_without_a_picture_is_shared_with_a_card_of_its_title():
    post = make_post("How trees cool a street & a square", slug="trees", category="City")
    found, path = shared(post)
    assert re.fullmatch(r"/media/titles/trees/[0-9a-f]{64}\.jpg", path)
    assert found["og:image:alt"] == "How trees cool a street &amp; a square"
    answer = Client().get(path)
    assert answer["Content-Type"] == "image/jpeg"
    assert "immutable" in answer["Cache-Control"]
    picture = Pillow.open(io.BytesIO(answer.content))
    assert picture.size == (int(found["og:image:width"]), int(found["og:image:height"])) == (1200, 630)
    left, top, right, bottom = picture.convert("L").point(lambda value: 255 if value > 200 else 0).getbbox()
    assert min(left, top, 1200 - right, 630 - bottom) > 0, "no letter is cut"
    assert len(answer.content) < 150_000
    assert Client().get(path, headers={"if-none-match": answer["ETag"]}).status_code == 304
    assert Client().post(path).status_code == 405


def test_another_title_has_another_address_and_the_old_one_leads_there():
    one, other = make_post("One", slug="one"), make_post("Two", slug="two")
    (_, first), (_, second) = shared(one), shared(other)
    assert Client().get(first).content != Client().get(second).content
    outdated = re.sub("[0-9a-f]{64}", "0" * 64, first)
    assert Client().get(outdated)["Location"] == first
    assert Client().get(first.replace("/one/", "/none/")).status_code == 404


def test_what_is_not_live_has_no_card():
    post = make_post("One", slug="one")
    _, path = shared(post)
    unpublish(post, by=make_user("publisher", "Publishers"), reason="A mistake in it.")
    assert Client().get(path).status_code == 404


def test_a_cover_is_shared_itself(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    _, path = shared(make_illustrated_post())
    assert path.startswith("/media/covers/")
