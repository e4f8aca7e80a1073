"""What a business finds about itself when it signs in, and how its people come to sign in."""
