"""Quality reviews over the hotel of the pages: a scorecard, a plan, conversations that wait and some that were reviewed."""

import tomllib
from datetime import timedelta
from pathlib import Path

import msgspec

from browser.filled import NOW, an_id
from rapport.ledger.tables import write_rows
from rapport.model.centre import Thing
from rapport.model.playbook import Edition
from rapport.model.review import SamplingPlan, Scorecard
from rapport.model.reviewed import Review, Reviewable, Sample, card_id, review_id, sample_id, version_of
from rapport.store.pool import Store

CENTRE = Path(__file__).parents[2] / "centre"
CARD = msgspec.convert(tomllib.loads((CENTRE / "scorecards/service.toml").read_text("utf-8")), Scorecard)
PLAN = msgspec.convert(tomllib.loads((CENTRE / "sampling/weekly.toml").read_text("utf-8")), SamplingPlan)
BODY, PLANNED = msgspec.json.encode(CARD), msgspec.json.encode(PLAN)
VERSION = version_of(BODY)
GOOD = {"matter": "yes", "not-again": "yes", "right": "5", "next": "yes", "warmth": "4", "private": "no"}
FAIR = {"matter": "yes", "not-again": "no", "right": "3", "next": "na", "warmth": "2", "private": "no"}
STARTS = NOW - timedelta(days=9)
SAMPLE = sample_id("weekly", STARTS, STARTS + timedelta(days=7))


def an_item(name: str, talk: str, agent: str, **more: object) -> Reviewable:
    """A conversation that waits to be reviewed."""
    fields = {"kind": "random", "wanted": 1} | more
    return Reviewable(an_id("item", name), an_id("c", talk), agent, NOW - timedelta(hours=5), "service", VERSION, **fields)  # type: ignore[arg-type]  # as the caller says


def a_review(item: Reviewable, reviewer: str, score: float, **more: object) -> Review:
    """A review of it."""
    fields = {"answers": GOOD if score > 80 else FAIR, "fatal": False, "passed": score >= 80} | more
    answers = fields.pop("answers")
    return Review(
        review_id(item.id, reviewer),
        item.id,
        item.conversation,
        item.agent,
        reviewer,
        NOW - timedelta(hours=2),
        answers,
        score,
        **fields,
    )  # type: ignore[arg-type]  # as the caller says


def rows() -> list[msgspec.Struct]:
    """What waits for Ana: one by risk that two see; a session; what Irene gave of Noor's, against which Noor appeals."""
    done = {"state": "done", "ended_at": NOW - timedelta(hours=1)}
    twice = an_item(
        "twice", "wifi", "noor", kind="risk", wanted=2, why=("angry", "promise-late"), given=("irene",), sample=SAMPLE
    )
    ended = an_item("ended", "cots", "noor", given=("irene", "ana"), wanted=2, sample=SAMPLE, **done)
    own = an_item("own", "taxi", "ana", sample=SAMPLE)
    session = an_item("session", "cots", "lupe", kind="calibration", wanted=0, given=("irene",))
    over = an_item("over", "wifi", "lupe", kind="calibration", wanted=0, given=("irene", "ana"), **done)
    message = an_id("m", "wifi", 1).hex()
    appealed = {"coaching": "Muy claro; falta decir cuándo.", "appeal": "Sí dije cuándo: a las 14:10.", "appealed_at": NOW}
    return [
        Thing("scorecard/service", BODY, NOW - timedelta(days=60)),
        Thing("sampling/weekly", PLANNED, NOW - timedelta(days=60)),
        Edition(card_id("service", VERSION), BODY, NOW - timedelta(days=60)),
        Sample(SAMPLE, "weekly", version_of(PLANNED), "service", VERSION, STARTS, STARTS + timedelta(days=7),
               NOW - timedelta(hours=5), "irene", 812, "ab" * 32, "cd" * 32, 184, 6, 18),
        twice, ended, own, session, over,
        a_review(twice, "irene", 37.5, coaching="Only Irene and no other reads this yet."),
        a_review(ended, "irene", 71.25, notes={"right": "Media respuesta."}, evidence={"right": (message,)}, **appealed),
        a_review(ended, "ana", 96.25),
        a_review(over, "irene", 71.25),
        a_review(over, "ana", 96.25),
    ]  # fmt: skip


async def fill_quality(store: Store, tenant: int) -> None:
    """Write it."""
    async with store.within(tenant) as db:
        for row in rows():
            await write_rows(db, tenant, {type(row): {row.id: row}})
