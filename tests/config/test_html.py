from __future__ import annotations

from latelier.config.html import html_table


def test_everything_is_escaped_and_numbers_are_short() -> None:
    text = html_table(("<i>",), [("<script>",), (None,), (0.123456,)], caption="a & b")
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    assert "<caption>a &amp; b</caption>" in text
    assert "<td>–</td>" in text
    assert "<td>0.1235</td>" in text
