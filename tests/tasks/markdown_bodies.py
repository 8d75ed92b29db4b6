"""Bodies that a person or a model may write, for properties that hold for all of them."""

from __future__ import annotations

from hypothesis import strategies as st

PIECES = [
    "Trees cool streets", "[1]", "[1][2]", "[1, 2]", "[^1]", "[^1]: A note",
    "[1]: https://example.org/trees", "[a]: /about/", "[a]", "**", "*", "_", "~~", "~", "`", "```",
    "~~~", "# ", "## ", "- ", "- [x] ", "1. ", "> ", "> [!NOTE]", "| a | b |", "| --- | --: |", "| - |",
    "<b>", "</b>", "<!-- ", "![alt](x.png)", "[l](https://x.org)", "https://example.org/trees", "$a^2$",
    "\\(a_1\\)", "\\[ x \\]", "\\", "    ", "  \n", "\t", "---", "***", "===", "重要。", "です", "「", "」",
    "éà", "\u200d", "\x00", "&amp;", "[", "]", "(", ")", ":", "5~10", "]: ", "[^", "$", "|",
    "[1]:", "https://example.org/trees[1]", "<a href='x'>", "-->", "\\begin{a}", "\\end{a}", "[study][1]",
    "{.x}", "、", "[](/a/)", "[^a b]", "^[", "+---+", "\ufeff",
]  # fmt: skip
LINES = st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=5).map(" ".join)


def markdown_bodies() -> st.SearchStrategy[str]:
    return st.lists(LINES, max_size=10).map("\n".join) | st.lists(st.sampled_from(PIECES), max_size=25).map(
        "".join
    )
