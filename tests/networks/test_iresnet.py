"""IR-18 and its importer against a forward pass written from the layout of the checkpoint alone."""

import hashlib
from itertools import pairwise

import numpy as np
import onnxruntime
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")
from safetensors.torch import save_file  # noqa: E402
from torch.nn import functional  # noqa: E402

from lineament.cli.main import main  # noqa: E402
from lineament.errors import BadInputError  # noqa: E402
from lineament.networks.iresnet import IResNet  # noqa: E402
from lineament.runtime.embedder import FaceEmbedder  # noqa: E402
from lineament.runtime.recogniser_card import RecogniserCard  # noqa: E402
from lineament.training.adaface_import import read_checkpoint  # noqa: E402

pytestmark = pytest.mark.train

WIDTHS = (64, 64, 64, 128, 128, 256, 256, 512, 512)
"""Before and after each of the eight units."""


def layout(seed=0):
    """Random weights under the names and shapes of the official IR-18 checkpoint."""
    rng = torch.Generator().manual_seed(seed)
    state = {}

    def norm(name, width, affine=True):
        if affine:
            state[f"{name}.weight"] = 0.5 + torch.rand(width, generator=rng)
            state[f"{name}.bias"] = 0.1 * torch.randn(width, generator=rng)
        state[f"{name}.running_mean"] = 0.1 * torch.randn(width, generator=rng)
        state[f"{name}.running_var"] = 0.5 + torch.rand(width, generator=rng)
        state[f"{name}.num_batches_tracked"] = torch.tensor(7)

    def weight(name, *shape):
        fan = int(np.prod(shape[1:]))
        state[f"{name}.weight"] = torch.randn(*shape, generator=rng) / fan**0.5

    def slope(name, width):
        state[f"{name}.weight"] = torch.rand(width, generator=rng)

    weight("input_layer.0", 64, 3, 3, 3)
    norm("input_layer.1", 64)
    slope("input_layer.2", 64)
    for unit, (inputs, outputs) in enumerate(pairwise(WIDTHS)):
        name = f"body.{unit}"
        if inputs != outputs:
            weight(f"{name}.shortcut_layer.0", outputs, inputs, 1, 1)
            norm(f"{name}.shortcut_layer.1", outputs)
        norm(f"{name}.res_layer.0", inputs)
        weight(f"{name}.res_layer.1", outputs, inputs, 3, 3)
        norm(f"{name}.res_layer.2", outputs)
        slope(f"{name}.res_layer.3", outputs)
        weight(f"{name}.res_layer.4", outputs, outputs, 3, 3)
        norm(f"{name}.res_layer.5", outputs)
    norm("output_layer.0", 512)
    weight("output_layer.3", 512, 512 * 49)
    state["output_layer.3.bias"] = 0.1 * torch.randn(512, generator=rng)
    norm("output_layer.4", 512, affine=False)
    return state


def reference(state, crop):
    """Embeddings by plain function calls on the raw tensors."""

    def norm(x, name):
        mean, variance = state[f"{name}.running_mean"], state[f"{name}.running_var"]
        gain, offset = state.get(f"{name}.weight"), state.get(f"{name}.bias")
        return functional.batch_norm(x, mean, variance, gain, offset, eps=1e-5)

    def conv(x, name, stride=1, padding=1):
        return functional.conv2d(x, state[f"{name}.weight"], stride=stride, padding=padding)

    x = functional.prelu(norm(conv(crop, "input_layer.0"), "input_layer.1"), state["input_layer.2.weight"])
    for unit in range(8):
        name, stride = f"body.{unit}", 2 if unit % 2 == 0 else 1
        if f"{name}.shortcut_layer.0.weight" in state:
            short = norm(conv(x, f"{name}.shortcut_layer.0", stride, 0), f"{name}.shortcut_layer.1")
        else:
            short = x[:, :, ::stride, ::stride]
        y = norm(conv(norm(x, f"{name}.res_layer.0"), f"{name}.res_layer.1"), f"{name}.res_layer.2")
        y = functional.prelu(y, state[f"{name}.res_layer.3.weight"])
        x = short + norm(conv(y, f"{name}.res_layer.4", stride), f"{name}.res_layer.5")
    x = norm(x, "output_layer.0").flatten(1)
    x = functional.linear(x, state["output_layer.3.weight"], state["output_layer.3.bias"])
    return norm(x, "output_layer.4")


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    """As the training of AdaFace saves it: the network under "model.", and its head."""
    state = layout()
    path = tmp_path_factory.mktemp("adaface") / "ir18.safetensors"
    saved = {f"model.{name}": tensor for name, tensor in state.items()}
    save_file(saved | {"head.kernel": torch.zeros(512, 3), "head.t": torch.zeros(1)}, path)
    return path, state


