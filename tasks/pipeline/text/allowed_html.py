"""What the HTML of a body may consist of: anything else is taken out of it."""

import re

TAGS = {
    "p", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "em", "strong", "s", "code", "pre", "hr", "br",
    "a", "table", "thead", "tbody", "tr", "th", "td", "sup", "section", "span", "figure", "figcaption",
    "picture", "source", "img",
}  # fmt: skip
ATTRIBUTES = {
    "a": {"href", "title", "aria-label", "rel", "id", "role"}, "h2": {"id"}, "h3": {"id"}, "h4": {"id"},
    "ol": {"start"}, "li": {"id"}, "th": {"scope"}, "section": {"role", "aria-label"},
    "span": {"role", "aria-label"}, "code": {"class"}, "source": {"type", "srcset", "sizes"},
    "img": {"src", "srcset", "sizes", "width", "height", "alt", "decoding", "loading"},
}  # fmt: skip
CLASSES = {
    "td": {"align-left", "align-center", "align-right"}, "th": {"align-left", "align-center", "align-right"},
    "li": {"task"}, "section": {"footnotes"}, "span": {"not-shown", "credit", "about", "site"},
    "p": {"not-shown", "link-card"},
}  # fmt: skip
CODE_LANGUAGE = re.compile(r"language-[\w+#.-]{1,40}")
