"""Laws: what a policy pack says of persons' rights: until when each is answered, and what may be kept unasked; as data.

Deadlines as their laws had them on 2026-11-22. Days of business are Monday to Friday: holidays are not taken out, so a date
that is said here is never later than the law's.
"""

import calendar
from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

RIGHTS = ("export", "correction", "erasure", "objection")
WARNED = 0.3  # of the time, at its end, in which a request stands as near
SATURDAY = 5
LONGEST = 366  # days


class Within(msgspec.Struct, frozen=True):
    """A span of a law: months, days, or days of business; one of them is more than 0."""

    months: int = 0
    days: int = 0
    business: int = 0

    def after(self, at: datetime) -> datetime:
        """The end of the span that begins at a time."""
        if self.months:
            month = at.month - 1 + self.months
            year, month = at.year + month // 12, month % 12 + 1
            return at.replace(year=year, month=month, day=min(at.day, calendar.monthrange(year, month)[1]))
        left, day = self.business, at + timedelta(days=self.days)
        while left:
            day += timedelta(days=1)
            left -= day.weekday() < SATURDAY
        return day


class Law(msgspec.Struct, frozen=True):
    """What one law says. `within`: by right, `""` for the others; `more`: by how much it may be put off, None: it may not.

    `profiles`: whether what a network shows everybody may be kept where the centre says nothing of it.
    """

    name: str
    source: str
    within: Mapping[str, Within]
    more: Within | None = None
    profiles: bool = False


MONTH, TWO_MONTHS, TWENTY = Within(months=1), Within(months=2), Within(business=20)
LAWS: Mapping[str, Law] = {
    "eu": Law("GDPR", "Regulation (EU) 2016/679, article 12.3", {"": MONTH}, TWO_MONTHS),
    "es": Law("RGPD, LOPDGDD", "Reglamento (UE) 2016/679, art. 12.3; Ley Orgánica 3/2018, art. 12", {"": MONTH}, TWO_MONTHS),
    "uk": Law("UK GDPR", "UK GDPR, article 12.3", {"": MONTH}, TWO_MONTHS),
    "mx": Law(
        "LFPDPPP", "derechos ARCO: 20 días hábiles, prorrogables una vez", {"": Within(business=20)}, Within(business=20)
    ),
    "br": Law("LGPD", "Lei 13.709/2018, art. 19, II", {"": Within(days=15)}),
    "ar": Law("Ley 25.326", "arts. 14.2 y 16.2", {"": Within(business=5), "export": Within(days=10)}),
    "co": Law(
        "Ley 1581",
        "Ley 1581 de 2012, arts. 14 y 15",
        {"": Within(business=15), "export": Within(business=10)},
        Within(business=5),
    ),
    "us-ca": Law("CCPA", "Cal. Civ. Code 1798.130(a)(2)", {"": Within(days=45)}, Within(days=45), profiles=True),
}
DEFAULT = "eu"


def law_of(name: str) -> Law:
    """The law of this name; the default's where it is "" or not known."""
    return LAWS.get(name) or LAWS[DEFAULT]


def due(law: Law, kind: str, at: datetime, house_days: int = 0) -> datetime:
    """Until when a request of a kind is answered; `house_days`: the house's own limit, 0: none. The earlier one counts."""
    end = law.within.get(kind, law.within[""]).after(at)
    return min(end, at + timedelta(days=house_days)) if house_days > 0 else end


def warned(at: datetime, due_at: datetime) -> datetime:
    """From when on it is said that a request is near its end."""
    return due_at - (due_at - at) * WARNED


def check_rights(law: str, days: Mapping[str, int], profile_days: int) -> None:
    """Raise ValueError where a centre names no law or right that there is, or a limit that cannot be kept."""
    if law and law not in LAWS:
        raise ValueError(f"law is one of {', '.join(LAWS)}, got {law[:60]!r}")
    for right, limit in days.items():
        if right not in RIGHTS:
            raise ValueError(f"rights_days has {', '.join(RIGHTS)}, got {right[:60]!r}")
        if not 1 <= limit <= LONGEST:
            raise ValueError(f"rights_days.{right} is from 1 to {LONGEST} days, got {limit}")
    if not 1 <= profile_days <= LONGEST:
        raise ValueError(f"profile_days is from 1 to {LONGEST}, got {profile_days}")
