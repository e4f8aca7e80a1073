"""Addresses of the abnormal list, the serious-violation list, the way off them, and of repair."""

from django.urls import path

from zhijian.portal.views import lists, repair

urlpatterns = [
    path("lists/", lists.lists_page, name="lists"),
    path("lists/<str:uscc>/", lists.path_page, name="list_path"),
    path("work/lists/", lists.desk, name="lists_desk"),
    path("my/records/", repair.my_records, name="my_records"),
    path("work/repair/", repair.desk, name="repair_desk"),
]
