"""Structural checks find a defect wherever it stands, say where, and leave good prose alone."""

import pytest

from tasks.pipeline.quality import CHECKS, assess, run_checks
from tasks.pipeline.quality.site_facts import SimilarText, SiteFacts
from tasks.pipeline.quality.sketches import resemblance, sketch
from tasks.pipeline.types import CheckRule, CheckStatus
from tests.tasks.test_quality import ARTICLE, BODY, BRIEF, RESEARCH, draft

IN_A_SENTENCE = {
    "placeholders": (
        "[X%]", "{first_name}", "{{ company }}", "______", "TK", "TK: the name", "TKTK", "[DATE]",
        "$X million", "XX %",
        "<your name>", "[citation needed]", "lorem ipsum", "[Your Name]", "(insert a quote)", "%s",
        "%(name)s", "TODO",
        "[TBD]", "20XX", "[Name des Autors]", "[Link einfügen]", "[insérer un exemple]", "[nom]",
        "[añadir enlace]",
        "[nombre de la empresa]", "[inserire fonte]", "[名前]", "[插入链接]", "[вставить дату]",
        "about XX trees",
        "???",
        "${product}", "&lt;city&gt;", "\\_\\_\\_\\_", "[CLIENT NAME]", "@@NAME@@", "#NAME#",
        "%%first_name%%", "{0}",
        "*|FNAME|*", "[hier Datum einsetzen]", "[...insert here...]", "xx.xx.xxxx",
    ),
    "editor_notes": (
        "(Note to editor: check this.)", "[Editor: is this true?]", "[Redaktion: stimmt das?]",
        "(à vérifier)",
        "(Note pour la rédaction : à voir.)", "[Redacción: ¿es cierto?]", "(nota per la redazione)",
        "[fact-check this]",
        "(Anmerkung für die Redaktion: prüfen)", "(noot aan de redactie)", "（要確認）", "致编辑",
        "[NdR: da verificare]", "[comprobar este dato]", "(vérifier ce chiffre)", "[bitte Zahl prüfen]",
        "(editor, can we cut this?)", "[pendiente de verificar]", "[AU: please supply]",
    ),
    "foreign_citations": (
        "【1】", "【1†source】", "[^1]", "[Source 1]", "[1†L3-5]", "(Smith, 2020)", "［1］", "[@smith2020]",
        "(Bee et al., 2020)", "[Smith, 2021]", "[ibid.]", "[S1]", "[web:1]", "^[1]", "\\[1\\]", "[Smith2020]",
    ),
    "personal_data": (
        "maria.kovacs82@gmail.com", "m.kovacs (at) firma (dot) de", "+49 171 2345678",
        "(phone: 0151 23456789)",
        "+1 415-555-2671", "tel. +33 6 12 34 56 78", "DE89 3704 0044 0532 0130 00", "GB29NWBK60161331926819",
        "4111 1111 1111 1111", "5555-5555-5555-4444", "378282246310005", "01 23 45 67 89",
        "044 668 18 00", "070-123 45 67", "8 (495) 123-45-67", "(11) 91234-5678", "03-1234-5678",
        "06 6982 1234",
        "030 901820-0", "138 0013 8000", "347 123 4567", "kovacs AT firma DOT com",
    ),
    "encoding": ("cafÃ©", "donâ€™t", "tree\ufffds"),
    "enclosure_marks": (
        "<<<begin 3f2a9c: Source 1>>>", "<<<end 3f2a9c>>>",
        "&lt;&lt;&lt;end 3f2a9c&gt;&gt;&gt;", "`<<<end 3f2a9c>>>`"),
    "html_tags": ("<br>", "<!-- check -->"),
    "images": ("![](https://trees.example/a)", "![tree](/media/x.png)"),
    "anchors": ("[there](#nowhere)",),
}  # fmt: skip
SENTENCES = {
    "leaked_reasoning": (
        "Let me think about what comes next.", "Okay, the user wants an article.",
        "As an AI language model, I cannot know.",
        "I hope this helps!", "Let me know if you would like another version.", "Here's the revised version:",
        "I'm sorry, but I can't assist with that.", "Als KI-Sprachmodell kann ich das nicht prüfen.",
        "Word count: 812",
        "Ich hoffe, das hilft dir weiter!", "Je suis désolé, mais je ne peux pas vous aider.",
        "Aquí tienes el artículo:",
        "L'utilisateur veut un article.", "Déjame pensar qué viene ahora.", "</think>", "[/THINK]",
        "<|channel|>",
        "Let me double-check the figures before I write.", "I'd be happy to help you with that.",
        "Gut, ich soll einen Artikel schreiben.", "Endgültige Antwort:",
        "Lass mich die Zahlen noch einmal prüfen.",
        "Souhaitez-vous que je raccourcisse le texte ?", "¿Quieres que acorte el texto?", "Risposta finale:",
        "好的，用户想要一篇关于树木的文章。", "让我再检查一下数据。", "以下に記事を作成しました。",
    ),
    "editor_notes": ("I could not verify this figure.", "NB for the desk: cut this.",
    "Bitte vor der Veröffentlichung prüfen!",
                     "Verificar antes de publicar.", "À vérifier avant publication.",
                     "An die Redaktion: Name prüfen.", "Falta la fuente.",
                     "Non ho trovato una fonte per questo dato.",
                     "The sources do not mention the cost, so I left it out.", "Fact check needed.",
                     "Je n'ai pas trouvé de source pour ce chiffre.", "Bitte Quelle ergänzen."),
    "data_envelope": ('"seo_title": "Trees in town",', "Trees.\\n\\nMore trees."),
    "repetition": ("Trees of trees of trees of trees of trees of shade.",),
    "language_passages": (
        "Der Hafen war am Morgen still, und nur wenige Boote waren ausgelaufen, ehe der Wind drehte.",
    ),
    "duplicate_paragraphs": (BODY.split("\n\n")[0],),
    "citations_resolve": ("Trees are tall and give shade to all of the street. [9]",),
    "truncated": ("Street trees give shade in the summer. Watering keeps the",),
}  # fmt: skip


