"""An encoder of the user's own: a tiny ONNX model made here, its errors, and what it changes where the reader is unsure."""

import json
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from rapport.app import encoding
from rapport.errors import BadInput, SetupError
from rapport.settings import Settings
from rapport.understanding import model_files
from rapport.understanding.encoder.folder import open_encoder
from rapport.understanding.encoder.second import HEAD, EncoderHead, Second, kept, read_head
from rapport.understanding.reader import Reader, shipped

onnx = pytest.importorskip("onnx", reason="a model to try is made with onnx, which is not installed")
pytest.importorskip("onnxruntime", reason="rapport[encoder] is not installed")
tokenizers = pytest.importorskip("tokenizers", reason="rapport[encoder] is not installed")

WORDS = {"[PAD]": 0, "[UNK]": 1, "zorblax": 2, "wifi": 3, "factura": 4}
UNKNOWN = "zorblax zorblax zorblax"


def a_model(file: Path, *, inputs: tuple[str, ...] = ("input_ids", "attention_mask"), pooled: bool = False) -> None:
    """A model whose token vectors are those of a table: one dimension for each word."""
    whole, floats = onnx.TensorProto.INT64, onnx.TensorProto.FLOAT
    table = onnx.numpy_helper.from_array(np.eye(len(WORDS), dtype=np.float32), "table")
    nodes = [onnx.helper.make_node("Gather", ["table", inputs[0]], ["each"])]
    shape: list[str | int] = ["texts", "tokens", len(WORDS)]
    if pooled:
        nodes.append(onnx.helper.make_node("ReduceMax", ["each"], ["one"], axes=[1], keepdims=0))
        shape = ["texts", len(WORDS)]
    graph = onnx.helper.make_graph(
        nodes,
        "tiny",
        [onnx.helper.make_tensor_value_info(name, whole, ["texts", "tokens"]) for name in inputs],
        [onnx.helper.make_tensor_value_info("one" if pooled else "each", floats, shape)],
        [table],
    )
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 13)], ir_version=8)
    file.write_bytes(model.SerializeToString())


def a_tokenizer(file: Path, words: dict[str, int] = WORDS) -> None:
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token="[UNK]"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    file.write_text(made.to_str(), "utf-8")


@pytest.fixture
def folder(tmp_path) -> Path:
    a_model(tmp_path / "model.onnx")
    a_tokenizer(tmp_path / "tokenizer.json")
    return tmp_path


def a_head(version: str, intent: str) -> EncoderHead:
    """Takes "zorblax" for an intent, and is sure of it."""
    names = shipped().intents
    weights = np.zeros((len(WORDS), len(names)), dtype=np.float32)
    weights[WORDS["zorblax"], names.index(intent)] = 40
    return EncoderHead(names, weights, np.zeros(len(names), dtype=np.float32), version)


def a_reader(second: Second) -> Reader:
    return Reader(*model_files.weights(), second)


def test_a_text_is_the_mean_of_its_tokens_and_of_length_one(folder):
    vectors = open_encoder(folder).vectors(["wifi factura", "wifi"])

    half = 0.5**0.5
    assert vectors[0].tolist() == pytest.approx([0, 0, 0, half, half])
    assert vectors[1].tolist() == [0, 0, 0, 1, 0]


def test_a_folder_of_sentence_transformers_says_how_tokens_are_pooled(folder):
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode_cls_token": True}))

    assert open_encoder(folder).vectors(["wifi factura"]).tolist() == [[0, 0, 0, 1, 0]]


def test_a_model_that_pools_by_itself_is_taken_as_it_is(folder):
    a_model(folder / "model.onnx", pooled=True)

    assert open_encoder(folder).vectors(["wifi wifi factura"])[0].tolist() == pytest.approx([0, 0, 0, 0.7071, 0.7071], abs=1e-3)


def test_what_the_fast_lane_does_not_know_is_heard_from_the_encoder(folder):
    encoder = open_encoder(folder)
    second = Second(encoder, a_head(encoder.version, "wifi"), seconds=1, ticks=lambda: 0.0)

    alone, both = shipped().read([UNKNOWN])[0], a_reader(second).read([UNKNOWN])[0]
    assert (alone.intent, both.intent) == ("", "wifi")
    assert both.version.endswith(f"/{encoder.version}")


def test_what_the_fast_lane_knows_is_not_asked(folder):
    encoder = open_encoder(folder)
    second = Second(encoder, a_head(encoder.version, "wifi"), seconds=1, ticks=lambda: 0.0)
    text = "Buenas, se me bloqueó la tarjeta de débito ayer, zorblax"

    assert a_reader(second).read([text])[0].intent == shipped().read([text])[0].intent == "card"


