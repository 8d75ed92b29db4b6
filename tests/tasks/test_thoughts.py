"""What of a reply is thinking, whatever the marks and wherever the stream is cut."""

from __future__ import annotations

import random
import time

from tasks.pipeline.providers.model_replies.thoughts import ThoughtsParser

T = "Bees dance."
WITHOUT_THOUGHTS = {
    # One form each, of a template, a parser of a server, or a habit.
    "<think>Hm, {1}.</think>Bees dance.": T,
    "<think>\nHm.\n</think>\n\nBees dance.": "\n\n" + T,
    "<think></think>Bees dance.": T,
    "<THINK>Hm.</THINK>Bees dance.": T,
    '<think type="deep" n="1">Hm > no.</think>Bees dance.': T,
    "< think >Hm.</ think >Bees dance.": T,
    "<thinking>Hm.</thinking>Bees dance.": T,
    "<thought>Hm.</thought>Bees dance.": T,
    "<Thought>Hm.</Thought>Bees dance.": T,
    "<reasoning>Hm.</reasoning>Bees dance.": T,
    "<reflection>Hm.</reflection>Bees dance.": T,
    "<antThinking>Hm.</antThinking>Bees dance.": T,
    "<scratchpad>Hm.</scratchpad>Bees dance.": T,
    "<inner_monologue>Hm.</inner_monologue>Bees dance.": T,
    "<seed:think>Hm.<seed:cot_budget_reflect>9</seed:cot_budget_reflect>Ah.</seed:think>Bees dance.": T,
    "<mm:think>Hm.</mm:think>Bees dance.": T,
    "<thinking_process>Hm.</thinking_process>Bees dance.": T,
    "<chain-of-thought>Hm.</chain-of-thought>Bees dance.": T,
    "<pensée>Hm.</pensée>Bees dance.": T,
    "<思考>Hm.</思考>Bees dance.": T,
    "<think>Hm.<\\/think>Bees dance.": T,
    "[THINK]Hm.[/THINK]Bees dance.": T,
    "[THINKING]Hm.[/THINKING]Bees dance.": T,
    "<|think_start|>Hm.<|think_end|>Bees dance.": T,
    "<｜begin▁of▁thinking｜>Hm.<｜end▁of▁thinking｜>Bees dance.": T,
    "<|im_start|>assistant\n<think>Hm.</think>Bees dance.<|im_end|>": "\n" + T,
    "<|start_of_role|>assistant<|end_of_role|><think>Hm.</think>Bees dance.<|end_of_text|>": T,
    "◁think▷Hm.◁/think▷Bees dance.": T,
    "<|START_THINKING|>Hm.<|END_THINKING|><|START_RESPONSE|>Bees dance.<|END_RESPONSE|>": T,
    "<|begin_of_thought|>Hm.<|end_of_thought|><|begin_of_solution|>Bees dance.<|end_of_solution|>": T,
    "<|inner_prefix|>Hm.<|inner_suffix|>Bees dance.": T,
    "<|think|>Hm.<|/think|>Bees dance.": T,
    "<unused94>thought\nHm.<unused95>Bees dance.": T,
    '<details type="reasoning" done="true"><summary>9 s</summary>Hm.</details>Bees dance.': T,
    # Channels: gpt-oss, whole and mangled; Gemma.
    "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Bees dance.": T,
    "<|start|>assistant<|channel|>analysis<|message|>Hm.<|end|>"
    "<|start|>assistant<|channel|>final<|message|>Bees dance.<|return|>": T,
    "<|channel|>analysis<|message|>Hm.<|start|>assistant<|channel|>final<|message|>Bees dance.": T,
    "<|channel|>commentary to=functions.search <|constrain|>json<|message|>{}<|call|>"
    "<|start|>assistant<|channel|>final <|constrain|>text<|message|>Bees dance.": T,
    "analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Bees dance.": T,
    "Hm.<|end|><|start|>assistant<|channel|>final<|message|>Bees dance.": T,
    "<|channel|>analysis<|message|>Hm.<|end|>Bees dance.": T,
    "<|channel|>final<|message|>Bees dance.<|return|>": T,
    "analysisWe need to write. {}assistantfinalBees dance.": T,
    "assistantanalysisHm.assistantfinalBees dance.": T,
    "analysis\nHm.\nassistantfinal\nBees dance.": "\n" + T,
    "assistantfinalBees dance.": T,
    "<|channel>thought\nHm.\n<channel|>Bees dance.": T,
    # In words: Granite, Apriel.
    "Here is my thought process: Hm. Here is my response: Bees dance.": " " + T,
    "Here's my thought process:\nHm.\n\nHere's my response:\nBees dance.": "\n" + T,
    "Here are my reasoning steps:\nHm.\n[BEGIN FINAL RESPONSE]\nBees dance.\n[END FINAL RESPONSE]": "\n"
    + T
    + "\n",
    # The closing mark alone.
    "Hm, {1}.</think>Bees dance.": T,
    "Hm.\n```py\n1 < 2\n```\nSo.\n</think>\n\nBees dance.": "\n\n" + T,
    "</think>Bees dance.": T,
    "<think>Hm.</think>Bees dance.</think>": T,
    "Hm.[/THINK]Bees dance.": T,
    "First.</think>Second.</think>Bees dance.": T,
    "Hm. I open a fence:\n```\nand forget it.\n</think>\nBees dance.": "\n" + T,
    # The opening mark alone.
    "<think>Hm. Bees": "",
    "Bees dance.<think>Hm.": T,
    "[THINK]Hm.": "",
    "<|channel|>analysis<|message|>Hm.": "",
    "Here is my thought process: Hm.": "",
    "analysisWe need to write.": "",
    # In the middle, more than one, nested, closed by another.
    "Bees <think>or wasps?</think>dance.": T,
    "<think>a</think>Bees <think>b</think>dance.<think>c</think>": T,
    "<think>a<think>b</think>c</think>Bees dance.": T,
    "Bees <think>a<think>b</think>c</think>dance.": T,
    "<thinking>a<reflection>b</reflection>c</thinking>Bees dance.": T,
    "<think>a<reasoning>b</think>Bees dance.": T,
    "<think>Hm.</thinking>Bees dance.": T,
    "<think>I write `</p>` and <b> and [x] and {.</think>Bees dance.": T,
    "<think/>Bees dance.": T,
    "```markdown\n<think>Hm.</think>Bees dance.\n```": "```markdown\nBees dance.\n```",
    # Not closed, but code later.
    "It is 5` <think>Hm.</think>long.": "It is 5` long.",
}
CONTENT = (
    "a < b, c > d, [1] and <b>bold</b>, [THIS], <thinker>, <|x|>, ◁, <",
    "Models mark it with `<think>` and `</think>`.",
    "Use ``<think>`` here.",
    "An element:\n\n```xml\n<think>content</think>\n```\n\nThat was it.",
    "An element:\n\n~~~\n</think>\n~~~\n\nThat was it.",
    "Where a model writes </think> it is done.",
    "Here is my response: no.",
    "The analysis is done. assistantfinal is no word.",
    "analysis of bees",
    "Thinking... is hard.",
    "<details>\n<summary>More</summary>\nIt dances.\n</details>\nThat was it.",
    "[Think](https://example.org) [/x] <!-- think --> &lt;think&gt;",
)


