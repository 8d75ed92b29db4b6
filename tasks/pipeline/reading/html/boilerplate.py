"""Which parts of a page belong to the site and not to the document: menus, notices, comments, other links."""

from __future__ import annotations

import re

from tasks.pipeline.reading.html.notes import is_contents, is_notes
from tasks.pipeline.reading.html.tree import Element, classes_of

_ROLES = frozenset((
    "navigation", "banner", "contentinfo", "search", "menu", "menubar", "dialog", "alertdialog",
    "toolbar", "tablist", "complementary", "form",
))  # fmt: skip
_SURE = (
    r"cookies?|cookie-?(?:bar|banner|notice|consent|law|policy)|consent|gdpr|ccpa|onetrust|breadcrumbs?|crumbs?"
    r"|nav|navigation|navi|navbar|mainnav|topnav|subnav|sidenav|menu|menus|dropdown-menu|megamenu|topbar|top-bar"
    r"|masthead|site-?header|site-?footer|page-?footer|global-?header|global-?footer|footer|colophon"
    r"|skip-?links?|skip-to-content|comments?|comment-?(?:list|respond|form|area|section|thread)|comments-area"
    r"|disqus|disqus_thread|respond|replies|related"
    r"|related-?(?:posts?|articles?|links?|content|stories|topics|items|products)|jp-relatedposts"
    r"|recommended|recommendations?|recirc|you-?may-?also-?like|taboola|outbrain|pagination|pager|paging"
    r"|prev-?next|post-?nav(?:igation)?|nav-?links|page-?nav|adsbygoogle|ad-?(?:slot|unit|container|wrapper|banner|box)"
    r"|entry-?utility|post-?tags|tagcloud|tag-?links|tags-?links|cat-links|entry-?footer|navbox|vertical-navbox"
    r"|sistersitebox|catlinks|mw-jump-link|printfooter|ambox|hatnote|sphinxsidebar|sphinxsidebarwrapper"
    r"|theme-doc-footer|theme-edit-this-page|language-?(?:switcher|selector)|lang-?switch|site-?search|searchbox"
    r"|search-?(?:form|box|bar)|site-sub"
)
_SMALL = (
    r"share|sharing|share-?(?:bar|buttons?|links?|tools|this)|sharedaddy|social|addtoany|addthis|follow-?us"
    r"|social-?(?:share|media|links?|bar|buttons?|icons)|newsletter|newsletter-?signup|subscription-?widget|button-?wrapper|subscribe|signup|sign-up"
    r"|read-?(?:more|next|also)|more-?(?:stories|articles|from|posts)|most-?(?:read|popular)|trending|popular"
    r"|popular-?posts|latest-?posts|advert|adverts|advertisement|advertising|ads?|sponsored|sponsor|promo"
    r"|promotion|noprint|metadata|toolbox"
)
"""As above, but only of what is small: pages have such words in the names of their texts as well."""
_LIKELY = (
    r"sidebar|side-?bar|side-?column|rail|right-?rail|aside|widget|widgets|widget-?area|banner|popup"
    r"|pop-up|modal|overlay|lightbox|toolbar|author-?(?:bio|box|info|card)|about-?(?:the-)?author|byline"
    r"|meta|post-?meta|entry-?meta|article-?meta|tags|categories|header|head-?bar|topics|teasers?"
    r"|promo-?box|call-?to-?action|cta|pullquote|pull-quote|credits?|copyright|tools|actions|login|rating"
    r"|ratings|vote|alert|notification|edit-?link|last-?updated"
)
_BEFORE = r"(?:(?:[a-z\d]{1,20}[-_]{1,2}){0,3})"
_AFTER = (
    r"(?:[-_](?:\d{1,6}|wrap|wrapper|container|inner|box|block|section|area|list|content|item|row|module|panel"
    r"|top|bottom|left|right|primary|secondary))?"
)
_SURE_NAME = re.compile(rf"^{_BEFORE}(?:{_SURE}){_AFTER}$")
_SMALL_NAME = re.compile(rf"^{_BEFORE}(?:{_SMALL}){_AFTER}$")
_LIKELY_NAME = re.compile(rf"^{_BEFORE}(?:{_LIKELY}){_AFTER}$")
_OF_SYSTEMS = re.compile(
    r"^(?:elementor|wp-block|et_pb|vc|wpb|tag|category|type|format|status|topic|label|hentry)[-_]"
)
"""Names that content management systems give to whatever they show, with the words of its topic."""
_NEGATED = re.compile(
    r"^(?:no|has|with|without|hide|show|is|js|page|single|layout|wide|theme|body|supports?|not|under"
    r"|below)[-_]"
)
_CONSENT_TOOL = re.compile(
    r"(?:onetrust|cybot-?cookiebot|didomi|usercentrics|qc-cmp|truste|cmplz|fc-consent|borlabs-cookie|klaro|osano"
    r"|iubenda|termly|cky-|sp_message)"
)
"""What asks readers for their consent, by the names that its makers gave it."""
_PART_HEADER = re.compile(
    r"(?:^|[-_])(?:accordion|section|card|panel|faq|question|toggle|step|chapter|collapse|item|group|tab)[-_]{1,2}"
    r"(?:header|head|heading)(?:$|[-_])"
)
_CONTENT_NAME = re.compile(
    r"^(?:[a-z]{1,12}[-_]{1,2})?(?:entry|post|article|story|page|main|blog)[-_]{0,2}(?:content|body"
    r"|text|main|copy)(?:[-_]|$)"
)
_CAMEL = re.compile(r"(?<=[a-z\d])(?=[A-Z])")


