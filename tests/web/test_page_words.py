"""What every page promises: nothing inline, no address but our own, parts that can be fetched again."""

import re
from pathlib import Path

import pytest

from rapport.web import page
from rapport.web.static_files import static_body

WEB = Path(page.__file__).parent
TEMPLATES = sorted((WEB / "templates").glob("*.html"))


@pytest.fixture(params=TEMPLATES, ids=lambda path: path.name)
def template(request) -> Path:
    return request.param


def test_a_template_has_no_style_and_no_script_of_its_own(template):
    text = template.read_text()

    assert re.findall(r"\sstyle=|\son[a-z]+=|<style|<script>(?!</script>)|javascript:", text) == []


def test_a_template_looks_up_sentences_of_its_own_and_shows_others_escaped(template):
    """What `_` gives is taken as markup, so a value must never go through it: it goes through `told`."""
    looked_up = re.findall(r"\b_\((?![\"'])[^)]*\)", template.read_text())

    assert looked_up == []


def test_a_template_says_what_something_is_about_in_the_language_of_the_page(template):
    """An intent has an English key; its name stands in the catalogue."""
    assert re.findall(r"intent\|spoken(?!\|told)[^}%]*", template.read_text()) == []


def test_a_template_names_no_address_outside(template):
    text = template.read_text()

    assert re.findall(r'(?:src|href|action)="(?:https?:)?//', text) == []


def test_what_listens_can_be_found_and_fetched_again(template):
    listeners = re.findall(r"<[^>]*\sdata-live=[^>]*>", template.read_text())

    assert [tag for tag in listeners if "hx-get=" not in tag or " id=" not in tag or 'hx-trigger="live' not in tag] == []


def test_every_form_that_changes_something_carries_the_token_of_the_session(template):
    forms = re.findall(r'<form[^>]*method="post"[^>]*>.{0,200}', template.read_text(), re.S)
    open_to_everyone = {"sign_in.html", "welcome.html"}

    assert template.name in open_to_everyone or [form for form in forms if "csrf" not in form] == []


def test_the_style_sheets_stay_small():
    together = len(static_body("tokens.css")) + len(static_body("rapport.css"))

    assert together <= 25_000


@pytest.mark.parametrize("name", ["desk.js", "palette.js", "live.js", "theme.js"])
def test_a_script_of_ours_stays_under_eight_kilobytes(name):
    assert len(static_body(name)) < 8192


def test_the_colours_of_pages_come_from_the_tokens():
    text = static_body("pages.css").decode()

    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|oklch\(|rgba?\(|hsla?\(", text) == []


def test_no_two_places_of_the_rail_have_the_same_picture():
    rail = (WEB / "templates" / "_rail.html").read_text()
    pictures = re.findall(r'place\("[^"]+", "/(?!quality/mine)[^"]+", _\("[^"]+"\), "([a-z]+)", "(?:look|set)"', rail)

    assert len(pictures) >= 10
    assert sorted(pictures) == sorted(set(pictures))
