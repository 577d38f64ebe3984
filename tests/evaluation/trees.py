"""Tiny trees of the published shape of data sets."""

import json
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.io import savemat


def picture(path: Path, value: int | tuple[int, int, int] = 0, mode: str = "RGB") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, (6, 4), value).save(path)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def cfp_published(root: Path) -> None:
    for kind, view, shots in (("F", "frontal", 2), ("P", "profile", 1)):
        rows, number = [], 0
        for who in (1, 2):
            for shot in range(1, shots + 1):
                number += 1
                place = f"Data/Images/{who:03d}/{view}/{shot:02d}.jpg"
                # The second frontal picture of person 1 is a copy of the first one.
                picture(
                    root / place,
                    10 * who if view == "frontal" and who == 1 else 40 * who + 7 * shot + 30 * (kind == "P"),
                    "L",
                )
                rows.append(f"{number} ../{place}")
        write(root / f"Protocol/image_list_{kind}.txt", "\n".join(rows))
    for name, text in (("same", "2,1\n3,2\n"), ("diff", "1,2\n4,1\n")):
        write(root / f"Protocol/Split/FP/01/{name}.txt", text)
    write(root / "Protocol/Split/FF/01/same.txt", "1,2\n")
    write(root / "Protocol/Split/FF/01/diff.txt", "2,3\n")


def umist(root: Path) -> None:
    for who in ("1a", "1b"):
        for shot in range(3):
            picture(root / who / "face" / f"{who}{shot:03d}.pgm", 9, "L")


def cmu_faces(root: Path) -> None:
    for ending in ("", "_2", "_4"):
        picture(root / "an2i" / f"an2i_left_angry_sunglasses{ending}.pgm", 9, "L")
    picture(root / "an2i" / "an2i_up_sad_open.pgm", 9, "L")


def orl(root: Path) -> None:
    for who in ("s1", "s2"):
        for shot in (1, 2):
            picture(root / who / f"{shot}.pgm", 9, "L")


def scan_faces(root: Path) -> None:
    for view in ("front", "left", "right"):
        picture(root / "female_0001" / "angry" / f"{view}.jpg")
        picture(root / "female_0001" / "neutral" / f"{view}.jpg")
    write(root / "female_0001" / "angry" / "points.npz", "")


def lfw(root: Path) -> None:
    for name in ("Ann_Bee/Ann_Bee_0001", "Ann_Bee/Ann_Bee_0002", "Cy_Dee/Cy_Dee_0001"):
        picture(root / "lfw" / f"{name}.jpg")
    write(root / "pairs.txt", "1\t1\nAnn_Bee\t1\t2\nAnn_Bee\t2\tCy_Dee\t1\n")


def ijbc(root: Path) -> None:
    head = "TEMPLATE_ID,SUBJECT_ID,FILENAME,SIGHTING_ID,FACE_X,FACE_Y,FACE_WIDTH,FACE_HEIGHT"
    head += ",YAW,OCC1,OCC2,GENDER"
    picture(root / "images/img/1.jpg")
    picture(root / "images/frames/2.png")
    lists = {
        "ijbc_1N_gallery_G1": ["1,7,img/1.jpg,11,1,1,3,2,-30,1,0,1"],
        "ijbc_1N_gallery_G2": ["2,8,img/absent.jpg,12,,,,,,,,0"],
        "ijbc_1N_probe_mixed": ["3,7,frames/2.png,13,0,0,2,2,0,0,0,1", "3,7,img/1.jpg,14,0,0,2,2,0,0,0,1"],
    }
    for name, rows in lists.items():
        write(root / "protocols" / f"{name}.csv", "\n".join([head, *rows]))
    write(root / "protocols/ijbc_11_G1_G2_matches.csv", "1,3\n2,3\n")


def multipie(root: Path) -> None:
    for camera, folder in (("051", "05_1"), ("240", "24_0")):
        picture(root / f"data/session02/multiview/001/03/{folder}/001_02_03_{camera}_07.png")
    picture(root / "data/session02/highres/001_02_01.png")


def facescape_models(root: Path) -> None:
    for who in ("2", "10"):
        write(root / who / "models_reg" / "4_anger.obj", "v 0 0 0\n")


def facescape_views(root: Path) -> None:
    def pose(yaw: float) -> list[list[float]]:
        # A camera at 2 units from the origin, looking at it, `yaw` to the person's left (+x) of +z.
        sine, cosine = np.sin(yaw), np.cos(yaw)
        axes = np.array([[-cosine, 0, sine], [0, -1, 0], [-sine, 0, -cosine]])
        centre = 2 * np.array([sine, 0, cosine])
        return np.column_stack([axes, -axes @ centre]).tolist()

    take = root / "3" / "2_smile"
    told = {}
    for view, yaw in enumerate((0.0, np.pi / 3)):
        picture(take / f"{view}.jpg")
        told |= {f"{view}_Rt": pose(yaw), f"{view}_valid": view == 0}
    write(take / "params.json", json.dumps(told))
    motion = np.column_stack([np.eye(3), np.zeros(3)]).tolist()
    write(root / "Rt_scale_dict.json", json.dumps({"3": {"2": [5.0, motion]}}))


