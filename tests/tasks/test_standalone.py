"""What is quoted can be read alone: sentences that were judged by hand, and kinds of text that are none."""

import pytest

from benchmarks.digests import judged
from tasks.pipeline.text.languages import language
from tasks.pipeline.text.standalone import stands_alone

LEAST_SHARE = 0.9


@pytest.mark.parametrize("code", ["en", "de", "es", "fr"])
def test_no_sentence_is_quoted_that_was_judged_to_need_others(code):
    bad = [one.text for one in judged() if one.language == code and not one.is_good]
    assert bad
    assert [sentence for sentence in bad if stands_alone(sentence, language(code))] == []


def test_most_sentences_that_were_judged_to_stand_alone_may_be_quoted():
    good = [one for one in judged() if one.is_good]
    refused = [one.text for one in good if not stands_alone(one.text, language(one.language))]
    assert len(refused) <= (1 - LEAST_SHARE) * len(good), refused
