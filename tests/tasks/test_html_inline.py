"""What markup inside a paragraph means for its words: marks, exponents, fractions, quotations, breaks."""

from __future__ import annotations

import pytest

from tests.tasks.html_pages import kinds, paragraph, texts


@pytest.mark.parametrize(
    ("markup", "right"),
    [
        ("Ships<sup>1</sup><sup>,</sup><sup>2</sup> left", "Ships left"),
        ("He said so.<sup>7, S. 12</sup> Then he left.", "He said so. Then he left."),
        ('He said so.<span class="footnote-ref">3</span> He left.', "He said so. He left."),
        ("It costs $19<sup>99</sup> a month", "It costs $19.99 a month"),
        ("30<sup>o</sup> and −4<sup>o</sup>C", "30° and −4°C"),
        ('The ships<span class="pagenum">[Pg 12]</span> came', "The ships came"),
        ('The port<span role="tooltip">A place</span> closed', "The port closed"),
        ("PM<sub>2.5</sub> and CO<sub>2</sub>", "PM2.5 and CO₂"),
        ('<span class="line-through">$25</span> $19 a month', "$19 a month"),
        ("412<sup>3</sup> ships and 10<sup>6</sup> crates", "412 ships and 10⁶ crates"),
        ("The fleet had 37 ships.<sup>12</sup> They left.", "The fleet had 37 ships. They left."),
        ("Trade grew by 4.2 percent<sup>1</sup>, then fell.", "Trade grew by 4.2 percent, then fell."),
        ("In 2024<sup>2</sup> the harbour closed.", "In 2024 the harbour closed."),
        ("In 1990–2024<sup>5</sup> it stayed open.", "In 1990–2024 it stayed open."),
        ("It rose to €5.3 billion<sup>3,4</sup> in a year.", "It rose to €5.3 billion in a year."),
        ("It rose to 5.3<sup>3–5</sup> in a year.", "It rose to 5.3 in a year."),
        ("Some say so.<sup>[4]</sup> Others do not.", "Some say so. Others do not."),
        ("He left.<sup>[citation needed]</sup> She stayed.", "He left. She stayed."),
        ("about 412<sup>*</sup> ships and 37<sup>†</sup> boats", "about 412 ships and 37 boats"),
        ("about 412<sup>a</sup> ships and boats<sup>b</sup>", "about 412 ships and boats"),
        ("the share is 45%<sup>2</sup> of trade", "the share is 45% of trade"),
        ("“We close”<sup>3</sup> he said", "“We close” he said"),
        ("(412 ships)<sup>2</sup> left", "(412 ships) left"),
        ("Holm<sup>1,2</sup> and Lund<sup>2*</sup> left", "Holm and Lund left"),
        ("worth $10<sup>3</sup> million", "worth $10 million"),
        ("the U.S.<sup>8</sup> and COVID-19<sup>4</sup>", "the U.S. and COVID-19"),
        ("vitamin C<sup>4</sup> is cheap", "vitamin C is cheap"),
        ("a load of 412 kg<sup>3</sup> was lost", "a load of 412 kg was lost"),
        ("a road of 12 km<sup>1</sup> in length", "a road of 12 km in length"),
        ('10<sup><a href="#fn6">6</a></sup> ships', "10 ships"),
        ('10<a href="#note-6"><sup>6</sup></a> ships', "10 ships"),
        ('m<sup class="footnote-ref">2</sup> ships', "m ships"),
        ('412<sup id="cite_ref-1" class="reference"><a href="#cite_note-1">[1]</a></sup> ships', "412 ships"),
        ('412<span style="vertical-align: super; font-size: .7em">3</span> ships', "412 ships"),
        ('The office<a class="footnote-ref" href="#fn1">[1]</a> closed.', "The office closed."),
        ('The office closed <a href="#cite_note-3">[3]</a>.', "The office closed."),
        ('The office<a role="doc-noteref" href="n.html#n1">1</a> closed.', "The office closed."),
        ("Der Hafen zählte 412<sup>3</sup> Schiffe.", "Der Hafen zählte 412 Schiffe."),
        ("Порт принял 412<sup>3</sup> судов.", "Порт принял 412 судов."),
        ("港口统计了412<sup>3</sup>艘船。<sup>4</sup>", "港口统计了412艘船。"),
    ],
)
def test_a_footnote_mark_is_left_out(markup: str, right: str) -> None:
    assert paragraph(markup) == right


