"""Indicators of the quality of the environment (articles 48-52)."""

from __future__ import annotations

from ibis.expr.types import Table

from shenzhi.pipeline.statistics.indicator import Figure, figures, indicator, yearly_mean
from shenzhi.pipeline.statistics.terms import (
    CENSUS,
    CITY_MANAGEMENT,
    DAYS,
    DEVELOPMENT,
    ENVIRONMENT,
    MICROGRAM,
    PERCENT,
    PLANNING,
    WATER,
)

# fmt: off
figures("ecology", table="annual_figures", source=ENVIRONMENT, rows=[
    # 48, 49: thrift
    Figure("forest", ("森林覆盖率", "Forest cover"), PERCENT, 1, "48",
           ("森林面积占土地面积的百分比。",
            "Forest, in percent of the land."), 1, source=PLANNING),
    Figure("green_rate", ("建成区绿化覆盖率", "Green cover of the built-up area"), PERCENT, 1, "48",
           ("建成区内绿化覆盖面积占建成区面积的百分比。",
            "Land under green cover, in percent of the built-up area."), 1, source=CITY_MANAGEMENT),
    Figure("energy_gdp", ("万元地区生产总值能耗下降", "Fall in energy use relative to GDP"), PERCENT, 1, "49",
           ("万元地区生产总值能耗比上年下降的百分比，正数为下降。",
            "Fall of energy use per 10,000 yuan of GDP on the year before; positive means less energy."),
           2, source=DEVELOPMENT),
    Figure("energy_gdp_5y",
           ("万元地区生产总值能耗五年累计下降", "Five-year fall in energy use relative to GDP"),
           PERCENT, 1, "49",
           ("万元地区生产总值能耗五年累计下降的百分比。",
            "Fall of energy use per 10,000 yuan of GDP over five years."), 1, source=DEVELOPMENT),
    Figure("energy_intensity", ("万元地区生产总值能耗", "Energy use relative to GDP"),
           ("吨标准煤/万元", "tce per 10,000 yuan"), -1, "49",
           ("能源消费总量除以地区生产总值，标准煤计。",
            "Energy used, in tonnes of coal equivalent, per 10,000 yuan of GDP."), 3, source=DEVELOPMENT),
    Figure("water_gdp", ("万元地区生产总值水耗下降", "Fall in water use relative to GDP"), PERCENT, 1, "49",
           ("万元地区生产总值用水量比上年下降的百分比，正数为下降。",
            "Fall of water use per 10,000 yuan of GDP on the year before; positive means less water."),
           1, source=WATER),
    Figure("water_gdp_5y",
           ("万元地区生产总值水耗五年累计下降", "Five-year fall in water use relative to GDP"),
           PERCENT, 1, "49",
           ("万元地区生产总值用水量五年累计下降的百分比。",
            "Fall of water use per 10,000 yuan of GDP over five years."), 1, source=WATER),
    Figure("water_per_gdp", ("万元地区生产总值水耗", "Water use relative to GDP"),
           ("立方米/万元", "m³ per 10,000 yuan"), -1, "49",
           ("用水总量除以地区生产总值。",
            "Water used, per 10,000 yuan of GDP."), 2, source=WATER),
    # 50: protection at the source
    Figure("noise_area", ("区域环境噪声平均值", "Mean noise in built-up areas"), ("分贝", "dB"), -1, "50",
           ("城区区域环境噪声昼间等效声级平均值。",
            "Mean daytime equivalent sound level in built-up areas."), 1),
    Figure("noise_road", ("道路交通噪声平均值", "Mean noise at roads"), ("分贝", "dB"), -1, "50",
           ("城区道路交通噪声昼间等效声级平均值。",
            "Mean daytime equivalent sound level at roads."), 1),
    Figure("env_cases_closed", ("环境违法案件按期办结率", "Environmental cases closed in time"),
           PERCENT, 1, "50",
           ("当年立案的环境违法案件在法定期限内办结的所占百分比。",
            "Cases of environmental offence opened in the year that were closed within the legal limit, "
            "in percent."), 1),
    # 51: air, water, waste
    Figure("pm25", ("PM2.5 年平均浓度（公布数）", "PM2.5, mean of the year (published)"), MICROGRAM, -1, "51",
           ("公布的细颗粒物年平均浓度。",
            "Published mean concentration of fine particles."), 1),
    Figure("pm10", ("PM10 年平均浓度", "PM10, mean of the year"), MICROGRAM, -1, "51",
           ("公布的可吸入颗粒物年平均浓度。",
            "Published mean concentration of inhalable particles."), 1),
    Figure("no2", ("二氧化氮年平均浓度", "Nitrogen dioxide, mean of the year"), MICROGRAM, -1, "51",
           ("公布的二氧化氮年平均浓度。",
            "Published mean concentration of nitrogen dioxide."), 1),
    Figure("so2", ("二氧化硫年平均浓度", "Sulphur dioxide, mean of the year"), MICROGRAM, -1, "51",
           ("公布的二氧化硫年平均浓度。",
            "Published mean concentration of sulphur dioxide."), 1),
    Figure("o3", ("臭氧评价浓度", "Ozone"), MICROGRAM, -1, "51",
           ("臭氧日最大 8 小时滑动平均的第 90 百分位数。",
            "90th percentile of the daily greatest 8-hour means of ozone."), 0),
    Figure("co", ("一氧化碳评价浓度", "Carbon monoxide"), ("毫克/立方米", "mg/m³"), -1, "51",
           ("公布的一氧化碳评价浓度，统计口径以出处文件为准。",
            "Published concentration of carbon monoxide, counted as the cited document does."), 1),
    Figure("aqi_days", ("空气质量优良天数（公布数）", "Days of good air (published)"), DAYS, 1, "51",
           ("公布的空气质量指数达到优或良的天数。",
            "Published number of days with air quality graded excellent or good."), 0),
    Figure("aqi_rate", ("空气质量优良天数比例（公布数）", "Share of days of good air (published)"),
           PERCENT, 1, "51",
           ("公布的空气质量指数达到优或良的天数占有效监测天数的百分比。",
            "Published share of days with air quality graded excellent or good, in percent of days "
            "measured."), 1),
    Figure("haze_days", ("灰霾天数", "Days of haze"), DAYS, -1, "51",
           ("气象部门认定的灰霾日数。",
            "Days that the weather service counts as haze."), 0),
    Figure("air_rank", ("空气质量全国排名", "National rank for air quality"), ("名", "rank"), -1, "51",
           ("空气质量综合指数在全国 168 个重点城市中的名次，第 1 名最好。",
            "Rank by the composite air index among 168 major cities of the country; 1 is best."), 0),
    Figure("acid_rain", ("酸雨频率", "Acid rain"), PERCENT, -1, "51",
           ("酸雨次数占降水监测次数的百分比。",
            "Rainfalls that were acid, in percent of those measured."), 1),
    Figure("water_sec", ("国考省考断面水质优良比例", "Good water at examined sections"), PERCENT, 1, "51",
           ("国家和省考核断面中水质达到或优于Ⅲ类的所占百分比。",
            "Sections examined by nation and province with water of class III or better, in percent."), 1),
    Figure("river_good", ("河流水质优良比例", "Rivers of good water"), PERCENT, 1, "51",
           ("水质达到或优于Ⅲ类的河长占评价河长的百分比。",
            "Length of rivers with water of class III or better, in percent of the length assessed."), 1),
    Figure("river_iii", ("河流水质达到Ⅲ类以上比例", "Rivers of class III or better"), PERCENT, 1, "51",
           ("水质达到Ⅲ类以上的河流占评价河流的百分比。",
            "Rivers with water of class III or better, in percent of those assessed."), 1),
    Figure("coast_good", ("近岸海域水质优良率", "Coastal waters of good quality"), PERCENT, 1, "51",
           ("近岸海域水质达到一、二类的面积所占百分比。",
            "Coastal waters of class I or II, in percent of the area."), 1),
    Figure("sewage_rate", ("城市生活污水集中收集处理率", "Sewage collected and treated"), PERCENT, 1, "51",
           ("集中收集并处理的生活污水占产生量的百分比。",
            "Household sewage collected and treated, in percent of what arises."), 1, source=WATER),
    Figure("waste_recycle", ("生活垃圾回收利用率", "Household waste recycled"), PERCENT, 1, "51",
           ("回收利用的生活垃圾占产生量的百分比。",
            "Household waste recycled, in percent of what arises."), 1, source=CITY_MANAGEMENT),
    # 52: carbon
    Figure("carbon_intensity", ("万元地区生产总值二氧化碳排放", "Carbon dioxide relative to GDP"),
           ("吨/万元", "t per 10,000 yuan"), -1, "52",
           ("二氧化碳排放量除以地区生产总值。",
            "Carbon dioxide emitted, per 10,000 yuan of GDP."), 3),
])

