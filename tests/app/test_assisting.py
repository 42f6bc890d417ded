"""Who suggests: the house's own words, a model where the settings name one, and a refusal where they name it by half."""

from datetime import date

import pytest

from rapport.app.assisting import assisting, summed
from rapport.assist.asking import Line
from rapport.assist.plain import Plain
from rapport.assist.provider import Provider
from rapport.assist.spending import spend
from rapport.errors import SettingsError
from rapport.settings import Settings

pytestmark = pytest.mark.anyio


def test_without_settings_no_model_is_asked():
    assert isinstance(assisting(None, Settings()), Plain)
    assert isinstance(assisting(None, Settings(assist_url="https://m.example/v1", assist_model="small")), Provider)


@pytest.mark.parametrize("half", [{"assist_url": "https://m.example"}, {"assist_model": "small"}])
def test_a_model_that_is_named_by_half_is_refused_with_the_cure(half):
    with pytest.raises(SettingsError, match="assist_url and assist_model are given together"):
        assisting(None, Settings(**half))


def test_a_summary_is_what_was_written_word_by_word():
    said = summed([Line("El wifi no funciona."), Line("Le llamaremos mañana.", ours=True)])

    assert said.splitlines()[0] == "El wifi no funciona."
    assert "Le llamaremos mañana." in said


async def test_the_tokens_of_a_day_are_counted_for_each_tenant_and_never_below_none(store, new_tenant):
    one, other, day = await new_tenant(), await new_tenant(), date(2026, 3, 3)
    async with store.within(one) as db:
        counted = [await spend(db, one, day, tokens) for tokens in (300, 200, -50, -9_000)]
    async with store.within(other) as db:
        apart = await spend(db, other, day, 7)

    assert (counted, apart) == ([300, 500, 450, 0], 7)
