"""What the chat's window says, in the visitor's language."""

from rapport.web.languages import say


def chat_words(language: str) -> dict[str, str]:
    """The words by the names that the script has for them."""
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
        "typing": "An answer is being written…",
    }
    return {name: say(language, sentence) for name, sentence in sentences.items()}
