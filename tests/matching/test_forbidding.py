"""What is never put to an agent and is taken by them: refused where a policy says so, else done and on record."""

from msgspec.structs import replace

from matching.matchwork import Matchwork, an_agent
from rapport.model.centre import Policy
from rapport.model.fact import ActionDone, RuleCrossed

NEVER = ("need.kind == 'social'",)


def taken(*policies, never=NEVER):
    work = Matchwork(an_agent("ann"), replace(an_agent("ben"), never=never))
    for policy in policies:
        work.set("policy", policy.id, policy)
    post = work.write("The wifi is down")
    return work, post, work.do("ben", "take", post)


def test_what_is_never_put_to_somebody_and_taken_by_them_is_on_record():
    work, post, answer = taken()

    assert isinstance(answer, ActionDone)
    assert work.has(post) == "ben"
    assert [fact.agent for fact in work.all(RuleCrossed)] == ["ben"]


def test_a_policy_refuses_it_where_it_holds():
    work, post, answer = taken(Policy("p", taking="refuse"))
    elsewhere, other, allowed = taken(Policy("p", taking="refuse", channels=("sms",)))

    assert answer.reason.startswith("never: a rule keeps this conversation from you")
    assert (work.has(post), work.all(RuleCrossed)) == ("", [])
    assert isinstance(allowed, ActionDone)


def test_whoever_may_have_it_takes_it_and_nothing_is_put_on_record():
    work, _, answer = taken(Policy("p", taking="refuse"), never=("need.kind == 'sms'",))

    assert isinstance(answer, ActionDone)
    assert work.all(RuleCrossed) == []
