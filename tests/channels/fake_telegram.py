"""Telegram's Bot API in memory, written from its documentation: an offset confirms and forgets what is before it."""

import json

import httpx

from channels.sent_form import is_form, read_form

TOKEN = "123456:ABC-def_1"
ME = {"id": 123456, "is_bot": True, "first_name": "Acme", "username": "acme_bot"}
ANA = {"id": 777, "is_bot": False, "first_name": "Ana", "last_name": "Ruiz", "username": "ana"}
HERE = {"id": 777, "type": "private", "first_name": "Ana"}
GROUP = {"id": -1001234567890, "type": "supergroup", "title": "Vecinos"}


class FakeTelegram:
    """`say(text)` is Ana to the bot; `sent` is what the bot sent; `fails` are answers to give first, by method or for all."""

    def __init__(self):
        self.updates, self.sent, self.heard, self.fails = [], [], [], []
        self.files, self.hook, self.done = {}, "", []
        self.next_update, self.next_message = 900, 10

    @property
    def http(self):
        return httpx.AsyncClient(transport=httpx.MockTransport(self.answer))

    def say(self, text="", kind="message", **changes):
        """One more update; the message is returned."""
        self.next_message += 1
        message = {"message_id": self.next_message, "from": ANA, "chat": HERE, "date": 1794823140} | changes
        if text:
            message["text"] = text
        self.tell(**{kind: message})
        return message

    def tell(self, **update):
        self.next_update += 1
        self.updates.append({"update_id": self.next_update, **update})

    def answer(self, request):
        """What Telegram answers."""
        self.heard.append(request)
        path = request.url.path
        if path.startswith(f"/file/bot{TOKEN}/"):
            name = path.removeprefix(f"/file/bot{TOKEN}/")
            return httpx.Response(200, content=self.files[name]) if name in self.files else httpx.Response(404)
        if not path.startswith(f"/bot{TOKEN}/"):
            return self._no(401, "Unauthorized")
        method = path.rpartition("/")[2]
        if self.fails and self.fails[0][0] in (method, "*"):
            failing = self.fails.pop(0)[1]
            if isinstance(failing, Exception):
                raise failing
            return failing
        told = read_form(request) if is_form(request) else json.loads(request.content or b"{}")
        result = getattr(self, f"_{method}")(told)
        return result if isinstance(result, httpx.Response) else httpx.Response(200, json={"ok": True, "result": result})

    def _no(self, code, words, **more):
        return httpx.Response(code, json={"ok": False, "error_code": code, "description": words, **more})

    def _getMe(self, told):  # noqa: N802
        return ME

    def _getWebhookInfo(self, told):  # noqa: N802
        return {"url": self.hook, "pending_update_count": 0}

    def _getUpdates(self, told):  # noqa: N802
        if self.hook:
            return self._no(409, "Conflict: can't use getUpdates method while webhook is active")
        self.updates = [u for u in self.updates if u["update_id"] >= told.get("offset", 0)]
        return [u for u in self.updates if set(u) & set(told["allowed_updates"])][: told["limit"]]

    def _sendMessage(self, told):  # noqa: N802
        if len(told["text"].encode("utf-16-le")) // 2 > 4096:
            return self._no(400, "Bad Request: message is too long")
        if told["chat_id"] == 666:
            return self._no(403, "Forbidden: bot was blocked by the user")
        self.next_message += 1
        self.sent.append(told)
        return {"message_id": self.next_message, "date": 1794823200, "chat": {"id": told["chat_id"]}, "text": told["text"]}

    def _sendPhoto(self, told):  # noqa: N802
        if len(told.get("caption", b"").decode()) > 1024:
            return self._no(400, "Bad Request: message caption is too long")
        self.next_message += 1
        self.sent.append(told)
        return {"message_id": self.next_message, "date": 1794823200, "chat": {"id": int(told["chat_id"])}}

    def _editMessageText(self, told):  # noqa: N802
        if told in self.done:
            return self._no(400, "Bad Request: message is not modified: specified new message content is exactly the same")
        self.done.append(told)
        return {"message_id": told["message_id"], "date": 1}

    def _deleteMessage(self, told):  # noqa: N802
        if told in self.done:
            return self._no(400, "Bad Request: message to delete not found")
        self.done.append(told)
        return True

    def _setMessageReaction(self, told):  # noqa: N802
        self.done.append(told)
        return True

    def _getFile(self, told):  # noqa: N802
        name = f"photos/{told['file_id']}.jpg"
        return (
            {"file_id": told["file_id"], "file_path": name}
            if name in self.files
            else self._no(400, "Bad Request: file is too big")
        )
