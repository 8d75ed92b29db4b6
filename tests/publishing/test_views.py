import html
import json
import re
from datetime import UTC, datetime, timedelta
from itertools import product
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache, caches
from django.db import connection
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import override

from publishing.models import Post
from publishing.publish import unpublish
from tests.factories import approve, make_draft, make_user
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db

NOVEMBER = datetime(2026, 11, 5, 12, tzinfo=UTC)
PAGES = [
    "/",
    "/posts/street-trees/",
    "/category/city/",
    "/tag/trees/",
    "/archive/2026/11/",
    "/search/?q=shade",
    "/feed/",
    "/feed/atom/",
    "/feed.json",
    "/sitemap.xml",
    "/robots.txt",
]
HTML_PAGES = PAGES[:6]


def page(address):
    response = Client().get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def forget():
    for each in caches.all(initialized_only=True):
        each.clear()


def test_no_public_page_sets_a_cookie_or_varies_by_one(subtests):
    make_post(slug="street-trees", published_at=NOVEMBER)
    for address in PAGES:
        with subtests.test(address=address):
            response = Client().get(address)
            assert response.status_code == 200
            assert not response.cookies
            assert "cookie" not in response.get("Vary", "").lower()


def test_pages_obey_their_own_content_policy(subtests):
    make_post(slug="street-trees", published_at=NOVEMBER)
    for address in HTML_PAGES:
        with subtests.test(address=address):
            obeys_its_policy(Client().get(address))


def obeys_its_policy(response):
    text = response.content.decode()
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert "unsafe" not in response["Content-Security-Policy"]
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", text)
    for script in re.findall(r"<script[^>]*>", text):
        assert 'src="/static/' in script or 'type="application/ld+json"' in script
    for link in re.findall(r'<(?:link rel="stylesheet"|script|img)[^>]*(?:src|href)="([^"]*)"', text):
        assert link.startswith("/static/")


def test_pages_are_read_only(subtests):
    make_post(slug="street-trees", published_at=NOVEMBER)
    for address, how in product(HTML_PAGES, ["post", "put", "delete", "patch"]):
        with subtests.test(address=address, how=how):
            assert getattr(Client(), how)(address).status_code == 405


def test_a_page_takes_the_same_number_of_queries_for_any_number_of_posts(subtests, django_assert_num_queries):
    make_post(slug="street-trees", published_at=NOVEMBER)
    for number in range(2):
        make_post(f"Shade {number}", published_at=NOVEMBER)
    few = {}
    for address in [*HTML_PAGES, "/feed/", "/feed/atom/", "/feed.json", "/sitemap.xml"]:
        forget()  # what one page keeps must not spare the next one its queries
        with subtests.test(address=address), CaptureQueriesContext(connection) as queries:
            page(address)
            # A test is one transaction: outside of it a search needs no savepoints.
            asked = [query for query in queries if "SAVEPOINT" not in query["sql"]]
            assert len(asked) <= (8 if address.startswith("/search/") else 7)
        few[address] = len(queries)
    for number in range(9):
        make_post(f"Other {number}", tags=["trees", f"tag {number}"], published_at=NOVEMBER)
    for address, expected in few.items():
        forget()
        with subtests.test(address=address, posts=12), django_assert_num_queries(expected):
            page(address)


def test_an_empty_home_page_links_to_the_desk():
    text = page("/")
    assert "Nothing has been published yet" in text
    assert 'href="/admin/"' in text


def test_the_home_page_lists_the_newest_first_and_twenty_a_page():
    for number in range(21):
        make_post(f"Post number {number}", published_at=NOVEMBER + timedelta(hours=number))
    first, second = page("/"), page("/?page=2")
    assert first.index("Post number 20") < first.index("Post number 19")
    assert first.count("<article") == 20
    assert second.count("<article") == 1
    assert "Post number 0" in second
    assert 'rel="canonical" href="http://127.0.0.1:8000/?page=2"' in second


NOT_THERE = [
    "/?page=2", "/?page=0", "/?page=-1", "/?page=x", "/category/city/?page=2", "/category/none/",
    "/tag/none/", "/archive/2026/13/", "/archive/2026/0/", "/archive/0/1/", "/archive/9999/12/",
    "/archive/2026/10/", "/search/?q=shade&page=2", "/posts/none/", "/posts/a%00b/", "/none",
]  # fmt: skip


