"""Link tests beside the calls that follow them."""
