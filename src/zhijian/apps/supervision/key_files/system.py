"""Files of firms under key supervision: entered by rule or by two persons, with measures for each, reviewed, and left."""

from zhijian.apps.system import Page, System

SYSTEM = System(
    name="supervision/key_files",
    plan_ids=("S195",),
    title_zh="重点监管企业监督检查档案",
    title_en="Supervision files of key supervised enterprises",
    audience=("public", "officer"),
    regulations=(
        "《市场监督管理严重违法失信名单管理办法》第十五条",
        "《广东省市场监管现代化“十四五”规划》第九章第一节",
    ),
    facts_in=("inspection.result", "penalty.decided", "serious_list.listed", "commitment.withdrawn"),
    facts_out=("key_file.changed", "procedure.opened", "procedure.decided", "procedure.closed"),
    pages=(
        Page("/key-supervision/", "重点监管企业统计", "Key supervision in sums", audience="public"),
        Page("/procedures/supervision/key_file/", "列入和退出的流程", "How a firm enters and leaves", audience="public"),
        Page("/work/key-files/", "重点监管档案", "Key-supervision files"),
        Page("/work/key-files/<id>/", "一户的档案和措施", "A firm's file and measures"),
    ),
    plan_titles={
        "S195": ("重点监管企业监督检查档案", "Supervision files of key supervised enterprises"),
    },
)  # fmt: skip
