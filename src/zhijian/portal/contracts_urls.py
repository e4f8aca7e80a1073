"""Addresses of consumer contracts: checking, rules, model contracts, results, figures; and officers' matters."""

from django.urls import path

from zhijian.portal.views import contract_work, contracts

urlpatterns = [
    path("consumer/contracts/", contracts.check_page, name="contracts"),
    path("consumer/contracts/hand-in/", contracts.hand_in, name="contract_hand_in"),
    path("consumer/contracts/rules/", contracts.rules_page, name="contract_rules"),
    path("consumer/contracts/models/", contracts.model_list, name="model_contracts"),
    path("consumer/contracts/models/<str:key>/", contracts.model_page, name="model_contract"),
    path("consumer/contracts/statistics/", contracts.statistics_page, name="contract_statistics"),
    path("consumer/contracts/results/", contracts.results_page, name="contract_results"),
    path("work/contracts/", contract_work.matter_list, name="contract_matters"),
    path("work/contracts/new/", contract_work.new_matter, name="contract_matter_new"),
    path("work/contracts/<str:number>/", contract_work.matter_page, name="contract_matter"),
]
