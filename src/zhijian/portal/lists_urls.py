"""Addresses of the abnormal list, the serious-violation list, the way off them, of repair, and of printed extracts."""

from django.urls import path

from zhijian.portal.views import extracts, lists, my_letters, repair

urlpatterns = [
    path("lists/", lists.lists_page, name="lists"),
    path("lists/<str:uscc>/", lists.path_page, name="list_path"),
    path("work/lists/", lists.desk, name="lists_desk"),
    path("entities/<str:uscc>/extract.pdf", extracts.extract_pdf, name="extract_pdf"),
    path("verify/extract/<str:uscc>/<str:day>/<str:code>/", extracts.extract_check, name="extract_check"),
    path("my/records/", repair.my_records, name="my_records"),
    path("my/letters/<uuid:document_id>/", my_letters.letter_file, name="my_letter"),
    path("work/repair/", repair.desk, name="repair_desk"),
]
