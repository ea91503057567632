"""Indicators of the quality of society (articles 36-47)."""

from __future__ import annotations

from ibis.expr.types import Table

from shenzhi.pipeline.statistics.indicator import Figure, figures, indicator, yearly_mean
from shenzhi.pipeline.statistics.terms import (
    CENSUS,
    CIVIL,
    EDUCATION,
    FINANCE,
    HEALTH,
    HOUSING,
    JUSTICE,
    LABOUR,
    MARKET,
    PERCENT,
    PLACES,
    SAFETY,
    SERVICE,
    STATISTICS,
    WAN_PEOPLE,
    YI_YUAN,
    YUAN,
)

# fmt: off
figures("society", table="annual_figures", source=STATISTICS, rows=[
    # 36, 38: living standards and pay
    Figure("pop", ("年末常住人口", "Resident population"), WAN_PEOPLE, 0, "36",
           ("年末在本地常住的人口。",
            "People who live here at year end."), 2),
    Figure("pop_census", ("普查常住人口（公布数）", "Resident population at the census (published)"),
           ("人", "people"), 0, "36",
           ("第七次全国人口普查标准时点（2020 年 11 月 1 日）的常住人口。",
            "Residents at the reference time of the seventh census, 1 November 2020."), 0),
    Figure("pop_growth", ("年末常住人口增速", "Growth of the resident population"), PERCENT, 0, "36",
           ("年末常住人口比上年末增长的百分比。",
            "Growth of the resident population on the end of the year before."), 1),
    Figure("pop_hukou", ("年末常住户籍人口", "Registered resident population"), WAN_PEOPLE, 0, "36",
           ("年末常住人口中有本市户籍的人口。",
            "Residents at year end who hold local household registration."), 2),
    Figure("consump_pc", ("居民人均消费支出", "Household consumption per person"), YUAN, 1, "36",
           ("居民用于日常生活消费的人均支出。",
            "Spending of households on daily living, per person."), 2),
    Figure("engel", ("恩格尔系数", "Engel coefficient"), PERCENT, -1, "36",
           ("居民食品烟酒支出占消费支出的百分比。",
            "Food, tobacco and drink in household consumption, in percent."), 1),
    Figure("livelihood", ("民生支出", "Spending on people's livelihood"), YI_YUAN, 0, "36",
           ("一般公共预算中九大类民生支出。",
            "The nine classes of livelihood spending in the general public budget."), 2, source=FINANCE),
    Figure("livelihood_share", ("民生支出占一般公共预算支出比重", "Livelihood share of public spending"),
           PERCENT, 1, "36",
           ("九大类民生支出占一般公共预算支出的百分比。",
            "The nine classes of livelihood spending, in percent of general public spending."), 1, source=FINANCE),
    Figure("income_pc", ("居民人均可支配收入", "Disposable income per person"), YUAN, 1, "38",
           ("居民可用于最终消费和储蓄的人均收入。",
            "Income that households can spend or save, per person."), 0),
    Figure("income_pc_growth", ("居民人均可支配收入增速", "Growth of disposable income"), PERCENT, 1, "38",
           ("居民人均可支配收入比上年名义增长的百分比。",
            "Nominal growth of disposable income per person on the year before."), 1),
    Figure("min_wage", ("最低工资标准", "Minimum wage"), ("元/月", "yuan per month"), 1, "38",
           ("当年执行的全日制就业劳动者月最低工资标准。",
            "Monthly minimum wage for full-time workers in force in the year."), 0, source=LABOUR),
    # 37: work
    Figure("jobs_new", ("新增就业人数", "New jobs"), ("人", "people"), 1, "37",
           ("当年城镇新增就业人数。",
            "People newly employed in towns in the year."), 0, source=LABOUR),
    Figure("unemp_reg", ("城镇登记失业率", "Registered unemployment"), PERCENT, -1, "37",
           ("登记失业人数占城镇从业与登记失业人数之和的百分比。",
            "Registered unemployed, in percent of town workers and registered unemployed."), 2, source=LABOUR),
    Figure("unemp_survey", ("城镇调查失业率", "Surveyed unemployment"), PERCENT, -1, "37",
           ("劳动力调查的城镇失业人口占劳动力的百分比，年平均。",
            "Town unemployed in the labour survey, in percent of the labour force, mean of the year."), 1),
    # 39: education
    Figure("seats_public_k9", ("新增公办中小学学位", "New public school places"), PLACES, 1, "39",
           ("当年新增的公办义务教育阶段学位。",
            "Places added in the year at public primary and junior schools."), 0, source=EDUCATION),
    Figure("seats_kg", ("新增幼儿园学位", "New kindergarten places"), PLACES, 1, "39",
           ("当年新增的幼儿园学位。",
            "Kindergarten places added in the year."), 0, source=EDUCATION),
    Figure("seats_all", ("新增学位合计", "New school places, all"), PLACES, 1, "39",
           ("当年新增的各类学位合计。",
            "School and kindergarten places added in the year, all kinds."), 0, source=EDUCATION),
    Figure("kindergarten_public_share", ("普惠性幼儿园在园儿童占比", "Children in inclusive kindergartens"),
           PERCENT, 1, "39",
           ("公办园和普惠性民办园在园儿童占全部在园儿童的百分比。",
            "Children in public or inclusive private kindergartens, in percent of all in kindergarten."),
           1, source=EDUCATION),
    Figure("school_years", ("劳动年龄人口平均受教育年限", "Years of schooling, working age"),
           ("年", "years"), 1, "39",
           ("16 至 59 岁人口平均受教育年限。",
            "Mean years of schooling of people aged 16 to 59."), 2, source=EDUCATION),
    # 40: health
    Figure("beds_new", ("新增病床", "New hospital beds"), ("张", "beds"), 1, "40",
           ("当年新增的医疗机构床位。",
            "Beds added in medical institutions in the year."), 0, source=HEALTH),
    Figure("doctors_1000", ("每千人口执业（助理）医师数", "Doctors per 1,000 people"),
           ("人", "doctors"), 1, "40",
           ("年末执业（助理）医师数除以常住人口（千人）。",
            "Licensed doctors and assistant doctors at year end, per 1,000 residents."), 2, source=HEALTH),
    Figure("life_expectancy", ("人均预期寿命", "Life expectancy"), ("岁", "years"), 1, "40",
           ("按当年分年龄死亡率计算的出生时预期寿命。",
            "Life expectancy at birth at the year's death rates by age."), 2, source=HEALTH),
    # 42-45: housing, insurance, care, charity, self-government
    Figure("affordable_home_share", ("保障性住房覆盖率", "Households in affordable homes"), PERCENT, 1, "42",
           ("享有保障性住房的家庭占符合条件家庭的百分比。",
            "Households in affordable homes, in percent of those that qualify."), 1, source=HOUSING),
    Figure("pension_cover", ("基本养老保险参保率", "Pension cover"), PERCENT, 1, "43",
           ("参加基本养老保险的人数占应参保人数的百分比。",
            "People insured for a basic pension, in percent of those who should be."), 1, source=LABOUR),
    Figure("subsist", ("最低生活保障标准", "Subsistence allowance"), ("元/月", "yuan per month"), 1, "43",
           ("当年执行的城乡居民月最低生活保障标准。",
            "Monthly subsistence allowance in force in the year."), 0, source=CIVIL),
    Figure("elder_beds_new", ("新增养老床位", "New beds for the aged"), ("张", "beds"), 1, "43",
           ("当年新增的养老床位。",
            "Beds for the aged added in the year."), 0, source=CIVIL),
    Figure("elder_beds_100", ("每百名老人养老床位数", "Beds per 100 aged people"), ("张", "beds"), 1, "43",
           ("年末养老床位数除以 60 岁及以上常住人口（百人）。",
            "Beds for the aged at year end, per 100 residents aged 60 and over."), 2, source=CIVIL),
    Figure("charity_pc", ("人均慈善捐赠额", "Charity per person"), YUAN, 1, "44",
           ("当年慈善组织接受捐赠额除以常住人口。",
            "Gifts received by charities in the year, per resident."), 1, source=CIVIL),
    Figure("social_workers_10k", ("每万人持证社工数", "Certified social workers per 10,000 people"),
           ("人", "people"), 1, "45",
           ("年末持证社会工作者数除以常住人口（万人）。",
            "Certified social workers at year end, per 10,000 residents."), 1, source=CIVIL),
    # 46, 47: safety, disputes
    Figure("accidents", ("生产安全事故宗数", "Accidents at work"), ("宗", "accidents"), -1, "46",
           ("当年发生的生产安全事故宗数。",
            "Accidents at work in the year."), 0, source=SAFETY),
    Figure("gdp_death", ("亿元地区生产总值生产安全事故死亡率", "Deaths at work relative to GDP"),
           ("人/亿元", "deaths per 100 million yuan"), -1, "46",
           ("当年生产安全事故死亡人数除以地区生产总值（亿元）。",
            "Deaths in accidents at work in the year, per 100 million yuan of GDP."), 4, source=SAFETY),
    Figure("mediation_rate", ("人民调解成功率", "Disputes settled by mediation"), PERCENT, 1, "47",
           ("当年人民调解委员会调解成功的纠纷占受理纠纷的百分比。",
            "Disputes that people's mediators settled, in percent of those they took on."), 1, source=JUSTICE),
])

