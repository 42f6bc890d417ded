"""Articles as files say the same when they are written and read again, and what is wrong is refused at its line."""

import pytest

from rapport.centre.articles import read_article, read_articles, write_articles
from rapport.centre.folder import read_folder, write_folder
from rapport.errors import CentreError
from rapport.model.article import Article

WIFI = Article(
    "wifi.es",
    'El "wifi"',
    "Uno\n\n+++\n\n  dos\n",
    intents=("wifi",),
    state="published",
    captions={"es": "WEBVTT\n\n00:01.000 --> 00:02.000\nHola\n"},
)


def test_what_is_written_and_read_again_says_the_same_to_the_letter(tmp_path):
    write_articles([WIFI, Article("b.en", "B")], tmp_path / "knowledge")
    again = write_articles([WIFI], tmp_path / "knowledge")

    assert [path.name for path in again] == ["b.en.md"]
    assert [one.value for one in read_articles(tmp_path / "knowledge")] == [WIFI]


def test_articles_belong_to_the_folder_of_a_centre(tmp_path):
    write_articles([WIFI], tmp_path / "knowledge")
    things = read_folder(tmp_path)

    assert list(things) == [("article", "wifi.es")]
    assert write_folder(things, tmp_path) == [tmp_path / "centre.toml"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.es.md", "Hola", "a.es.md:1: an article begins with +++"),
        ("a.es.md", "+++\ntitle = 3\n+++\n", "a.es.md:2: title is 3"),
        (
            "a.es.md",
            '+++\ntitle = "A"\nintent = "x"\n+++\n',
            "a.es.md:3: unknown key 'intent' in the file; did you mean 'intents'?",
        ),
        ("a.es.md", '+++\n\ntitle = "A"\nid = "b.es"\n+++\n', "a.es.md:4: the id of an article is the file's own"),
        ("A.md", '+++\ntitle = "A"\n+++\n', "id is 'A'; write small letters"),
        ("a.es.md", '+++\ntitle = "A"\nstate = "out"\n+++\n', "a.es.md:3: state is 'out'"),
    ],
)
def test_what_is_wrong_is_refused_at_its_line(tmp_path, name, text, said):
    (tmp_path / name).write_text(text)

    with pytest.raises(CentreError) as refused:
        read_article(tmp_path / name)

    assert said in str(refused.value)
