"""Networks as rehearsals name them, and the kind of channel that each is: the kind picks the slot that a conversation takes."""

from rapport.model.message import ChannelKind

KIND_OF: dict[str, ChannelKind] = {
    "mastodon": ChannelKind.SOCIAL,
    "x": ChannelKind.SOCIAL,
    "twitter": ChannelKind.SOCIAL,
    "bluesky": ChannelKind.SOCIAL,
    "facebook": ChannelKind.SOCIAL,
    "instagram": ChannelKind.SOCIAL,
    "threads": ChannelKind.SOCIAL,
    "linkedin": ChannelKind.SOCIAL,
    "reddit": ChannelKind.SOCIAL,
    "tiktok": ChannelKind.SOCIAL,
    "youtube": ChannelKind.SOCIAL,
    "reviews": ChannelKind.SOCIAL,
    "file": ChannelKind.SOCIAL,
    "social": ChannelKind.SOCIAL,
    "webchat": ChannelKind.CHAT,
    "whatsapp": ChannelKind.CHAT,
    "telegram": ChannelKind.CHAT,
    "messenger": ChannelKind.CHAT,
    "matrix": ChannelKind.CHAT,
    "signal": ChannelKind.CHAT,
    "line": ChannelKind.CHAT,
    "viber": ChannelKind.CHAT,
    "wechat": ChannelKind.CHAT,
    "chat": ChannelKind.CHAT,
    "email": ChannelKind.EMAIL,
    "sms": ChannelKind.SMS,
    "voice": ChannelKind.VOICE,
    "phone": ChannelKind.VOICE,
}
