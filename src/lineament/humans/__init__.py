"""Three-dimensional people: bodies, heads, poses, wardrobe (workshop)."""
