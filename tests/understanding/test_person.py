"""Asking for a person: must never be missed, in either language; expected values by hand."""

import pytest

from rapport.understanding import model_files
from rapport.understanding.person import Person
from rapport.understanding.words import prepare

ASKED = (
    """
send me to a person|I want to talk to a human|can I speak with a representative?|agent|AGENT!!!|operator please|human please
let me talk to somebody|get me a real person|I need a live agent|connect me to customer service|transfer me to an agent now
is there anyone there?|are there any humans here? connect me with one|I don't want to talk to a bot|stop, I want a person not a bot
please have someone call me|call me back please|I'd like to speak to your manager|put me through to a supervisor|can a human help me
I would rather talk to someone in person|may I chat with an advisor|talk to a rep|I'm tired of this machine, give me a person
I need to talk to a real human being|speak to a persom please|customer service representative|could I get an actual person
let me speak to billing|I want to talk to someone about my bill|hand me over to a human|I can't get to talk to a person
no bots please, a human|escalate this to a supervisor|person please|I asked for a human three times|can you pass me to an operator
can you get me through to a customer service agent|transfer me please to a human|would like an agent|I'd like a human|asked for a person already
quiero hablar con una persona|Pásame con una persona|pásenme con un agente|comuníqueme con un asesor|necesito un humano|humano por favor
quiero que me atienda una persona|no quiero hablar con un robot|no quiero hablar con una máquina|agente|asesor por favor|operadora
¿me puede comunicar con alguien?|ponme con un operador|ponedme con una persona de verdad|transfiéranme con un ejecutivo
quiero hablar con el gerente|necesito hablar con un supervisor|quiero hablar con alguien|que me llamen por favor|llámenme
¿hay alguien ahí?|¿me pueden llamar?|una persona real por favor|exijo hablar con un responsable|quiero una persona, no un bot
ya no quiero el bot, quiero un agente|por favor con una persona|¿puedo hablar con un representante?|quisiera platicar con un asesor
quiero hablar con atención al cliente|me gustaría hablar con alguien de facturación|dame con un humano|mándame con un ejecutivo
no entiende nada este robot, páseme a un humano|quiero hablar con servicio al cliente|que me atienda un ser humano
canalíceme con un asesor|quiero atención humana|ponme con alguien que sepa|necesito que alguien me llame|con un agente
no puedo hablar con nadie, páseme a una persona|quero falar com uma pessoa|quiero un agent please|send me con una persona
""".replace("\n", "|")
    .strip("|")
    .split("|")
)

NOT_ASKED = (
    """
delete my personal data|quiero que borren mis datos personales|a table for one person|una mesa para una persona|precio por persona
the agent was rude to me|el agente fue muy grosero|your employee told me it was free|el asesor me dijo otra cosa|my travel agent booked it
I don't want to talk to a person, just tell me the price|no quiero hablar con una persona, solo díganme el precio|hola|thanks
the price per person is too high|habitación para dos personas|where is my order|¿dónde está mi pedido?|I like the human touch of your ads
can I do it without talking to a person?|quiero hacerlo sin hablar con un asesor|the manager was great|some people are saying it is closed
I need a table for two people|no quiero una persona, solo información|no necesito una máquina de coser|no pasa nada con la otra persona
I get the same price as other people|no quiero esta computadora, la devuelvo|connect me to the hotel wifi|the person who answered was lovely|la máquina de café no funciona|my computer is broken|el robot de cocina llegó roto|
""".replace("\n", "|")
    .strip("|")
    .split("|")
)


@pytest.fixture(scope="module")
def person() -> Person:
    return Person(model_files.table("person.toml"))


@pytest.mark.parametrize("text", ASKED)
def test_who_asks_for_a_person_is_heard(person, text):
    assert person.asked(prepare(text).words)


@pytest.mark.parametrize("text", NOT_ASKED)
def test_who_does_not_ask_for_a_person_is_not_taken_to(person, text):
    assert not person.asked(prepare(text).words)


@pytest.mark.parametrize("text", ASKED[::5])
def test_asking_is_heard_inside_a_longer_message(person, text):
    longer = f"Hola buenas tardes, tengo un problema con mi pedido de ayer. {text}. Gracias, my order is 4471"

    assert person.asked(prepare(longer).words)