figures("society", table="monthly_figures", source=MARKET, rows=[
    Figure("food_all_month",
           ("食用农产品例行监测合格率（月）", "Farm produce that passes monitoring (month)"),
           PERCENT, 1, "41",
           ("当月食用农产品例行监测中合格批次所占百分比。",
            "Batches of farm produce that passed the month's routine monitoring, in percent."), 1),
    Figure("food_plant_month", ("种植业产品监测合格率（月）", "Crops that pass monitoring (month)"),
           PERCENT, 1, "41",
           ("当月种植业产品例行监测中合格批次所占百分比。",
            "Batches of crops that passed the month's routine monitoring, in percent."), 1),
    Figure("food_meat_month", ("畜禽产品监测合格率（月）", "Meat and eggs that pass monitoring (month)"),
           PERCENT, 1, "41",
           ("当月畜禽产品例行监测中合格批次所占百分比。",
            "Batches of livestock and poultry products that passed the month's routine monitoring, in "
            "percent."), 1),
    Figure("food_aqua_month", ("水产品监测合格率（月）", "Fish that passes monitoring (month)"),
           PERCENT, 1, "41",
           ("当月水产品例行监测中合格批次所占百分比。",
            "Batches of aquatic products that passed the month's routine monitoring, in percent."), 1),
    Figure("food_batches_month", ("食用农产品监测批次（月）", "Batches of farm produce monitored (month)"),
           ("批次", "batches"), 0, "41",
           ("当月例行监测的食用农产品批次。",
            "Batches of farm produce in the month's routine monitoring."), 0),
])

