"""The kit: what runs on the appliance that goes into the patient's home."""
