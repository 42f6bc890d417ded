"""Suggestions at the desk: shown beside the conversation, on record, and never sent by themselves."""

import pytest

from browser.filled import an_id
from rapport.assist.asking import Ask, Suggestion
from rapport.assist.plain import Plain
from web.test_pages import own_desk as desk, posted, words

pytestmark = pytest.mark.anyio
__all__ = ["desk"]
AT = f"/desk/{an_id('c', 'wifi').hex()}"


class Fake:
    """Suggests the same text, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asks: list[Ask] = []

    async def suggest(self, tenant: int, ask: Ask) -> Suggestion:
        self.asks.append(ask)
        return Suggestion("Un técnico va <b>hoy</b>.", "small", "reply-1-abc", ("link",))


@pytest.fixture
def fake(desk) -> Fake:
    desk.office.memory["assist"] = Fake()
    return desk.office.memory["assist"]


async def test_a_suggestion_is_shown_escaped_with_its_model_and_goes_on_record_alone(desk, fake):
    page = await posted(desk, f"{AT}/suggest?lang=es", kind="reply")

    assert "Un técnico va &lt;b&gt;hoy&lt;/b&gt;." in page.text
    assert "Respuesta sugerida small" in words(page)
    assert "se quitó un enlace que nadie permite" in words(page)
    assert [act["do"] for act in desk.office.intake.acts] == ["suggested"]
    kind, model, prompt, digest = desk.office.intake.acts[0]["argument"].split("|")
    assert (kind, model, prompt, len(digest)) == ("reply", "small", "reply-1-abc", 24)


async def test_a_translation_stands_beside_the_original(desk, fake):
    page = await posted(desk, f"{AT}/suggest?lang=en", kind="translation")

    assert fake.asks[0].language == "en"
    assert " ".join(fake.asks[0].lines[0].text.split()) in " ".join(words(page).split())
    assert "A machine translated it." in words(page)


async def test_what_is_put_into_the_composer_is_kept_as_if_it_was_typed(desk, fake):
    await posted(desk, f"{AT}/use", text="Un técnico va hoy.")

    assert "Un técnico va hoy.</textarea>" in (await desk.get(AT)).text
    assert desk.office.intake.acts == [] or {act["do"] for act in desk.office.intake.acts} <= {"read", "seen_mentions"}


async def test_without_a_model_the_house_s_own_words_serve_and_a_translation_says_the_cure(desk):
    desk.office.memory["assist"] = Plain(lambda lines: lines[0].text)

    summary = words(await posted(desk, f"{AT}/suggest?lang=en", kind="summary"))
    translation = words(await posted(desk, f"{AT}/suggest?lang=es", kind="translation"))

    assert "from our own words" in summary
    assert "assist_url" in translation
    assert "Sin un modelo no hay traducción." in translation


async def test_an_unknown_kind_is_refused_with_those_that_there_are(desk, fake):
    assert "reply, summary, translation" in words(await posted(desk, f"{AT}/suggest?lang=en", kind="poem"))


async def test_what_its_author_has_deleted_is_not_shown_to_a_model(desk, fake):
    await posted(desk, f"{AT}/suggest?lang=en", kind="reply")

    assert fake.asks[0].lines
    assert "Olvídenlo, ya no sirve de nada." not in [line.text for line in fake.asks[0].lines]