def boilerplate(element: Element) -> str:
    """ "sure", "likely" or nothing, by tag, role, class and id."""
    tag = element.tag
    if is_notes(element) or (tag == "nav" and is_contents(element)):
        return ""
    if tag in ("nav", "menu") or (tag == "footer" and not _is_within(element, ("blockquote", "figure"))):
        return "sure"
    role = element.get("role")
    if role in _ROLES:
        return "likely" if role in ("complementary", "banner", "form") else "sure"
    found = "likely" if tag in ("header", "aside") else ""
    for attribute in ("class", "id"):
        names = element.get(attribute)
        if not names:
            continue
        for name in names.split()[:20]:
            grade = _grade(name[:60])
            if grade == "sure":
                return grade
            found = grade if grade == "small" else found or grade
    return found


def is_main(element: Element) -> bool:
    return bool(element.tag == "main" or element.get("role") == "main")


def is_article_body(element: Element) -> bool:
    """By the vocabulary of schema.org, or by the classes of wide-spread systems."""
    names = {*classes_of(element), (element.get("id") or "").lower()}
    item: str = element.get("itemprop") or ""
    return "articlebody" in item.lower() or not _BODIES.isdisjoint(names)


_BODIES = frozenset((
    "entry-content", "post-content", "article-content", "article-body", "articlebody", "post-body",
    "story-body", "mw-parser-output", "mw-content-text", "markdown-body", "theme-doc-markdown",
    "post-entry", "article__body", "article__content", "story-content", "articletext", "article-text",
    "td-post-content", "wysiwyg", "node-content", "rst-content", "post__content", "entry-body",
    "blog-post-content", "c-entry-content", "storytext", "bodytext",
))  # fmt: skip
_seen: dict[str, str] = {}


def _grade(name: str) -> str:
    if name not in _seen:
        if len(_seen) > 5_000:
            _seen.clear()
        lower = _CAMEL.sub("-", name).lower()
        if (
            _OF_SYSTEMS.match(lower)
            or _NEGATED.match(lower)
            or _CONTENT_NAME.match(lower)
            or _PART_HEADER.search(lower)
        ):
            grade = ""
        elif _CONSENT_TOOL.match(lower) or _SURE_NAME.match(lower):
            grade = "sure"
        elif _SMALL_NAME.match(lower):
            grade = "small"
        else:
            grade = "likely" if _LIKELY_NAME.match(lower) else ""
        _seen[name] = grade
    return _seen[name]


def _is_within(element: Element, tags: tuple[str, ...]) -> bool:
    for _ in range(4):
        element = element.getparent()
        if element is None:
            return False
        if element.tag in tags:
            return True
    return False
