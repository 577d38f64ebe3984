"""Poses made without any asset: standing, walking, arms in many places, hands, sitting, gymnastics."""

import numpy as np
from scipy.spatial.transform import Rotation

from lineament.humans.rig import SIDES, Rig, shortest_turn, turn
from lineament.types import Float64

X, Y, Z = np.eye(3)


class Poser:
    """Builds poses on a rig; every method changes rotations (163, 3, 3) in place."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self._bone = rig.model.bone
        self._upper = {side: rig.limb("upperarm", side) for side in SIDES}
        self._lower = {side: rig.limb("lowerarm", side) for side in SIDES}
        self._elbow = {side: rig.elbow(side) for side in SIDES}
        self._curls = {side: self._curl_axes(side) for side in SIDES}
        self._digits = {side: self._fingers(side) for side in SIDES}

    def arm(self, pose: Float64, side: str, direction: Float64, twist: float, elbow: float) -> None:
        """Point the upper arm along `direction` (3,) of the chest (x outwards for both sides), in rest-pose
        axes.

        twist turns it about itself (positive: forearm inwards), elbow is the bend, 0 straight; radians.
        """
        sign = 1.0 if side == "L" else -1.0
        goal = np.asarray(direction, dtype=float) * (sign, 1.0, 1.0)
        goal /= np.linalg.norm(goal)
        raised = turn(goal, sign * twist) @ shortest_turn(self._upper[side], goal)
        shoulder = Rotation.from_matrix(raised).as_rotvec()
        pose[self._bone(f"clavicle.{side}")] = Rotation.from_rotvec(0.12 * shoulder).as_matrix()
        pose[self._bone(f"upperarm01.{side}")] = pose[self._bone(f"clavicle.{side}")].T @ raised
        axis, bent = self._elbow[side]
        pose[self._bone(f"lowerarm01.{side}")] = turn(axis, elbow - bent)

    def forearm_twist(self, pose: Float64, side: str, angle: float) -> None:
        """Turn the hand about the forearm, half of it in the lower half of the forearm."""
        sign = 1.0 if side == "L" else -1.0
        share = turn(self._lower[side], sign * 0.5 * angle)
        for bone in (f"lowerarm02.{side}", f"wrist.{side}"):
            pose[self._bone(bone)] = share @ pose[self._bone(bone)]

    def leg(
        self, pose: Float64, side: str, flexion: float, abduction: float, knee: float, ankle: float = 0.0
    ) -> None:
        """Lift the thigh from hanging, forwards by `flexion`, outwards by `abduction`, and bend it."""
        sign = 1.0 if side == "L" else -1.0
        hanging = self._hanging(side)
        pose[self._bone(f"upperleg01.{side}")] = turn(X, -flexion) @ turn(Y, -sign * abduction) @ hanging
        pose[self._bone(f"lowerleg01.{side}")] = turn(X, knee)
        level = hanging.T @ turn(X, flexion - knee) if ankle == 0.0 and abs(flexion) < 0.6 else np.eye(3)
        pose[self._bone(f"foot.{side}")] = level @ turn(X, ankle)

    def _hanging(self, side: str) -> Float64:
        """Rotation that takes the thigh from the rest pose's spread to straight down."""
        down = self.rig.between(f"upperleg01.{side}", f"foot.{side}") * (1.0, 0.0, 1.0)
        return shortest_turn(down, -Z)

    def trunk(self, pose: Float64, bend: Float64) -> None:
        """Bend the spine by rotation vector `bend` (3,), shared over its joints; +x leans forwards."""
        for name in ("spine04", "spine03", "spine02"):
            pose[self._bone(name)] = Rotation.from_rotvec(np.asarray(bend) / 3).as_matrix()

    def look(self, pose: Float64, turned: Float64) -> None:
        """Turn the head by rotation vector `turned` (3,), shared by neck and head; +x nods."""
        for name, share in (("neck01", 0.25), ("neck02", 0.25), ("head", 0.5)):
            pose[self._bone(name)] = Rotation.from_rotvec(share * np.asarray(turned)).as_matrix()

    def hand(self, pose: Float64, side: str, curl: float, spread: float, rng: np.random.Generator) -> None:
        """Curl the fingers by `curl` radians a joint, each a little differently by `spread`."""
        for digit, axis in self._curls[side].items():
            own = curl * (0.45 if digit == 1 else 1.0) + rng.normal(0.0, spread)
            for part in (1, 2, 3):
                own_part = own * (0.6 if part == 1 and digit == 1 else 1.0)
                pose[self._bone(f"finger{digit}-{part}.{side}")] = turn(
                    axis, float(np.clip(own_part, -0.15, 1.5))
                )

    def fingers(self, pose: Float64, side: str, curls: Float64, fan: float) -> None:
        """Curl each digit's joints by `curls` (5, 3) radians and fan the four fingers out by `fan` each."""
        bones, axes, sideways = self._digits[side]
        vectors = curls.reshape(15, 1) * axes + fan * sideways
        pose[bones] = Rotation.from_rotvec(vectors).as_matrix()

    def _fingers(self, side: str) -> tuple[list[int], Float64, Float64]:
        """Bones (15,) from the thumb on, their curling axes (15, 3), and axes (15, 3) that fan them out."""
        # Towards the thumb: index, none, ring, little finger.
        opened = {2: 1.0, 4: -1.0, 5: -2.0}
        across = self.rig.between(f"finger5-1.{side}", f"finger2-1.{side}")
        bones, axes, sideways = [], [], []
        for digit, axis in self._curls[side].items():
            finger = self.rig.between(f"finger{digit}-1.{side}", f"finger{digit}-3.{side}")
            fanned = np.cross(finger, across)
            for part in (1, 2, 3):
                bones.append(self._bone(f"finger{digit}-{part}.{side}"))
                axes.append(axis / np.linalg.norm(axis))
                share = opened.get(digit, 0.0) if part == 1 else 0.0
                sideways.append(share * fanned / np.linalg.norm(fanned))
        return bones, np.array(axes), np.array(sideways)

    def _curl_axes(self, side: str) -> dict[int, Float64]:
        palm = self.rig.palm(side)
        axes = {}
        for digit in (1, 2, 3, 4, 5):
            finger = self.rig.between(f"finger{digit}-1.{side}", f"finger{digit}-3.{side}")
            towards = palm if digit > 1 else self.rig.between(f"finger1-1.{side}", f"finger5-1.{side}")
            axes[digit] = np.cross(finger, towards)
        return axes


