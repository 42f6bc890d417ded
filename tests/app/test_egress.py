"""The egress manifest: every way out of a house, with its reason, by the settings of its accounts."""

from rapport.app.egress import manifest, places
from rapport.channels.registry import networks
from rapport.model.centre import Account
from rapport.settings import Secret, Settings

MAIL = Account(
    "mail", "email", settings={"imap_host": "imap.acme.example", "smtp_host": "smtp.acme.example", "smtp_port": "587"}
)
SOCIAL = Account("acme", "mastodon", settings={"server": "https://social.example"})


def ways(settings: Settings, *accounts: Account) -> set[tuple[str, str, int, str]]:
    found = manifest(settings, [("default", account) for account in accounts], networks())
    return {(one.process, one.host, one.port, one.account) for one in found}


def test_an_account_is_reached_where_its_settings_say_with_the_defaults_of_its_network():
    assert places(MAIL, networks()["email"]) == [("imap.acme.example", 993), ("smtp.acme.example", 587)]
    assert places(SOCIAL, networks()["mastodon"]) == [("social.example", 443)]


def test_a_host_that_nobody_named_is_that_of_the_address():
    settings = {"address": "care@acme.example", "password": "secret:x"}

    assert places(Account("chat", "xmpp", settings=settings), networks()["xmpp"]) == [("acme.example", 5222)]
    named = Account("chat", "xmpp", settings=settings | {"host": "xmpp.acme.example"})
    assert places(named, networks()["xmpp"]) == [("xmpp.acme.example", 5222)]


def test_each_process_that_connects_is_named_with_what_it_connects_to():
    found = ways(Settings(database_url=Secret("postgresql://u:p@db.acme.example/rapport")), MAIL, SOCIAL)

    assert {("worker", "imap.acme.example", 993, "mail"), ("web", "social.example", 443, "acme")} <= found
    assert ("worker", "db.acme.example", 5432, "") in found


def test_the_password_of_the_database_is_not_told():
    found = manifest(Settings(database_url=Secret("postgresql://u:s3cret@db.example/x")), [], networks())

    assert "s3cret" not in repr(found)


def test_with_a_proxy_everything_goes_by_it_but_what_says_that_it_cannot():
    chat = Account("chat", "xmpp", settings={"address": "care@acme.example", "password": "secret:x"})
    found = ways(Settings(outbound_proxy="http://proxy.acme.example:3128"), MAIL, SOCIAL, chat)

    assert ("worker", "proxy.acme.example", 3128, "acme") in found
    assert {(host, port) for _, host, port, account in found if account != "chat"} == {("proxy.acme.example", 3128)}
    assert ("worker", "acme.example", 5222, "chat") in found


def test_a_paused_account_and_one_that_nobody_knows_have_no_way_out():
    paused = Account("acme", "mastodon", settings={"server": "https://social.example"}, paused=True)

    assert not {account for *_, account in ways(Settings(), paused, Account("y", "nothing"))} - {""}


def test_every_network_of_ours_says_where_it_goes():
    silent = {name for name, network in networks().items() if not network.hosts}

    assert silent <= {"file", "webchat", "sms"} | {"hook", "webhook"}


def test_desks_exchange_the_sound_of_calls_with_the_telephone_server_themselves():
    phone = Account("phone", "voice", settings={"url": "http://pbx.acme.example:8088"})

    found = ways(Settings(), phone)

    assert {("worker", "pbx.acme.example", 8088, "phone"), ("desk", "pbx.acme.example", 0, "phone")} <= found


def test_a_model_that_suggests_is_a_way_out_of_the_pages_alone():
    settings = Settings(assist_url="https://model.acme.example/v1", assist_model="small")

    assert {way for way in ways(settings) if way[1] == "model.acme.example"} == {("web", "model.acme.example", 443, "")}
    assert [way for way in ways(Settings()) if "model" in way[1]] == []
