"""What no expression may look at: protected attributes, of persons and of agents."""

from rapport.matching.language.checking import attribute_of
from rapport.matching.language.parsing import error_at
from rapport.matching.language.tree import AGENT, Path
from rapport.matching.protected import category_of


def why_protected(name: str, own: tuple[str, ...] = ()) -> str:
    """Why an attribute of this name may not be used, and what to do; "" where it may. `own`: the tenant's own names."""
    category = category_of(name, own)
    if not category:
        return ""
    why = "the centre protects it" if category == "own" else f"it speaks of {category}"
    return f"may never be used for matching: {why}; take it away, or name what the conversation asks for"


def refuse_protected(path: Path, text: str, own: tuple[str, ...] = ()) -> None:
    """Raises BadInput, naming the character, where a path of an expression reads a protected attribute."""
    name, is_person = attribute_of(path)
    why = why_protected(name, own) if path.side == AGENT or is_person else ""
    if why:
        raise error_at(text, path.at, f"{path.written!r} {why}")
