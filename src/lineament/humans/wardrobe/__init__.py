"""What people wear and what their surface looks like: skin, eyes, hair, clothes, bags."""

from lineament.humans.wardrobe.clothing import CLOTHING_SHARES, Clothing
from lineament.humans.wardrobe.wardrobe import IdentityLook, Look, Outfit, Wardrobe

__all__ = ["CLOTHING_SHARES", "Clothing", "IdentityLook", "Look", "Outfit", "Wardrobe"]
