from django.apps import AppConfig


class RecordingsConfig(AppConfig):
    name = "zhijian.apps.supervision.recordings"
    label = "recordings"
    verbose_name = "执法音像记录"
