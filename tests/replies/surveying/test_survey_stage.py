"""Surveys that send themselves: when, to whom, how often, and who is left in peace."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from rapport.conversations.stage import stage as conversations
from rapport.ledger.fetch_asked import SURVEY
from rapport.model.centre import Account, Brand, Policy, Profile
from rapport.model.conversation import Conversation
from rapport.model.fact import (
    ConsentNoted,
    ConversationResolved,
    ReplyQueued,
    SurveyAsked,
    SurveyLeft,
    SurveyPlanned,
    SurveySent,
    Words,
)
from rapport.model.ids import derived_id
from rapport.model.message import Reach
from rapport.model.person import Handle, Person
from rapport.model.reply import Draft, Outgoing, Reminder
from rapport.model.survey import Asked, Survey
from rapport.people import rights
from rapport.people.stage import stage as people
from rapport.replies.stage import stage as replies
from rapport.replies.surveying import view
from rapport.replies.surveying.choosing import is_drawn, survey_for
from rapport.replies.surveying.stage import stage
from rapport.replies.writing import Judges
from stagework import VIEWS, Stagework, everything

ANA = "webchat:ana"
ALWAYS = Survey("after", hours={})


def fit(account, channel, text, reach, to):
    return (text,)


def nothing_personal(text):
    return ()


class May:
    """The network's rules: `says` why nothing may be said now."""

    says = ""

    def __call__(self, asking):
        return self.says


@pytest.fixture
def may() -> May:
    return May()


@pytest.fixture
def work(may) -> Stagework:
    judges = Judges(fit, nothing_personal, may)
    asking = stage(judges, lambda conversation, now: f"https://us.example/survey/{conversation.hex()}")
    views = (*VIEWS, view.FOLDS, rights.FOLDS)
    work = Stagework(people(), conversations(), replies(fit, nothing_personal), asking, views=views)
    work.agents("eva")
    work.set("survey", "after", ALWAYS)
    return work


def ended(work: Stagework, text: str = "hello", by: str = ANA, disposition: str = "solved", **heard) -> Conversation:
    """A conversation that was answered and is over."""
    talk = work.conversation_of(work.hear(text, by=by, reach=heard.pop("reach", Reach.PRIVATE), language="es", **heard))
    work.accept("eva", talk)
    work.act("eva", "reply", "Aquí tiene.", conversation=talk.id)
    work.act("eva", "close", conversation=talk.id, argument=disposition)
    return work.row(Conversation, talk.id)


def asked(work: Stagework) -> list[str]:
    """What was said to whom, of what was sent by itself."""
    drafts = {fact.draft for fact in work.all(SurveySent)}
    queued = [entry for entry in work.entries if isinstance(entry.fact, ReplyQueued) and entry.fact.draft in drafts]
    return [entry.content.text for entry in queued if isinstance(entry.content, Words)]


def left(work: Stagework) -> list[str]:
    return [fact.reason for fact in work.all(SurveyLeft)]


def test_after_the_delay_the_link_goes_out_once_in_the_persons_language(work):
    talk = ended(work)
    work.later(minutes=59)
    before = asked(work)
    work.later(hours=50)

    assert before == []
    assert asked(work) == [
        f"Gracias por escribirnos. ¿Nos dice en cuatro preguntas cómo le fue? https://us.example/survey/{talk.id.hex()}"
    ]
    assert work.row(Asked, talk.person).conversation == talk.id
    assert work.row(Conversation, talk.id).state == "resolved"


def test_a_rebuild_gives_the_same_rows(work):
    ended(work)
    ended(work, by="webchat:ben")
    work.later(minutes=30)
    waits = [reminder for reminder in work.rows.all(Reminder) if reminder.what == SURVEY]
    tables = (Asked, Reminder, Outgoing, Draft, Conversation)
    planned = everything(work.rebuilt(), tables) == everything(work.rows, tables)
    work.later(hours=3)

    assert len(waits) == 2
    assert planned
    assert everything(work.rebuilt(), tables) == everything(work.rows, tables)


