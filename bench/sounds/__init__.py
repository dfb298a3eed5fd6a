"""What the sound measurements are made of."""
