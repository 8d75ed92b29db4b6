import json
import time
from html import unescape
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils.http import http_date

from publishing.models import Author, Post
from publishing.publish import unpublish
from tests.factories import make_user
from tests.publishing.factories import make_post
from tests.publishing.test_redirects import rename

pytestmark = pytest.mark.django_db

ADDRESS = "http://127.0.0.1:8000/posts/street-trees/"
ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"


@pytest.fixture
def post():
    return make_post(
        "Trees & <heat>",
        "Shade \x0b[1] & [more](/about/).\n\n## End",
        slug="street-trees",
        summary="Why \x0b<trees>.",
    )


def get(address):
    response = Client().get(address)
    assert response.status_code == 200
    return response


def check_full_text(html):
    assert f'<a href="{ADDRESS}#source-1"' in html
    assert '<a href="http://127.0.0.1:8000/about/"' in html
    assert 'id="section-end"' in html
    assert 'href="https://example.org/trees"' in html


def test_rss_is_valid_xml_with_the_full_text(post):
    response = get("/feed/")
    assert response["Content-Type"].startswith("application/rss+xml")
    channel = ElementTree.fromstring(response.content).find("channel")
    item = channel.find("item")
    assert channel.find("link").text == "http://127.0.0.1:8000/"
    assert channel.find(f"{ATOM}link").get("href") == "http://127.0.0.1:8000/feed/"
    assert item.find("title").text == "Trees & <heat>"
    assert item.find("link").text == item.find("guid").text == ADDRESS
    assert item.find("description").text == "Why &lt;trees&gt;."  # HTML, says the format
    assert [category.text for category in item.findall("category")] == ["City", "trees"]
    check_full_text(item.find(CONTENT).text)