def test_who_was_asked_by_hand_or_by_itself_is_left_in_peace_for_the_days_set(work):
    first = ended(work)
    work.tell(SurveyAsked(first.id, "eva"))
    work.later(hours=2)
    work.later(days=29)
    ended(work, "again")
    work.later(hours=2)
    work.later(days=2)
    ended(work, "third")
    work.later(hours=2)

    assert left(work) == ["asked-lately", "asked-lately"]
    assert len(asked(work)) == 1


def test_who_was_asked_under_another_id_that_is_theirs_is_left_in_peace(work):
    talk, other = ended(work), derived_id(bytes(16), "the same person")
    work.rows.put(msgspec.structs.replace(work.row(Person, talk.person), family=(talk.person, other)))
    work.rows.put(Asked(other, work.now - timedelta(days=3), other))
    work.later(hours=2)

    assert left(work) == ["asked-lately"]


def test_quiet_hours_are_those_of_the_brand_and_the_morning_brings_the_question(work):
    work.set("centre", "centre", Profile(zone="America/Mexico_City"))
    work.set("account", "our-webchat", Account("our-webchat", "webchat", brand="madrid"))
    work.set("brand", "madrid", Brand("madrid", zone="Europe/Madrid"))
    work.set("survey", "after", Survey("after", hours={"tue": ("09:00-18:00",), "wed": ("09:00-18:00",)}))
    ended(work)  # 17:00 in Madrid: an hour later the hours are over

    [planned] = work.all(SurveyPlanned)
    assert planned.at == datetime(2026, 3, 4, 8, 0, tzinfo=UTC)


def test_the_night_in_which_clocks_change_moves_no_question_out_of_its_hours(work):
    work.set("centre", "centre", Profile(zone="Europe/Madrid"))
    work.set("survey", "after", Survey("after", hours={"sun": ("02:30-04:00",)}))
    work.rows.now = datetime(2026, 3, 28, 20, 0, tzinfo=UTC)
    ended(work)

    # 02:30 does not exist on that Sunday: one minute before three is followed by one minute after.
    [planned] = work.all(SurveyPlanned)
    assert planned.at == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_a_worker_that_was_away_over_night_waits_for_the_morning_and_after_a_week_asks_nobody(work):
    work.set("survey", "after", Survey("after", hours={"tue": ("09:00-18:00",), "wed": ("09:00-18:00",)}))
    ended(work)
    [reminder] = [one for one in work.rows.all(Reminder) if one.what == SURVEY]
    work.rows.drop(Reminder, reminder.id)
    asking = next(one for one in work.stages if one.name == "surveys")
    work.rows.now = datetime(2026, 3, 3, 23, 0, tzinfo=UTC)
    night = [new.fact for new in asking.due[SURVEY](reminder, work.rows)]
    work.rows.now = datetime(2026, 3, 18, 12, 0, tzinfo=UTC)
    late = [new.fact for new in asking.due[SURVEY](reminder, work.rows)]

    assert [type(fact) for fact in night] == [SurveyPlanned]
    assert night[0].at == datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
    assert [fact.reason for fact in late] == ["late"]


def test_who_writes_again_before_is_not_asked_and_is_asked_after_the_second_end(work):
    talk = ended(work)
    work.later(minutes=30)
    work.hear("it broke again", by=ANA, reach=Reach.PRIVATE)
    work.later(hours=1)
    before = asked(work), left(work)
    work.accept("eva", talk)
    work.act("eva", "close", conversation=talk.id, argument="solved")
    work.later(hours=2)

    assert before == ([], ["reopened"])
    assert len(asked(work)) == 1


def test_whom_we_may_not_write_to_is_not_asked(work, may):
    stopped, withdrew, erased = (ended(work, by=f"webchat:{name}") for name in ("stopped", "withdrew", "erased"))
    work.rows.change(Handle, stopped.handle, stopped_at=work.now)
    work.tell(ConsentNoted(withdrew.person, "surveys", "", False, "eva"))
    work.rows.change(Handle, erased.handle, name="", display="")
    work.later(hours=2)
    may.says = "The window is over."
    ended(work, by="webchat:window")
    work.later(hours=2)

    assert sorted(left(work)) == ["consent", "erased", "network", "stopped"]
    assert asked(work) == []