def test_the_importer_agrees_with_the_reference(checkpoint):
    path, state = checkpoint
    network = read_checkpoint(path)
    crop = torch.randn(2, 3, 112, 112, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        expected = reference(state, crop)
        torch.testing.assert_close(network(crop), expected, rtol=1e-4, atol=1e-4)
        features = network.features(crop)
        torch.testing.assert_close(network.embedding(features), network(crop))
    assert features.shape == (2, 512, 7, 7) and expected.std() > 0.1


def test_names_and_shapes_are_those_of_the_layout(checkpoint):
    _, state = checkpoint
    own = {name: tuple(tensor.shape) for name, tensor in IResNet().state_dict().items()}
    assert own == {name: tuple(tensor.shape) for name, tensor in state.items()}


def test_the_recogniser_agrees_with_the_reference(checkpoint, tmp_path, capsys):
    """Bytes in RGB through the product's own embedder; the reference gets BGR in -1..1."""
    path, state = checkpoint
    model = tmp_path / "new" / "out" / "model.onnx"
    with pytest.raises(SystemExit) as left:
        main(["train", "import-adaface", str(path), "--out", str(model.parent), "--licence", "MIT"])
    assert left.value.code == 0 and capsys.readouterr().out == f"{model}\n"
    card = RecogniserCard.beside(model)
    assert (card.colour_order, card.size, card.embedding_size) == ("bgr", 112, 512)
    assert card.licence == "MIT" and card.revision == hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    assert sorted(one.name for one in model.parent.iterdir()) == ["card.json", "model.onnx"]
    crops = np.random.default_rng(2).integers(0, 256, (3, 112, 112, 3), dtype=np.uint8)
    fed = torch.from_numpy((crops[..., ::-1] / 255.0 - 0.5) / 0.5).float().permute(0, 3, 1, 2)
    with torch.no_grad():
        raw = reference(state, fed).numpy()
    expected = raw / np.linalg.norm(raw, axis=1, keepdims=True)
    np.testing.assert_allclose(FaceEmbedder.load(model).embed(crops), expected, atol=1e-4)
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    (got,) = session.run(["embedding"], {"crop": fed[:1].numpy()})
    np.testing.assert_allclose(got, raw[:1], rtol=1e-3, atol=1e-3)


def test_names_without_the_prefix_and_without_counters_do_too(checkpoint, tmp_path):
    _, state = checkpoint
    path = tmp_path / "bare.safetensors"
    save_file({name: t.half() for name, t in state.items() if "num_batches" not in name}, path)
    found = read_checkpoint(path).state_dict()["output_layer.3.bias"]
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, state["output_layer.3.bias"], rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda s: s.pop("body.3.res_layer.4.weight"), "lacks 'body.3.res_layer.4.weight' (1 missing, 0 unk"),
        (lambda s: s.update({"body.8.res_layer.0.bias": torch.zeros(512)}), "has 'body.8.res_layer.0.bias'"),
        (lambda s: s.update({"input_layer.2.weight": torch.zeros(32)}), "shape (32,) instead of (64,)"),
        (lambda s: s["output_layer.4.running_mean"].fill_(torch.nan), "not finite"),
    ],
)
def test_another_checkpoint_is_refused_in_one_line(checkpoint, tmp_path, change, said):
    state = dict(checkpoint[1])
    state["output_layer.4.running_mean"] = state["output_layer.4.running_mean"].clone()
    change(state)
    path = tmp_path / "other.safetensors"
    save_file(state, path)
    with pytest.raises(BadInputError) as error:
        read_checkpoint(path)
    assert said in str(error.value) and "\n" not in str(error.value)


def test_the_command_refuses_in_one_line(checkpoint, tmp_path, capsys):
    words = ["train", "import-adaface", "--out", str(tmp_path / "out")]
    for wrong, said in (
        ([str(tmp_path / "absent.ckpt")], "cannot be read as safetensors"),
        ([str(checkpoint[0]), "--name", "two words"], "is no name of a model"),
    ):
        with pytest.raises(SystemExit) as left:
            main([*words, *wrong])
        told = capsys.readouterr().err
        assert left.value.code == 2 and said in told and told.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_what_is_no_safetensors_is_refused(tmp_path):
    for path in (tmp_path / "absent.safetensors", tmp_path / "some.ckpt"):
        if path.suffix == ".ckpt":
            path.write_bytes(b"not a checkpoint")
        with pytest.raises(BadInputError, match="cannot be read as safetensors"):
            read_checkpoint(path)
