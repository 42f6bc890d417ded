"""Who is asked, and why: the stories that the house was built for."""

from datetime import timedelta

from matching.matchwork import Matchwork, an_agent


def test_a_post_about_poor_wifi_goes_to_the_technician_who_knows_wifi():
    work = Matchwork(
        an_agent("ana", languages=["es", "en"], skills={"wifi": 0.9, "billing": 0.1}),
        an_agent("bob", languages=["en"], skills={"billing": 0.9}),
    )

    post = work.write("Third night and the wifi in my room still drops every five minutes")

    assert work.asked(post) == "ana"
    assert {"wifi", "skills", "languages", "en"} <= work.because(post)


def test_a_skill_is_found_by_other_words_for_it_in_both_languages():
    work = Matchwork(
        an_agent("bea", languages=["es"], skills={"billing": 0.8}), an_agent("wil", languages=["es"], skills={"wifi": 0.8})
    )

    about_money = work.write("Me cobraron dos veces el minibar", language="es", by="mastodon:@a@b.c")
    about_signal = work.write("No hay conexion desde ayer", language="es", by="mastodon:@d@b.c")

    assert (work.asked(about_money), work.asked(about_signal)) == ("bea", "wil")


def test_whoever_asked_about_spending_before_is_put_to_the_expert_in_money_management():
    work = Matchwork(
        an_agent("cal", skills={"cards": 0.9}),
        an_agent("mia", skills={"money-management": 0.9}),
        an_agent("zoe", skills={"mortgages": 0.9}),
    )
    for days in range(5):
        work.event("chat.question", "webchat:guest", ago=timedelta(days=days), topic="spending", text="How much did I spend?")

    question = work.chat("Hello, I have one more doubt")

    assert work.asked(question) == "mia"
    assert "money-management" in work.because(question)


def test_the_runner_is_put_to_the_agent_who_runs():
    work = Matchwork(
        an_agent("ada", skills={"shoes": 0.8}, interests=["chess"]),
        an_agent("rob", skills={"shoes": 0.8}, interests=["running"]),
    )
    work.event("race.signed_up", "webchat:guest", ago=timedelta(days=3), distance="5K")

    question = work.chat("Do you have these shoes in size 42?")

    assert work.asked(question) == "rob"
    assert {"interests", "running"} <= work.because(question)


def test_the_patient_is_put_to_the_nurse_who_cared_for_them_though_she_is_on_the_road():
    work = Matchwork(
        an_agent("kim", skills={"nursing": 1.0}),
        an_agent("li", skills={"nursing": 0.7}, slots={"sms": 1, "chat": 1}),
    )
    work.event("care.visited", "sms:+525550001", ago=timedelta(days=6), nurse="li", place="home")

    question = work.write("The bandage on my knee came loose, is that bad?", by="sms:+525550001")

    assert work.asked(question) == "li"
    assert "care.visited" in work.because(question)


def test_who_knows_the_person_is_asked_though_a_step_asks_for_a_skill_they_lack():
    work = Matchwork(an_agent("kim", skills={"nursing": 1.0}), an_agent("li"))
    work.event("care.visited", "webchat:guest", ago=timedelta(days=6), nurse="Li")

    question = work.chat("My bandage came loose")

    assert work.asked(question) == "li"


def test_a_spanish_speaker_waits_for_who_speaks_spanish_and_comes_free():
    work = Matchwork(
        an_agent("eve", languages=["en"], skills={"wifi": 1.0}), an_agent("sol", languages=["es"], slots={"social": 1})
    )
    first = work.write("Hola, una pregunta", language="es", by="mastodon:@uno@b.c")
    work.do("sol", "accept", first)

    second = work.write("El wifi no funciona", language="es", by="mastodon:@dos@b.c")
    work.later(minutes=30)
    before = work.ever_asked(second)
    work.do("sol", "wrap_up", first, argument="solved")

    assert before == []
    assert work.asked(second) == "sol"


def test_a_spanish_speaker_is_served_in_english_where_nobody_present_speaks_spanish():
    work = Matchwork(an_agent("eve", languages=["en"]), an_agent("sol", languages=["es"], presence="away"))

    post = work.write("El wifi no funciona", language="es")

    assert work.asked(post) == "eve"


def test_when_the_only_spanish_speaker_declines_somebody_else_is_asked_at_once():
    work = Matchwork(an_agent("eve", languages=["en"]), an_agent("sol", languages=["es"]))
    post = work.write("Hola", language="es")

    work.do("sol", "decline", post)

    assert work.ever_asked(post) == ["sol", "eve"]


def test_the_only_spanish_speaker_who_lets_an_offer_pass_is_asked_once_more():
    work = Matchwork(an_agent("eve", languages=["en"]), an_agent("sol", languages=["es"]))
    post = work.write("Hola", language="es")

    work.later(seconds=40)
    then = work.ever_asked(post)
    work.later(seconds=30)

    assert (then, work.ever_asked(post)) == (["sol", "sol"], ["sol", "sol", "eve"])