def test_what_does_not_exist_is_not_found(subtests):
    make_post(slug="street-trees", published_at=NOVEMBER)
    for address in NOT_THERE:
        with subtests.test(address=address):
            response = Client().get(address, follow=True)
            assert response.status_code == 404
            assert "Page not found" in response.content.decode()


def test_a_draft_is_never_shown():
    draft = make_draft(title="Secret garden", slug="secret-garden", category="Gardens", tags=["secret"])
    approve(draft)
    assert Client().get("/posts/secret-garden/").status_code == 404
    assert Client().get("/category/gardens/").status_code == 404
    for address in ("/", "/search/?q=secret", "/feed/", "/feed/atom/", "/feed.json", "/sitemap.xml"):
        assert "garden" not in page(address).lower()


def test_a_withdrawn_post_is_gone_from_everywhere():
    post = make_post("Secret garden", slug="secret-garden", category="Gardens")
    unpublish(post, by=make_user("publisher"))
    response = Client().get("/posts/secret-garden/")
    assert response.status_code == 410
    assert "withdrawn" in response.content.decode()
    assert "Secret garden" not in response.content.decode()
    assert Client().get("/category/gardens/").status_code == 404
    for address in ("/", "/search/?q=secret", "/feed/", "/feed/atom/", "/feed.json", "/sitemap.xml"):
        assert "garden" not in page(address).lower()


def test_a_post_shows_its_sources_and_provenance():
    post = make_post(
        "Street trees",
        "Shade [1].\n\n## One\n\n## Two [1]\n\n## Three & four",
        slug="street-trees",
        published_at=NOVEMBER,
        citations=[
            {"number": 1, "title": "A survey", "url": "https://example.org/survey"},
            {"number": 2, "title": "A trap", "url": "javascript:alert(1)"},
        ],
    )
    text = page("/posts/street-trees/")
    assert '<time datetime="2026-11-05T12:00:00+00:00">5 November 2026, 12:00 UTC</time>' in text
    assert "1 min read" in text
    assert 'href="#source-1"' in text
    assert '<li id="source-1" value="1"><a href="https://example.org/survey"' in text
    assert "javascript:" not in text
    assert "Drafted by machine" in text
    assert f'<time datetime="{post.approval.decided_at.isoformat(timespec="seconds")[:16]}' in text
    assert post.approval.actor_name not in text.replace("An editor", "").replace("an editor", "")
    assert '<a href="#section-one">One</a>' in text
    assert '<a href="#section-two">Two</a>' in text
    assert '<a href="#section-three-four">Three &amp; four</a>' in text
    assert 'href="/category/city/"' in text
    assert 'href="/tag/trees/"' in text


def test_each_heading_has_a_link_to_itself():
    make_post("Street trees", "## One [1]\n\n### A `b` & c\n\nText.", slug="street-trees")
    text = page("/posts/street-trees/")
    for anchor in ("section-one", "section-a-b-c"):
        assert f'<a class="anchor" href="#{anchor}" aria-label="Link to this section"></a></h' in text
    assert "anchor" not in page("/feed/")


def test_adjacent_citations_share_one_bracket():
    sources = [{"number": number, "title": f"Source {number}", "url": ""} for number in (1, 2, 3)]
    make_post("Street trees", "Shade [1][2][3]. Water [2].", slug="street-trees", citations=sources)
    text = page("/posts/street-trees/")
    links = [f'<a href="#source-{number}" aria-label="Source {number}">{number}</a>' for number in (1, 2, 3)]
    assert f"Shade<sup>[{', '.join(links)}]</sup>. Water<sup>[{links[1]}]</sup>." in text
    assert "[1]</a></sup><sup>" in page("/feed/").replace("&lt;", "<").replace("&gt;", ">")


def test_a_post_links_to_its_neighbours():
    for number in range(3):
        make_post(f"Post {number}", slug=f"post-{number}", published_at=NOVEMBER)  # in the same moment
    text = page("/posts/post-1/")
    assert re.search(r'rel="prev" href="/posts/post-0/"', text)
    assert re.search(r'rel="next" href="/posts/post-2/"', text)
    assert 'rel="prev"' not in page("/posts/post-0/")
    assert 'rel="next"' not in page("/posts/post-2/")