def test_when_the_time_is_over_the_rest_stays_unknown(folder):
    encoder, ticks = open_encoder(folder), count()
    second = Second(encoder, a_head(encoder.version, "wifi"), seconds=2, ticks=lambda: next(ticks))

    read = a_reader(second).read([f"{UNKNOWN} {nth}" for nth in "abcdefghijklmnopqrstuvwxyz"])
    assert [one.intent for one in read] == ["wifi"] * 16 + [""] * 10


def test_an_encoder_that_fails_changes_nothing():
    class Broken:
        version = "broken"

        def vectors(self, texts):
            raise BadInput("out of memory")

    second = Second(Broken(), a_head("broken", "wifi"), seconds=1, ticks=lambda: 0.0)

    assert a_reader(second).read([UNKNOWN])[0].intent == ""


def test_what_no_tokenizer_takes_stays_as_the_fast_lane_left_it(folder):
    encoder = open_encoder(folder)
    second = Second(encoder, a_head(encoder.version, "wifi"), seconds=1, ticks=lambda: 0.0)
    likely = np.full((1, len(shipped().intents)), 0.01)

    with pytest.raises(BadInput):
        encoder.vectors(["zorblax \ud800"])
    assert (second.heard(["zorblax \ud800"], likely) == likely).all()


def test_an_encoder_is_taught_our_messages_and_serves(folder, capsys):
    encoding.encode(folder, as_json=True)

    said = json.loads(capsys.readouterr().out)
    second = encoding.second_lane(Settings(encoder=str(folder)))
    assert said["dimensions"] == len(WORDS)
    assert second is not None
    assert second.version == said["version"]


def test_without_the_setting_there_is_no_encoder():
    assert encoding.second_lane(Settings()) is None


def spoil_nothing(folder: Path) -> None:
    """A folder that was never taught."""


def spoil_head(folder: Path) -> None:
    (folder / HEAD).write_bytes(b"PK nothing")


def spoil_half(folder: Path) -> None:
    whole = kept(a_head("another", "wifi"))
    (folder / HEAD).write_bytes(whole[: len(whole) // 2])


def spoil_empty(folder: Path) -> None:
    (folder / HEAD).write_bytes(b"")


def spoil_middle(folder: Path) -> None:
    whole = bytearray(kept(a_head("another", "wifi")))
    whole[60:400] = bytes(340)
    (folder / HEAD).write_bytes(whole)


def spoil_version(folder: Path) -> None:
    (folder / HEAD).write_bytes(kept(a_head("another", "wifi")))


def spoil_names(folder: Path) -> None:
    version = open_encoder(folder).version
    (folder / HEAD).write_bytes(kept(EncoderHead(("a",), np.zeros((5, 1)), np.zeros(1), version)))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (spoil_nothing, "is not there yet; run rapport understand encode"),
        (spoil_head, "cannot be read"),
        (spoil_half, "cannot be read"),
        (spoil_empty, "cannot be read"),
        (spoil_middle, "cannot be read"),
        (spoil_version, "learnt with another model"),
        (spoil_names, "for other intents"),
    ],
    ids=["missing", "spoilt", "cut-off", "empty", "overwritten", "another-model", "other-intents"],
)
def test_what_was_learnt_must_fit(folder, spoil, said):
    spoil(folder)

    with pytest.raises(SetupError, match=said):
        read_head(folder, open_encoder(folder), shipped().intents)


def no_model(folder: Path) -> None:
    (folder / "model.onnx").unlink()


def no_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()


def no_onnx(folder: Path) -> None:
    (folder / "model.onnx").write_bytes(b"hello")


def spoilt_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").write_text("{}", "utf-8")


def strange_input(folder: Path) -> None:
    a_model(folder / "model.onnx", inputs=("pixels",))


def larger_words(folder: Path) -> None:
    a_tokenizer(folder / "tokenizer.json", {"[PAD]": 0, "[UNK]": 99, "wifi": 3})


def strange_pooling(folder: Path) -> None:
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode_max_tokens": true}')


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (no_model, "neither model.onnx"),
        (no_tokenizer, r"tokenizer\.json is missing"),
        (no_onnx, "is no ONNX model"),
        (spoilt_tokenizer, "is no tokenizer"),
        (strange_input, "must take input_ids"),
        (larger_words, "fails on a first try"),
        (strange_pooling, "neither cls_token nor mean_tokens"),
    ],
    ids=["no-model", "no-tokenizer", "no-onnx", "spoilt-tokenizer", "strange-input", "larger-words", "strange-pooling"],
)
def test_a_folder_that_cannot_serve_is_refused_with_file_and_cure(folder, spoil, said):
    spoil(folder)

    with pytest.raises(SetupError, match=said):
        open_encoder(folder)


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(SetupError, match="there is no folder"):
        open_encoder(tmp_path / "nowhere")
