"""What is refused is told in Spanish too, with its names and numbers, and a network's words stay what they are."""

import ast
from collections.abc import Iterator

import pytest

from rapport.replies.check import RULES
from rapport.web.languages import retell
from web.refusalwork import SOURCE, sentence, texts

STAGES = [
    "conversations/actions",
    "conversations/blocking",
    "conversations/joining",
    "conversations/marking",
    "conversations/mentioning",
    "conversations/playbooks/stage",
    "conversations/playbooks/policy",
    "conversations/errands/stage",
    "matching/actions",
    "replies/stage",
    "replies/check",
    "replies/sends",
    "replies/operations",
    "replies/rules",
    "replies/deciding",
    "replies/undoing",
    "replies/times",
    "replies/approval",
    "replies/brands",
    "replies/promises",
    "replies/tone",
    "replies/claims",
    "replies/asked_once",
    "conversations/clearance",
    "conversations/handing",
    "conversations/conference",
    "conversations/crossing",
    "conversations/telling",
    "matching/supervising",
    "matching/today",
    "conversations/suggesting",
    "model/agreement",
    "guard/stage",
    "calls/acting",
    "understanding/correcting",
    "measures/quality/drawing",
    "measures/quality/reviewing",
    "measures/quality/appealing",
    "people/recognising",
]
REFUSING = {"_refused", "refused", "ActionRefused", "Hit"}
UNABLE = {"_unreadable", "Refused", "Unavailable", "OutcomeUnknown"}  # what a channel says with
PARTS = {"; beto has it", "; x1 has it", "; nobody has it", "x1: x1"}  # of sentences that are looked at whole
FOR_PROGRAMS = {
    "idempotency",
    "centre/pieces",
    "chat/visitor",
    "chat/webchat",
    "routes",
    "front",
    "patience",
}  # those speak English


def statements(tree: ast.AST) -> Iterator[ast.AST]:
    """Every statement in it; what stands in a statement is not looked at, which takes a tenth of the time."""
    for blocks in ("body", "orelse", "finalbody", "handlers", "cases"):
        for inner in getattr(tree, blocks, ()):
            yield inner
            yield from statements(inner)


def name_of(called: ast.expr) -> str:
    """The last name of what is called."""
    match called:
        case ast.Name():
            return called.id
        case ast.Attribute():
            return called.attr
        case _:
            return ""


def of_stages() -> Iterator[str]:
    """What stages refuse with: what stands in a refusal, and what functions of reasons return."""
    for name in STAGES:
        for function in ast.walk(ast.parse((SOURCE / f"{name}.py").read_text())):
            if isinstance(function, ast.Return | ast.Dict):
                yield from texts(function)
            if isinstance(function, ast.Call) and name_of(function.func) in REFUSING:
                yield from (text for argument in [*function.args, *function.keywords] for text in texts(argument))


def of_channels() -> Iterator[str]:
    """What channels say of what could not be read or sent: it stands in facts, and pages show it."""
    for file in (SOURCE / "channels").rglob("*.py"):
        source = file.read_text()
        if not any(f"{name}(" in source for name in UNABLE):
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and name_of(node.func) in UNABLE:
                yield from (found for argument in node.args if (found := sentence(argument)) and " " in found)


def of_pages() -> Iterator[str]:
    """What pages, logins and passwords raise; the API and the chat speak to programs."""
    pages = (file for file in (SOURCE / "web").rglob("*.py") if file.parent.name not in {"api", "taskrouter"})
    files = [file for file in pages if file.relative_to(SOURCE / "web").with_suffix("").as_posix() not in FOR_PROGRAMS]
    for file in [*files, SOURCE / "access/logins.py", SOURCE / "access/invitations.py", SOURCE / "access/passwords.py"]:
        source = file.read_text()
        for node in statements(ast.parse(source)) if "raise " in source else ():
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                yield from (found for argument in node.exc.args[:1] if (found := sentence(argument)))


@pytest.mark.parametrize("told", sorted({*of_stages(), *of_channels(), *of_pages()} - PARTS))
def test_every_refusal_is_told_in_spanish(told):
    assert retell("es", told) not in {told, told.partition(": ")[2]}


def of_scorecards() -> set[str]:
    """What a scorecard or a plan cannot be."""
    found = set()
    for node in ast.walk(ast.parse((SOURCE / "model/review.py").read_text())):
        names = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "said"
        if names or (isinstance(node, ast.Raise) and node.exc is not None):
            found |= set(texts(node))
    return {text.replace("x1 of x1 has", f"x1 of {what} 'x1' has") for text in found for what in ("section", "question")}


@pytest.mark.parametrize("told", sorted(of_scorecards()))
def test_why_a_scorecard_cannot_be_saved_is_told_in_spanish(told):
    assert told not in retell("es", f"this cannot be saved: {told}")


def test_there_are_refusals_to_be_told():
    assert len({*of_stages()}) > 30
    assert len({*of_pages()}) > 30
    assert len(of_scorecards()) > 15


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("ana does not have this conversation; beto has it.", "ana no tiene esta conversación; la tiene beto."),
        ("The centre has no agent and no team O'Neil.", "El centro no tiene ningún agente ni equipo O'Neil."),
        (
            "own-text: nobody approves their own text; somebody else must see it.",
            "Nadie aprueba su propio texto; debe verlo otra persona.",
        ),
        ("This reply is withdrawn already.", "Esta respuesta ya está retirada."),
        (
            'A time such as 2026-03-03T10:00 is needed, got "it\'s".',
            "Se necesita una hora como 2026-03-03T10:00; llegó «it's».",
        ),
        ("link: x.example is not on the brand's list of links.", "x.example no está en la lista de enlaces de la marca."),
        ("the server answers 422", "el servidor responde 422"),
        ("550 5.1.1 no such user", "550 5.1.1 no such user"),
        ("error: the quota is used up", "error: the quota is used up"),
    ],
)
def test_names_and_numbers_stay_in_the_sentence(said, told):
    assert retell("es", said) == told


def test_in_english_only_the_rules_id_is_left_out():
    assert retell("en", "not-yours: only beto, who wrote it, can withdraw this reply.").startswith("only beto, who wrote it")


def test_every_rule_of_the_checks_is_known_to_be_one():
    assert [rule for rule in RULES if retell("en", f"{rule}: This is so.") != "This is so."] == []


def test_a_word_of_ours_is_put_in_in_spanish_and_a_name_as_it_is():
    assert retell("es", "Only an open conversation can sleep; this one is resolved.").endswith("esta está resuelta.")
    assert retell("es", "resolved has this conversation.") == "resolved tiene esta conversación."
