"""Carrying: how a text and its files go out on a network, part by part; what it does not take goes as a link, or not at all."""

from collections.abc import Callable, Sequence

from rapport.channels.capabilities import MediaRules, Unit
from rapport.channels.units import measure
from rapport.errors import BadInput
from rapport.model.message import Media
from rapport.model.reply import Carried

Split = Callable[[str], tuple[str, ...]]  # a text's parts on the network
Link = Callable[[Media], str]  # the address where a file can be fetched for a while
MEGABYTE = 1024 * 1024


def carried(rules: MediaRules, split: Split, text: str, files: Sequence[Media], link: Link | None) -> Carried:
    """The parts of a text with its files. `link` None: nobody outside can reach us, so no link can be given.

    Raises:
        BadInput: a file does not go on this network, and no link can be given instead; says what does.
    """
    kept: list[int] = []
    links: list[str] = []
    for number, file in enumerate(files):
        why = unfit(rules, file)
        if not why:
            kept.append(number)
        elif link is None:
            raise BadInput(why)
        else:
            links.append(f"{file.name}: {link(file)}")
    whole = "\n\n".join(part for part in (text.strip(), "\n".join(links)) if part)
    parts = list(split(whole)) if whole else []
    groups = [tuple(kept[i : i + rules.max_count]) for i in range(0, len(kept), max(1, rules.max_count))]
    return _together(rules, split, parts, groups, len(links))


def _together(rules: MediaRules, split: Split, parts: list[str], groups: list[tuple[int, ...]], linked: int) -> Carried:
    """The first files go with the first words where the network takes both in one message; the rest follow."""
    fits = bool(parts) and (not rules.caption or measure(parts[0], Unit.UTF16) <= rules.caption)
    beside = bool(groups) and fits and rules.with_text
    files: list[tuple[int, ...]] = [() for _ in parts]
    if beside:
        files[0] = groups[0]
    rest = groups[1:] if beside else groups
    for nth, group in enumerate(rest, 2 if beside else 1):
        said = "" if rules.alone else f"({nth}/{len(groups)})" if len(groups) > 1 else "📎"
        parts.append("".join(split(said)[:1]) if said else "")
        files.append(group)
    return Carried(tuple(parts), tuple(files), linked, rules.described)


def unfit(rules: MediaRules, file: Media) -> str:
    """Why the network does not take a file, with the cure; "" where it does."""
    if not rules.types or rules.max_count < 1:
        return f"This network takes no files, so {file.name!r} cannot go: leave it out, or answer by e-mail."
    if not any(covers(kind, file.type) for kind in rules.types):
        taken = ", ".join(rules.types)
        return f"This network does not take {file.name!r} ({file.type}), only {taken}: leave it out, or change its format."
    most = min([rules.max_bytes, *(size for kind, size in rules.each.items() if covers(kind, file.type))])
    if most and file.size > most:
        size, room = file.size / MEGABYTE, most / MEGABYTE
        return f"This network takes files of {room:.1f} MB, {file.name!r} has {size:.1f}: make it smaller."
    return ""


def covers(kind: str, type: str) -> bool:
    """Whether a media type such as `image/*` stands for another one."""
    return kind in ("*/*", type) or (kind.endswith("/*") and type.startswith(kind[:-1]))
