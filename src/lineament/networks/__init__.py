"""Image branch, point branch and losses, in torch (workshop)."""