@pytest.mark.parametrize(
    ("markup", "right"),
    [
        ("The yard covers 25 m<sup>2</sup>.", "The yard covers 25 m²."),
        ("a hold of 40 m<sup>3</sup> and 3 cm<sup>3</sup>", "a hold of 40 m³ and 3 cm³"),
        ("an area of 1,200 km<sup>2</sup> or 463 mi<sup>2</sup>", "an area of 1,200 km² or 463 mi²"),
        ("площадь 25 м<sup>2</sup> и 40 м<sup>3</sup>", "площадь 25 м² и 40 м³"),
        ("about 6.02 × 10<sup>23</sup> atoms", "about 6.02 × 10²³ atoms"),
        ("a length of 10<sup>−6</sup> m", "a length of 10⁻⁶ m"),
        ("a length of 10<sup>-6</sup> m", "a length of 10⁻⁶ m"),
        ("a speed of 3 m s<sup>−1</sup>", "a speed of 3 m s⁻¹"),
        ("9.81 m/s<sup>2</sup> of acceleration", "9.81 m/s² of acceleration"),
        ("the famous <i>E</i> = <i>mc</i><sup>2</sup> of 1905", "the famous E = mc² of 1905"),
        ("the famous E=mc<sup>2</sup> of 1905", "the famous E=mc² of 1905"),
        ("a<sup>2</sup> + b<sup>2</sup> = c<sup>2</sup>", "a² + b² = c²"),
        ("3<sup>2</sup> + 4<sup>2</sup> = 5<sup>2</sup>", "3² + 4² = 5²"),
        ("the area πr<sup>2</sup> of a circle", "the area πr² of a circle"),
        ("x<sup>2</sup>y<sup>3</sup> and 10<sup>2n</sup>", "x²y³ and 10^2n"),
        ("10<sup>2<sup>n</sup></sup> of them", "10^(2^n) of them"),
        ("sin<sup>2</sup> x + cos<sup>2</sup> x", "sin² x + cos² x"),
        ("a correlation R<sup>2</sup> of 0.9", "a correlation R² of 0.9"),
        ("(a + b)<sup>2</sup> is larger", "(a + b)² is larger"),
        ("there are x<sup>n</sup> ways", "there are xⁿ ways"),
        ("there are 2<sup>n</sup> ways", "there are 2ⁿ ways"),
        ("there are 2<sup>n+1</sup> ways", "there are 2^(n+1) ways"),
        ("there are 2<sup>64</sup> grains", "there are 2⁶⁴ grains"),
        ("<sup>14</sup>C has a half-life of 5,730 years", "¹⁴C has a half-life of 5,730 years"),
        ("samples of <sup>238</sup>U and <sup>14</sup>C", "samples of ²³⁸U and ¹⁴C"),
        ("the ion Ca<sup>2+</sup> and Na<sup>+</sup>", "the ion Ca²⁺ and Na⁺"),
        ("SO<sub>4</sub><sup>2−</sup> in water", "SO₄²⁻ in water"),
    ],
)
def test_an_exponent_stays_raised(markup: str, right: str) -> None:
    assert paragraph(markup) == right


