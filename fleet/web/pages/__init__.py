"""The pages. Each shows from the store; each change is a form that is sent and answered by a redirect."""
