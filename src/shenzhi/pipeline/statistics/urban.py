"""Indicators of the quality of urban construction and management (articles 53-62)."""

from __future__ import annotations

from ibis.expr.types import Table

from shenzhi.pipeline.statistics.indicator import Figure, figures, indicator, latest, yearly_mean
from shenzhi.pipeline.statistics.terms import (
    CENSUS,
    CITY_MANAGEMENT,
    HOUSING,
    INDUSTRY,
    PERCENT,
    PLANNING,
    TRANSPORT,
    WATER,
)

# fmt: off
figures("urban", table="annual_figures", source=PLANNING, rows=[
    Figure("plan_cover", ("法定图则覆盖率", "Land under a statutory plan"), PERCENT, 1, "54",
           ("已批准法定图则覆盖的规划建设用地所占百分比。",
            "Land for building that an approved statutory plan covers, in percent."), 1),
    Figure("parks", ("公园总数", "Parks"), ("个", "parks"), 1, "54",
           ("年末各类公园总数。",
            "Parks of all kinds at year end."), 0, source=CITY_MANAGEMENT),
    Figure("park_500m", ("公园绿地 500 米服务半径覆盖率", "Homes within 500 m of a park"), PERCENT, 1, "54",
           ("公园绿地 500 米服务半径覆盖的居住用地占居住用地的百分比。",
            "Land with homes that lies within 500 m of a park, in percent."), 1, source=CITY_MANAGEMENT),
    Figure("land_output", ("地均地区生产总值", "GDP per km²"),
           ("亿元/平方公里", "100 million yuan per km²"), 1, "55",
           ("地区生产总值除以建设用地面积。",
            "GDP per km² of land used for building."), 2),
    Figure("facility_15min_share",
           ("15 分钟生活圈公共设施达标率", "Neighbourhoods with facilities within 15 minutes"),
           PERCENT, 1, "56",
           ("步行 15 分钟内公共设施配齐的社区占全部社区的百分比。",
            "Neighbourhoods whose public facilities are complete within a 15-minute walk, in percent."), 1),
    Figure("renewal_public_share", ("城市更新配建公共设施用地比重", "Public facilities in urban renewal"),
           PERCENT, 1, "57",
           ("当年批准的城市更新项目中无偿移交公共设施用地占项目用地的百分比。",
            "Land for public facilities handed over in renewal projects approved in the year, in percent "
            "of their land."), 1),
    Figure("construction_pass", ("工程质量监督抽查合格率", "Building works that pass inspection"),
           PERCENT, 1, "58",
           ("当年工程实体质量监督抽查点位中合格的所占百分比。",
            "Points of building works inspected in the year that passed, in percent."), 1, source=HOUSING),
    Figure("prefab_share", ("装配式建筑占新建建筑比例", "Prefabricated new buildings"), PERCENT, 1, "58",
           ("新开工建筑面积中装配式建筑所占百分比。",
            "Floor space of prefabricated buildings, in percent of that newly begun."), 1, source=HOUSING),
    Figure("gigabit_share", ("千兆宽带用户占比", "Households on gigabit broadband"), PERCENT, 1, "59",
           ("千兆及以上固定宽带用户占固定宽带用户的百分比。",
            "Fixed broadband lines of a gigabit or more, in percent of all."), 1, source=INDUSTRY),
    Figure("metro_km", ("城市轨道交通运营里程", "Urban rail in operation"), ("公里", "km"), 1, "60",
           ("年末城市轨道交通运营里程（含有轨电车）。",
            "Length of urban rail in operation at year end, trams included."), 1, source=TRANSPORT),
    Figure("metro_800m_share", ("轨道站点 800 米人口覆盖率", "People within 800 m of a station"),
           PERCENT, 1, "60",
           ("居住在轨道交通站点 800 米内的常住人口所占百分比。",
            "Residents who live within 800 m of an urban rail station, in percent."), 1, source=TRANSPORT),
    Figure("peak_speed", ("工作日晚高峰平均车速", "Evening peak speed on working days"),
           ("公里/小时", "km/h"), 1, "60",
           ("工作日晚高峰道路平均行程车速，年平均。",
            "Mean travel speed on roads at the evening peak of working days, mean of the year."), 1, source=TRANSPORT),
    Figure("drink_water", ("集中式饮用水水源水质达标率", "Drinking water sources that meet the standard"),
           PERCENT, 1, "61",
           ("集中式饮用水水源地达标取水量占取水总量的百分比。",
            "Water drawn from central sources that meets the standard, in percent."), 1, source=WATER),
    Figure("water_leak_rate", ("公共供水管网漏损率", "Water lost from the mains"), PERCENT, -1, "61",
           ("公共供水管网漏损水量占供水总量的百分比。",
            "Water lost from the public mains, in percent of the water supplied."), 1, source=WATER),
    Figure("gas_cover", ("管道燃气普及率", "Households with piped gas"), PERCENT, 1, "61",
           ("通管道天然气的居民户占全部居民户的百分比。",
            "Households with piped natural gas, in percent."), 1, source=HOUSING),
])

