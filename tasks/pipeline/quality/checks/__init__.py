"""One module per quality check, each of which exports CHECK; the list of all of them."""

from __future__ import annotations

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.checks import (
    citations_fit,
    citations_resolve,
    claims_supported,
    figures_in_sources,
    finished,
    keywords_covered,
    language,
    leaked_reasoning,
    length,
    links_known,
    placeholders,
    quotations_verbatim,
    readability,
    seo_lengths,
    structure,
    title_promise,
    truncated,
)

# The order is that of the report: structural checks, then those of meaning, then those of form.
CHECKS: tuple[Check, ...] = (
    citations_resolve.CHECK,
    quotations_verbatim.CHECK,
    links_known.CHECK,
    placeholders.CHECK,
    leaked_reasoning.CHECK,
    truncated.CHECK,
    finished.CHECK,
    claims_supported.CHECK,
    figures_in_sources.CHECK,
    citations_fit.CHECK,
    keywords_covered.CHECK,
    length.CHECK,
    structure.CHECK,
    title_promise.CHECK,
    language.CHECK,
    readability.CHECK,
    seo_lengths.CHECK,
)