figures("ecology", table="monthly_figures", source=ENVIRONMENT, rows=[
    Figure("pm25_month", ("PM2.5 月平均浓度（公布数）", "PM2.5, mean of the month (published)"),
           MICROGRAM, -1, "51",
           ("公布的当月细颗粒物平均浓度。",
            "Published mean concentration of fine particles in the month."), 1),
])

figures("ecology", table="census", source=CENSUS, wide=True, area="code", period="2020", rows=[
    Figure("eco_env_public_facility_emp_share",
           ("水利环境和公共设施管理业就业比重", "Workers in water, environment and public facilities"),
           PERCENT, 1, "50",
           ("水利、环境和公共设施管理业就业人口占全部就业人口的百分比（长表）；反映投入的人手，"
            "不是环境质量本身。",
            "Workers who manage water, environment and public facilities, in percent of all workers "
            "(long form); it shows hands at work, not the environment itself."), 2),
])
# fmt: on

GOOD_AQI = 100  # HJ 633: an index of at most 100 is graded excellent or good


@indicator(
    title=("PM2.5 年平均浓度（监测数计算）", "PM2.5, mean of the year (from daily measurements)"),
    unit=MICROGRAM,
    direction=-1,
    article="51",
    source=ENVIRONMENT,
    decimals=1,
    definition=(
        "先求各区每日各测点平均，再求全年有效日平均；缺测的日子不补。",
        "First the mean of a district's stations for each day, then the mean of the year's days that were measured; "
        "days without a measurement are not filled in.",
    ),
)
def pm25_mean(air_daily: Table) -> Table:
    day = _districts_by_day(air_daily, "pm25")
    return yearly_mean(day, day.day, day.pm25)


