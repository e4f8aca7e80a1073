"""Addresses of analysis, consumer warnings and statistics."""

from django.urls import path

from zhijian.portal.views import (
    analysis,
    bay_area,
    consumer_statistics,
    consumer_warnings,
    fast_groups,
    matters,
    odr,
    subscriptions,
)

urlpatterns = [
    path("warnings/", consumer_warnings.warning_list, name="warnings"),
    path("warnings/feed.xml", consumer_warnings.feed, name="warnings_feed"),
    path("warnings/subscribe/", subscriptions.subscribe, name="warnings_subscribe"),
    path("warnings/subscribe/<str:code>/", subscriptions.confirm, name="warnings_confirm"),
    path("warnings/unsubscribe/<str:code>/", subscriptions.leave, name="warnings_leave"),
    path("warnings/<str:number>/", consumer_warnings.warning_page, name="warning"),
    path("consumer/statistics/", consumer_statistics.statistics_page, name="consumer_statistics"),
    path("odr/statistics/", odr.statistics_page, name="odr_statistics"),
    path("bay-area/statistics/", bay_area.statistics_page, name="bay_area_statistics"),
    path("work/analysis/", analysis.analysis_page, name="analysis"),
    path("work/analysis/signals/<int:signal_id>/", analysis.signal_page, name="analysis_signal"),
    path("work/analysis/groups/<int:group_id>/", fast_groups.group_page, name="fast_group"),
    path("work/warnings/", consumer_warnings.warnings_at_work, name="work_warnings"),
    path("work/warnings/new/", consumer_warnings.new_warning, name="work_warning_new"),
    path("work/warnings/<str:number>/", consumer_warnings.warning_at_work, name="work_warning"),
    path("work/matters/<str:number>/", matters.matter_page, name="matter"),
]
