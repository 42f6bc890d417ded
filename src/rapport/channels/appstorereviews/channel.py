"""The reviews of one app on the App Store as a channel."""

from datetime import datetime, timedelta

from rapport.channels.appstorereviews.api import ROOT, AppStoreReviews
from rapport.channels.capabilities import Wording
from rapport.channels.channel import Channel, Evidence, Field, Means, Network
from rapport.channels.fields import number, settings_of
from rapport.channels.json_api import JsonApi
from rapport.channels.limits import limits_of
from rapport.channels.reviews import ReviewChannel, review_capabilities
from rapport.channels.tokens import Signed, web_token
from rapport.errors import BadInput
from rapport.model.centre import Account
from rapport.model.news import Delivery

NAME = "appstorereviews"
LIMITS = limits_of(__package__)
FIELDS = (
    Field("app", Wording("Apple ID de la app (un número)", "Apple ID of the app (a number)")),
    Field("issuer", Wording("Issuer ID", "Issuer ID")),
    Field("key_id", Wording("Identificador de la clave", "Key ID")),
    Field("key", Wording("Clave privada (archivo .p8)", "Private key (the .p8 file)"), secret=True),
    Field("days", Wording("Días atrás en la primera lectura", "Days back at the first reading"), "30"),
)


def open_app_store_reviews(account: Account, means: Means) -> Channel:
    """The app that an account's settings name."""
    given = settings_of(account, FIELDS, means.secret)
    if not (given["app"].isascii() and given["app"].isdecimal()):
        raise BadInput(f"`app` of account {account.id!r} must be the app's number in App Store Connect, got {given['app']!r}")
    lasts = LIMITS.window("token")

    def token(now: datetime) -> str:
        seconds = int(now.timestamp())
        claims: dict[str, str | int] = {"iss": given["issuer"], "iat": seconds, "aud": "appstoreconnect-v1"}
        return web_token(given["key"], claims | {"exp": seconds + int(lasts.total_seconds())}, {"kid": given["key_id"]})

    token(means.clock.now())  # a key that cannot sign is told at once
    LIMITS.fill(means.budget, means.clock.now())
    api = JsonApi(means.http, ROOT, means.clock, Signed(token, means.clock, lasts), means.budget)
    reports = frozenset({Delivery.ACCEPTED, Delivery.DELIVERED})
    capabilities = review_capabilities(LIMITS, reports, take_back=True)
    shop = AppStoreReviews(api, given["app"])
    return ReviewChannel(shop, NAME, LIMITS, timedelta(days=number(given, "days")), means.clock, capabilities)


NETWORK = Network(
    NAME,
    Wording("Reseñas de App Store", "App Store reviews"),
    FIELDS,
    open_app_store_reviews,
    Evidence.CONTRACT,
    ("api.appstoreconnect.apple.com",),
)