def test_a_post_describes_itself_to_machines():
    make_post(
        "Street trees", slug="street-trees", seo_title="Trees & heat", seo_description="Why trees cool."
    )
    text = page("/posts/street-trees/?utm_source=x")
    address = "http://127.0.0.1:8000/posts/street-trees/"
    assert "<title>Trees &amp; heat · Content Desk</title>" in text
    assert f'<link rel="canonical" href="{address}">' in text
    assert '<meta name="description" content="Why trees cool.">' in text
    assert '<meta property="og:type" content="article">' in text
    assert f'<meta property="og:url" content="{address}">' in text
    for feed in ("/feed/", "/feed/atom/", "/feed.json"):
        assert re.search(rf'<link rel="alternate" [^>]* href="{feed}">', text)
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', text)[1])
    posting, breadcrumbs = data["@graph"]
    assert (posting["@type"], posting["headline"], posting["url"]) == ("BlogPosting", "Street trees", address)
    assert posting["citation"][0]["url"] == "https://example.org/trees"
    assert [step["name"] for step in breadcrumbs["itemListElement"]] == [
        "Content Desk",
        "City",
        "Street trees",
    ]


def test_a_page_has_a_preview_for_where_it_is_shared(subtests):
    make_post(slug="street-trees", published_at=NOVEMBER)
    for address in [*HTML_PAGES[:5], "/archive/", "/about/"]:
        with subtests.test(address=address):
            is_post = address == "/posts/street-trees/"
            shows_itself(address, page(address), image="media/titles" if is_post else "static/site/card")


def shows_itself(address, text, image):
    found = dict(re.findall(r'<meta (?:property|name)="((?:og|twitter):[^"]+)" content="([^"]*)">', text))
    for name in ("title", "description", "image", "image:alt"):
        assert found[f"og:{name}"] == found[f"twitter:{name}"] != ""
    assert found["og:image"].startswith(f"http://127.0.0.1:8000/{image}")
    assert (found["og:image:width"], found["og:image:height"]) == ("1200", "630")
    assert found["twitter:card"] == "summary_large_image"
    canonical = re.search('<link rel="canonical" href="([^"]+)">', text)[1]
    assert found["og:url"] == canonical == f"http://127.0.0.1:8000{address}"


def test_titles_and_descriptions_are_unique():
    make_post("Street trees", slug="street-trees", published_at=NOVEMBER, category="Trees", tags=["trees"])
    make_post("Night bus", "The bus runs at night.", slug="bus", summary="", category="", tags=[])
    pages = [page(address) for address in (*HTML_PAGES[:2], "/category/trees/", "/tag/trees/", "/posts/bus/",
                                           "/archive/", "/archive/2026/11/", "/about/")]  # fmt: skip
    for pattern in ("<title>([^<]+)</title>", '<meta name="description" content="([^"]+)">'):
        found = [re.search(pattern, text)[1] for text in pages]
        assert len(set(found)) == len(pages)
    assert '<meta name="description" content="The bus runs at night.">' in pages[4]


def test_the_site_describes_its_search():
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page("/"))[1])
    [site] = data["@graph"]
    assert (site["@type"], site["name"]) == ("WebSite", "Content Desk")
    template = site["potentialAction"]["target"]["urlTemplate"]
    assert template == "http://127.0.0.1:8000/search/?q={search_term_string}"


def test_addresses_never_come_from_the_host_header():
    make_post(slug="street-trees")
    for address in ("/", "/posts/street-trees/", "/feed/", "/feed/atom/", "/feed.json", "/sitemap.xml"):
        assert "localhost" not in Client().get(address, HTTP_HOST="localhost").content.decode()


def test_nothing_in_a_text_becomes_markup_of_the_page():
    attack = "</script><script>alert(1)</script><!--\"'"
    make_post(
        attack,
        f"{attack}\n\n## {attack}",
        slug="attack",
        summary=attack,
        seo_title=attack[:70],
        category=attack,
        tags=[attack],
        citations=[{"number": 1, "title": attack, "url": 'https://example.org/"><script>alert(1)</script>'}],
    )
    tag = Post.objects.get().tags.get()
    addresses = ["/", "/posts/attack/", tag.get_absolute_url(), "/search/?q=alert", f"/search/?q={attack}"]
    for address in addresses:
        text = page(address)
        assert "<script>" not in text
        assert "<!--" not in text
        assert len(re.findall("<script", text)) == len(re.findall("</script", text))
    text = page("/posts/attack/")
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', text)[1])
    assert data["@graph"][0]["headline"] == attack
    assert html.escape(attack) in text


