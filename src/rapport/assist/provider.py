"""A model behind an endpoint that speaks the chat completions of OpenAI: vLLM, Ollama, llama.cpp, gateways, hosted ones.

One POST to {url}/chat/completions, with no tools offered; the answer's text is all that is read of it. Source: the OpenAPI
description of that API, `CreateChatCompletionRequest` and `CreateChatCompletionResponse`, read 2026-11.
"""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx

from rapport.assist import failing
from rapport.assist.asking import Ask, Suggestion
from rapport.assist.cleaning import cleaned, tells_on
from rapport.assist.framing import MOST_TOKENS, SYSTEM, TASKS, framed, prompt_name
from rapport.assist.redacting import FindPersonal, Redaction
from rapport.errors import AssistFailed

MOST_BYTES = 262_144  # of an answer
LETTERS_A_TOKEN = 3
Spend = Callable[[int, int], Awaitable[int]]  # a tenant and tokens: what it has spent today, with these


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a model is. `seconds`: how long an answer may take; `budget`: tokens a tenant may use a day, 0: any number."""

    url: str
    model: str
    key: str = ""
    seconds: float = 20.0
    budget: int = 200_000


class Provider:
    """Suggests what a model writes. `spend` counts tokens before and after."""

    def __init__(self, endpoint: Endpoint, http: httpx.AsyncClient, find: FindPersonal, spend: Spend) -> None:
        self._at = endpoint
        self._http = http
        self._find = find
        self._spend = spend

    async def suggest(self, tenant: int, ask: Ask) -> Suggestion:
        """What the model wrote, cleaned. Raises AssistFailed."""
        fence = secrets.token_hex(12)
        redaction = Redaction(self._find, ask.names)
        messages = framed(ask, redaction, fence)
        most = MOST_TOKENS[ask.kind]
        likely = sum(len(one["content"]) for one in messages) // LETTERS_A_TOKEN + most
        if self._at.budget and await self._spend(tenant, likely) > self._at.budget:
            await self._spend(tenant, -likely)
            raise AssistFailed(failing.budget(self._at.budget))
        answer = await self._answer(
            {"model": self._at.model, "messages": messages, "max_tokens": most, "temperature": 0, "n": 1}
        )
        text, used, calls = _read(answer)
        if self._at.budget and 0 < used < likely:
            await self._spend(tenant, used - likely)
        hidden = (SYSTEM, *TASKS.values(), fence, self._at.key)
        try:
            text, warnings = cleaned(text, ask.kind, ask.hosts, hidden)
        except ValueError as error:
            raise AssistFailed(failing.TOLD_ON if str(error) == "instructions" else failing.EMPTY) from None
        text, strange = redaction.back(text)
        if tells_on(text, hidden):
            raise AssistFailed(failing.TOLD_ON)
        said = {part for line in ask.lines for part in _found(self._find, line.text)}
        invented = _found(self._find, text) - said - {part for one in ask.saved for part in _found(self._find, one)}
        marks = {"placeholder": strange, "tools": calls, "personal": bool(invented)}
        return Suggestion(
            text, self._at.model, prompt_name(ask.kind), (*warnings, *(name for name, there in marks.items() if there))
        )

    async def _answer(self, body: dict[str, Any]) -> bytes:  # Any: plain JSON
        headers = {"authorization": f"Bearer {self._at.key}"} if self._at.key else {}
        url = f"{self._at.url.rstrip('/')}/chat/completions"
        try:
            async with asyncio.timeout(self._at.seconds):
                async with self._http.stream("POST", url, json=body, headers=headers, follow_redirects=False) as answer:
                    got = b""
                    async for piece in answer.aiter_bytes():
                        got += piece
                        if len(got) > MOST_BYTES:
                            raise AssistFailed(failing.STRANGE)
        except TimeoutError:
            raise AssistFailed(failing.slow(self._at.seconds)) from None
        except httpx.HTTPError as error:
            raise AssistFailed(failing.unreachable(self._at.url, type(error).__name__)) from None
        if answer.status_code != 200:
            raise AssistFailed(failing.status(answer.status_code, self._at.url, self._at.model))
        return got


def _found(find: FindPersonal, text: str) -> set[str]:
    return {"".join(filter(str.isalnum, text[start:end])) for _, start, end in find(text)}


def _read(answer: bytes) -> tuple[str, int, bool]:
    """Text, tokens used (0: not told) and whether it tried to call something. Raises AssistFailed."""
    try:
        told = json.loads(answer)
        message = told["choices"][0]["message"]
        text = message.get("content") or ""
        calls = bool(message.get("tool_calls") or message.get("function_call"))
        used = (told.get("usage") or {}).get("total_tokens", 0)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        raise AssistFailed(failing.STRANGE) from None
    if not isinstance(text, str):
        raise AssistFailed(failing.STRANGE)
    return text, used if type(used) is int and 0 < used < 10_000_000 else 0, calls
