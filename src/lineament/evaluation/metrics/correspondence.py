"""Overlap of masks, parts and joints, and how true correspondences are."""

from lineament.types import Bool


def overlap(found: Bool, truth: Bool) -> float:
    """Intersection over union of two masks of one shape; 1 when both are empty."""
    union = int((found | truth).sum())
    return 1.0 if union == 0 else int((found & truth).sum()) / union
