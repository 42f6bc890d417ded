"""The page of patterns shows every component that pages share: what is drawn in one file for many pages is drawn there too."""

import re
from pathlib import Path

TEMPLATES = Path(__file__).parents[3] / "src/rapport/web/templates"
MACRO = re.compile(r"{%-?\s*macro\s+(\w+)\b(.*?){%-?\s*endmacro", re.DOTALL)
IMPORT = re.compile(r'{%-?\s*import\s+"([^"]+)"\s+as\s+(\w+)')
NAMED = re.compile(r'{%-?\s*from\s+"([^"]+)"\s+import\s+([\w, ]+?)(?:\s+with|\s*-?%})')
INCLUDE = re.compile(r'{%-?\s*include\s+"([^"]+)"')
# Whole parts of one page, which need its ledger; the page of patterns has what they are made of.
OF_A_PAGE = {
    *(("_message.html", "message"), ("_message.html", "event"), ("_message.html", "media")),
    *(("_console.html", name) for name in ("today", "feeling", "wait", "held", "agent", "ends")),
    *(("_stories.html", name) for name in ("card", "going", "sentence", "quote")),
    *(("_verdict.html", "verdict_table"), ("_verdict.html", "what_if_fields"), ("_reads.html", "listed")),
    *(("_typed.html", name) for name in ("why", "refusal")),
    *(("_centre_form.html", "plain"), ("_centre_form.html", "show"), ("_rail.html", "count")),
}


def read(name):
    return (TEMPLATES / name).read_text(encoding="utf-8")


def macros(name):
    return dict(MACRO.findall(read(name)))


def called(name, text, seen):
    """Every macro, with its file, that a text in this file calls, and what those call."""
    whole = read(name)
    files = {alias: file for file, alias in IMPORT.findall(whole)} | {"ui": "_parts.html"}
    if name.startswith("patterns"):
        files |= {alias: file for file, alias in IMPORT.findall(read("patterns.html"))}
    own = dict.fromkeys(macros(name), name)
    for file, names in NAMED.findall(whole):
        own |= dict.fromkeys((one.strip() for one in names.split(",")), file)
    for alias, macro in re.findall(r"(?:\b(\w+)\.)?\b(\w+)\(", text):
        file = files.get(alias) if alias else own.get(macro)
        if file and macro in macros(file) and (file, macro) not in seen:
            seen.add((file, macro))
            called(file, macros(file)[macro], seen)


def shown():
    """Every macro that is drawn on the page of patterns."""
    seen = set()
    for name in ("patterns.html", *INCLUDE.findall(read("patterns.html"))):
        called(name, read(name), seen)
    return seen


def test_what_pages_share_is_shown_on_the_page_of_patterns():
    shared = {
        (path.name, macro)
        for path in TEMPLATES.glob("_*.html")
        for macro, body in macros(path.name).items()
        if re.search(r'\bclass="|<li\b', body)
    }

    assert shared - shown() - OF_A_PAGE == set()


def test_nothing_is_excused_that_is_not_there_or_is_shown():
    assert {(name, macro) for name, macro in OF_A_PAGE if macro not in macros(name)} == set()
    assert shown() & OF_A_PAGE == set()


def test_every_tone_of_a_tag_is_drawn():
    styles = "".join(path.read_text(encoding="utf-8") for path in (TEMPLATES.parent / "static").glob("*.css"))
    written = "".join(
        re.findall(r'class="tag\b([^"]*)"', "".join(path.read_text("utf-8") for path in TEMPLATES.glob("*.html")))
    )

    plain = re.sub(r"{[{%].*?[%}]}", " ", written)
    chosen = "".join(re.findall(r"{{(.*?)}}", written))
    tones = set(plain.split()) | set(re.findall(r"'\s?([a-z]+)'(?= if|\s*$| else)", chosen))
    assert {tone for tone in tones if not re.search(rf"\.{tone}\b", styles)} == set()
