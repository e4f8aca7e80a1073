"""Every address of the site."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from zhijian.portal.api import api
from zhijian.portal.views import (
    about,
    catalogue,
    credit,
    data,
    draws,
    entities,
    errors,
    facts,
    home,
    links,
    preferences,
    published,
    quarantine_work,
    results,
    risk_models,
    sign_in,
    themes,
    verify,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("entities/", entities.entity_list, name="entities"),
    path("entities/suggest/", entities.suggest, name="suggest"),
    path("entities/<str:uscc>/", entities.entity, name="entity"),
    path("entities/<str:uscc>/versions/", entities.versions, name="entity_versions"),
    path("entities/<str:uscc>/class/", credit.class_page, name="entity_class"),
    path("draws/", draws.draw_list, name="draws"),
    path("draws/<str:plan>/", draws.draw_page, name="draw"),
    path("verify/", verify.verify, name="verify"),
    path("results/", results.result_list, name="results"),
    path("results/<int:result_id>/", results.result_page, name="result"),
    path("fact/<str:fact_id>/", facts.fact_page, name="fact"),
    path("data/", data.data_page, name="data"),
    path("data/links/", links.link_list, name="links"),
    path("data/links/pair/", links.link_pair, name="link_pair"),
    path("data/links/pair/waterfall.csv", links.waterfall_csv, name="link_waterfall"),
    path("data/quarantine/", data.quarantine, name="quarantine"),
    path("data/quarantine/row/", quarantine_work.row_page, name="quarantine_row"),
    path("data/quarantine/bulk/", quarantine_work.bulk, name="quarantine_bulk"),
    path("data/catalogue/", catalogue.catalogue_page, name="catalogue"),
    path("data/catalogue/<str:table>/", catalogue.table_page, name="catalogue_table"),
    path("data/standards/", catalogue.standards_page, name="standards"),
    path("data/models/", risk_models.model_list, name="risk_models"),
    path("data/models/<str:name>/", risk_models.model_page, name="risk_model"),
    path("themes/", themes.theme_list, name="themes"),
    path("themes/<str:library>/", themes.library_page, name="theme"),
    path("themes/<str:library>/tables/<str:file_name>", themes.table_file, name="theme_table"),
    path("themes/<str:library>/<str:question_id>.csv", themes.question_csv, name="theme_question_csv"),
    path("themes/<str:library>/<str:question_id>/", themes.question_page, name="theme_question"),
    path("data/cities.csv", home.cities_csv, name="cities_csv"),
    re_path(
        r"^published/(?P<folder>draws|seals)/(?P<name>[^/]+)$",
        published.published_file,
        name="published_file",
    ),
    path("map/", home.outline, name="map"),
    path("about/numbers/", about.numbers, name="numbers"),
    path("about/credit-class/", credit.method, name="credit_method"),
    path("data/activity/", credit.activity, name="activity"),
    path("about/api/", about.interfaces, name="interfaces"),
    path("plan/", about.plan, name="plan"),
    path("components/", about.components, name="components"),
    path("robots.txt", home.robots, name="robots"),
    path("sign-in/", sign_in.SignIn.as_view(), name="sign_in"),
    path("sign-out/", sign_in.SignOut.as_view(), name="sign_out"),
    path("preferences/elder/", preferences.set_elder, name="set_elder"),
    path("i18n/setlang/", preferences.set_language, name="set_language"),
    path("work/", include("zhijian.apps.supervision.inspection.pages")),
    path("api/v1/", api.urls),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.our_fault