def failed(article, brief=BRIEF, **given):
    return {
        one.check: one for one in assess(brief, RESEARCH, article, **given).results if one.status == "failed"
    }


def test_a_defect_is_found_at_the_start_in_the_middle_and_at_the_end_and_the_message_names_it():
    first, middle, last = BODY.rstrip().split("\n\n")[0], "A strong colony", BODY.rstrip()[-40:]
    missed = []
    for check, words in ((name, one) for name, all_of in IN_A_SENTENCE.items() for one in all_of):
        for place, old in (("start", first[:12]), ("middle", middle), ("end", last)):
            body = BODY.replace(
                old, f"{old.rstrip('.')} {words}. " if place == "end" else f"{old} {words} ", 1
            )
            found = run_checks(BRIEF, RESEARCH, draft(body=body), only(check))
            if found[0].status != CheckStatus.FAILED:
                missed.append((check, words, place, found[0].message))
    for check, words in ((name, one) for name, all_of in SENTENCES.items() for one in all_of):
        for place, body in (
            ("start", f"{words}\n\n{BODY}"),
            ("middle", BODY.replace("## Water", f"{words}\n\n## Water")),
            ("end", f"{BODY}\n{words}"),
        ):
            found = run_checks(BRIEF, RESEARCH, draft(body=body), only(check))
            if found[0].status != CheckStatus.FAILED:
                missed.append((check, words, place, found[0].message))
    assert missed == []


def only(name):
    return tuple(check for check in CHECKS if check.name == name)


def test_the_message_says_in_which_paragraph_and_section():
    found = failed(draft(body=BODY.replace("A strong colony", "A strong [X%] colony")))["placeholders"]
    assert found.message == "1 placeholder still has to be filled in: “[X%]” in paragraph 2 (“Bees”)."
    assert "A strong [X%] colony" in found.evidence[0]


def test_title_summary_and_the_texts_for_search_engines_are_looked_at_too():
    for field in ("title", "summary", "seo_title", "seo_description"):
        assert "the" in failed(draft(**{field: "Trees of [CITY]"}))["placeholders"].message
        assert "leaked_reasoning" in failed(draft(**{field: "Here's the revised version: Trees"}))
        assert "personal_data" in failed(draft(**{field: "Trees, by maria.k@gmail.com"}))


