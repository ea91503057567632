"""Indicators of the quality of government service (articles 63-71)."""

from __future__ import annotations

from ibis.expr.types import Table

from shenzhi.pipeline.statistics.indicator import Figure, figures, indicator, yearly_mean
from shenzhi.pipeline.statistics.terms import (
    AUDIT,
    CENSUS,
    DAYS,
    FINANCE,
    JUSTICE,
    MARKET,
    PERCENT,
    POINTS,
    SERVICE,
    YI_YUAN,
)

# fmt: off
figures("government", table="annual_figures", source=FINANCE, rows=[
    Figure("documents_cut_share", ("申请材料精简率", "Papers no longer asked for"), PERCENT, 1, "64",
           ("与基期相比，政务服务事项申请材料减少的百分比。",
            "Papers that applicants need no longer bring, in percent of those asked for in the base year."),
           1, source=SERVICE),
    Figure("review_upheld_rate", ("行政复议维持率", "Decisions upheld on review"), PERCENT, 1, "66",
           ("当年审结的行政复议案件中原决定未被撤销、变更或确认违法的所占百分比。",
            "Decisions neither annulled, changed nor found unlawful among reviews closed in the year, in "
            "percent."), 1, source=JUSTICE),
    Figure("legal_check_share", ("重大决策合法性审查率", "Major decisions checked for legality"),
           PERCENT, 1, "66",
           ("当年出台的重大行政决策中经过合法性审查的所占百分比。",
            "Major decisions of the year that were checked for legality beforehand, in percent."), 1, source=JUSTICE),
    Figure("online_share", ("政务服务事项全程网办率", "Services fully online"), PERCENT, 1, "67",
           ("可全程网上办理的政务服务事项占全部事项的百分比。",
            "Services that can be done online from start to end, in percent of all."), 1, source=SERVICE),
    Figure("budget_rev", ("一般公共预算收入", "General public revenue"), YI_YUAN, 0, "68",
           ("一般公共预算收入。",
            "Revenue in the general public budget."), 2),
    Figure("budget_rev_growth", ("一般公共预算收入增速", "Growth of general public revenue"),
           PERCENT, 0, "68",
           ("一般公共预算收入比上年增长的百分比；多收不就是服务好。",
            "Growth of general public revenue on the year before; more revenue is not better service."), 1),
    Figure("budget_exp", ("一般公共预算支出", "General public spending"), YI_YUAN, 0, "68",
           ("一般公共预算支出。",
            "Spending in the general public budget."), 2),
    Figure("tax", ("税收收入", "Tax revenue"), YI_YUAN, 0, "68",
           ("辖区税收收入，口径以出处文件为准。",
            "Tax revenue raised in the area, counted as the cited document does."), 2),
    Figure("budget_open_rate", ("预决算按期公开率", "Budgets published in time"), PERCENT, 1, "68",
           ("按期公开预算、决算的部门占应公开部门的百分比。",
            "Departments that published budget and accounts in time, in percent of those that must."), 1),
    Figure("budget_goal_share", ("预算绩效目标达成率", "Budget goals reached"), PERCENT, 1, "68",
           ("年度绩效评价中达到绩效目标的预算项目所占百分比。",
            "Budget projects that reached their goals in the yearly evaluation, in percent."), 1),
    Figure("audit_rectified_rate", ("审计问题整改率", "Audit findings put right"), PERCENT, 1, "71",
           ("上年审计查出的问题中已按要求整改的所占百分比。",
            "Findings of the year before's audit that were put right, in percent."), 1, source=AUDIT),
    Figure("qi_gov", ("深圳质量指数：政府服务质量（公布数）", "Official quality index: government service"),
           POINTS, 0, "86",
           ("政府公布的深圳质量指数中政府服务质量分项；方法未公开，只作对照。",
            "The government service part of the quality index that the government published; its method "
            "is not public, so it is shown for comparison only."), 2, source=MARKET),
])