def sample_hands(poser: Poser, pose: Float64, rng: np.random.Generator) -> None:
    """Relaxed, open, half closed or closed hands, and the wrists' own turn."""
    for side in SIDES:
        curl, spread = ((0.35, 0.1), (0.08, 0.06), (0.7, 0.25), (1.25, 0.12))[
            rng.choice(4, p=(0.5, 0.2, 0.15, 0.15))
        ]
        poser.hand(pose, side, curl, spread, rng)
        poser.forearm_twist(pose, side, float(rng.normal(0.2, 0.45)))


def sample_arm(poser: Poser, pose: Float64, side: str, rng: np.random.Generator, free: float = 0.35) -> None:
    """One arm: hanging, on the hip, holding something in front, or (share `free`) anywhere it reaches."""
    draw = rng.random()
    if draw < free:
        height = rng.uniform(-1.0, 1.0)
        turned = rng.uniform(-0.55 * np.pi, 0.3 * np.pi)
        level = np.sqrt(1 - height**2)
        direction = np.array([level * np.cos(turned), level * np.sin(turned), height])
        poser.arm(pose, side, direction, float(rng.normal(0.2, 0.5)), float(rng.uniform(0.0, 2.2)))
    elif draw < free + 0.65 * (1 - free):
        direction = np.array([abs(rng.normal(0.16, 0.09)), rng.normal(0.02, 0.1), -1.0])
        poser.arm(pose, side, direction, float(rng.normal(0.25, 0.25)), float(abs(rng.normal(0.25, 0.18))))
    elif draw < free + 0.8 * (1 - free):
        direction = np.array([0.75, 0.35, -1.0]) + rng.normal(0, 0.08, 3)
        poser.arm(pose, side, direction, float(rng.normal(1.0, 0.15)), float(rng.normal(1.5, 0.12)))
    else:
        direction = np.array([0.15, rng.normal(-0.25, 0.2), -1.0])
        poser.arm(pose, side, direction, float(rng.normal(0.6, 0.35)), float(rng.uniform(1.2, 2.2)))


