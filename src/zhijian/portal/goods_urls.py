"""Addresses of the quality of consumer goods."""

from django.urls import path

from zhijian.portal.views import goods_quality

urlpatterns = [
    path("consumer/quality/", goods_quality.quality_page, name="goods_quality"),
    path("consumer/quality/injury/", goods_quality.injury_page, name="goods_injury"),
    path("consumer/quality/<str:code>/", goods_quality.category_page, name="goods_category"),
    path("work/goods-quality/", goods_quality.quality_at_work, name="work_goods_quality"),
    path("work/goods-quality/<int:year>.<str:form>", goods_quality.year_report, name="goods_quality_report"),
]
