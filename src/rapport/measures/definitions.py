"""Definitions: every measure as data: what it is called, what is counted, out of what, in which unit; in both languages."""

from typing import Literal

import msgspec

Unit = Literal["share", "seconds", "number", "score", "points"]
Table = Literal["talks", "works", "waits", "present", "spells", "reviews"]


class Said(msgspec.Struct, frozen=True):
    """A sentence in both languages."""

    en: str
    es: str


class Measure(msgspec.Struct, frozen=True):
    """One measure. `out_of`: its denominator. `better`: where good is. `small`: below so many it is not shown at all.

    `table`: which rows it is reckoned from; each belongs to the day and the hour at which it began, where the centre is.
    """

    id: str
    name: Said
    means: Said
    out_of: Said
    unit: Unit
    table: Table
    better: Literal["more", "less", ""] = ""
    small: int = 0
    asks_hours: bool = False  # may be told in open hours as well as by the clock


SMALL = 10  # answers of customers below which no figure is shown
_TALKS = Said("conversations opened in the period", "conversaciones abiertas en el periodo")
_WORKS = Said("interactions that began in the period and have ended, bots left out",
              "interacciones que empezaron en el periodo y han terminado, sin bots")  # fmt: skip

MEASURES: tuple[Measure, ...] = (
    Measure(
        "volume", Said("Conversations", "Conversaciones"),
        Said("How many were opened.", "Cuántas se abrieron."), _TALKS, "number", "talks",
    ),
    Measure(
        "service_level", Said("Service level", "Nivel de servicio"),
        Said("The share whose first answer came by the time it was due, as the target was when they were opened.",
             "La parte cuya primera respuesta llegó a tiempo, según el objetivo que había al abrirse."),
        Said("conversations opened in the period that were answered, or are past their target and not closed",
             "conversaciones abiertas en el periodo que fueron respondidas, o pasaron de su objetivo y no están cerradas"),
        "share", "talks", "more",
    ),
    Measure(
        "first_response", Said("First response", "Primera respuesta"),
        Said("The mean time from what the person said first to our first answer.",
             "El tiempo medio desde lo primero que dijo la persona hasta nuestra primera respuesta."),
        Said("conversations opened in the period that were answered", "conversaciones abiertas en el periodo y respondidas"),
        "seconds", "talks", "less", asks_hours=True,
    ),
    Measure(
        "next_response", Said("Next response", "Respuesta siguiente"),
        Said("The mean time from when the person wrote again to our answer.",
             "El tiempo medio desde que la persona volvió a escribir hasta nuestra respuesta."),
        Said("times that a person wrote again in the period and was answered",
             "veces que una persona volvió a escribir en el periodo y recibió respuesta"),
        "seconds", "waits", "less", asks_hours=True,
    ),
    Measure(
        "speed", Said("Speed of answer", "Rapidez en atender"),
        Said("The mean time until an agent accepted, the person having waited from then.",
             "El tiempo medio que la persona esperó hasta que un agente aceptó."),
        Said("interactions that began in the period, bots left out", "interacciones que empezaron en el periodo, sin bots"),
        "seconds", "works", "less",
    ),
    Measure(
        "abandoned", Said("Abandoned", "Abandonadas"),
        Said("The share that ended without any answer. Closed as spam, as needing no answer or as merged does not count.",
             "La parte que terminó sin respuesta. No cuentan las unidas a otra, las de spam ni las que no la necesitaban."),
        Said("conversations opened in the period that were answered or closed",
             "conversaciones abiertas en el periodo que fueron respondidas o cerradas"),
        "share", "talks", "less",
    ),
    Measure(
        "resolution", Said("Time to resolution", "Tiempo hasta resolver"),
        Said("The mean time from opening to the first time that it was resolved.",
             "El tiempo medio desde que se abre hasta que se resuelve por primera vez."),
        Said("conversations opened in the period and resolved since", "conversaciones abiertas en el periodo y ya resueltas"),
        "seconds", "talks", "less", asks_hours=True,
    ),
    Measure(
        "handle_time", Said("Handle time", "Tiempo de gestión"),
        Said("The mean time from the accepted offer to the wrap-up, wrap-up included.",
             "El tiempo medio desde que se acepta la oferta hasta el cierre, cierre incluido."),
        _WORKS, "seconds", "works", "",
    ),
    Measure(
        "wrap_up", Said("Wrap-up", "Cierre"),
        Said("The mean time from the agent's last answer to the wrap-up.",
             "El tiempo medio desde la última respuesta del agente hasta el cierre."),
        Said("ended interactions in which the agent answered, bots left out",
             "interacciones terminadas en las que el agente respondió, sin bots"),
        "seconds", "works", "less",
    ),
    Measure(
        "occupancy", Said("Occupancy", "Ocupación"),
        Said("The share of the time present (available or busy) in which an interaction was under way; two at once count once.",
             "La parte del tiempo presente (disponible u ocupado) con alguna interacción en curso; dos a la vez cuentan una."),
        Said("time that agents were present in the period", "tiempo que los agentes estuvieron presentes en el periodo"),
        "share", "present", "",
    ),
    Measure(
        "transferred", Said("Transferred", "Transferidas"),
        Said("The share that an agent passed on at least once.", "La parte que un agente pasó a otro al menos una vez."),
        Said("conversations opened in the period that a person took",
             "conversaciones abiertas en el periodo que tomó una persona"),
        "share", "talks", "less",
    ),
    Measure(
        "reopened", Said("Re-opened", "Reabiertas"),
        Said("The share that was opened again after it had been resolved.", "La parte que volvió a abrirse tras resolverse."),
        Said("conversations opened in the period and resolved since", "conversaciones abiertas en el periodo y ya resueltas"),
        "share", "talks", "less",
    ),
    Measure(
        "first_contact", Said("Resolved at first contact", "Resueltas al primer contacto"),
        Said("The share after which the same person did not come back with the same issue within the days set, on any channel.",
             "La parte tras la que la misma persona no volvió con el mismo asunto en los días fijados, por ningún canal."),
        Said("conversations opened in the period and resolved, for which those days are over",
             "conversaciones abiertas en el periodo y resueltas, para las que ya pasaron esos días"),
        "share", "talks", "more", small=SMALL,
    ),
    Measure(
        "first_contact_asked", Said("First contact, as people say too", "Al primer contacto, también según la gente"),
        Said("The share who did not come back with the same issue within the days set, and who said that it was settled.",
             "La parte que no volvió con el mismo asunto en los días fijados y dijo que quedó resuelto."),
        Said("conversations opened in the period and resolved, for which those days are over, whose person said whether it was",
             "conversaciones abiertas en el periodo y resueltas, con esos días ya pasados, cuya persona dijo si lo quedó"),
        "share", "talks", "more", small=SMALL,
    ),
    Measure(
        "sold", Said("Sales closed", "Ventas cerradas"),
        Said("The share that was wrapped up as “sold”.", "La parte que se cerró como «sold»."),
        Said("interactions that began in the period and were wrapped up as “sold” or “not-sold”, bots left out",
             "interacciones que empezaron en el periodo y se cerraron como «sold» o «not-sold», sin bots"),
        "share", "works", "more", small=SMALL,
    ),
    Measure(
        "recommends", Said("Net Promoter Score", "Net Promoter Score"),
        Said("Those who would recommend us with 9 or 10, less those with 0 to 6, in hundredths of all: from -100 to 100.",
             "Quienes nos recomendarían con 9 o 10, menos quienes con 0 a 6, en centésimas de todos: de -100 a 100."),
        Said("answers to that question about conversations opened in the period",
             "respuestas a esa pregunta sobre conversaciones abiertas en el periodo"),
        "score", "talks", "more", small=SMALL,
    ),
    Measure(
        "easy", Said("Customer effort: easy", "Esfuerzo del cliente: fácil"),
        Said("The share who said that it was easy: 5 to 7 of 7.", "La parte que dijo que fue fácil: de 5 a 7 sobre 7."),
        Said("answers to that question about conversations opened in the period",
             "respuestas a esa pregunta sobre conversaciones abiertas en el periodo"),
        "share", "talks", "more", small=SMALL,
    ),
    Measure(
        "satisfied", Said("Satisfaction", "Satisfacción"),
        Said("The share who said 4 or 5 of 5.", "La parte que dijo 4 o 5 sobre 5."),
        Said("answers to that question about conversations opened in the period",
             "respuestas a esa pregunta sobre conversaciones abiertas en el periodo"),
        "share", "talks", "more", small=SMALL,
    ),
    Measure(
        "settled", Said("Settled, as people say", "Resuelto, según la gente"),
        Said("The share who said that their question was settled.", "La parte que dijo que su asunto quedó resuelto."),
        Said("answers to that question about conversations opened in the period",
             "respuestas a esa pregunta sobre conversaciones abiertas en el periodo"),
        "share", "talks", "more", small=SMALL,
    ),
    Measure(
        "response", Said("Surveys answered", "Encuestas respondidas"),
        Said("The share of those asked who answered. Not everybody answers: compare it by group before you trust a score.",
             "La parte de los preguntados que respondió. No responden todos: compárela por grupo antes de fiarse."),
        Said("conversations opened in the period about which the person was asked",
             "conversaciones abiertas en el periodo por las que se preguntó a la persona"),
        "share", "talks", "",
    ),
    Measure(
        "quality", Said("Quality", "Calidad"),
        Said("The mean score of reviews, from 0 to 100. Only what was drawn at random counts, by its first review.",
             "La puntuación media de las revisiones, de 0 a 100. Solo cuenta lo sacado al azar, por su primera revisión."),
        Said("conversations opened in the period that were reviewed, unless an appeal was upheld",
             "conversaciones abiertas en el periodo y revisadas, salvo que prosperara una apelación"),
        "points", "reviews", "more", small=SMALL,
    ),
    Measure(
        "passed", Said("Reviews passed", "Revisiones aprobadas"),
        Said("The share of those reviews that reached the mark of their scorecard without a fatal error.",
             "La parte de esas revisiones que llegó al mínimo de su pauta sin error fatal."),
        Said("conversations opened in the period that were reviewed, unless an appeal was upheld",
             "conversaciones abiertas en el periodo y revisadas, salvo que prosperara una apelación"),
        "share", "reviews", "more", small=SMALL,
    ),
    Measure(
        "backlog", Said("Backlog", "Pendientes"),
        Said("Conversations that are open at the end of the period, grouped by who has them now.",
             "Conversaciones abiertas al final del periodo, agrupadas por quien las tiene ahora."),
        Said("all conversations", "todas las conversaciones"), "number", "spells", "less",
    ),
    Measure(
        "backlog_age", Said("Age of the backlog", "Antigüedad de lo pendiente"),
        Said("The mean time since they were opened, or opened again, grouped by who has them now.",
             "El tiempo medio desde que se abrieron, o volvieron a abrirse, agrupadas por quien las tiene ahora."),
        Said("conversations that are open at the end of the period", "conversaciones abiertas al final del periodo"),
        "seconds", "spells", "less",
    ),
)  # fmt: skip
BY_ID = {measure.id: measure for measure in MEASURES}
COLUMNS = {  # of which each group has a figure, as they are asked for together
    "main": (
        "volume", "service_level", "first_response", "handle_time", "occupancy", "transferred", "reopened", "first_contact",
        "sold", "recommends", "quality",
    ),
    "service": (
        "volume", "service_level", "first_response", "next_response", "speed", "abandoned", "resolution", "backlog",
        "backlog_age",
    ),
    "work": ("volume", "handle_time", "wrap_up", "occupancy", "transferred", "reopened", "quality", "passed"),
    "outcomes": (
        "volume", "first_contact", "first_contact_asked", "sold", "recommends", "easy", "satisfied", "settled", "response",
    ),
}  # fmt: skip
BY_COMING_BACK = ("first_contact", "first_contact_asked")  # which look at the days after
OPEN_AT_THE_END = ("backlog", "backlog_age")
