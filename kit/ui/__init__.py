"""The screen: draws what the agent says, sends back what was touched."""
