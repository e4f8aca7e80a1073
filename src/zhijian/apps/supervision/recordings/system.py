"""Whole-process recording of checks: what the plan asks for, and where it stands here."""

from zhijian.apps.system import Page, System

SYSTEM = System(
    name="supervision/recordings",
    plan_ids=("S258",),
    title_zh="检查的音像记录",
    title_en="Recordings of checks",
    audience=("officer",),
    regulations=(
        "《国务院办公厅关于全面推行行政执法公示制度执法全过程记录制度重大执法决定法制审核制度的指导意见》（国办发〔2018〕118号）",
    ),
    facts_in=("inspection.dispatched",),
    facts_out=("inspection.recorded",),
    pages=(
        Page("/work/recordings/", "音像记录", "Recordings of checks"),
        Page("/work/checks/<id>/recordings/", "一次检查的音像记录", "Recordings of one check"),
    ),
    plan_titles={
        "S258": ("执法全过程记录制度", "Whole-process record of enforcement (audio and video)"),
    },
)
