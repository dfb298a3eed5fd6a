"""What bench.handover needs: the far side, the kit's ear, and what happens to the networks between them."""
