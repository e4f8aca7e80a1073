"""Addresses of credit files, of associations' files of members, and of consumer education."""

from django.urls import path

from zhijian.portal.views import credit_files, education, members

urlpatterns = [
    path("consumer/credit/", credit_files.index, name="credit_files"),
    path("consumer/credit/<str:uscc>/", credit_files.file_page, name="credit_file"),
    path("work/credit/uses/", credit_files.uses_page, name="credit_file_uses"),
    path("work/credit/<str:uscc>/", credit_files.whole_file_page, name="credit_file_whole"),
    path("work/members/", members.desk, name="members"),
    path("work/members/objection/", members.objection_page, name="member_objection"),
    path("learn/", education.learn, name="learn"),
    path("learn/quiz/", education.quiz_page, name="learn_quiz"),
    path("learn/coverage/", education.coverage_page, name="learn_coverage"),
    path("learn/items/<str:key>/", education.item_page, name="learn_item"),
    path("learn/items/<str:key>/count/", education.count_reading, name="learn_count"),
]
