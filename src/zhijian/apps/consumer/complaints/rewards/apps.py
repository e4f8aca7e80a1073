from django.apps import AppConfig


class RewardsConfig(AppConfig):
    name = "zhijian.apps.consumer.complaints.rewards"
    label = "report_rewards"
    verbose_name = "举报奖励和保护"

    def ready(self) -> None:
        """Make the procedures known to their engine."""
        from zhijian.apps.consumer.complaints.rewards.procedure import PROTECTION, REVIEW, REWARD
        from zhijian.engines.procedures.declaration import register

        register(REWARD)
        register(PROTECTION)
        register(REVIEW)
