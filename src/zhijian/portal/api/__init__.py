"""The public API, mounted at /api/v1/: read only, no sign-in, nothing that a public page would not show.

The exchange alone asks for a key, which a steward's approval opens.
"""

from ninja import NinjaAPI

from zhijian.portal.api import errors
from zhijian.portal.api.bay_area import router as bay_area
from zhijian.portal.api.complaints import router as complaints
from zhijian.portal.api.credit_files import router as credit_files
from zhijian.portal.api.entities import router as entities
from zhijian.portal.api.exchange import router as exchange
from zhijian.portal.api.measures import router as measures
from zhijian.portal.api.publicity import router as publicity
from zhijian.portal.api.registers import router as registers

api = NinjaAPI(
    title="智监 Zhijian",
    version="1",
    description="市场主体登记簿与公示事实的公开接口。Public interface to the register and its published facts.",
    docs_url=None,  # the page would load its script from another host
    urls_namespace="api-1",
)
errors.install(api)
api.add_router("", entities)
api.add_router("/exchange", exchange)
api.add_router("/registers", registers)
api.add_router("/complaints", complaints)
api.add_router("/bay-area", bay_area)
api.add_router("/credit-files", credit_files)
api.add_router("/measures", measures)
api.add_router("/publicity", publicity)