figures("urban", table="census", source=CENSUS, wide=True, area="code", period="2020", rows=[
    Figure("city_housing_area_pc", ("人均住房建筑面积", "Housing space per person"),
           ("平方米", "m²"), 1, "42",
           ("家庭户人均住房建筑面积。",
            "Floor space of homes per person in family households."), 2),
    Figure("city_tap_water_hh_share", ("住房内有管道自来水户比重", "Homes with piped water"),
           PERCENT, 1, "61",
           ("住房内有管道自来水的家庭户所占百分比（长表）。",
            "Family households with piped water at home, in percent (long form)."), 1),
    Figure("city_toilet_hh_share", ("住房内有厕所户比重", "Homes with a toilet"), PERCENT, 1, "56",
           ("住房内有厕所的家庭户所占百分比（长表）。",
            "Family households with a toilet at home, in percent (long form)."), 1),
    Figure("city_elevator_hh_share", ("住房有电梯户比重", "Homes with a lift"), PERCENT, 1, "57",
           ("住房所在建筑有电梯的家庭户所占百分比（长表）。",
            "Family households in a building with a lift, in percent (long form)."), 1),
    Figure("city_car_hh_share", ("拥有家用汽车户比重", "Households with a car"), PERCENT, 0, "60",
           ("拥有家用汽车的家庭户所占百分比（长表）；公交优先的城市，车多未必就好。",
            "Family households with a car, in percent (long form); where public transport comes first, "
            "more cars are not plainly better."), 1),
])
# fmt: on


@indicator(
    title=("城市管理问题按期处置率", "City management cases closed in time"),
    unit=PERCENT,
    direction=1,
    article="62",
    source=CITY_MANAGEMENT,
    decimals=1,
    definition=(
        "当年收到的市容、设施、噪声等城市管理投诉中在规定期限内办结答复的所占百分比；按收到日期归年。",
        "Complaints about streets, facilities, noise and the like received in the year that were answered within the "
        "limit, in percent.",
    ),
)
def city_cases_in_time(public_complaints: Table) -> Table:
    cases = public_complaints.filter(public_complaints.topic == "城市管理 city management")
    in_time = cases.answer_days <= cases.limit_days
    return yearly_mean(cases, cases.received_on, in_time.cast("int64") * 100)


@indicator(
    title=("地均地区生产总值年增量", "Rise of GDP per km² on the year before"),
    unit=("亿元/平方公里", "100 million yuan per km²"),
    direction=0,
    article="55",
    source=PLANNING,
    decimals=3,
    looks_back=1,
    definition=(
        "本年与上年地均地区生产总值之差，两年都取最新修订数。",
        "GDP per km² of this year less that of the year before, both as last revised.",
    ),
)
def land_output_rise(annual_figures: Table) -> Table:
    now = latest(annual_figures.filter(annual_figures.item == "land_output"))
    before = now.select("area", year_after=(now.period.cast("int64") + 1).cast("string"), earlier="value")
    both = now.inner_join(before, ["area", now.period == before.year_after])
    return both.select(
        area=both.area, period=both.period, value=both.value - both.earlier, status=both.status
    )
