"""Words and characters by which a raised letter or figure is understood."""

from __future__ import annotations

RAISED = dict(
    zip(
        "0123456789+-−–=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ",
        strict=True,
    )
)
LOWERED = dict(zip("0123456789+-−–=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))
VULGAR = {
    "1/2": "½", "1/3": "⅓", "2/3": "⅔", "1/4": "¼", "3/4": "¾", "1/5": "⅕", "2/5": "⅖", "3/5": "⅗",
    "4/5": "⅘", "1/6": "⅙", "5/6": "⅚", "1/7": "⅐", "1/8": "⅛", "3/8": "⅜", "5/8": "⅝", "7/8": "⅞",
    "1/9": "⅑", "1/10": "⅒",
}  # fmt: skip
TRADE_MARKS = {
    "TM": "™", "tm": "™", "(TM)": "™", "SM": "℠", "(R)": "®", "(r)": "®",
    "™": "™", "℠": "℠", "®": "®", "©": "©",
}  # fmt: skip
POWERS_OF_TWO = frozenset((
    "8", "10", "16", "20", "24", "30", "31", "32", "40", "48", "53", "63", "64", "128", "256",
))  # fmt: skip
"""Exponents of 2 that texts about computers have."""

LENGTHS = frozenset((
    "au", "centimeter", "centimetre", "cm", "dam", "dm", "feet", "fm", "foot", "ft", "hm", "inch", "inches",
    "kilometer", "kilometers", "kilometre", "kilometres", "km", "kpc", "ly", "m", "meter",
    "metre", "metres", "meters", "metri", "metro", "metros", "mi", "mile", "miles", "mm", "mpc", "mètre",
    "mètres", "nm", "pc", "pm", "px", "yard", "yards", "yd", "µm", "εκ", "μ", "μm", "χλμ", "дм", "км", "м",
    "мкм", "мм", "нм", "см", "سم", "كم", "م", "キロ", "メートル", "公尺", "公里", "千米", "厘米",
    "米", "미터",
))  # fmt: skip
"""Units that are squared and cubed, in several languages; in lower case."""
OTHER_UNITS = frozenset((
    "a", "c", "h", "hr", "j", "k", "l", "min", "ms", "n", "s", "sec", "t", "v", "w", "с", "ч",
))  # fmt: skip
"""Units that are squared below a stroke only: m/s²."""
FUNCTIONS = frozenset((
    "cos", "cosh", "cot", "csc", "exp", "lg", "ln", "log", "sec", "sin", "sinh", "tan", "tanh",
))  # fmt: skip
ORDINALS = frozenset((
    "as", "de", "do", "em", "eme", "emes", "er", "ere", "ers", "es", "ieme", "ième", "ja", "me", "mes",
    "mo", "na", "nd", "nde", "nds", "nt", "os", "ra", "rd", "re", "res", "ro", "st", "ste", "ten", "th",
    "ths", "to", "vo", "y", "ª", "º", "è", "ème", "èmes", "ère", "ая", "го", "е", "й", "ое", "ой", "ый",
    "я",
))  # fmt: skip
"""What follows a figure: 1st, 2e, 3º."""
ABBREVIATED = frozenset((
    "ch", "chte", "de", "ed", "er", "ers", "gen", "gr", "grs", "ie", "ll", "lle", "lles", "ma", "me", "mes",
    "mo", "nie", "ns", "né", "or", "os", "r", "ra", "ro", "rs", "rt", "ss", "ste", "ta", "te", "th", "to",
    "tr", "ts", "ve",
))  # fmt: skip
"""What follows the start of a word: Mme, Dr, Cie."""
TWO_LETTER_WORDS = frozenset((
    "ch", "dr", "hr", "kg", "lb", "mg", "ml", "mr", "nd", "pp", "rd", "st", "th", "vs", "zł",
))  # fmt: skip
"""Without a vowel, and yet no product of two variables."""
LIGHT_ISOTOPES = {"H": ("1", "2", "3"), "He": ("3", "4"), "Li": ("6", "7")}
ISOTOPES = frozenset((
    "Ac", "Ag", "Al", "Ar", "Au", "Ba", "Bi", "Br", "C", "Ca", "Cd", "Ce", "Cl", "Cm", "Co", "Cr", "Cs",
    "Cu", "Dy", "Er", "Eu", "F", "Fe", "Fr", "Ga", "Gd", "Ge", "Hf", "Hg", "Ho", "Ir", "K", "Kr", "La",
    "Lu", "Mg", "Mn", "Mo", "N", "Na", "Nb", "Nd", "Ne", "Ni", "Np", "O", "P", "Pa", "Pb", "Pd", "Po", "Pt",
    "Pu", "Ra", "Rb", "Re", "Rh", "Rn", "Ru", "S", "Sb", "Sc", "Se", "Si", "Sm", "Sn", "Sr", "Ta", "Tb",
    "Tc", "Te", "Th", "Ti", "Tl", "Tm", "U", "Xe", "Y", "Yb", "Zn", "Zr",
))  # fmt: skip
"""Elements whose symbols are no words, and whose isotopes have masses of 10 and more."""
