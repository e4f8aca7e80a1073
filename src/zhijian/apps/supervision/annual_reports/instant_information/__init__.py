"""Information that a firm publishes within twenty working days after it arose: EIP article 10."""