def test_another_spanish_speaker_is_waited_for_when_one_declines():
    work = Matchwork(
        an_agent("eve", languages=["en"]),
        an_agent("luz", languages=["es"], presence="busy"),
        an_agent("sol", languages=["es"]),
    )
    post = work.write("Hola", language="es")

    work.do("sol", "decline", post)
    work.later(minutes=2)
    work.act("luz", "go_online")

    assert work.ever_asked(post) == ["sol", "luz"]


def test_where_the_language_is_unknown_anyone_may_be_asked():
    work = Matchwork(an_agent("eve", languages=["en"]))

    assert work.asked(work.write("👍🏽🔥", language="")) == "eve"


def test_an_agent_without_languages_speaks_those_of_the_centre():
    work = Matchwork(an_agent("eve"))

    post = work.write("Hola", language="es")

    assert work.asked(post) == "eve"
    assert "languages" in work.because(post)


def test_a_skill_that_nobody_present_has_is_not_waited_for():
    work = Matchwork(an_agent("bob", skills={"billing": 0.9}), an_agent("wil", skills={"wifi": 0.9}, presence="away"))

    assert work.asked(work.write("The wifi is down")) == "bob"


def test_the_expert_who_is_busy_is_waited_for_a_while_and_then_somebody_else_is_asked():
    work = Matchwork(an_agent("bob", skills={"billing": 0.9}), an_agent("wil", skills={"wifi": 0.9}, presence="busy"))

    post = work.write("The wifi is down")
    at_first = work.asked(post)
    work.later(seconds=61)

    assert (at_first, work.asked(post)) == ("", "bob")


def test_of_two_who_are_alike_the_one_who_holds_less_is_asked():
    work = Matchwork(an_agent("ann"), an_agent("ben"))
    first = work.write("Hello there", by="mastodon:@uno@b.c")
    work.do(work.asked(first), "accept", first)

    second = work.write("Hello there", by="mastodon:@dos@b.c")

    assert {work.has(first), work.asked(second)} == {"ann", "ben"}


def test_of_two_who_are_alike_the_one_who_has_been_idle_longest_is_asked():
    work = Matchwork(an_agent("ann", presence="away"), an_agent("ben"))
    work.later(minutes=20)
    work.act("ann", "go_online")

    assert work.asked(work.write("Hello")) == "ben"


def test_of_two_who_are_alike_in_everything_the_first_by_id_is_asked():
    work = Matchwork(an_agent("ben"), an_agent("ann"))

    assert work.asked(work.write("Hello")) == "ann"


def test_whoever_has_no_place_for_this_kind_of_channel_is_not_asked():
    work = Matchwork(an_agent("ann", slots={"voice": 1}), an_agent("ben", slots={"social": 1}))

    assert work.asked(work.write("Hello")) == "ben"


def test_a_slot_may_be_named_for_one_channel():
    work = Matchwork(an_agent("ann", slots={"mastodon": 1}))

    post = work.write("Hello")

    assert work.asked(post) == "ann"
    assert work.offer_of(post).slot == "mastodon"


def test_no_more_is_put_to_an_agent_than_they_have_places_for():
    work = Matchwork(an_agent("ann", slots={"social": 2}))

    posts = [work.write("Hello", by=f"mastodon:@p{n}@b.c") for n in range(3)]

    assert [work.asked(post) for post in posts] == ["ann", "ann", ""]


def test_whom_a_person_spoke_with_before_is_asked_again():
    work = Matchwork(an_agent("ann"), an_agent("ben"))
    first = work.write("Hello")
    work.do(work.asked(first), "accept", first)
    work.do(work.has(first) or "ann", "wrap_up", first, argument="solved")
    work.later(days=20)

    second = work.write("Hello again, something new")

    assert work.ever_asked(second)[-1] == work.ever_asked(first)[0]
    assert "known" in work.because(second)


def test_the_more_urgent_of_two_goes_first_where_one_place_is_free():
    work = Matchwork(an_agent("ann", slots={"social": 1}, presence="away"))
    calm = work.write("Hello", by="mastodon:@calm@b.c")
    urgent = work.write("Smoke in my room", by="mastodon:@urgent@b.c", urgency=1.0)

    work.act("ann", "go_online")

    assert (work.asked(calm), work.asked(urgent)) == ("", "ann")


def test_who_helps_both_best_is_found_together_not_one_by_one():
    work = Matchwork(
        an_agent("both", skills={"wifi": 0.95, "billing": 0.9}, slots={"social": 1}, presence="away"),
        an_agent("wifi", skills={"wifi": 0.9}, slots={"social": 1}, presence="away"),
    )
    about_wifi = work.write("The wifi is down", by="mastodon:@uno@b.c")
    about_bill = work.write("My invoice is wrong", by="mastodon:@dos@b.c")

    with_all_there(work, "both", "wifi")

    assert (work.asked(about_wifi), work.asked(about_bill)) == ("wifi", "both")


def with_all_there(work, *agents):
    """All of them come in the same round."""
    settle, work.settle = work.settle, lambda: None
    for agent in agents:
        work.act(agent, "go_online")
    work.settle = settle
    work.settle()
