"""Links as they are shown: where they go, what is wrong with them, and that nothing of them is live."""

import pytest

from rapport.web.links import links_in, look, skeleton

OURS = ("acme.example", "banco-sol.com")


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://help.acme.example/a?b=c", "acme.example"),
        ("http://shop.acme.co.uk/x", "acme.co.uk"),
        ("www.elpais.com", "elpais.com"),
        ("https://192.168.1.7/x", "192.168.1.7"),
        ("https://xn--bcher-kva.example/", "bücher.example"),
    ],
)
def test_the_registered_domain_is_told_apart(url, domain):
    assert look(url).domain == domain


@pytest.mark.parametrize(
    ("url", "warning"),
    [
        ("https://acme.example.login.evil.net/", "resembles"),
        ("https://banco-so1.com/", "resembles"),
        ("https://bancosol.com/", "resembles"),
        ("https://bаnco-sol.com/", "resembles"),  # the first a is Cyrillic
        ("https://banco-sol-clientes.net/", "resembles"),
        ("https://pаypal.com/", "mixed"),
        ("http://3232235777/", "number"),
        ("https://acme.example@evil.net/", "user"),
        ("https://evil.net:8443/", "port"),
        ("http://evil.net/", "open"),
    ],
)
def test_what_is_wrong_with_a_link_is_named(url, warning):
    assert warning in look(url, OURS).warnings


@pytest.mark.parametrize(
    "url", ["https://acme.example/x", "https://www.banco-sol.com", "https://elpais.com/", "https://solano.com/"]
)
def test_what_is_ours_or_a_strangers_own_is_not_suspected(url):
    assert look(url, OURS).warnings == ()


def test_links_of_the_text_come_first_with_their_places_then_those_of_the_formatting():
    text = "Vean https://a.example/x, y (www.b.example)."

    found = links_in(
        text, '<p><a href="https://a.example/x">aquí</a> <a href="https://c.example/">c</a> <a href="javascript:x">z</a>'
    )

    assert [(link.url, text[link.start : link.end] if link.start >= 0 else "") for link in found] == [
        ("https://a.example/x", "https://a.example/x"),
        ("http://www.b.example", "www.b.example"),
        ("https://c.example/", ""),
    ]


@pytest.mark.parametrize(
    "text", ["http://", "https://[::1", "http://a:b:c/", "x" * 10_000, "www.", "https://\u202egro.live", "http://%"]
)
def test_what_is_no_link_stops_nothing(text):
    for link in links_in(text, f'<a href="{text}">'):
        assert link.host


def test_letters_that_look_alike_have_one_skeleton():
    assert skeleton("асmе.com") == skeleton("acme.com")
