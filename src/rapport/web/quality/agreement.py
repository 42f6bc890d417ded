"""How far reviewers agree: Krippendorff's alpha by question, who scores how, and what each agent came to."""

import asyncio
from collections import defaultdict
from datetime import timedelta

import msgspec
from litestar import Response, get

from rapport.measures.definitions import SMALL
from rapport.measures.intervals import mean_bounds
from rapport.measures.quality import reading
from rapport.measures.quality.alpha import FEWEST_FOR_INTERVAL
from rapport.measures.quality.comparing import FAIR, GOOD, Compared, compared
from rapport.model.review import RANDOM, Scorecard
from rapport.model.reviewed import Review, Reviewable
from rapport.web.desk.page import seated
from rapport.web.desk.reading import names_of
from rapport.web.page import render
from rapport.web.security import AnyRequest, needs

DAYS = 91
Given = list[tuple[Review, Reviewable]]


class CardShown(msgspec.Struct, frozen=True):
    """A scorecard, how far its reviewers agree, and over how many conversations that were reviewed twice or more."""

    card: Scorecard
    compared: tuple[Compared, ...]
    twice: int


class MeanShown(msgspec.Struct, frozen=True):
    """Scores of an agent, or by a reviewer. `mean` None: fewer than the house shows. `low`, `high`: 95 %."""

    name: str
    count: int
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    passed: int = 0
    fatal: int = 0


class AgreementPage(msgspec.Struct, frozen=True):
    """The page, over the last so many `days`."""

    cards: tuple[CardShown, ...]
    agents: tuple[MeanShown, ...]
    reviewers: tuple[MeanShown, ...]
    reviews: int
    days: int
    small: int
    good: float
    fair: float
    few: int


def means(scores: dict[str, list[Review]], names: dict[str, str]) -> tuple[MeanShown, ...]:
    """Scores by whoever they are of, by name; hidden where there are few."""
    found = []
    for id, reviews in scores.items():
        values = [review.score for review in reviews if review.score is not None]
        name, count = names.get(id, id), len(values)
        if count < SMALL:
            found.append(MeanShown(name, count))
            continue
        low, high = mean_bounds(sum(values), sum(value * value for value in values), count)
        passed, fatal = sum(review.passed for review in reviews), sum(review.fatal for review in reviews)
        found.append(MeanShown(name, count, sum(values) / count, max(0.0, low), min(100.0, high), passed, fatal))
    return tuple(sorted(found, key=lambda one: one.name.casefold()))


def first_of_each(given: Given) -> list[Review]:
    """The review of each conversation that counts for its agent: the first one, drawn at random, not withdrawn."""
    first: dict[bytes, Review] = {}
    for review, item in given:
        if item.kind == RANDOM and (review.item not in first or (review.at, review.id) < _key(first[review.item])):
            first[review.item] = review
    return [review for review in first.values() if review.counts]


def _key(review: Review) -> tuple[object, bytes]:
    return review.at, review.id


@get("/quality/agreement", opt=needs("quality.decide"), include_in_schema=False)
async def agreeing(request: AnyRequest) -> Response[str]:
    """How far reviewers agree, over the last three months."""
    async with seated(request) as seat:
        given = await reading.given_since(seat.db, seat.who.tenant, seat.office.clock.now() - timedelta(days=DAYS))
        latest = {item.scorecard: (item.scorecard, item.version) for _, item in reversed(given)}
        cards = await reading.cards(seat.db, seat.who.tenant, set(latest.values()))
        names = names_of(seat.centre)
    by_agent, by_reviewer = defaultdict(list), defaultdict(list)
    for review in first_of_each(given):
        by_agent[review.agent].append(review)
    for review, _ in given:
        by_reviewer[review.reviewer].append(review)
    page = AgreementPage(
        await asyncio.to_thread(_cards, list(cards.values()), given), means(by_agent, names), means(by_reviewer, names),
        len(given), DAYS, SMALL, GOOD, FAIR, FEWEST_FOR_INTERVAL,
    )  # fmt: skip
    return await render(request, "quality_agreement.html", page)


def _cards(cards: list[Scorecard], given: Given) -> tuple[CardShown, ...]:
    return tuple(_card(card, given) for card in cards)


def _card(card: Scorecard, given: Given) -> CardShown:
    """Only reviews by the same questions are compared: those of which a later version took some away lack them."""
    own = [review for review, item in given if item.scorecard == card.id]
    often: dict[bytes, int] = defaultdict(int)
    for review in own:
        often[review.item] += 1
    return CardShown(card, tuple(compared(card, own)), sum(count > 1 for count in often.values()))


HANDLERS = [agreeing]