def arl_vtf(root: Path) -> None:
    rows = [",subid,camera,condition,eyewear,timestamp,filepath"]
    for number, (camera, condition) in enumerate((("FLIR_USB", "baseline"), ("BAS_RGB2", "pose"))):
        place = f"dev/17/{condition}/{camera}_{number}.png"
        picture(root / "cropped_images" / place)
        rows.append(f"{number},17,{camera},{condition},,2019,{place}")
    write(root / "metadata.csv", "\n".join(rows))


def briar(root: Path) -> None:
    for place in (
        "BGC1/BRS1/G00042/field/500m/wb/G00042_set2_walk_1_wb/0001.jpg",
        "BGC1/BRS1/G00042/field/close_range/face/G00042_set1_stand_face.jpg",
        "BGC1/BRS1/G00043/controlled/images/face/G00043_set1_face_0.jpg",
    ):
        picture(root / place)


def market1501(root: Path) -> None:
    for place in (
        "query/0002_c1s1_000451_00", "bounding_box_test/0002_c2s1_000451_03",
        "bounding_box_test/-1_c2s1_000452_03", "bounding_box_test/0000_c2s1_000453_03",
        "bounding_box_test/0000_c2s1_000454_03", "bounding_box_train/0007_c3s2_000455_01",
    ):  # fmt: skip
        picture(root / f"{place}.jpg")


def prcc(root: Path) -> None:
    for camera in "ABC":
        picture(root / f"rgb/test/{camera}/005/cropped_rgb001.jpg")
    picture(root / "rgb/train/001/A_cropped_rgb001.jpg")
    picture(root / "rgb/val/001/C_cropped_rgb001.jpg")


def ltcc(root: Path) -> None:
    for place in ("train/000_1_c1_000100", "query/001_1_c11_015843", "test/001_2_c3_015844"):
        picture(root / f"{place}.png")


def pku_reid(root: Path) -> None:
    for orientation in (1, 3, 5, 7):
        picture(root / "images" / "001" / f"01_{orientation}.png")


def octopus(root: Path) -> None:
    for frame in range(4):
        picture(root / "frames" / f"{frame:04d}.png")
        picture(root / "segmentations" / f"{frame:04d}.png")


def ccp_published(root: Path) -> None:
    picture(root / "photos" / "0001.jpg")
    (root / "annotations" / "pixel-level").mkdir(parents=True)
    labels = np.zeros((4, 6), np.uint8)
    labels[1:, 2:] = 41
    savemat(root / "annotations" / "pixel-level" / "0001.mat", {"groundtruth": labels})


def lsp_published(root: Path) -> None:
    joints = np.zeros((3, 14, 2))
    joints[:, 1, 0] = 5.0, 6.0, 0.0
    for number in (1, 2):
        picture(root / "images" / f"im{number:04d}.jpg")
    savemat(root / "joints.mat", {"joints": joints})


def coco(
    root: Path, name: str = "annotations/person_keypoints_val2017.json", photos: str = "val2017"
) -> None:
    people = [
        {"id": 1, "image_id": 4, "category_id": 1, "bbox": [1, 1, 2, 3], "num_keypoints": 9, "dp_x": [1.0]},
        {"id": 2, "image_id": 4, "category_id": 1, "bbox": [0, 0, 6, 4], "iscrowd": 1},
        {"id": 3, "image_id": 5, "category_id": 1, "bbox": [1, 1, 2, 3]},
        {"id": 4, "image_id": 4, "category_id": 18, "bbox": [1, 1, 2, 3]},
    ]
    images = [{"id": 4, "file_name": "000004.jpg"}, {"id": 5, "file_name": "000005.jpg"}]
    write(root / name, json.dumps({"images": images, "annotations": people}))
    picture(root / photos / "000004.jpg")


def densepose(root: Path) -> None:
    coco(root, "annotations/densepose_coco_2014_minival.json", "val2014")


def aflw2000(root: Path) -> None:
    picture(root / "image00002.jpg")
    points = np.stack([np.linspace(1, 5, 68), np.linspace(1, 3, 68), np.zeros(68)])
    pose = np.radians([[10.0, -40.0, 5.0, 0.0, 0.0, 0.0, 1.0]])
    savemat(root / "image00002.mat", {"Pose_Para": pose, "pt3d_68": points})


def people(root: Path) -> None:
    picture(root / "ann" / "1.jpg")
    picture(root / "ann" / "march" / "2.png")
    picture(root / "bob" / "1.jpg")
    picture(root / ".hidden" / "1.jpg")


SHAPES = {
    "people": people,
    "cfp": cfp_published,
    "umist": umist,
    "cmu-faces": cmu_faces,
    "orl": orl,
    "scan-faces": scan_faces,
    "lfw": lfw,
    "ijb-c": ijbc,
    "multi-pie": multipie,
    "facescape-models": facescape_models,
    "facescape-views": facescape_views,
    "arl-vtf": arl_vtf,
    "briar": briar,
    "market-1501": market1501,
    "prcc": prcc,
    "ltcc": ltcc,
    "pku-reid": pku_reid,
    "octopus": octopus,
    "ccp": ccp_published,
    "lsp": lsp_published,
    "coco-person": coco,
    "densepose-coco": densepose,
    "aflw2000": aflw2000,
}
"""Data set -> what makes a tree of its shape."""
