"""What comes from each participant, and the composed picture and mixed sound that each one gets."""