figures("society", table="census", source=CENSUS, wide=True, area="code", period="2020", rows=[
    Figure("population", ("常住人口（普查分县资料）", "Resident population (census by county)"),
           ("人", "people"), 0, "36",
           ("普查标准时点（2020 年 11 月 1 日零时）的常住人口。",
            "Residents at the reference time of the census, 1 November 2020."), 0),
    Figure("soc_mean_school_years", ("平均受教育年限", "Mean years of schooling"), ("年", "years"), 1, "39",
           ("15 岁及以上人口平均受教育年限。",
            "Mean years of schooling of people aged 15 and over."), 2),
    Figure("soc_illiteracy_rate", ("文盲率", "Illiteracy"), PERCENT, -1, "39",
           ("15 岁及以上人口中文盲所占百分比。",
            "People aged 15 and over who cannot read, in percent."), 2),
    Figure("soc_health_emp_per_1000_emp",
           ("每千就业人口卫生和社会工作人员", "Health and social workers per 1,000 workers"),
           ("人", "people"), 1, "40",
           ("卫生和社会工作行业就业人口除以全部就业人口（千人，长表）。",
            "Workers in health and social work, per 1,000 workers (long form)."), 1),
    Figure("soc_age65_share", ("65 岁及以上人口比重", "People aged 65 and over"), PERCENT, 0, "43",
           ("65 岁及以上人口占常住人口的百分比。",
            "People aged 65 and over, in percent of residents."), 2),
])
# fmt: on


@indicator(
    title=("食品抽检合格率", "Food that passes sampling"),
    unit=PERCENT,
    direction=1,
    article="41",
    source=MARKET,
    decimals=1,
    definition=(
        "当年食品安全监督抽检中合格批次所占百分比。",
        "Batches of food that passed official sampling in the year, in percent.",
    ),
)
def food_pass_rate(product_inspections: Table) -> Table:
    food = product_inspections.filter(product_inspections.product_group == "食品 food")
    return yearly_mean(food, food.day, food.passed.cast("int64") * 100)


@indicator(
    title=("群众诉求按期答复率", "Appeals answered in time"),
    unit=PERCENT,
    direction=1,
    article="47",
    source=SERVICE,
    decimals=1,
    definition=(
        "当年收到的民生诉求中在规定期限内答复的所占百分比；按收到日期归年。",
        "Appeals about people's lives received in the year that were answered within the limit, in percent.",
    ),
)
def appeals_in_time(public_complaints: Table) -> Table:
    appeals = public_complaints.filter(public_complaints.topic == "民生 livelihood")
    in_time = appeals.answer_days <= appeals.limit_days
    return yearly_mean(appeals, appeals.received_on, in_time.cast("int64") * 100)


@indicator(
    title=("平均受教育年限十年增量", "Rise in years of schooling over ten years"),
    unit=("年", "years"),
    direction=0,
    article="39",
    source=CENSUS,
    decimals=2,
    looks_back=10,
    definition=(
        "本次与上次人口普查 15 岁及以上人口平均受教育年限之差；区划代码有变动的地区没有数。",
        "Mean years of schooling of people aged 15 and over at this census less that at the census before; areas whose "
        "code changed in between have no value.",
    ),
)
def school_years_rise(census_panel: Table) -> Table:
    now = census_panel.select("code", "year", years="soc_mean_school_years")
    before = now.select("code", year_after=now.year + 10, earlier="years")
    both = now.inner_join(before, ["code", now.year == before.year_after])
    return both.select(area=both.code, period=both.year.cast("string"), value=both.years - both.earlier)