def test_atom_is_valid_xml_with_the_full_text(post):
    response = get("/feed/atom/")
    assert response["Content-Type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(response.content)
    entry = feed.find(f"{ATOM}entry")
    assert feed.find(f"{ATOM}author/{ATOM}name").text == "Content Desk"
    assert entry.find(f"{ATOM}title").text == "Trees & <heat>"
    assert entry.find(f"{ATOM}published").text == post.published_at.isoformat()
    check_full_text(entry.find(f"{ATOM}content").text)


def test_json_feed_has_the_full_text(post):
    response = get("/feed.json")
    assert response["Content-Type"] == "application/feed+json"
    feed = json.loads(response.content)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    [item] = feed["items"]
    assert (item["id"], item["title"], item["tags"]) == (ADDRESS, "Trees & <heat>", ["trees"])
    check_full_text(item["content_html"])


def ids():
    """By which readers know the newest post, in each format."""
    rss = ElementTree.fromstring(get("/feed/").content).find("channel/item/guid")
    atom = ElementTree.fromstring(get("/feed/atom/").content).find(f"{ATOM}entry/{ATOM}id")
    assert rss.get("isPermaLink") == "false"
    return {rss.text, atom.text, json.loads(get("/feed.json").content)["items"][0]["id"]}


def addresses():
    rss = ElementTree.fromstring(get("/feed/").content).find("channel/item/link")
    atom = ElementTree.fromstring(get("/feed/atom/").content).find(f"{ATOM}entry/{ATOM}link")
    return {rss.text, atom.get("href"), json.loads(get("/feed.json").content)["items"][0]["url"]}


def test_an_entry_has_a_permanent_id(post):
    known = ids()
    assert known == addresses() == {ADDRESS}
    for slug in ("trees-of-streets", "straßenbäume-日本", "street-trees"):
        moved = rename(post, slug)
        assert ids() == known
        assert addresses() == {f"http://127.0.0.1:8000{moved.get_absolute_url()}"}


def test_a_post_that_an_older_release_published_gets_its_id_when_it_moves(post):
    Post.objects.update(feed_id="")
    assert ids() == {ADDRESS}
    rename(post, "elsewhere")
    assert ids() == {ADDRESS}


FILES = ["feed/", "feed/atom/", "feed.json"]


@pytest.fixture
def groups(post):
    """A post that is in each of them, and one that is in none."""
    Author.objects.create(user=make_user("editor"), name="Edda Tor", slug="edda", is_public=True)
    Post.objects.update(author=Author.objects.get())
    make_post("Elsewhere", category="Rivers", tags=["fish"])
    Post.objects.filter(title="Elsewhere").update(author=None)
    return ["/category/city/", "/tag/trees/", "/author/edda/"]


def test_categories_tags_and_authors_have_feeds_of_their_own(groups):
    for group in groups:
        page = get(group).content.decode()
        for file in FILES:
            text = get(group + file).content.decode()
            assert "Trees" in text
            assert "Elsewhere" not in text
            assert f"http://127.0.0.1:8000{group}{file}" in text
            assert f'href="{group}{file}">' in page


def test_a_feed_takes_the_same_number_of_queries_for_any_number_of_posts(groups, django_assert_num_queries):
    for number in range(4):
        make_post(f"More {number}", tags=["trees", f"tag {number}"])
    for file in FILES:
        with django_assert_num_queries(1):
            get(f"/{file}")
        with django_assert_num_queries(2):
            get(f"/tag/trees/{file}")


def test_an_unchanged_feed_is_not_sent_again(groups):
    for base in ("/", *groups):
        for file in FILES:
            answer = get(base + file)
            again = Client().get(base + file, HTTP_IF_NONE_MATCH=answer["ETag"])
            assert (again.status_code, again.content) == (304, b"")


def test_a_feed_is_not_revalidated_by_its_date_alone(groups):
    base = groups[0]
    second = make_post("Withdrawn tomorrow", category="City")
    known = {path: get(path) for path in (f"{base}{file}" for file in FILES)}
    unpublish(second, by=make_user("pia", "Publishers"))
    for path, answer in known.items():
        since = answer.get("Last-Modified") or http_date(time.time())
        now = Client().get(path, headers={"If-Modified-Since": since})
        assert now.status_code == 200
        assert "Withdrawn tomorrow" in answer.content.decode()
        assert "Withdrawn tomorrow" not in now.content.decode()


@pytest.mark.parametrize("base", ["/category/none/", "/tag/none/", "/author/none/", "/author/hidden/"])
def test_groups_without_a_page_have_no_feed(post, base):
    Author.objects.create(user=make_user("editor"), name="Hidden", slug="hidden", is_public=False)
    Post.objects.update(author=Author.objects.get())
    for file in FILES:
        assert Client().get(base + file).status_code == 404


@pytest.mark.parametrize("address", ["/feed/", "/feed/atom/", "/feed.json"])
def test_a_feed_without_posts_is_a_feed(address):
    get(address)


def test_a_feed_has_the_newest_twenty():
    for number in range(21):
        make_post(f"Post {number}")
    items = json.loads(get("/feed.json").content)["items"]
    assert [item["title"] for item in items[:1] + items[-1:]] == ["Post 20", "Post 1"]


def test_a_text_in_another_language_says_so_in_a_feed_too():
    make_post("أشجار", "ظل.", language="ar", slug="trees-ar")
    make_post("Trees", "Shade.", slug="trees-en")
    english, arabic = json.loads(get("/feed.json").content)["items"]
    assert arabic["content_html"].startswith('<div lang="ar" dir="rtl">\n<p>ظل.</p>')
    assert english["content_html"].startswith("<p>Shade.</p>")


def test_a_feed_has_tables_footnotes_and_signs_with_absolute_addresses(client):
    body = (
        'A[^1].\n\n- [x] done\n\n| a |\n| -: |\n| 1 |\n\n```python\nx = "<b>"\n```\n\n[^1]: A note & more.\n'
    )
    post = make_post("Dialect", body=body)
    for feed in ("/feed/", "/feed/atom/"):
        content = client.get(feed).content
        ElementTree.fromstring(content)
        text = unescape(content.decode())
        assert f"{post.get_absolute_url()}#footnote-1" in text
        assert 'class="align-right"' in text
        assert "☑" in text
    (item,) = client.get("/feed.json").json()["items"]
    assert 'class="language-python"' in item["content_html"]
    assert 'href="#' not in item["content_html"]


def test_an_article_about_html_is_shown_in_a_feed_as_it_is_written():
    make_post("Links", body='`<a href="#top">` and <img src="/a.png">, [see](/about/).')
    html = json.loads(get("/feed.json").content)["items"][0]["content_html"]
    assert '&lt;a href="#top"&gt;' in html
    assert '&lt;img src="/a.png"&gt;' in html
    assert '<a href="/' not in html
