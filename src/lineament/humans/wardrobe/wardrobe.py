"""The wardrobe: looks of people. Identity (skin, eyes, hair) and outfit are drawn independently."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np

from lineament.anatomy import HEAD
from lineament.assets import find_folder
from lineament.errors import BadInputError
from lineament.geometry.surface import Surface
from lineament.humans.demography import age_years
from lineament.humans.wardrobe.clothing import Clothing
from lineament.humans.wardrobe.dyeing import Dyeable, dye, dyeable, skin_under, uncovered
from lineament.humans.wardrobe.eyes import EyeTraits, eye_layer, sample_eyes
from lineament.humans.wardrobe.facts import BodyFacts
from lineament.humans.wardrobe.first import sample_outfit
from lineament.humans.wardrobe.garments import BottomCut
from lineament.humans.wardrobe.hair import HairTraits, sample_hair
from lineament.humans.wardrobe.hair_layers import hair_layers
from lineament.humans.wardrobe.hair_paint import paint_hair_on_skin
from lineament.humans.wardrobe.headforms import headgear_layers, under_mask
from lineament.humans.wardrobe.headgear import Dome, FaceMask
from lineament.humans.wardrobe.headwear import glasses_layer, hat_layers, under_hat
from lineament.humans.wardrobe.layers import Binding, BodyLayer, Layer
from lineament.humans.wardrobe.mhclo import Proxy, read_proxy
from lineament.humans.wardrobe.outfit import Outfit, ProxyNames
from lineament.humans.wardrobe.places import SKIN_WIDTH, SkinSpace
from lineament.humans.wardrobe.posing import PosedBody
from lineament.humans.wardrobe.props import prop_layer
from lineament.humans.wardrobe.skin import SkinTraits, paint_skin, sample_skin
from lineament.humans.wardrobe.stylist import compose
from lineament.humans.wardrobe.tailor import hidden_faces, paint_piece, shell_layer
from lineament.types import Bool, Float32, Int32, UInt8

ASSET_FOLDER = "makehuman-cc0"
TRIES = 8
GROWN = (
    "natural",
    "grey",
    "beard",
    "beard_cover",
    "beard_length",
    "brows",
    "brow_proxy",
    "lash_proxy",
    "recede",
)
"""What of somebody's hair no haircut changes; fields of `HairTraits`."""
Variety = Literal["wide", "first"]
Ancestry = tuple[float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class IdentityLook:
    """What belongs to the person: skin, eyes, hair. `skin_texture`: (704, 768, 3) sRGB with hair that lies
    flat.
    """

    skin: SkinTraits
    eyes: EyeTraits
    hair: HairTraits
    skin_texture: UInt8
    layers: tuple[Layer, ...]

    def site_colours(self, vertices: Int32) -> UInt8:
        """sRGB (N, 3) of body vertices (N,) without clothes: skin, or hair where it grows thick."""
        space = SkinSpace.load()
        texel = space.vertex_texel[vertices]
        return self.skin_texture[texel // SKIN_WIDTH, texel % SKIN_WIDTH]


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One person in one outfit: static layers that follow any pose."""

    identity: IdentityLook
    outfit: Outfit
    layers: tuple[Layer, ...]

    def surfaces(self, posed: Float32) -> list[Surface]:
        """The surfaces at posed body vertices (19158, 3) in metres; only their `vertices` differ between
        poses.
        """
        body = PosedBody.of(posed)
        return [layer.surface(body) for layer in self.layers]


def _shells(rng: np.random.Generator, outfit: Outfit) -> list[Layer]:
    """The garments that stand off the body, each without what later ones hide."""
    shells = [piece for piece in outfit.pieces if piece.mesh != "skin"]
    layers: list[Layer] = []
    for k, piece in enumerate(shells):
        layer = shell_layer(rng, piece, shells[k + 1 :] if outfit.trimmed else ())
        if layer is not None:
            layers.append(layer)
    return layers


@lru_cache(maxsize=2)
def _painted(skin: SkinTraits) -> UInt8:
    """A skin that keeps for another haircut."""
    return paint_skin(skin)


class Wardrobe:
    """Skins, clothes, hair and eyes. Make one and keep it: `Wardrobe.load()`; plainer where assets are
    absent.
    """

    def __init__(self, assets: Path | None) -> None:
        self.assets = assets
        self.facts = BodyFacts.load()
        self._proxies: dict[str, Proxy] = {}
        self._bindings: dict[str, Binding] = {}
        self._dyeables: dict[str, Dyeable] = {}
        self._hidden: dict[str, Bool] = {}
        self.skins = self._find("skins/*/*.webp")
        self.irises = self._find("eyes/materials/*.webp")
        self.names = ProxyNames(
            suits=tuple(name for name in self._index("clothes") if "suit" in name),
            shoes=tuple(name for name in self._index("clothes") if "shoes" in name),
            hats=tuple(name for name in self._index("clothes") if "fedora" in name),
        )
        self._brows, self._lashes = self._index("eyebrows"), self._index("eyelashes")
        self._styles = {name: self._for_women(name) for name in self._index("hair")}
        self._eye_proxy = next((name for name in self._index("eyes") if name == "low-poly"), None)

    @classmethod
    @lru_cache(maxsize=2)
    def load(cls, assets: Path | None = None) -> "Wardrobe":
        """The wardrobe of `assets`, or of the asset folder "makehuman-cc0" where there is one."""
        return cls(assets or find_folder(ASSET_FOLDER))

    def sample_identity_look(
        self, rng: np.random.Generator, *, gender: float, age: float, ancestry: Ancestry
    ) -> IdentityLook:
        """Skin, eyes and hair of a person. gender 0 male .. 1 female and age as Anny's phenotypes; ancestry:
        shares of African, Asian and Caucasian.
        """
        female, years = bool(gender > 0.5), age_years(age)
        skin = sample_skin(rng, ancestry, female, years, self.skins)
        eyes = sample_eyes(rng, skin.lab[0], ancestry[2], years, self.irises)
        hair = sample_hair(
            rng,
            female=female,
            age=years,
            lightness=skin.lab[0],
            ancestry=ancestry,
            styles=self._styles,
            brows=tuple(self._brows),
            lashes=tuple(self._lashes),
        )
        return self._composed(skin, eyes, hair)

    def other_hair(
        self,
        identity: IdentityLook,
        rng: np.random.Generator,
        *,
        gender: float,
        age: float,
        ancestry: Ancestry,
    ) -> IdentityLook:
        """The same person with another haircut and colour; brows, lashes, beard and hairline stay."""
        own = identity.hair
        for _ in range(TRIES):
            drawn = sample_hair(
                rng,
                female=bool(gender > 0.5),
                age=age_years(age),
                lightness=identity.skin.lab[0],
                ancestry=ancestry,
                styles=self._styles,
                brows=tuple(self._brows),
                lashes=tuple(self._lashes),
            )
            if (drawn.style, drawn.proxy) != (own.style, own.proxy):
                break
        kept = {name: getattr(own, name) for name in GROWN}
        return self._composed(identity.skin, identity.eyes, replace(drawn, **kept))

    def _composed(self, skin: SkinTraits, eyes: EyeTraits, hair: HairTraits) -> IdentityLook:
        texture = _painted(skin).copy()
        paint_hair_on_skin(hair, texture, painted_brows=hair.brow_proxy is None)
        worn = [name for name in (hair.proxy, hair.brow_proxy, hair.lash_proxy) if name is not None]
        bindings = {name: self._binding(name, HEAD) for name in worn}
        pictures = {name: self._proxies[name].texture for name in worn}
        eye_binding = self._binding(self._eye_proxy, HEAD) if self._eye_proxy else None
        layers = (eye_layer(eyes, eye_binding), *hair_layers(hair, bindings, pictures))
        return IdentityLook(skin, eyes, hair, texture, tuple(layers))

    def sample_outfit(
        self, rng: np.random.Generator, clothing: Clothing | None = None, *, variety: Variety = "wide"
    ) -> Outfit:
        """Clothes, shoes, hats and bags; independent of who wears them.

        clothing: the top-level choices; None draws them by CLOTHING_SHARES. variety: "first" draws as the
        first release did (no choices there); BadInputError for another, or for choices of the first.
        """
        if variety == "wide":
            drawn = Clothing.sample(rng) if clothing is None else clothing
            return compose(rng, drawn, self.facts, self.names)
        if variety != "first":
            raise BadInputError(f"variety {variety!r} is not one of: wide, first")
        if clothing is not None:
            raise BadInputError("the first variety of outfits has no choices; leave clothing out")
        return sample_outfit(rng, self.facts.landmarks, self.names)

    def dress(self, identity: IdentityLook, outfit: Outfit) -> Look:
        """Put an outfit on a person."""
        rng = np.random.default_rng(outfit.seed)
        space, model = SkinSpace.load(), self.facts.model
        texture = identity.skin_texture.copy()
        for piece in outfit.pieces:
            if piece.mesh == "skin" or (piece.thickness == 0 and isinstance(piece.cut, BottomCut)):
                paint_piece(rng, texture, piece)
        worn = [self._binding(proxy.name, None) for proxy in outfit.proxies]
        shown = ~hidden_faces(outfit.pieces, worn)
        if outfit.trimmed:
            for proxy in outfit.proxies:
                shown &= ~self._skin_under(proxy.name)
        if any(isinstance(one, FaceMask) for one in outfit.headgear):
            shown &= ~under_mask()
        skin = Surface(
            "body",
            model.canonical,
            model.faces[shown],
            model.face_parts[shown],
            model.canonical,
            uv=space.uv[shown],
            texture=texture,
        )
        layers: list[Layer] = [BodyLayer(skin)]
        over = outfit.pieces if outfit.trimmed else ()
        layers += [
            uncovered(dye(proxy, self._dyeable(proxy.name), b), over)
            for proxy, b in zip(outfit.proxies, worn, strict=True)
        ]
        layers += _shells(rng, outfit)
        domes = [one for one in outfit.headgear if isinstance(one, Dome)]
        hooded = (outfit.hat is not None and outfit.hat.kind == "hood") or any(
            dome.kind == "hood" for dome in domes
        )
        hatted = outfit.hat is not None or any(proxy.name in self.names.hats for proxy in outfit.proxies)
        layers += under_hat(identity.layers, hooded) if hatted or domes else identity.layers
        if outfit.hat is not None:
            layers += hat_layers(outfit.hat)
        for worn_on_head in outfit.headgear:
            layers += headgear_layers(worn_on_head)
        if outfit.glasses is not None:
            layers.append(glasses_layer(outfit.glasses))
        layers += [prop_layer(prop) for prop in outfit.props]
        return Look(identity, outfit, tuple(layers))

    def _find(self, pattern: str) -> tuple[Path, ...]:
        return tuple(sorted(self.assets.glob(pattern))) if self.assets is not None else ()

    def _index(self, folder: str) -> Sequence[str]:
        """Names of the proxies in a folder; they are read when first worn."""
        return tuple(path.stem for path in self._find(f"{folder}/*/*.mhclo"))

    def _proxy(self, name: str) -> Proxy:
        if name not in self._proxies:
            self._proxies[name] = read_proxy(self._find(f"*/*/{name}.mhclo")[0])
        return self._proxies[name]

    def _for_women(self, name: str) -> bool | None:
        tags = self._proxy(name).tags
        return "female" in tags if tags & {"female", "male"} else None

    def _binding(self, name: str, part: int | None) -> Binding:
        if name not in self._bindings:
            self._bindings[name] = Binding(self._proxy(name), self.facts, part=part)
        return self._bindings[name]

    def _skin_under(self, name: str) -> Bool:
        """The skin faces (F,) under a whole suit; shoes and hats say themselves what they hide."""
        if name not in self._hidden:
            faces = self.facts.model.faces
            hidden = np.zeros(len(faces), dtype=bool)
            if name in self.names.suits:
                hidden = skin_under(self._bindings[name])[faces].all(axis=1)
            self._hidden[name] = hidden
        return self._hidden[name]

    def _dyeable(self, name: str) -> Dyeable:
        if name not in self._dyeables:
            self._dyeables[name] = dyeable(self._bindings[name], self._proxy(name).texture)
        return self._dyeables[name]
