"""What the chat's window says, in the visitor's language."""

from datetime import datetime

from rapport.model.centre import Account, Centre
from rapport.model.hours import opening
from rapport.replies.attachments import LARGEST, MOST
from rapport.web.languages import say, show_time, show_weekday, zone_named


def chat_words(language: str) -> dict[str, str]:
    """The words by the names that the script has for them; where braces stand it puts in what it knows."""
    sentences = {
        "open": "Write to us",
        "close": "Close the chat",
        "write": "Your message",
        "send": "Send",
        "hello": "Hello. How can we help you? A person answers here.",
        "you": "You",
        "us": "We",
        "bot": "Automated answer",
        "waiting": "No connection. What you write is kept and sent when it is back.",
        "failed": "Not sent. Try again",
        "sending": "Sending…",
        "name": "Your name",
        "email": "Your e-mail",
        "begin": "Begin",
        "unread": "New answer",
        "gone": "Taken back",
        "attach": "Attach files",
        "arrived": "Sent",
        "typing": "An answer is being written…",
    }
    largest = say(
        language,
        "%(name)s has %(has)s MB, and a file has at most %(room)s: make it smaller, or send it in parts.",
        name="{name}",
        has="{has}",
        room=LARGEST >> 20,
    )
    many = say(language, "At most %(most)s files at once: send the others afterwards.", most=MOST)
    return {"large": largest, "many": many} | {name: say(language, sentence) for name, sentence in sentences.items()}


def hours_said(centre: Centre, account: Account, now: datetime, language: str) -> tuple[str, str]:
    """Whether people answer now, in words, and when that changes; both "" where they always do."""
    brand = centre.brands.get(account.brand)
    zone = (brand.zone if brand else "") or centre.profile.zone
    found = opening(centre.profile.hours, now, zone_named(zone))
    if found.until is None:
        return "", ""
    time = show_time(found.until, language, zone)
    if found.is_open:
        return say(language, "Open until %(time)s", time=time), found.until.isoformat()
    day = show_weekday(found.until, language, zone)
    return say(language, "Closed now. Open again on %(day)s at %(time)s", day=day, time=time), found.until.isoformat()
