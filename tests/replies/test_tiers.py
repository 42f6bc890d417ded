"""Approval in tiers: who is asked, one after another, until when, and what follows when nobody decides."""

import pytest

from rapport.conversations.stage import stage as conversations
from rapport.model.agent import Agent
from rapport.model.centre import Account, Brand, Policy
from rapport.model.conversation import Conversation
from rapport.model.fact import (
    ActionDone,
    ActionRefused,
    ApprovalAsked,
    DraftApproved,
    DraftReturned,
    ReplyQueued,
    TierExpired,
    TierGiven,
)
from rapport.model.reply import Draft, DraftState, Outgoing, Reminder, Tier
from rapport.people.stage import stage as people
from rapport.replies.approval import fingerprint
from rapport.replies.stage import stage
from replies.test_check import find
from replies.test_replies_stage import fit
from stagework import Stagework, everything

LANGUAGES = {"Good day to you all": "en"}


@pytest.fixture
def work() -> Stagework:
    work = Stagework(people(), conversations(), stage(fit, find, language=lambda text: LANGUAGES.get(text, "")))
    work.agents(
        Agent("bob", team="it"), Agent("eva", role="approver"), Agent("lea", team="legal"), Agent("sue", role="supervisor"),
        Agent("max", team="sales"),
    )  # fmt: skip
    return work


@pytest.fixture
def held(work) -> Conversation:
    conversation = work.conversation_of(work.hear("My wifi is down", name="Ana", intent="wifi", language="es"))
    work.accept("bob", conversation)
    return conversation


def policy(work, *tiers, approve=("always",), **fields):
    work.set("policy", "p", Policy("p", approve=approve, tiers=tiers, **fields))


def reply(work, held, text="On my way", **fields):
    return work.act("bob", "reply", text, conversation=held.id, **fields)


def draft_of(work, held) -> Draft:
    return work.row(Draft, reply(work, held).result)


# ---- tiers


def test_each_tier_must_be_given_and_inside_one_any_of_those_named_may(work, held):
    policy(work, Tier(roles=("approver",)), Tier(teams=("legal",), agents=("max",)))
    draft = draft_of(work, held)

    assert work.act("max", "approve", draft=draft.id).reason == "not-asked: this tier is for approver."
    assert isinstance(work.act("eva", "approve", draft=draft.id), ActionDone)
    assert (work.all(ReplyQueued), work.last(TierGiven).tier) == ([], 1)
    assert isinstance(work.act("lea", "approve", draft=draft.id), ActionDone)
    assert [one.by for one in work.row(Draft, draft.id).seen] == ["eva", "lea"]
    assert work.only(Outgoing).text == "On my way"


def test_nobody_gives_two_tiers_nor_the_text_that_they_wrote_or_edited(work, held):
    policy(work, Tier(roles=("approver",)), Tier(roles=("approver",)))
    draft = draft_of(work, held)
    work.act("sue", "approve", "On our way", draft=draft.id)

    assert work.act("sue", "approve", draft=draft.id).reason.startswith("own-text: sue has seen or changed")
    assert work.act("bob", "approve", draft=draft.id).reason.startswith("own-text: ")
    assert isinstance(work.act("eva", "approve", draft=draft.id), ActionDone)
    assert work.only(Outgoing).text == "On our way"


def test_an_edit_is_kept_as_a_difference_with_who_made_it(work, held):
    policy(work, Tier(roles=("approver",)), Tier(roles=("approver",)))
    draft = draft_of(work, held)
    work.act("eva", "approve", "On our way", draft=draft.id)
    work.act("sue", "approve", "On our way, Ana", draft=draft.id)

    found = work.row(Draft, draft.id)
    assert [(one.by, one.text) for one in found.seen] == [("eva", "On my way"), ("sue", "On our way")]
    assert (found.text, found.edited, found.state) == ("On my way", "On our way, Ana", "approved")


def test_where_the_tier_says_so_an_edited_text_needs_yet_another_pair_of_eyes(work, held):
    policy(work, Tier(roles=("approver",), edits="again"))
    draft = draft_of(work, held)
    work.act("eva", "approve", "On our way", draft=draft.id)
    between = (work.all(DraftApproved), work.row(Draft, draft.id).state)
    work.act("sue", "approve", draft=draft.id)

    assert between == ([], DraftState.ASKED)
    assert work.only(Outgoing).text == "On our way"


def test_the_second_of_two_who_approve_at_once_is_told_by_whom_it_was_done(work, held):
    policy(work)
    draft = draft_of(work, held)
    work.act("eva", "approve", draft=draft.id)

    assert work.act("sue", "approve", draft=draft.id).reason == "This reply is approved already, by eva."
    assert len(work.all(ReplyQueued)) == 1


