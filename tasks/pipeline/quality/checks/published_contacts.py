"""Whether contact data of a source is repeated, which an editor may want to leave out."""

from __future__ import annotations

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, not_applicable, passed_unless_at
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.quality.personal_data import is_published, personal_data_of


def published_contacts(draft: InspectedDraft) -> CheckOutcome:
    """No e-mail address or number of a person is repeated from a source."""
    if not draft.research.sources:
        return not_applicable("There are no sources that contact data could come from.")
    found = [one.find for one in personal_data_of(draft) if is_published(draft, one)]
    return passed_unless_at(
        found,
        ok="No contact data is repeated from a source.",
        one="1 address or number is repeated from a source: is it meant for readers?",
        many="{n} addresses or numbers are repeated from sources: are they meant for readers?",
    )


CHECK = Check("published_contacts", "advisory", published_contacts, points=2)
