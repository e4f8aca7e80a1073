"""Working the quarantine: what officers decided about refused rows, added to and never changed."""
