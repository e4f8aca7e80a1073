"""Addresses of the abnormal list, the serious-violation list, and the way off them."""

from django.urls import path

from zhijian.portal.views import lists

urlpatterns = [
    path("lists/", lists.lists_page, name="lists"),
    path("lists/<str:uscc>/", lists.path_page, name="list_path"),
    path("work/lists/", lists.desk, name="lists_desk"),
]
