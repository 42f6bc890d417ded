"""Sharing: what a department may read of a story that is kept, by the purpose for which it asks. Pure."""

import msgspec

from rapport.measures.stories.told import Story
from rapport.model.purpose import Purpose
from rapport.model.story import KeptStory


def for_purpose(story: Story, kept: KeptStory, purpose: Purpose) -> Story | None:
    """The story as the purpose shows it; None where it is not shared for it, or its subject is nothing for it.

    A purpose without messages sees how it went, and not a word of it.
    """
    if purpose.id not in kept.purposes or (story.intent and not purpose.lets(f"{story.intent}.")):
        return None
    if purpose.with_messages:
        return story
    parts = tuple(msgspec.structs.replace(part, text="") for part in story.parts)
    promises = tuple(msgspec.structs.replace(promise, text="") for promise in story.promises)
    return msgspec.structs.replace(story, parts=parts, promises=promises, said="")
