from django.apps import AppConfig


class ComplaintsConfig(AppConfig):
    name = "zhijian.apps.consumer.complaints"
    label = "complaints"
    verbose_name = "投诉举报"

    def ready(self) -> None:
        """Make both procedures known to their engine, and the kinds of notices, who may see papers and files."""
        from zhijian.apps.consumer.complaints import noticing, paperwork
        from zhijian.apps.consumer.complaints.procedure import COMPLAINT, REPORT
        from zhijian.engines.evidence import access
        from zhijian.engines.notices import declaration as notices
        from zhijian.engines.procedures.declaration import register
        from zhijian.security.permissions import Permission

        register(COMPLAINT)
        register(REPORT)
        notices.register(noticing.KINDS)
        access.register(paperwork.OF_COMPLAINT, paperwork.check_complaint_paper)
        access.register(
            paperwork.OF_REPORT,
            paperwork.check_report_paper,
            lambda officer: paperwork.sees_any(officer, Permission.VIEW_REPORT),
        )
        access.register(paperwork.OF_SUBMISSION, paperwork.check_file)