def test_who_read_a_text_that_was_changed_meanwhile_is_refused(work, held):
    policy(work, Tier(roles=("approver",)), Tier(roles=("approver",)))
    draft = draft_of(work, held)
    read = fingerprint(draft.standing)
    work.act("eva", "approve", "On our way", draft=draft.id, argument=read)

    assert work.act("sue", "approve", draft=draft.id, argument=read).reason.startswith("changed: ")
    assert isinstance(work.act("sue", "approve", draft=draft.id, argument=fingerprint("On our way")), ActionDone)


def test_a_policy_that_changes_moves_no_draft_that_waits(work, held):
    policy(work, Tier(agents=("lea",)))
    draft = draft_of(work, held)
    policy(work, Tier(agents=("max",)))

    assert isinstance(work.act("max", "approve", draft=draft.id), ActionRefused)
    assert isinstance(work.act("lea", "approve", draft=draft.id), ActionDone)


# ---- time


def test_a_tier_that_nobody_gives_in_time_goes_back_to_the_author_with_the_reason(work, held):
    policy(work, Tier(roles=("approver",), minutes=10))
    draft = draft_of(work, held)
    work.later(minutes=9)
    still = work.row(Draft, draft.id).state
    work.later(minutes=2)

    assert still is DraftState.ASKED
    assert work.last(DraftReturned).by == ""
    assert work.row(Draft, draft.id).reason.startswith("Nobody decided in time")
    assert work.only(Conversation).draft is None


def test_a_tier_can_pass_to_the_next_and_then_to_one_who_is_not_at_the_desk(work, held):
    policy(work, Tier(agents=("eva",), minutes=10, then="next"), Tier(agents=("sue",), minutes=10, then="lea"))
    draft = draft_of(work, held)
    work.later(minutes=11)
    second = work.row(Draft, draft.id).tier
    work.later(minutes=11)

    assert second == 1
    assert (work.last(TierExpired).asked, work.row(Draft, draft.id).tiers[1].agents) == ("lea", ("lea",))
    assert isinstance(work.act("lea", "approve", draft=draft.id), ActionDone)


def test_who_is_asked_off_the_desk_has_an_end_too(work, held):
    policy(work, Tier(agents=("eva",), minutes=10, then="lea"))
    draft = draft_of(work, held)
    work.later(minutes=25)

    assert work.row(Draft, draft.id).state is DraftState.RETURNED


def test_a_decided_draft_does_not_expire_and_a_rebuild_gives_the_same_rows(work, held):
    policy(work, Tier(agents=("eva",), minutes=10), Tier(agents=("sue",), minutes=10))
    draft = draft_of(work, held)
    work.act("eva", "approve", "On our way", draft=draft.id)
    work.act("sue", "approve", draft=draft.id)
    work.later(minutes=30)

    tables = [Draft, Conversation, Outgoing, Reminder]
    assert work.all(DraftReturned) == []
    assert everything(work.rebuilt(), tables) == everything(work.rows, tables)


# ---- occasions


@pytest.mark.parametrize(
    ("approve", "text", "rules"),
    [
        (("influencer",), "Hi", ("influencer",)),
        (("legal",), "We talk to your lawyer", ("legal",)),
        (("intent:wifi",), "Hi", ("intent:wifi",)),
        (("intent:refund",), "Hi", None),
        (("check:tone",), "That is RIDICULOUS, stop complaining", ("check:tone", "tone")),
        (("check:wrong-language",), "Good day to you all", ("check:wrong-language",)),
        (("legal",), "Hi", None),
    ],
)
def test_occasions_are_data(work, held, approve, text, rules):
    work.declare("mastodon:@ana@example.social", followers=25_000.0)
    policy(work, approve=approve)
    reply(work, held, text)

    assert [one.rules for one in work.all(ApprovalAsked)] == ([rules] if rules else [])


def test_what_the_person_wrote_can_make_it_a_matter_of_law(work, held):
    policy(work, approve=("legal",))
    work.hear("Voy a hablar con mi abogado", language="es")

    reply(work, held)
    assert work.last(ApprovalAsked).rules == ("legal",)


def test_a_policy_holds_for_the_brands_that_it_names(work, held):
    work.set("brand", "azul", Brand("azul", "Posada Azul"))
    work.set("account", held.account, Account(held.account, "mastodon", "azul"))
    policy(work, brands=("reforma",))
    reply(work, held)
    before = work.all(ApprovalAsked)
    policy(work, brands=("azul",))
    reply(work, held, "And more")

    assert (before, len(work.all(ApprovalAsked))) == ([], 1)


def test_what_a_check_asks_goes_to_the_policy_that_is_there_for_checks(work, held):
    policy(work, Tier(teams=("legal",)), approve=())
    reply(work, held, "We will refund 120 EUR.")

    assert (work.last(ApprovalAsked).rules, work.last(ApprovalAsked).tiers[0].teams) == (("promise",), ("legal",))


def test_a_check_can_be_switched_off(work, held):
    policy(work, approve=(), checks={"promise": "off"})

    assert isinstance(reply(work, held, "We will refund 120 EUR."), ActionDone)
    assert work.all(ApprovalAsked) == []