def parsed(*pieces: str) -> str:
    parser = ThoughtsParser()
    for piece in pieces:
        parser.feed(piece)
    return parser.end()


def test_no_thought_is_text_wherever_the_stream_is_cut() -> None:
    for reply, text in WITHOUT_THOUGHTS.items():
        assert parsed(reply) == text, reply
        assert parsed(*reply) == text, f"letter by letter: {reply}"
        for cut in range(1, len(reply)):
            assert parsed(reply[:cut], reply[cut:]) == text, (reply[:cut], reply[cut:])


def test_marks_that_the_text_is_about_stay_wherever_the_stream_is_cut() -> None:
    for text in CONTENT:
        for cut in range(len(text)):
            assert parsed(text[:cut], text[cut:]) == text, (text[:cut], text[cut:])
        assert parsed(*text) == text


def test_any_pieces_make_the_same_text_as_the_whole() -> None:
    pick = random.Random(14)
    parts = [*WITHOUT_THOUGHTS, *CONTENT, "\n\n## More\n\n", "`", "```\n", "<think>", "</think>", "<|end|>"]
    for _ in range(300):
        reply = "".join(pick.choices(parts, k=4))
        cuts = sorted(pick.choices(range(len(reply)), k=6))
        pieces = [reply[a:b] for a, b in zip([0, *cuts], [*cuts, len(reply)], strict=True)]
        assert parsed(*pieces) == parsed(reply), pieces


def test_the_live_text_has_no_thought_either_once_its_mark_was_read() -> None:
    parser = ThoughtsParser()
    assert parser.feed("Hm. ") == "Hm. "
    assert parser.feed("So I write.</think>") == "", "it was all thinking"
    assert parser.feed("Bees") == "Bees"
    assert parser.feed("<thi") == "Bees"
    assert parser.feed("nk>no</th") == "Bees"
    assert parser.feed("ink> dance.") == "Bees dance."


def test_hostile_replies_take_no_long_time() -> None:
    for reply in (
        "<" * 200_000,
        "`<think>`" * 20_000,
        "</think>a" * 20_000,
        "<think " * 30_000,
        "[" * 200_000,
    ):
        before = time.process_time()
        parsed(reply)
        parsed(*(reply[at : at + 500] for at in range(0, len(reply), 500)))
        assert time.process_time() - before < 3