def test_where_consent_must_be_given_only_who_gave_it_is_asked(work):
    work.set("survey", "after", Survey("after", hours={}, consent="given"))
    agreed = ended(work, by="webchat:agreed")
    ended(work, by="webchat:silent")
    work.tell(ConsentNoted(agreed.person, "surveys", "chat", True, "eva"))
    work.later(hours=2)

    assert [fact.conversation for fact in work.all(SurveySent)] == [agreed.id]
    assert left(work) == ["consent"]


@pytest.mark.parametrize(
    "heard",
    [{"disposition": "spam"}, {"reach": Reach.PUBLIC, "by": "mastodon:@ana@example.social"}],
    ids=["spam", "in public"],
)
def test_nobody_is_asked_about_what_was_spam_or_said_in_public(work, heard):
    ended(work, **heard)
    work.later(days=2)

    assert work.all(SurveyPlanned) == []


def test_nobody_is_asked_about_what_nobody_answered(work):
    talk = work.conversation_of(work.hear("hello", by=ANA, reach=Reach.PRIVATE))
    work.tell(ConversationResolved(talk.id, "solved", "eva"))

    assert work.all(SurveyPlanned) == []


def test_words_that_the_house_does_not_write_and_what_must_be_seen_first_are_not_sent_by_themselves(work):
    work.set("policy", "house", Policy("house", banned=("cuatro",)))
    ended(work)
    work.later(hours=2)
    work.set("policy", "house", Policy("house", approve=("always",)))
    work.tell(ConversationResolved(ended_by_hand(work).id, "solved", "eva"))
    work.later(hours=2)

    assert left(work) == ["check", "approval"]
    assert asked(work) == []


def ended_by_hand(work: Stagework) -> Conversation:
    talk = work.conversation_of(work.hear("other", by="webchat:ben", reach=Reach.PRIVATE))
    work.rows.change(Conversation, talk.id, answered_at=work.now)
    return work.row(Conversation, talk.id)


def test_a_survey_that_is_removed_or_switched_off_asks_nobody_any_more(work):
    ended(work)
    work.set("survey", "after", Survey("after", hours={}, enabled=False))
    work.later(hours=2)

    assert left(work) == ["gone"]


def test_the_part_that_is_drawn_is_the_same_whoever_looks_and_about_as_large_as_was_set():
    ids = [derived_id(bytes(16), n) for n in range(2000)]
    drawn = [id for id in ids if is_drawn(id, 0.25)]

    assert 420 < len(drawn) < 580
    assert all(is_drawn(id, 0.5) for id in drawn)
    assert not any(is_drawn(id, 0.0) for id in ids)
    assert all(is_drawn(id, 1.0) for id in ids)


def test_the_first_survey_by_name_that_fits_holds(work):
    work.set("survey", "a", Survey("a", channels=("email",)))
    work.set("survey", "b", Survey("b", channels=("chat",), after_minutes=5))
    talk = ended(work)

    assert survey_for(talk, work.rows.centre).id == "after"
    work.set("survey", "after", Survey("after", teams=("night",)))
    assert survey_for(talk, work.rows.centre).id == "b"


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ({"after_minutes": -1}, "after_minutes of survey 's'"),
        ({"share": 1.5}, "share of survey 's' is from 0 to 1, got 1.5"),
        ({"rest_days": 0}, "rest_days of survey 's' is from 1 to 730"),
        ({"hours": {"tue": ("9-18",)}}, "hours are spans such as 09:00-18:00"),
        ({"text": {"es": "Díganos"}}, "text.es of survey 's' needs {link} once"),
    ],
    ids=["delay", "share", "rest", "hours", "text"],
)
def test_what_cannot_be_followed_is_refused_with_the_value_and_the_cure(said, names):
    with pytest.raises(ValueError, match=names.replace("(", r"\(").replace("{", r"\{").replace("}", r"\}")):
        Survey("s", **said)