def stand(poser: Poser, rng: np.random.Generator) -> Float64:
    """Standing, sometimes with a foot forward or the weight on one leg."""
    pose = poser.rig.rest()
    stance = float(rng.normal(0.0, 0.1))
    sway = float(rng.normal(0.0, 0.04))
    apart = float(np.clip(rng.normal(0.05, 0.06), -0.02, 0.35))
    for side, sign in zip(SIDES, (1.0, -1.0), strict=True):
        knee = float(abs(rng.normal(0.0, 0.08)))
        poser.leg(pose, side, sign * stance + 0.5 * knee, apart - sign * sway, knee)
        sample_arm(poser, pose, side, rng)
    poser.trunk(pose, rng.normal(0.0, (0.07, 0.05, 0.1)))
    poser.look(pose, rng.normal(0.0, (0.16, 0.1, 0.32)))
    sample_hands(poser, pose, rng)
    return pose


def walk(poser: Poser, rng: np.random.Generator) -> Float64:
    """A moment of a walk or a run: legs and arms in antiphase."""
    pose = poser.rig.rest()
    phase = rng.uniform(0, 2 * np.pi)
    effort = float(rng.uniform(0.35, 1.1))
    for side, shift in zip(SIDES, (0.0, np.pi), strict=True):
        swing = np.sin(phase + shift)
        lifted = max(0.0, np.cos(phase + shift))
        poser.leg(pose, side, effort * (0.55 * swing + 0.1), 0.02, 0.1 + effort * (1.1 * lifted + 0.1))
        forward = -effort * 0.6 * swing
        direction = np.array([0.15, -np.sin(forward), -np.cos(forward)])
        poser.arm(pose, side, direction, 0.3, float(0.25 + effort * rng.uniform(0.3, 1.2)))
    poser.trunk(pose, np.array([0.12 * effort, 0.0, 0.12 * effort * np.sin(phase)]) + rng.normal(0, 0.04, 3))
    poser.look(pose, rng.normal(0.0, (0.12, 0.08, 0.25)))
    sample_hands(poser, pose, rng)
    return pose


def gymnastics(poser: Poser, rng: np.random.Generator) -> Float64:
    """Sitting, squatting, kicking, jumping, lying, upside down: wide limbs and any attitude of the trunk."""
    pose = poser.rig.rest()
    kind = rng.choice(("sit", "squat", "free", "free", "kick"))
    spread = float(abs(rng.normal(0.15, 0.2)))
    for side in SIDES:
        if kind == "sit":
            legs = (rng.normal(1.5, 0.15), spread, rng.normal(1.4, 0.35))
        elif kind == "squat":
            legs = (rng.normal(1.7, 0.2), spread + 0.15, rng.normal(2.1, 0.2))
        elif kind == "kick" and side == "L":
            legs = (rng.uniform(0.6, 1.9), spread, abs(rng.normal(0.2, 0.2)))
        elif kind == "kick":
            legs = (rng.normal(-0.1, 0.15), 0.05, abs(rng.normal(0.15, 0.1)))
        else:
            legs = (rng.uniform(-0.5, 1.9), rng.uniform(-0.05, 0.8), rng.uniform(0.0, 2.2))
        poser.leg(pose, side, *(float(value) for value in legs), ankle=float(rng.normal(0.25, 0.25)))
        sample_arm(poser, pose, side, rng, free=0.8)
    poser.trunk(pose, rng.normal((0.15, 0.0, 0.0), (0.35, 0.2, 0.25)))
    poser.look(pose, rng.normal(0.0, (0.3, 0.15, 0.4)))
    sample_hands(poser, pose, rng)
    return pose
