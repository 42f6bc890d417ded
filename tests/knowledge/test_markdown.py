"""An article is shown as it is meant, and nothing in it can act."""

import pytest

from rapport.knowledge.markdown import as_html, as_text


def test_headings_lists_and_links_are_shown_below_the_title_of_the_page():
    html = as_html("# First\n\n1. Open [the page](https://hotel.example/wifi)\n2. **Wait**")

    assert "<h2>First</h2>" in html
    assert '<a href="https://hotel.example/wifi" rel="noopener">the page</a>' in html
    assert "<li><strong>Wait</strong></li>" in html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "[click](javascript:alert(1))",
        "![picture](https://elsewhere.example/a.png)",
        "<style>body{}</style>",
    ],
)
def test_nothing_in_an_article_acts_or_loads(text):
    html = as_html(text)

    assert "<script" not in html
    assert "<img" not in html
    assert "<style" not in html
    assert 'href="javascript' not in html


def test_as_text_it_can_be_put_into_a_message():
    assert as_text("## Do this\n\n1. Open [it](https://a.example)\n2. *Wait*\n\nThen:\n\n- go") == (
        "Do this\n1. Open it (https://a.example)\n2. Wait\n\nThen:\n- go"
    )
