from django.apps import AppConfig


class JointConfig(AppConfig):
    name = "zhijian.apps.supervision.joint"
    label = "joint"
    verbose_name = "部门联合抽查"
