"""Folder: a text encoder as files that the user put there: `model.onnx` and `tokenizer.json`, as sentence-transformers has it.

Nothing is downloaded. What is missing or does not fit is said at the start, with the file and the cure.
"""

import json
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from rapport.errors import BadInput, SetupError
from rapport.understanding.linear import Floats

MODELS = ("model.onnx", "onnx/model.onnx")
TOKENIZER = "tokenizer.json"
POOLING = "1_Pooling/config.json"
MOST_TOKENS = 64  # of a text; a message says what it is about before that
KNOWN_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
PROBE = ("hola, mi pedido no llegó", "ok")


class Encoder(Protocol):
    """Turns texts into vectors whose angle tells how alike they are."""

    version: str

    def vectors(self, texts: Sequence[str]) -> Floats:
        """(texts, dimensions), each of length one. Raises BadInput where the model fails on them."""
        ...


def open_encoder(folder: Path) -> Encoder:
    """The encoder of a folder, tried on two texts. Raises SetupError, which names the file and the cure."""
    if not folder.is_dir():
        raise SetupError(f"encoder: there is no folder {folder}; put an ONNX model there, or leave the setting empty")
    model = next((folder / name for name in MODELS if (folder / name).is_file()), None)
    if model is None:
        raise SetupError(
            f"encoder: {folder} has neither {' nor '.join(MODELS)}; export the model to ONNX into this folder, "
            "for example with optimum-cli export onnx"
        )
    tokenizer = folder / TOKENIZER
    if not tokenizer.is_file():
        raise SetupError(f"encoder: {tokenizer} is missing; copy it from where the model came from")
    return OnnxEncoder(model, tokenizer, by_first=_by_first(folder / POOLING))


def _by_first(file: Path) -> bool:
    """Whether a text's vector is that of its first token; without a pooling file it is the mean of all."""
    if not file.is_file():
        return False
    try:
        pooling = json.loads(file.read_text("utf-8"))
        first, mean = (bool(pooling.get(f"pooling_mode_{name}")) for name in ("cls_token", "mean_tokens"))
    except (ValueError, AttributeError) as error:
        raise SetupError(f"encoder: {file} cannot be read ({error}); copy it again from where the model came from") from None
    if not (first or mean):
        raise SetupError(f"encoder: {file} asks for a pooling that is neither cls_token nor mean_tokens; use another model")
    return first


class OnnxEncoder:
    """A model run by onnxruntime on one thread of this process."""

    def __init__(self, model: Path, tokenizer: Path, *, by_first: bool = False) -> None:
        runtime, tokens = _installed()
        self._by_first = by_first
        self._failures = _failures(runtime)
        options = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        try:
            self._session = runtime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        except self._failures as error:
            raise SetupError(f"encoder: {model} is no ONNX model that can be run: {_line(error)}; export it again") from None
        self._tokens = _tokenizer(tokens, tokenizer)
        self._inputs = [one.name for one in self._session.get_inputs()]
        strange = [name for name in self._inputs if name not in KNOWN_INPUTS]
        if strange or "input_ids" not in self._inputs:
            raise SetupError(
                f"encoder: {model} takes {', '.join(self._inputs)}; it must take input_ids, and else only "
                f"{', '.join(KNOWN_INPUTS[1:])}: export it for feature extraction"
            )
        self.version = "encoder-" + blake2b(model.read_bytes() + tokenizer.read_bytes(), digest_size=4).hexdigest()
        try:
            self.vectors(PROBE)
        except BadInput as error:
            raise SetupError(
                f"encoder: {model} fails on a first try: {error}; its {TOKENIZER} may be another model's"
            ) from None

    def vectors(self, texts: Sequence[str]) -> Floats:
        """(texts, dimensions), each of length one. Raises BadInput where the model fails on them."""
        try:
            said = self._tokens.encode_batch(list(texts))
            mask = np.array([one.attention_mask for one in said], dtype=np.int64)
            given = {
                "input_ids": np.array([one.ids for one in said], dtype=np.int64),
                "attention_mask": mask,
                "token_type_ids": np.zeros_like(mask),
            }
            found = np.asarray(self._session.run(None, {name: given[name] for name in self._inputs})[0], dtype=np.float32)
        except self._failures as error:
            raise BadInput(_line(error)) from None
        if found.ndim not in (2, 3) or len(found) != len(texts) or (found.ndim == 3 and found.shape[1] != mask.shape[1]):
            raise BadInput(f"it answers an array of {found.shape}, not one vector of each text or of each token")
        return _of_length_one(found if found.ndim == 2 else self._pooled(found, mask))

    def _pooled(self, found: Floats, mask: Any) -> Floats:  # Any: whole numbers, (texts, tokens)
        if self._by_first:
            return found[:, 0]
        share = mask[:, :, None].astype(np.float32)
        mean: Floats = (found * share).sum(axis=1) / np.maximum(share.sum(axis=1), 1)
        return mean


def _installed() -> tuple[Any, Any]:  # Any: packages that need not be there
    try:
        import onnxruntime
        import tokenizers
    except ImportError as error:
        raise SetupError(
            f"encoder: {error.name} is not installed; install rapport[encoder], or leave the setting empty"
        ) from None
    return onnxruntime, tokenizers


def _failures(runtime: Any) -> tuple[type[Exception], ...]:  # Any: a package that need not be there
    """What onnxruntime raises, classes of its own that share no parent but Exception; and the tokenizer, of half a letter."""
    own = vars(runtime.capi.onnxruntime_pybind11_state).values()
    return (RuntimeError, ValueError, TypeError, *(one for one in own if isinstance(one, type) and issubclass(one, Exception)))


def _tokenizer(tokens: Any, file: Path) -> Any:  # Any: as the package has it
    try:
        kept = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise SetupError(f"encoder: {file} is no tokenizer: {_line(error)}; copy it again") from None
    model = kept.get("model") if isinstance(kept, dict) else None
    if not isinstance(model, dict) or not model.get("vocab"):
        raise SetupError(f"encoder: {file} is no tokenizer: it has no model with a vocab; copy it again")
    read = tokens.Tokenizer.from_str(json.dumps(kept))
    read.enable_truncation(MOST_TOKENS)
    if read.padding is None:
        read.enable_padding()
    else:
        read.enable_padding(**{**read.padding, "length": None})
    return read


def _of_length_one(found: Floats) -> Floats:
    ones: Floats = np.nan_to_num(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9))
    return ones


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
