"""How the parts of a text become one that was never cut."""

from __future__ import annotations

from tasks.pipeline.providers.model_calls.continuations import is_finished, joined

BEGINNING = (
    "## Bees\n\nBees dance in the dark of the hive, and they tell each other where the flowers are.\n\n"
)
JOINED = (
    # Words, cut in two and whole.
    ("The bees dan", "ce in the dark.", "The bees dance in the dark."),
    ("The bees dance in the", "dark.", "The bees dance in the dark."),
    ("The bees dance in the", " dark.", "The bees dance in the dark."),
    ("The bees dance in the ", " dark.", "The bees dance in the dark."),
    ("They fly far", "and wide.", "They fly far and wide."),
    ("Honig ist s", "üß.", "Honig ist süß."),
    ("They live in New", "York.", "They live in New York."),
    ("Bees can't", "fly at night.", "Bees can't fly at night."),
    ("蜜蜂在黑暗中", "跳舞。", "蜜蜂在黑暗中跳舞。"),
    ("The bees **dan", "ce** well", "The bees **dance** well"),
    ("the word `con", "tinue`", "the word `continue`"),
    ("see https://a.exa", "mple/x", "see https://a.example/x"),
    # Figures and citations.
    ("It has 1,2", "34 bees.", "It has 1,234 bees."),
    ("It has 1,", "234 bees.", "It has 1,234 bees."),
    ("It was said [", "2].", "It was said [2]."),
    ("It was said", "[2].", "It was said [2]."),
    # Sentences and blocks.
    ("They dance.", "They fly.", "They dance. They fly."),
    ('It is "round"', "and small.", 'It is "round" and small.'),
    ('It is "', 'round".', 'It is "round".'),
    ("They dance.", "## More\n\nText.", "They dance.\n\n## More\n\nText."),
    ("One.\n\n## Head", "ing\n\nText", "One.\n\n## Heading\n\nText"),
    ("They dance.\n\n", "\n\nThey fly.", "They dance.\n\nThey fly."),
    ("- one\n- two", "- three", "- one\n- two\n- three"),
    ("| a | b |\n| 1 | 2 |", "| 3 | 4 |", "| a | b |\n| 1 | 2 |\n| 3 | 4 |"),
    # The end, said again.
    ("Ah. The bees dance in the da", "The bees dance in the dark. A.", "Ah. The bees dance in the dark. A."),
    ("First. The bees dance in the", "dance in the dark. More.", "First. The bees dance in the dark. More."),
    (BEGINNING + "The bees", "The bees fly.", BEGINNING + "The bees fly."),
    # Words of introduction.
    ("The bees dance", "Sure! Here's the continuation:\n\nin the dark.", "The bees dance in the dark."),
    ("The bees dance", "Continuing from where I left off:\n\n...in the dark.", "The bees dance in the dark."),
    ("The bees dance", "[continued]\n\nin the dark.", "The bees dance in the dark."),
    ("The bees dance", "… in the dark.", "The bees dance in the dark."),
    ("Die Bienen tanzen", "Hier ist die Fortsetzung:\n\nim Dunkeln.", "Die Bienen tanzen im Dunkeln."),
    # The whole, from its beginning.
    (BEGINNING + "They", BEGINNING + "They fly home.", BEGINNING + "They fly home."),
    (BEGINNING + "They fly", BEGINNING[:80], BEGINNING + "They fly"),
    (BEGINNING + "They", f"Here is the whole article:\n\n{BEGINNING}They fly.", BEGINNING + "They fly."),
    # Nothing.
    ("The bees", "", "The bees"),
    ("", "The bees", "The bees"),
)  # fmt: skip


def test_parts_are_joined_without_a_seam() -> None:
    for text, part, whole in JOINED:
        assert joined(text, part) == whole, (text, part)


def test_words_of_the_prompt_say_what_is_a_word() -> None:
    assert (
        joined("They use a smo", "ker at the hive.", "A smoker calms bees.")
        == "They use a smoker at the hive."
    )
    assert joined("They use a smoker", "calmly.", "A smoker calms bees.") == "They use a smoker calmly."


def test_a_model_that_has_nothing_to_add_is_believed() -> None:
    assert is_finished("The article is already complete.")
    assert is_finished("**The text was complete; there is nothing to add.**")
    assert not is_finished("The article is complete nonsense, said the keeper.\n\nHe went home.")
