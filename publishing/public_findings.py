"""What readers are told of the checks of a text against its sources, in the language of the site.

The checks write in English, for editors, with the places in the text. A site in English shows that; others
say what was looked at and whether it was found in order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from publishing.models import Post
from tasks.pipeline.check_status import CheckStatus

PASSED: dict[str, str | Promise] = {
    "citations_resolve": _("Every citation leads to a source."),
    "citations_fit": _("Every citation fits its own source best."),
    "claims_supported": _("Every sentence resembles a source."),
    "figures_in_sources": _("Every figure is in a source."),
    "quotations_verbatim": _("Every quotation is in a source."),
}
"""By check; in English as the checks themselves say it."""
OPEN: dict[str, str | Promise] = {
    "citations_resolve": _("Not every citation leads to a source."),
    "citations_fit": _("A sentence may cite another source than the one that says it."),
    "claims_supported": _("An automatic check did not find every sentence in a source."),
    "figures_in_sources": _("An automatic check did not find every figure in a source."),
    "quotations_verbatim": _("An automatic check did not find every quotation in a source, word for word."),
}


@dataclass(frozen=True)
class PublicFinding:
    status: str
    text: str

    @property
    def is_passed(self) -> bool:
        return self.status == CheckStatus.PASSED


def public_findings(post: Post) -> list[PublicFinding]:
    return list(_findings(post))


def _findings(post: Post) -> Iterator[PublicFinding]:
    """Publications of earlier versions did not record which check it was: there it is told by its words."""
    is_english = (get_language() or "en").split("-")[0] == "en"
    for note in post.provenance.get("notes", ()):
        status, message = note["status"], note["message"]
        check = note.get("check") or _check_of(message)
        sentences = PASSED if status == CheckStatus.PASSED else OPEN
        if is_english:
            yield PublicFinding(status, message)
        elif check in sentences:
            yield PublicFinding(status, str(sentences[check]))


_MARKS = {
    "figure": "figures_in_sources",
    "quotation": "quotations_verbatim",
    "fits its own source": "citations_fit",
    "another source better": "citations_fit",
    "resembles a source": "claims_supported",
    "no source says": "claims_supported",
    "citation": "citations_resolve",
    "cites none": "citations_resolve",
}


def _check_of(message: str) -> str:
    return next((check for words, check in _MARKS.items() if words in message), "")
