"""Whether contact data or numbers of accounts and cards are in the text that no source publishes."""

from __future__ import annotations

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, passed_unless_at
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.quality.personal_data import is_published, personal_data_of


def personal_data(draft: InspectedDraft) -> CheckOutcome:
    """No e-mail address, telephone, card or account number is in the text that no source publishes."""
    found = [one.find for one in personal_data_of(draft) if not is_published(draft, one)]
    return passed_unless_at(
        found,
        ok="The text contains no personal data.",
        one="1 address or number of a person, which no source publishes",
        many="{n} addresses or numbers of persons, which no source publishes",
    )


CHECK = Check("personal_data", "veto", personal_data, points=15)