TITLES = (
    "## Trees",
    "**Trees and bees**",
    "Title: Trees",
    "Titel: Bäume",
    "`Trees`" * 0 + "```Trees",
    "Trees [1]",
    "标题：树",
)


def test_a_title_is_words_alone():
    assert [one for one in TITLES if "title_markup" not in failed(draft(title=one))] == []
    for good in (
        "C# and C++ in 2025",
        "3. Oktober: was bleibt",
        "Here’s why trees matter",
        "snake_case or not?",
        "1984",
    ):
        assert "title_markup" not in failed(draft(title=good)), good
    assert "title_style" in failed(draft(title="“Trees and bees”"))


GOOD = """A TODO list is short. The word "TODO" marks what is left, and TODO comments stay in code.
Set `{first_name}` and `[DATE]` in the template. Use `TK` for what is to come.
The Super Bowl XXX and siglo XX are old, and so are XX chromosomes. Page [2] has it.
The phrase “As an AI language model, I cannot know” is a cliché. Let's write a small program.
Call printf(3) for it. Write to name@example.com. ISBN 978-3-16-148410-0. It grew by +15 000 000.
The order 4929-1188 of 2024-11-30 runs version 1.2.3.4. The rate is 3–4 % on 10 m² of land.
Pi is 3.14159265358979. The user wants speed. Here are the trees of the town. I hope to see it.
He said: "Let me think about it." In 2020 (and 2021) it rained; see also (in part) the first book.
Please check with your doctor and check that the cable is plugged in, if you are not sure whether this is it.
Bitte vor der Fahrt die Reifen prüfen. Veuillez vérifier que le câble est branché. Falta la harina.
Por favor, verifique que el dispositivo está encendido. A letter to the editor complained about the noise.
Here is a summary of the rules. Here is the list of parts. Let's look at the numbers. I'm happy to help
others.
Press [Enter] or the key [Delete]. The variable {name} is set, and {city} is replaced by the town.
Wash the rice (1), soak it (2) and steam it (3). The book (Penguin, 2001) sold well. The sizes 256 512 1024
fit.
"It is [your] town and the best [city] of all", as they wrote. The catalogue number 0452-1234-567 is rare.
She asked for a story “that begins with: Here is your article” and was not happy. ISO 8601 is YYYY-MM-DD."""


def test_good_prose_has_no_veto():
    article = draft("\n\n".join(GOOD.split("\n")))
    vetoes = {one.check: one.message for one in failed(article).values() if one.severity == "veto"}
    vetoes.pop("quotations_verbatim")  # no source has what these people say
    assert vetoes == {}
    fenced = draft("```\n{{ x }} TODO [DATE] <think> {first_name}\n```\n\nThat was the template.")
    assert [one for one in failed(fenced).values() if one.severity == "veto"] == []


ENDINGS = (
    "- Oaks\n- Limes\n- Planes", "1. Dig a hole\n2. Plant the tree",
    "| Tree | Height |\n| --- | --- |\n| Oak | 20 m |",
    "```\nplant(tree)\n```", "    plant(tree)", "Rose leaves fall,  \nand no one knows  \nwhere they go",
    "— Jane Miller",
    "See https://trees.example/a", "Read more: [the guide](https://trees.example/a)",
    "Oaks, limes, planes, etc.",
    "> “Every street deserves a row of tall trees.”\n> — The council", "He said “plant them!”",
    "It is green. 🌳",
    "Trees give shade.[1][2]", "Trees give shade [1].", "Trees give shade. (Photo: City of Trees)",
    "**The end**",
    "[^1]: A note of the author.", "It is 30 °C (86 °F)", "木は日陰を作ります。", "Деревья дают тень!",
    "يعطي الشجر الظل؟",
    "पेड़ छाया देते हैं।", "Use `make test`", "*Updated in May.*", "[1]: https://trees.example/a",
    "What a tree can do …",
    "- **Oak:** a tall tree that grows slowly in parks and streets\n- **Lime:** a smaller tree",
)  # fmt: skip
CUT = (
    "Trees give shade and", "Trees give shade to the pavements of the", "They cool the air, and they",
    "Street trees give shade. A large tree evapor",
    "- Oaks give shade.\n- Limes give shade.\n- Planes give sha and the",
    "| Tree | Height |\n| --- | --- |\n| Oak | 20", "The trees of the town are tall and",
    "The reasons are:", "Trees give shade,", "Trees are well-",
)  # fmt: skip


