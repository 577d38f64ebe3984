"""What is compared with what: plans for the systems, and what is done with scores before they are judged."""
