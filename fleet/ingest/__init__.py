"""From the broker into the store and back: reports in, acknowledgements and desired state out."""
