"""The reviews of one app on Google Play as a channel."""

import re
from datetime import timedelta

from rapport.channels.capabilities import Wording
from rapport.channels.channel import Channel, Evidence, Field, Means, Network
from rapport.channels.fields import settings_of
from rapport.channels.google_api import google_api, service_account
from rapport.channels.limits import limits_of
from rapport.channels.playreviews.api import ROOT, PlayReviews
from rapport.channels.reviews import ReviewChannel, review_capabilities
from rapport.errors import BadInput
from rapport.model.centre import Account

NAME = "playreviews"
SCOPE = "https://www.googleapis.com/auth/androidpublisher"
LIMITS = limits_of(__package__)
FIELDS = (
    Field("package", Wording("Nombre del paquete (com.ejemplo.app)", "Package name (com.example.app)")),
    Field("key", Wording("Archivo JSON de la cuenta de servicio", "JSON file of the service account"), secret=True),
)


def open_play_reviews(account: Account, means: Means) -> Channel:
    """The app that an account's settings name."""
    given = settings_of(account, FIELDS, means.secret)
    if not re.fullmatch(r"[A-Za-z]\w*(\.[A-Za-z]\w*)+", given["package"], re.ASCII):
        raise BadInput(f"`package` of account {account.id!r} must look like com.example.app, got {given['package']!r}")
    LIMITS.fill(means.budget, means.clock.now())
    shop = PlayReviews(google_api(means, f"{ROOT}/{given['package']}", service_account(means, given["key"], SCOPE)))
    capabilities = review_capabilities(LIMITS, frozenset(), take_back=False)
    return ReviewChannel(shop, NAME, LIMITS, timedelta(days=7), means.clock, capabilities)


NETWORK = Network(
    NAME,
    Wording("Reseñas de Google Play", "Google Play reviews"),
    FIELDS,
    open_play_reviews,
    Evidence.CONTRACT,
    ("androidpublisher.googleapis.com", "oauth2.googleapis.com"),
)
