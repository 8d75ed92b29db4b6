"""The public log of corrections: changes of articles after they went online."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from publishing.models.corrections import Correction
from publishing.site import structured_data
from publishing.site.paging import whole_number
from publishing.site.public_pages import public_page

ENTRIES_A_PAGE = 50
SHOWN = ("kind", "note", "at", "post__title", "post__slug", "post__is_page", "post__language")


@dataclass(frozen=True)
class LogPage:
    """A page of the log, identified by the entry that it comes after."""

    entries: list[Correction]
    before: int | None
    has_older: bool

    @property
    def here(self) -> str:
        return f"?before={self.before}" if self.before else ""

    @property
    def older(self) -> str:
        return f"?before={self.entries[-1].pk}" if self.has_older else ""


def log_page(before: int | None) -> LogPage:
    """The newest entries, or those before the entry of this id. Raises Http404 if there are none."""
    rows = Correction.objects.public().select_related("post").only(*SHOWN)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: ENTRIES_A_PAGE + 1])
    if before is not None and not found:
        raise Http404("There is no such page.")
    return LogPage(found[:ENTRIES_A_PAGE], before, len(found) > ENTRIES_A_PAGE)


@require_safe
@public_page
def log(request: HttpRequest) -> HttpResponse:
    page = log_page(whole_number(request.GET["before"]) if "before" in request.GET else None)
    context = {
        "page": page,
        "canonical": request.path + page.here,
        "structured_data": structured_data.of_page(_("Corrections"), request.path),
    }
    return render(request, "publishing/corrections.html", context)
