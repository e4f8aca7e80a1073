from django.apps import AppConfig


class FeedConfig(AppConfig):
    name = "zhijian.engines.feed"
    label = "feed"
    verbose_name = "事实入湖"
    default_auto_field = "django.db.models.BigAutoField"
