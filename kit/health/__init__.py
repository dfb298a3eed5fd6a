"""What the kit knows of itself: sampled, kept until acknowledged, sent."""
