"""Why nothing was suggested, and the cure, in both languages."""

from rapport.model.bilingual import both

STRANGE = both(
    "The model's endpoint answered with something that is no chat completion. Check the setting"
    " assist_url: it ends before"
    " /chat/completions, often with /v1.",
    "El servidor del modelo respondió algo que no es una respuesta de chat. Revise el ajuste"
    " assist_url: termina antes de"
    " /chat/completions, a menudo en /v1.",
)
TOLD_ON = both(
    "The model's text repeated our instructions and was thrown away: something in the conversation"
    " may try to steer it. Write this"
    " one yourself.",
    "El texto del modelo repetía nuestras instrucciones y se descartó: algo en la conversación"
    " puede querer dirigirlo. Escriba esta"
    " respuesta usted.",
)
EMPTY = both(
    "The model wrote nothing that can be used. Try again, or write it yourself.",
    "El modelo no escribió nada que sirva. Inténtelo de nuevo o escríbalo usted.",
)


def budget(tokens: int) -> str:
    """The day's tokens are used up."""
    return both(
        f"Today's budget of {tokens} tokens is used up. It begins anew at midnight UTC; an administrator can raise"
        " assist_tokens_per_day.",
        f"El presupuesto de hoy, {tokens} tokens, está agotado. Empieza de nuevo a medianoche UTC; quien"
        " administra puede subir"
        " assist_tokens_per_day.",
    )


def slow(seconds: float) -> str:
    """No answer in time."""
    return both(
        f"The model did not answer within {seconds:g} s. Try again; if it stays so, an administrator can"
        " raise assist_seconds or"
        " name a smaller model.",
        f"El modelo no respondió en {seconds:g} s. Inténtelo de nuevo; si sigue así, quien administra"
        " puede subir assist_seconds o"
        " indicar un modelo más pequeño.",
    )


def unreachable(url: str, why: str) -> str:
    """No connection."""
    return both(
        f"The model at {url} cannot be reached ({why}). Check assist_url, the firewall and the proxy;"
        " `rapport egress` lists the way.",
        f"No se llega al modelo en {url} ({why}). Revise assist_url, el cortafuegos y el proxy; `rapport"
        " egress` dice el camino.",
    )


def status(code: int, url: str, model: str) -> str:
    """The endpoint refused. `code`: the HTTP status."""
    if code in (401, 403):
        return both(
            f"The model's endpoint refused our key ({code}). An administrator sets a valid one: assist_key.",
            f"El servidor del modelo rechazó nuestra clave ({code}). Quien administra pone una válida: assist_key.",
        )
    if code == 404:
        return both(
            f"There is no model {model} at {url} ({code}). Check assist_url and assist_model.",
            f"No hay un modelo {model} en {url} ({code}). Revise assist_url y assist_model.",
        )
    if code == 429 or code >= 500:
        return both(
            f"The model is busy or broken ({code}). Try again in a moment, or write it yourself.",
            f"El modelo está ocupado o averiado ({code}). Inténtelo en un momento o escríbalo usted.",
        )
    return both(
        f"The model's endpoint refused what we asked ({code}). Check assist_url and assist_model.",
        f"El servidor del modelo rechazó lo que pedimos ({code}). Revise assist_url y assist_model.",
    )
