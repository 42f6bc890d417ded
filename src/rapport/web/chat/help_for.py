"""Articles for what somebody wrote, by what they want, the language they wrote in, and their words."""

import asyncpg

from rapport.knowledge.finding import Suggested, suggest
from rapport.web.desk.intents import shipped_reader
from rapport.web.languages import LANGUAGES

SURE = 0.6  # from where on the language that was read counts more than the one of the page
LONGEST = 600  # characters that are read


async def help_for(db: asyncpg.Connection, tenant: int, said: str, *, language: str, most: int) -> list[Suggested]:
    """Published articles that everybody may read, best first; those of the page's language where their own has none.

    `language`: of the page. Read is by the shipped reader; nothing of it is kept.
    """
    read = shipped_reader().read([said[:LONGEST]])[0]
    own = read.language if read.language in LANGUAGES and read.language_confidence >= SURE else language
    for chosen in dict.fromkeys((own, language)):
        found = await suggest(db, tenant, said, language=chosen, intent=read.intent, most=most)
        if found:
            return found
    return []
