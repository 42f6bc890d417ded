"""The parts of one talk, in both languages: where it turned, what was said just before, how it ended."""

import pytest

from measures.stories.told_talks import BAG, MEANS, WIFI, a_talk
from rapport.measures.stories.mining import one


def told(*said, **more):
    story = one(a_talk(*said, **more), [], 0, MEANS)
    return story, {part.which: part.text for part in story.parts}


def test_a_talk_that_turned_well_tells_what_was_said_just_before():
    story, parts = told(*WIFI)

    assert (story.outcome, story.because, story.turned) == ("well", "thanks", True)
    assert parts == {
        "situation": "Hola, estoy en el hotel con mi familia.",
        "complication": "El wifi no funciona y nadie contesta, es una burla.",
        "rescue": "Ya reinicié el punto de acceso y le cambiamos la clave.",
        "turn": "Ya funciona, muchas gracias.",
        "ending": "Con gusto.",
    }


def test_a_talk_that_turned_badly_tells_what_was_said_just_before_that():
    story, parts = told(*BAG)

    assert (story.outcome, story.because, story.turned) == ("badly", "mood", False)
    assert parts["lost"] == "We have sent your bag to the wrong desk, it is on its way instead."
    assert parts["turn"] == "This is unacceptable, I have been waiting for hours."


def test_every_part_names_the_line_that_it_stands_in():
    talk = a_talk(*WIFI)
    texts = {line.id: line.text for line in talk.lines}
    story = one(talk, [], 0, MEANS)

    assert [part.text in texts[part.line] for part in story.parts] == [True] * 5
    assert [part.theirs for part in story.parts if part.which in ("rescue", "turn")] == [False, True]


def test_what_people_say_when_they_are_asked_goes_before_how_their_last_message_feels():
    unsolved, _ = told(*WIFI, solved=0)
    solved, _ = told(*BAG, satisfied=5)
    at_odds, _ = told(*WIFI, solved=0, satisfied=5)

    assert [(s.outcome, s.because) for s in (unsolved, solved, at_odds)] == [
        ("badly", "asked"),
        ("well", "asked"),
        ("well", "thanks"),
    ]


def test_thanks_with_a_but_or_with_trouble_are_no_good_end():
    but, _ = told(WIFI[1], WIFI[2], ("them", "Thanks for the reply but it is the third time that nobody comes to fix it", 0))
    trouble, _ = told(WIFI[1], WIFI[2], ("them", "6 hour delay, thanks for the water", 0))

    assert (but.outcome, trouble.outcome) == ("open", "open")


def test_a_question_of_ours_is_nothing_that_rescued_them():
    story, parts = told(WIFI[0], WIFI[1], ("us", "Is there anything we can do to help you?", 0), ("them", "Thank you!", 1))

    assert story.outcome == "well"
    assert "rescue" not in parts


@pytest.mark.parametrize(
    "said",
    [WIFI[:2], (WIFI[2],), (("them", "Hola", 0), ("us", "Hola, buenos días", 0)), ()],
    ids=["they", "we", "greetings", "nobody"],
)
def test_where_one_side_alone_speaks_or_nothing_is_said_there_is_no_story(said):
    assert one(a_talk(*said), [], 0, MEANS) is None
