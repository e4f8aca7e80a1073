from django.apps import AppConfig


class SecurityConfig(AppConfig):
    name = "zhijian.security"
    label = "security"
    verbose_name = "信息安全"

    def ready(self) -> None:
        """Note each failed sign-in, of officers and of firms."""
        from django.contrib.auth.signals import user_login_failed

        from zhijian.security.refusals import note_failed_sign_in

        user_login_failed.connect(note_failed_sign_in, dispatch_uid="refusals")
