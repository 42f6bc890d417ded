"""Files of a reply on their way: in which part they go, who saw them, and that they leave with it and come back with it."""

from datetime import timedelta

import pytest

from rapport.channels.capabilities import MediaRules
from rapport.channels.carrying import carried
from rapport.conversations.stage import stage as conversations
from rapport.errors import BadInput
from rapport.model.agent import Agent
from rapport.model.centre import Policy
from rapport.model.fact import ActionDone, ActionRefused
from rapport.model.message import Direction, Media, Message
from rapport.model.reply import Carried, Draft, Outgoing
from rapport.people.stage import stage as people
from rapport.replies.approval import fingerprint
from rapport.replies.stage import stage
from replies.test_check import find
from replies.test_replies_stage import fit
from stagework import Stagework

PICTURE = Media("key.png", "image/png", 2_000, "aa" * 32)
LETTER = Media("letter.pdf", "application/pdf", 3_000, "bb" * 32)
NETWORK = MediaRules(("image/*",), 5_000_000, 1, described=True)


def carry(account, channel, text, reach, to, files, now) -> Carried:
    return carried(NETWORK, lambda said: fit(account, channel, said, reach, to), text, files, lambda file: "https://here/f")


@pytest.fixture
def work() -> Stagework:
    work = Stagework(people(), conversations(), stage(fit, find, carry=carry))
    work.agents(Agent("bob", name="Bob Ruiz", team="it"), "eva", Agent("sue", role="supervisor"))
    return work


@pytest.fixture
def held(work):
    conversation = work.conversation_of(work.hear("My key is gone", name="Ana"))
    work.accept("bob", conversation)
    return conversation


def said(work, held, text, *files, agent="bob", do="reply", **fields):
    return work.act(agent, do, text, conversation=held.id, files=files, **fields)


def test_a_file_goes_with_the_first_part_and_stands_with_our_message(work, held):
    answer = said(work, held, "Here|it is", PICTURE)

    assert isinstance(answer, ActionDone)
    assert [(part.text, part.files) for part in sorted(work.rows.all(Outgoing), key=lambda p: p.part)] == [
        ("Here", (PICTURE,)),
        ("it is", ()),
    ]
    [ours] = [message for message in work.rows.all(Message) if message.direction is Direction.OUT]
    assert ours.media == (PICTURE,)


def test_a_file_alone_is_an_answer_and_nothing_at_all_is_none(work, held):
    assert said(work, held, "").reason.startswith("empty: ")

    assert isinstance(said(work, held, "", PICTURE), ActionDone)
    assert [(part.text, part.files) for part in work.rows.all(Outgoing)] == [("", (PICTURE,))]


def test_what_the_network_does_not_take_goes_as_a_link_in_the_words(work, held):
    said(work, held, "Your letter", LETTER)

    [part] = work.rows.all(Outgoing)
    assert (part.text, part.files) == ("Your letter\n\nletter.pdf: https://here/f", ())


def test_a_published_picture_without_a_description_is_warned_of(work, held):
    draft = work.row(Draft, said(work, held, "Here it is", PICTURE).result)

    assert [finding.rule for finding in draft.findings] == ["undescribed"]


def test_an_approver_decides_by_the_very_files_and_they_leave_with_the_edited_text(work, held):
    work.set("policy", "all", Policy("all", approve=("always",)))
    draft = work.row(Draft, said(work, held, "Here it is", PICTURE).result)

    other = work.act("sue", "approve", draft=draft.id, argument=fingerprint("Here it is", (LETTER,)))
    seen = fingerprint("Here it is", (PICTURE,))
    good = work.act("sue", "approve", "Here is your key", draft=draft.id, argument=seen)

    assert isinstance(other, ActionRefused)
    assert other.reason.startswith("changed: ")
    assert isinstance(good, ActionDone)
    assert [(part.text, part.files) for part in work.rows.all(Outgoing)] == [("Here is your key", (PICTURE,))]


@pytest.mark.parametrize(
    ("rules", "text", "parts", "files"),
    [
        (MediaRules(("*/*",), 0, 2), "uno", ("uno", ""), ((0, 1), (2,))),
        (MediaRules(("*/*",), 0, 2, with_text=False), "uno", ("uno", "", ""), ((), (0, 1), (2,))),
        (MediaRules(("*/*",), 0, 4, caption=2), "uno", ("uno", ""), ((), (0, 1, 2))),
        (MediaRules(("*/*",), 0, 2, alone=False), "", ("(1/2)", "(2/2)"), ((0, 1), (2,))),
    ],
)
@pytest.mark.pure
def test_files_stand_in_messages_as_the_network_takes_them(rules, text, parts, files):
    made = carried(rules, lambda said: (said,), text, (PICTURE,) * 3, None)

    assert (made.parts, made.files) == (parts, files)


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        (MediaRules(), "takes no files"),
        (MediaRules(("image/*", "video/mp4"), 10, 1), "only image/*, video/mp4"),
        (MediaRules(("*/*",), 1 << 20, 1, {"application/*": 1_000}), "make it smaller"),
    ],
)
@pytest.mark.pure
def test_where_no_link_can_be_given_the_refusal_names_the_cure(rules, says):
    with pytest.raises(BadInput, match="letter.pdf") as refused:
        carried(rules, lambda said: (said,), "uno", (LETTER,), None)

    assert says in str(refused.value)


def test_a_reply_that_leaves_later_takes_its_files_along(work, held):
    later = (work.now + timedelta(hours=1)).isoformat()
    said(work, held, "Tomorrow", PICTURE, argument=later)

    [part] = work.rows.all(Outgoing)
    assert part.files == (PICTURE,)
    assert part.not_before == work.now + timedelta(hours=1)
