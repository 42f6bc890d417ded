"""A whisper model of a few kilobytes of sense, made here: whatever it hears, it says what it was made to say, and when.

All weights are zero but the places of the decoder, each of which stands for one token of the answer. What opens it and runs it
is the real library: its feature extractor, voice detector, decoder, tokenizer and rules of timestamps.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

LAYERS, HEADS, WIDTH, MELS = 1, 2, 128, 80
PLACES, FRAMES = 448, 1_500
TIMES, STEP = 1_501, 0.02  # timestamps, and seconds from one to the next
LOUD = 8.0
MARKS = ["<|endoftext|>", "<|startoftranscript|>", "<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>",
         "<|nospeech|>", "<|notimestamps|>"]  # fmt: skip


def make(folder: Path, said: Sequence[tuple[float, str, float]]) -> None:
    """Write a model into a folder that hears these stretches: from, words, to. Needs ctranslate2 and tokenizers."""
    import tokenizers
    from ctranslate2.specs import WhisperSpec

    spoken = [(start, ["Ġ" + word for word in text.split()], end) for start, text, end in said]
    letters = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    words = letters + sorted({word for _, some, _ in spoken for word in some})
    tokens = [*words, *MARKS, *(f"<|{n * STEP:.2f}|>" for n in range(TIMES))]
    number = {token: n for n, token in enumerate(tokens)}
    answer = [token for start, some, end in spoken for token in (f"<|{start:.2f}|>", *some, f"<|{end:.2f}|>")]
    spec = WhisperSpec(LAYERS, HEADS, LAYERS, HEADS)
    _fill_encoder(spec.encoder)
    _fill_decoder(spec.decoder, [number[token] for token in (*answer, "<|endoftext|>")], len(tokens))
    spec.config.suppress_ids, spec.config.suppress_ids_begin, spec.config.lang_ids = [], [], []
    spec.config.alignment_heads = [(0, 0)]
    spec.register_vocabulary(tokens)
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(folder))
    split = tokenizers.Tokenizer(tokenizers.models.BPE({token: number[token] for token in words}, []))
    split.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    split.decoder = tokenizers.decoders.ByteLevel()
    split.add_special_tokens([tokenizers.AddedToken(token, special=True) for token in tokens[len(words) :]])
    split.save(str(folder / "tokenizer.json"))


def _zeros(*shape: int) -> np.ndarray:
    return np.zeros(shape, np.float32)


def _normed(norm) -> None:
    norm.gamma, norm.beta = np.ones(WIDTH, np.float32), _zeros(WIDTH)


def _linear(layer, size: int, of: int) -> None:
    layer.weight, layer.bias = _zeros(size, of), _zeros(size)


def _feeding(layer) -> None:
    _normed(layer.ffn.layer_norm)
    _linear(layer.ffn.linear_0, 4 * WIDTH, WIDTH)
    _linear(layer.ffn.linear_1, WIDTH, 4 * WIDTH)


def _attending(attention, sizes: Sequence[int]) -> None:
    _normed(attention.layer_norm)
    for layer, size in zip(attention.linear, sizes, strict=True):
        _linear(layer, size, WIDTH)


def _fill_encoder(encoder) -> None:
    encoder.conv1.weight, encoder.conv1.bias = _zeros(WIDTH, MELS, 3), _zeros(WIDTH)
    encoder.conv2.weight, encoder.conv2.bias = _zeros(WIDTH, WIDTH, 3), _zeros(WIDTH)
    encoder.position_encodings.encodings = _zeros(FRAMES, WIDTH)
    _normed(encoder.layer_norm)
    for layer in encoder.layer:
        _attending(layer.self_attention, (3 * WIDTH, WIDTH))
        _feeding(layer)


def _fill_decoder(decoder, answer: Sequence[int], size: int) -> None:
    """What stands at place n says token n of the answer."""
    decoder.embeddings.weight = _zeros(size, WIDTH)
    places, projection = _zeros(PLACES, WIDTH), _zeros(size, WIDTH)
    for n, token in enumerate(answer):
        places[n, n] = projection[token, n] = LOUD
    decoder.position_encodings.encodings = places
    decoder.projection.weight, decoder.projection.bias = projection, _zeros(size)
    _normed(decoder.layer_norm)
    for layer in decoder.layer:
        _attending(layer.self_attention, (3 * WIDTH, WIDTH))
        _attending(layer.attention, (WIDTH, 2 * WIDTH, WIDTH))
        _feeding(layer)
