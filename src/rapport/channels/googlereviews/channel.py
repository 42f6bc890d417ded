"""The reviews of one place on Google as a channel."""

import re
from datetime import timedelta

from rapport.channels.capabilities import Wording
from rapport.channels.channel import Channel, Evidence, Field, Means, Network
from rapport.channels.fields import number, settings_of
from rapport.channels.google_api import CONSENT_FIELDS, consent, google_api
from rapport.channels.googlereviews.api import ROOT, GoogleReviews
from rapport.channels.limits import limits_of
from rapport.channels.reviews import ReviewChannel, review_capabilities
from rapport.errors import BadInput
from rapport.model.centre import Account
from rapport.model.news import Delivery

NAME = "googlereviews"
LIMITS = limits_of(__package__)
REPORTS = frozenset({Delivery.ACCEPTED, Delivery.DELIVERED, Delivery.FAILED})
FIELDS = (
    Field("location", Wording("Ubicación (accounts/…/locations/…)", "Location (accounts/…/locations/…)")),
    *CONSENT_FIELDS,
    Field("days", Wording("Días atrás en la primera lectura", "Days back at the first reading"), "30"),
)


def open_google_reviews(account: Account, means: Means) -> Channel:
    """The place that an account's settings name."""
    given = settings_of(account, FIELDS, means.secret)
    if not re.fullmatch(r"accounts/\d+/locations/\d+", given["location"], re.ASCII):
        raise BadInput(f"`location` of account {account.id!r} must look like accounts/1/locations/2, got {given['location']!r}")
    LIMITS.fill(means.budget, means.clock.now())
    signs, back = consent(means, given), timedelta(days=number(given, "days"))
    shop = GoogleReviews(google_api(means, f"{ROOT}/{given['location']}", signs))
    return ReviewChannel(shop, NAME, LIMITS, back, means.clock, review_capabilities(LIMITS, REPORTS, take_back=True), signs)


NETWORK = Network(
    NAME,
    Wording("Reseñas de Google", "Google reviews"),
    FIELDS,
    open_google_reviews,
    Evidence.CONTRACT,
    ("mybusiness.googleapis.com", "oauth2.googleapis.com"),
)
