"""What models put around a text is taken off, and no more; a refusal is no article about one."""

from __future__ import annotations

import time

from tasks.pipeline.providers.model_replies.refusals import is_refusal
from tasks.pipeline.text.unwrapping import without_wrapping

TEXT = "## Dance\n\nBees dance [1].\n\nThey fly home."
WRAPPED = (
    "```markdown\n{}\n```",
    "```\n{}\n```",
    "~~~md\n{}\n~~~",
    "````markdown\n{}\n````",
    "```markdown\n{}",
    "<article>\n{}\n</article>",
    "Sure! Here is the article:\n\n{}",
    "Sure thing! 😊 Here is your article:\n\n{}",
    "Of course!\n\n{}",
    "Here's the revised article.\n\n---\n\n{}\n\n---\n\nLet me know if you'd like any changes!",
    "Certainly! Below is a 500-word article about bees in Markdown:\n\n{}\n\nI hope this helps!",
    "Here you go:\n\n```markdown\n{}\n```\n\nLet me know if you need anything else.",
    "**Here is the revised article:**\n\n{}",
    "I've revised the article based on the problems listed:\n\n{}",
    "Revised article:\n\n{}",
    "{}\n\n**Word count:** ~500 words",
    "{}\n\n(512 words)",
    "{}\n\n[End of article]",
    "{}\n\nNote: This article is about 500 words and follows your brief.",
    "{}\n\nWould you like me to expand any section?",
    "{}\n\nIf you'd like, I can adjust the tone or add more detail.",
    "Natürlich! Hier ist der Artikel:\n\n{}\n\nIch hoffe, das hilft Ihnen weiter!",
    "Bien sûr ! Voici l'article :\n\n{}\n\nN’hésitez pas à me dire si vous souhaitez des modifications.",
    "¡Claro! Aquí tienes el artículo:\n\n{}\n\nEspero que esto te sea útil.",
    "Certo! Ecco l'articolo:\n\n{}\n\nFammi sapere se vuoi modifiche.",
    "Claro! Aqui está o artigo:\n\n{}",
    "Natuurlijk! Hier is het artikel:\n\n{}\n\nLaat me weten of je nog iets wilt aanpassen.",
    "Oczywiście! Oto artykuł:\n\n{}",
    "Конечно! Вот статья:\n\n{}\n\nНадеюсь, это поможет!",
    "好的,以下是文章:\n\n{}\n\n希望这篇文章对您有帮助。",
    "もちろんです。以下が記事です。\n\n{}",
    "네, 다음은 기사입니다:\n\n{}",
)
CONTENT = (
    TEXT,
    "Here is what we know: bees dance [1].\n\nMore.",
    "Sure, bees dance.\n\nThey fly.",
    "Of course bees dance.\n\nThey do.",
    "Great bees dance.\n\nThey do.",
    "OK Go is a band.\n\nThey play.",
    "This is an article of faith among keepers.\n\nBees dance.",
    "Final version of the law passed.\n\nText.",
    "Below is the valley.\n\nText.",
    "Voici pourquoi les abeilles dansent.\n\nElles dansent.",
    "```py\nx\n```\n\nText.\n\n```py\ny\n```",
    "Bees dance.\n\nI hope this winter is mild.",
    "Bees dance.\n\nFeel free to visit the park.",
    "Bees dance.\n\nIf you want honey, wait.",
    "Text.\n\nWenn Sie Bienen halten, warten Sie.",
    "Bees.\n\n1,200 words were spoken [2].",
)
REFUSALS = (
    "I'm sorry, but I can't help with that.",
    "**I’m sorry, but I can’t assist with that request.**",
    "I apologize, but I'm not able to create this content. Would something else help?",
    "My apologies, but I cannot write that.",
    "As an AI language model, I cannot write that.",
    "I must decline.",
    "I do not feel comfortable writing this.",
    "I understand you want an article, but I can't write it.",
    "It would be inappropriate for me to write this.",
    "Your request violates our policies.",
    "Es tut mir leid, aber dabei kann ich nicht helfen.",
    "Leider kann ich Ihnen dabei nicht helfen.",
    "Je suis désolé, mais je ne peux pas vous aider.",
    "Lo siento, pero no puedo ayudarte con eso.",
    "Mi dispiace, ma non posso aiutarti.",
    "Desculpe, mas não posso ajudar com isso.",
    "Het spijt me, maar ik kan je daar niet mee helpen.",
    "Przykro mi, ale nie mogę w tym pomóc.",
    "Tyvärr kan jag inte hjälpa dig med det.",
    "Valitettavasti en voi auttaa.",
    "К сожалению, я не могу выполнить этот запрос.",
    "很抱歉,我不能提供这类内容。",
    "申し訳ありませんが、そのリクエストにはお応えできません。",
    "죄송하지만, 도와드릴 수 없습니다.",
    "عذراً، لا أستطيع المساعدة في ذلك.",
)
NO_REFUSALS = (
    "\"I'm sorry, but I can't help with that\" is what a bot said to Ms Lee.",
    "## Bots\n\nI'm sorry, but I can't help with that, said the bot.",
    "I'm sorry, but I can't help with that, it said [1].",
    "I can't help noticing that bees dance.",
    "I can't share my honey with wasps, says the keeper.",
    "As an AI tool, it cannot smell.",
    "We cannot provide for all bees.",
    "Unfortunately, bees die in winter.",
    "Leider sterben Bienen.",
    "Malheureusement, les abeilles meurent.",
    "Lamentablemente, no hay abejas.",
    "К сожалению, пчёлы умирают.",
    "I'm sorry, but I can't help with that. " + "Here is what the sources say instead. " * 60,
)


def test_what_stands_around_a_text_is_taken_off() -> None:
    for wrapped in WRAPPED:
        assert without_wrapping(wrapped.format(TEXT)) == TEXT, wrapped


def test_text_that_only_looks_like_it_stays() -> None:
    for text in CONTENT:
        assert without_wrapping(text) == text


def test_a_refusal_is_recognised_in_many_languages() -> None:
    assert [text for text in REFUSALS if not is_refusal(text)] == []


def test_an_article_may_quote_a_refusal() -> None:
    assert [text for text in NO_REFUSALS if is_refusal(text)] == []


def test_a_hostile_text_takes_no_long_time() -> None:
    for text in ("`" * 90_000, "```\n" * 30_000, "Sure! " * 20_000, "a\n\n" * 40_000, "I'm sorry, " * 20_000):
        before = time.process_time()
        without_wrapping(text)
        is_refusal(text[:1_500])
        assert time.process_time() - before < 0.5
