from django.apps import AppConfig


class ClassReviewConfig(AppConfig):
    name = "zhijian.apps.supervision.class_review"
    label = "class_review"
    verbose_name = "分类人工复核"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the procedure known to its engine."""
        from zhijian.apps.supervision.class_review import procedures
        from zhijian.engines.procedures.declaration import register

        register(procedures.REVIEW)
