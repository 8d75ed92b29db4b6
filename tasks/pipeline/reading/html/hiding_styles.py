"""Which declarations of a style hide what they are set on."""

from __future__ import annotations

import re

_NUMBER_END = r"(?:;|$|!)"
_HIDES = re.compile(
    r"display:none|visibility:(?:hidden|collapse)|content-visibility:hidden"
    rf"|opacity:(?:0?\.0[0-5]?\d*|0|0?\.0+|[0-5]%|\d?\.?\d*e-\d+){_NUMBER_END}|filter:opacity\(0"
    rf"|font-size:(?:[01]|[01]?\.\d+)(?:px|pt|%)?{_NUMBER_END}"
    rf"|font-size:0?(?:\.[0-2]\d*)?(?:em|rem|ex|ch|vw|vh){_NUMBER_END}"
    r"|font-size:(?:calc|min|clamp)\(0(?![.\d]*[1-9])"
    r"|(?:^|;)font:[a-z]{0,30}(?:0(?:px|pt|em|rem|%)?|1(?:px|pt))(?:/|[a-z\"'])"
    r"|(?:^|;)(?:left|right|top|bottom|text-indent|inset):(?:calc\()?-\d{3,}"
    r"|(?:^|;)margin(?:-left|-top|-right)?:-(?:[5-9]\d\d|\d{4,})"
    r"|clip:rect\((?:0|1px)|clip-path:(?:inset\((?:50|100)%|circle\(0|polygon\(00)"
    r"|(?:^|;)transform:[^;]{0,60}?(?:scale[xy]?\(0[,)]|translate[xy]?\(-(?:\d{4,}|[1-9]\d00%)"
    r"|rotate[xy]\(90deg|matrix\(0,0,0,0)"
    rf"|(?:^|;)translate:-\d{{4,}}|(?:^|;)(?:scale|zoom):0(?:\.0+)?{_NUMBER_END}"
    r"|(?:^|;)(?:-webkit-)?mask(?:-image)?:linear-gradient\(transparent,transparent"
    r"|(?:^|;)(?:-webkit-text-fill-)?color:transparent"
)
_WITHOUT_SIZE = re.compile(rf"(?:^|;)(?:max-)?(?:height|width):[01]?(?:px)?{_NUMBER_END}")
_GRADIENT_LETTERS = re.compile(r"background-clip:text")
_COLOUR = re.compile(r"(?:^|;)color:([^;!]{1,60})")
_BACKGROUND = re.compile(r"(?:^|;)background(?:-color)?:([^;!]{1,200})")
_WHITE = re.compile(
    r"^(?:white|snow|ivory|whitesmoke|ghostwhite|floralwhite|#f{3,4}|#f[a-f0-9]f[a-f0-9]f[a-f0-9](?:ff)?"
    r"|rgba?\(25[0-5],?25[0-5],?25[0-5][^)]{0,9}\)|hsla?\(\d{1,3}(?:deg)?,?\d{1,3}%,?(?:9[7-9]|100)%[^)]{0,9}\)"
    r"|ok(?:lch|lab)\(1(?:00%)?[0.]*\)|(?:lch|lab)\(100%?[0.]*\)|color\((?:srgb|display-p3)(?:1(?:\.0)?){3}\)"
    r"|color-mix\(in\w{1,20},white(?:\d{1,3}%)?,white)"
)
_SEE_THROUGH = re.compile(
    r"^(?:rgba|hsla)\([^)]{1,40}[,/]0?(?:\.0\d*)?\)|^#[0-9a-f]{3}0$|^#[0-9a-f]{6}0[0-9a-f]$"
)
_COMMENT = re.compile(r"/\*.{0,1000}?\*/", re.DOTALL)
_ESCAPE = re.compile(r"\\([0-9a-f]{1,6})\s?|\\(.)")


def normalized(declarations: str) -> str:
    """In lower case, without blanks, comments and escapes: `d\\69splay : none` is `display:none`."""
    text = declarations[:5000].lower()
    if "/*" in text:
        text = _COMMENT.sub("", text)
    if "\\" in text:
        text = _ESCAPE.sub(_unescaped, text)
    return re.sub(r"\s+", "", text)


def _unescaped(match: re.Match[str]) -> str:
    code = int(match[1], 16) if match[1] else 0
    return chr(code) if 0 < code < 0x110000 else match[2] or ""


def hides(style: str) -> bool:
    """Of normalized declarations, whatever colours are around."""
    if _HIDES.search(style):
        return not ("color:transparent" in style and _GRADIENT_LETTERS.search(style))
    colour = _COLOUR.search(style)
    if colour is None:
        return False
    background = _BACKGROUND.search(style)
    if background is not None:
        is_same = background[1] == colour[1]
        return is_same or bool(_WHITE.match(colour[1]) and _WHITE.match(background[1]))
    return bool(_SEE_THROUGH.match(colour[1]))


def has_no_size(style: str) -> bool:
    return bool(_WITHOUT_SIZE.search(style))


def colour_of(style: str) -> str:
    match = _COLOUR.search(style)
    return match[1] if match else ""


def background_of(style: str) -> str:
    match = _BACKGROUND.search(style)
    return match[1] if match else ""


def is_white(colour: str) -> bool:
    return bool(_WHITE.match(colour))