@pytest.mark.parametrize(
    ("markup", "right", "lang"),
    [
        (
            "on the 1<sup>st</sup>, 2<sup>nd</sup>, 3<sup>rd</sup> and 4<sup>th</sup> of May",
            "on the 1st, 2nd, 3rd and 4th of May",
            "en",
        ),
        (
            "le 1<sup>er</sup> mai, M<sup>me</sup> Blanc et M<sup>lle</sup> Noir",
            "le 1er mai, Mme Blanc et Mlle Noir",
            "fr",
        ),
        ("au XIX<sup>e</sup> siècle, le 2<sup>e</sup> port", "au XIXe siècle, le 2e port", "fr"),
        ("le n<sup>o</sup> 5 et D<sup>r</sup> Roux", "le nº 5 et Dr Roux", "fr"),
        ("el 1<sup>o</sup> de mayo, la 2<sup>a</sup> vez", "el 1º de mayo, la 2ª vez", "es"),
        ("M<sup>c</sup>Donald of the S<sup>t</sup> Mary", "McDonald of the St Mary", "en"),
        ("a Widget<sup>TM</sup> and a Gadget<sup>®</sup>", "a Widget™ and a Gadget®", "en"),
        ("it was 25<sup>o</sup>C and 77 <sup>o</sup>F", "it was 25°C and 77°F", "en"),
    ],
)
def test_raised_letters_of_a_word_belong_to_it(markup: str, right: str, lang: str) -> None:
    assert paragraph(markup, lang=lang) == right


@pytest.mark.parametrize(
    ("markup", "right"),
    [
        ("CO<sub>2</sub> and H<sub>2</sub>O", "CO₂ and H₂O"),
        ("C<sub>6</sub>H<sub>12</sub>O<sub>6</sub>", "C₆H₁₂O₆"),
        ("x<sub>i</sub> and x<sub>max</sub>", "xᵢ and xₘₐₓ"),
        ("T<sub>water</sub> is high", "T_water is high"),
        ("log<sub>2</sub> of n", "log₂ of n"),
    ],
)
def test_lowered_letters_stay_lowered(markup: str, right: str) -> None:
    assert paragraph(markup) == right


@pytest.mark.parametrize(
    ("markup", "right"),
    [
        ("1<sup>1</sup>/<sub>2</sub> acres", "1½ acres"),
        ("1 <sup>1</sup>&frasl;<sub>2</sub> acres", "1 ½ acres"),
        ("<sup>3</sup>⁄<sub>4</sub> of the ships", "¾ of the ships"),
        ("5<sup>11</sup>⁄<sub>16</sub> inches", "5 11⁄16 inches"),
        ("2<sup>1/2</sup> miles", "2½ miles"),
        ("about ½ of them and 2½ tons", "about ½ of them and 2½ tons"),
        ('<span class="frac">1<span class="num">3</span>&frasl;<span class="den">4</span></span>'
         ' cups', "1¾ cups"),
        (
            '<span class="sfrac"><span class="tion"><span class="num">2</span><span class="sr-only">/</span>'
            '<span class="den">3</span></span></span> of all', "⅔ of all",
        ),
        ("<math><mfrac><mn>1</mn><mn>2</mn></mfrac></math> of all", "½ of all"),
        ("<math><mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mn>2</mn></mfrac></math>", "(a + b)/2"),
        ("<math><msup><mn>10</mn><mn>6</mn></msup></math> crates", "10⁶ crates"),
        ("<math><mi>E</mi><mo>=</mo><mi>m</mi><msup><mi>c</mi><mn>2</mn></msup></math>", "E = mc²"),
    ],
)  # fmt: skip
def test_a_fraction_stays_a_fraction(markup: str, right: str) -> None:
    assert paragraph(markup) == right


@pytest.mark.parametrize(
    ("markup", "right"),
    [
        ("There were <del>912</del> <ins>412</ins> ships.", "There were 412 ships."),
        ("There were <s>912</s> 412 ships.", "There were 412 ships."),
        ("There were <strike>912 ships</strike> 412 ships.", "There were 412 ships."),
        (
            'There were <span style="text-decoration: line-through">912</span> 412 ships.',
            "There were 412 ships.",
        ),
    ],
)
def test_struck_out_words_are_not_read_and_inserted_ones_are(markup: str, right: str) -> None:
    assert paragraph(markup) == right


def test_a_struck_out_block_is_not_read() -> None:
    assert texts("<p>One line stays.</p><del><p>This was wrong.</p></del><ins><p>This is"
                 " right.</p></ins>") == [
        "One line stays.", "This is right.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("lang", "right"),
    [
        ("en", "He said “we ‘close’ now”."),
        ("de", "He said „we ‚close‘ now“."),
        ("fr", "He said «\u202fwe “close” now\u202f»."),
        ("ja", "He said 「we 『close』 now」."),
        ("pl", "He said „we «close» now”."),
        ("ru", "He said «we „close“ now»."),
        ("sv-SE", "He said ”we ’close’ now”."),
        ("de-CH", "He said «we ‹close› now»."),
        ("xx", "He said “we ‘close’ now”."),
    ],
)
def test_quotations_have_the_marks_of_their_language(lang: str, right: str) -> None:
    got = paragraph("He said <q>we <q>close</q> now</q>.", lang=lang)
    assert got == " ".join(right.split())