def test_good_endings_pass_and_cut_ones_fail():
    wrong = [one for one in ENDINGS if "truncated" in failed(draft(one))]
    assert wrong == []
    assert [one for one in CUT if "truncated" not in failed(draft(one))] == []


def test_a_sentence_without_citation_fails_where_most_have_one_and_half_of_them_is_too_few():
    found = failed(draft("Young trees need a stake in their first winter."))["sentences_cited"]
    assert found.evidence == ("Young trees need a stake in their first winter.",)
    half = BODY.replace(". [1]", ".", 2).replace(" [2].", ".", 1)
    assert "citation_share" in failed(draft(body=half))
    lenient = BRIEF.model_copy(
        update={"check_rules": (CheckRule(check="citation_share", limits={"least": 0.1}),)}
    )
    assert "citation_share" not in failed(draft(body=half), lenient)


def test_a_long_run_of_a_source_fails_unless_it_is_quoted():
    source = RESEARCH.sources[1].text
    assert "verbatim_run" in failed(draft(body=f"{BODY}\n{source} {source}"))
    for quoted in (f"> {source}", f"“{source}” [2]"):
        assert "verbatim_run" not in failed(draft(f"{quoted}"))


def test_a_source_makes_contact_data_a_question_and_no_veto():
    sources = (
        RESEARCH.sources[0].model_copy(update={"text": "Write to desk@trees.org or call +49 30 1234567."}),
    )
    research = RESEARCH.model_copy(update={"sources": (*sources, *RESEARCH.sources[1:])})
    results = {
        one.check: one
        for one in run_checks(BRIEF, research, draft("Write to desk@trees.org or +49 30 1234567. [1]"))
    }
    assert results["personal_data"].status == CheckStatus.PASSED
    assert results["published_contacts"].status == CheckStatus.FAILED


def test_published_texts_and_the_pages_of_the_site_are_compared_when_they_were_looked_up():
    around = SiteFacts(
        similar=(SimilarText(title="Old trees", resemblance=0.4),), unknown_paths=("/posts/gone/",)
    )
    found = failed(draft("Read [this](/posts/gone/) or [that](/posts/there/)."), site=around)
    assert "“Old trees”" in found["published_duplicate"].message
    assert found["internal_links"].evidence == ("/posts/gone/",)
    unknown = {one.check: one for one in run_checks(BRIEF, RESEARCH, draft("Read [this](/posts/gone/)."))}
    assert unknown["published_duplicate"].status == unknown["internal_links"].status == CheckStatus.SKIPPED


@pytest.mark.parametrize(
    "text", [BODY * 3, "木は日陰を作り、夏の暑さを和らげます。街路樹は人々の暮らしを支えています。" * 3]
)
def test_a_sketch_knows_a_changed_text_again_in_every_script(text):
    changed = text[: len(text) * 2 // 3]
    assert resemblance(sketch("", text), sketch("", text)) == 1
    assert resemblance(sketch("", text), sketch("", changed)) > 0.08
    assert resemblance(sketch("", text), sketch("", "\n".join(GOOD.split()))) < 0.08


def test_there_are_at_least_32_checks_each_with_a_sentence_of_what_passing_means():
    assert len(CHECKS) >= 32
    assert len({check.name for check in CHECKS}) == len(CHECKS)
    assert all(check.about.endswith(".") for check in CHECKS)
    assert all(one.check == check.name for check in CHECKS for one in check.thresholds)
    assert all(one.lowest <= one.default <= one.highest for check in CHECKS for one in check.thresholds)
    assert failed(ARTICLE) == {}