@indicator(
    title=("空气质量优良天数比例（监测数计算）", "Share of days of good air (from daily measurements)"),
    unit=PERCENT,
    direction=1,
    article="51",
    source=ENVIRONMENT,
    decimals=1,
    definition=(
        "区内各测点空气质量指数日平均不超过 100 的天数占有效监测天数的百分比。",
        "Days on which the mean air quality index of a district's stations was at most 100, in percent of days "
        "measured.",
    ),
)
def good_air_days(air_daily: Table) -> Table:
    day = _districts_by_day(air_daily, "aqi")
    return yearly_mean(day, day.day, (day.aqi <= GOOD_AQI).cast("int64") * 100)


@indicator(
    title=("PM2.5 年平均浓度比上年变化", "Change of PM2.5 on the year before"),
    unit=PERCENT,
    direction=0,
    article="51",
    source=ENVIRONMENT,
    decimals=1,
    looks_back=1,
    definition=(
        "本年与上年 PM2.5 年平均浓度（监测数计算）相比变化的百分比，负数为改善。",
        "Change of the year's mean PM2.5, from daily measurements, on the year before, in percent; negative is better.",
    ),
)
def pm25_change(air_daily: Table) -> Table:
    year = pm25_mean(air_daily)
    before = year.select("area", year_after=(year.period.cast("int64") + 1).cast("string"), earlier="value")
    both = year.inner_join(before, ["area", year.period == before.year_after])
    return both.select(area=both.area, period=both.period, value=(both.value / both.earlier - 1) * 100)


def _districts_by_day(air_daily: Table, measure: str) -> Table:
    measured = air_daily.filter(air_daily[measure].notnull())
    return measured.group_by("area", "day").agg(**{measure: measured[measure].mean()})