figures("government", table="monthly_figures", source=SERVICE, rows=[
    Figure("msg_n_month", ("留言板有效留言（月）", "Messages to leaders (month)"),
           ("件", "messages"), 0, "67",
           ("当月领导留言板收到的有效留言。",
            "Valid messages on the message board for leaders in the month."), 0),
    Figure("msg_reply_month", ("留言板回复率（月）", "Messages answered (month)"), PERCENT, 1, "67",
           ("当月领导留言板留言中得到回复的所占百分比。",
            "Messages on the message board for leaders that were answered, in percent."), 2),
    Figure("msg_sat_month", ("留言板满意度（月）", "Satisfaction with answers (month)"), PERCENT, 1, "67",
           ("当月领导留言板留言人对答复的满意度。",
            "Satisfaction of those who wrote with the answers they got, in percent."), 2),
])

figures("government", table="census", source=CENSUS, wide=True, area="code", period="2020", rows=[
    Figure("gov_public_admin_emp_share", ("公共管理和社会组织就业比重", "Workers in public administration"),
           PERCENT, 0, "65",
           ("公共管理、社会保障和社会组织就业人口占全部就业人口的百分比（长表）；人多人少都不等于服务好。",
            "Workers in public administration, social security and social organisations, in percent of "
            "all workers (long form); neither more nor fewer means better service."), 1),
])
# fmt: on


@indicator(
    title=("政务服务按时办结率", "Services done in time"),
    unit=PERCENT,
    direction=1,
    article="67",
    source=SERVICE,
    decimals=1,
    definition=(
        "当年受理的政务服务事项中在承诺工作日内办结的所占百分比；按受理日期归年。",
        "Cases taken on in the year that were done within the promised working days, in percent.",
    ),
)
def services_in_time(service_items: Table) -> Table:
    in_time = service_items.work_days <= service_items.promised_days
    return yearly_mean(service_items, service_items.accepted_on, in_time.cast("int64") * 100)


@indicator(
    title=("政务服务平均办理天数", "Working days to do a service"),
    unit=DAYS,
    direction=-1,
    article="67",
    source=SERVICE,
    decimals=1,
    definition=(
        "当年受理的政务服务事项从受理到办结的平均工作日数。",
        "Mean working days from taking on a case to its end, over cases taken on in the year.",
    ),
)
def service_days(service_items: Table) -> Table:
    return yearly_mean(service_items, service_items.accepted_on, service_items.work_days)


@indicator(
    title=("政务服务好评率", "Services rated good"),
    unit=PERCENT,
    direction=1,
    article="67",
    source=SERVICE,
    decimals=1,
    definition=(
        "当年受理并得到评价的事项中评为满意（4 分）或非常满意（5 分）的所占百分比；没有评价的不计。",
        "Cases rated 4 or 5 of 5, in percent of the cases taken on in the year that were rated at all.",
    ),
)
def service_good_rate(service_items: Table) -> Table:
    rated = service_items.filter(service_items.rating.notnull())
    return yearly_mean(rated, rated.accepted_on, (rated.rating >= 4).cast("int64") * 100)


@indicator(
    title=("电子监察红牌率", "Cases with a red warning"),
    unit=("件/万件", "per 10,000 cases"),
    direction=-1,
    article="71",
    source=SERVICE,
    decimals=1,
    definition=(
        "办理用时超过承诺工作日两倍、被电子监察亮红牌的事项数除以受理事项数（万件）。",
        "Cases that took more than twice the promised working days and so drew a red warning, per 10,000 cases.",
    ),
)
def red_warning_rate(service_items: Table) -> Table:
    red = service_items.work_days > service_items.promised_days * 2
    return yearly_mean(service_items, service_items.accepted_on, red.ifelse(10_000, 0))


@indicator(
    title=("质量投诉解决率", "Quality complaints settled"),
    unit=PERCENT,
    direction=1,
    article="90",
    source=MARKET,
    decimals=1,
    definition=(
        "当年收到的产品和服务质量投诉中投诉人确认已解决的所占百分比；按收到日期归年。",
        "Complaints about products and services received in the year that the complainant calls settled, in percent.",
    ),
)
def quality_complaints_settled(public_complaints: Table) -> Table:
    quality = public_complaints.filter(public_complaints.topic == "质量 quality")
    return yearly_mean(quality, quality.received_on, quality.settled.cast("int64") * 100)
