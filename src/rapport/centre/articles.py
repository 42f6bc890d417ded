"""Articles as files: `knowledge/reset-wifi.es.md`, with what is said of the article as TOML between two lines of `+++`.

What is written and read again says the same, to the letter.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rapport.centre.things import Placed, read_one
from rapport.centre.toml_text import Document, read_toml, write_table
from rapport.centre.written import plain_fields, replace_file
from rapport.errors import CentreError
from rapport.model.article import Article

FENCE = "+++"


def read_articles(folder: Path) -> list[Placed]:
    """Every article of a folder. Raises CentreError with file, line, value and cure."""
    return [read_article(path) for path in sorted(folder.glob("*.md"))]


def read_article(path: Path) -> Placed:
    """The article in a file."""
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CentreError(f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    except OSError as error:
        raise CentreError(f"{path}: cannot be read ({error.strerror}); check its name and its permissions") from None
    first, _, rest = text.partition("\n")
    front, fence, body = f"\n{rest}".partition(f"\n{FENCE}\n")
    if first.rstrip() != FENCE or not fence:
        raise CentreError(f'{path}:1: an article begins with +++, title = "...", and +++ again; then its text in Markdown')
    document = read_toml(front, str(path))  # its first line is that of the fence
    begins = front.count("\n") + 2
    table: dict[str, Any] = {"id": path.stem, **document.values, "text": body.removesuffix("\n")}  # Any: plain TOML
    for said in ("id", "text"):
        if said in document.values:
            raise CentreError(f"{document.place(said)}: the {said} of an article is the file's own; take this line out")
    whole = Document(document.file, table, {**document.lines, ("text",): begins})
    value = read_one("article", table, whole, ())
    return Placed("article", value, lambda *steps: whole.place(*steps))


def write_articles(articles: Sequence[Article], folder: Path) -> list[Path]:
    """Write articles as files; returns what was written or taken away. What says the same stays."""
    changed: list[Path] = []
    wanted = {article.id: article for article in articles}
    for path in sorted(folder.glob("*.md")):
        if path.stem not in wanted:
            path.unlink()
            changed.append(path)
        elif read_article(path).value == wanted[path.stem]:
            del wanted[path.stem]
    for name, article in sorted(wanted.items()):
        folder.mkdir(exist_ok=True)
        changed += replace_file(folder / f"{name}.md", write_article(article))
    return changed


def write_article(article: Article) -> str:
    """The file of an article."""
    plain = plain_fields(article)
    text = plain.pop("text", "")
    del plain["id"]
    return f"{FENCE}\n{write_table(plain)}{FENCE}\n{text}\n"
