"""The code lists of the catalogue: lists, matters, bases, and what a department answers."""

from zhijian.engines.registers.declared.columns import Code
from zhijian.engines.registers.declared.declaration import Label

LISTS = (
    Code("serious_list.listed", Label("严重违法失信名单", "Serious-violation list")),
    Code("abnormal_list.listed", Label("经营异常名录", "Abnormal list")),
)
MATTERS = (
    Code("any", Label("各类事项", "Any matter")),
    Code("licence", Label("行政许可、资质审查", "Licences and qualifications")),
    Code("deregistration", Label("简易注销登记", "Simple deregistration")),
    Code("procurement", Label("政府采购、招标投标、土地出让", "Procurement, tenders, land")),
    Code("honour", Label("授予荣誉、表彰奖励", "Honours and awards")),
    Code("commitment", Label("告知承诺", "Approval on a promise")),
    Code("supervision", Label("监督检查", "Supervision and checks")),
    Code("post", Label("法定代表人、负责人任职登记", "Registration of a head of a firm")),
)
SUBJECTS = (
    Code("firm", Label("被列入的企业", "The listed firm")),
    Code("person", Label("法定代表人、负责人", "Its legal representative or head")),
)
BINDINGS = (
    Code("must", Label("应当采取", "Must be taken")),
    Code("may", Label("可以采取", "May be taken")),
    Code("consider", Label("作为审查的重要考量因素", "To be considered")),
)
BASIS_LEVELS = (
    Code("law", Label("法律", "Law")),
    Code("regulation", Label("行政法规", "Administrative regulation")),
    Code("local_regulation", Label("地方性法规", "Local regulation")),
    Code("central_policy", Label("党中央、国务院政策文件", "Central policy document")),
    Code("department_rule", Label("部门规章", "Rule of a department")),
    Code("normative", Label("其他规范性文件", "Other normative document")),
    Code("none", Label("没有依据", "No basis")),
)
CONSEQUENCES = (
    Code("return", Label("不补交的，退回申请", "Not supplied: the application is returned")),
    Code("withdraw", Label("不补交的，依法撤销许可", "Not supplied: the approval is withdrawn by law")),
)
USES = (
    Code("green", Label("绿色通道优先办理", "Green channel")),
    Code("tolerance", Label("容缺受理", "Accepted with a paper missing")),
)
ACTIONS = (
    Code("applied", Label("已采取措施", "Measure taken")),
    Code("considered", Label("已作为考量因素", "Considered")),
    Code("not_applied", Label("没有采取", "Not taken")),
)