def test_a_quotation_that_has_its_own_marks_gets_no_others() -> None:
    assert paragraph("He said <q>“we close”</q>.") == "He said “we close”."


@pytest.mark.parametrize(
    ("markup", "right"),
    [
        ("W<b>or</b>d and 4<i>1</i>2", "Word and 412"),
        ("north<span></span>ern", "northern"),
        ("one<br>two", "one two"),
        ("super<wbr>cali\u00adfragil", "supercali\u00adfragil"),
        ("a line that\n   wraps in\n\tthe file", "a line that wraps in the file"),
        (
            "call <code>run()</code> and press <kbd>Enter</kbd> for <var>x</var>",
            "call run() and press Enter for x",
        ),
        ('the <abbr title="World Health Organization">WHO</abbr> said', "the WHO said"),
        ('a <img src="x.png" alt="secret"> b', "a b"),
        ('one<span style="display:block">two</span>three', None),
    ],
)
def test_inline_markup_never_splits_words(markup: str, right: str | None) -> None:
    if right is None:
        assert texts(f"<p>{markup}</p>") == ["one", "two", "three"]
    else:
        assert paragraph(markup) == right


@pytest.mark.parametrize(
    ("markup", "right", "lang"),
    [
        ("港は春に\n412隻の船を\n  数えた。", "港は春に412隻の船を数えた。", "ja"),
        ("港口在春天\n统计了<b>四百\n艘</b>船。", "港口在春天统计了四百艘船。", "zh"),
        ("항구는 봄에\n배를 세었다.", "항구는 봄에 배를 세었다.", "ko"),
        ("港は\nABC\n社の", "港はABC社の", "ja"),
        ("港は 412 隻\nの船と\n37 隻を", "港は 412 隻の船と 37 隻を", "ja"),
        ("港を閉じた。<br>嵐が来た。", "港を閉じた。嵐が来た。", "ja"),
        ("<ruby>港<rp>(</rp><rt>みなと</rt><rp>)</rp></ruby>は閉じた", "港は閉じた", "ja"),
        ("<ruby>漢<rt>kan</rt>字<rt>ji</rt></ruby>", "漢字", "ja"),
        ("ท่าเรือ\nปิด", "ท่าเรือ ปิด", "th"),
    ],
)
def test_wrapped_lines_are_joined_as_the_script_asks(markup: str, right: str, lang: str) -> None:
    assert paragraph(markup, lang=lang) == right


def test_two_breaks_in_a_row_end_a_paragraph() -> None:
    assert texts("First line<br>\ngoes on.<br><br>\nSecond one.<br> <br/>&nbsp;<br>Third.") == [
        "First line goes on.", "Second one.", "Third.",
    ]  # fmt: skip


def test_marks_lead_up_to_a_note_with_a_number_that_could_be_an_exponent() -> None:
    marks = "".join(f"<p>Fact number so and so holds true.<sup>{number}</sup></p>" for number in range(1, 6))
    notes = "".join(f"<p><sup>{number}</sup> Letter to the office, 1904.</p>" for number in range(1, 8))
    found = texts(f"{marks}<p>They counted 10<sup>6</sup> ships.</p><p>And 10<sup>9</sup> crates.</p>{notes}")
    assert "They counted 10 ships." in found
    assert "And 10⁹ crates." in found


def test_a_block_that_begins_with_its_mark_is_a_footnote() -> None:
    found = kinds("<p>Ships left.<sup>1</sup></p><p>They came back.</p><p><sup>1</sup> Letter of 1904.</p>")
    assert found[-1] == ("footnote", "Letter of 1904.")
    assert found[0] == ("paragraph", "Ships left.")
