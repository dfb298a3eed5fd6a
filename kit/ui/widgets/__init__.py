"""What screens are built of: layout, text, surfaces, things to touch, pictures."""
