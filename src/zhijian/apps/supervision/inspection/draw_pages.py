"""Draws for those who run them."""

urlpatterns: list = []
