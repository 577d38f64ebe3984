"""Dense products of a photograph: parts, places, visibility, orientation, joints and body of everybody."""