def test_search_results_are_not_indexed():
    assert '<meta name="robots" content="noindex">' in page("/search/?q=x")


def test_search_results_are_paged():
    for number in range(11):
        make_post(f"Shade {number}")
    first = page("/search/?q=shade+%26")
    assert "11 articles" in first
    assert 'href="?q=shade+%26&amp;page=2"' in first
    assert page("/search/?q=shade+%26&page=2").count("<article") == 1


def test_an_unsuccessful_search_helps():
    make_post("Street trees")
    text = page("/search/?q=zeppelin")
    assert "No article matches “zeppelin”" in text
    assert '<a href="/category/' in text
    assert "contains nothing to search for" in page("/search/?q=-x")


def test_an_unchanged_page_is_not_sent_again():
    make_post(slug="street-trees")
    for address in ("/", "/posts/street-trees/", "/feed/", "/feed/atom/", "/feed.json", "/sitemap.xml"):
        tag = Client().get(address)["ETag"]
        again = Client().get(address, HTTP_IF_NONE_MATCH=tag)
        assert (again.status_code, again.content) == (304, b""), address
    tag = Client().get("/posts/street-trees/")["ETag"]
    make_post("A neighbour")
    cache.clear()
    assert Client().get("/posts/street-trees/", HTTP_IF_NONE_MATCH=tag).status_code == 200


def test_a_name_in_any_script_has_a_page():
    make_post(tags=["樹木"], category="街", slug="日本")
    for address in ("/tag/樹木/", "/category/街/", "/posts/日本/"):
        text = page(address)
        assert "<article" in text
        assert f'<link rel="canonical" href="http://127.0.0.1:8000{quote(address)}">' in text


def test_robots_txt_names_the_sitemap_and_excludes_the_desk():
    text = page("/robots.txt")
    assert "Disallow: /admin/\n" in text
    assert "Sitemap: http://127.0.0.1:8000/sitemap.xml\n" in text


def test_the_error_page_depends_on_nothing(monkeypatch):
    monkeypatch.setattr("publishing.site.search.search", lambda text, **_: 1 / 0)
    response = Client(raise_request_exception=False).get("/search/?q=x")
    assert response.status_code == 500
    assert "The error is ours" in response.content.decode()


@pytest.mark.parametrize("zone", [UTC, ZoneInfo("America/New_York")])
@pytest.mark.parametrize("moment", [NOVEMBER, datetime(2027, 1, 31, 23, 59, 59, tzinfo=UTC)])
def test_dates_are_formatted_as_by_django(moment, zone):
    text = '{% load site %}{{ at|day }}, {{ at|minute }}={{ at|date:"j F Y" }}, {{ at|date:"j F Y, H:i T" }}'
    with override(zone):
        ours, djangos = Template(text).render(Context({"at": moment})).split("=")
    assert ours == djangos


def test_the_error_page_works_without_built_static_files(settings):
    storage = {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": storage}
    text = render_to_string("500.html")
    assert "The error is ours" in text
    assert "stylesheet" not in text


def test_a_text_has_its_own_language_and_direction():
    make_post("أشجار الشوارع", language="ar", slug="trees-ar", body="تبرّد الأشجار الشارع.")
    make_post("Straßenbäume", language="de", slug="trees-de")
    arabic, german = page("/posts/trees-ar/"), page("/posts/trees-de/")
    for part in ('<article class="post" dir="rtl">', '<h1 lang="ar">', '<div class="text" lang="ar">'):
        assert part in arabic
    assert '<h1 lang="de">' in german
    assert "dir=" not in german
    cards = page("/")
    assert '<article class="card" dir="rtl">\n<h2 class="title" lang="ar">' in cards
    assert '<article class="card lead">\n<h2 class="title" lang="de">' in cards
    assert "lang=" not in page("/about/").split("<body>")[1]


@pytest.mark.parametrize("address", ["/search/?q=shade", "/search/?q=nothing", "/none/"])
def test_unindexed_pages_have_descriptions_too(address):
    assert '<meta name="description" content="' in Client().get(address).content.decode()
