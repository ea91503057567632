"""The model city: a fictional city with full figures, for what published figures cannot show (articles 84, 86).

Everything is drawn from one seed: the same seed gives the same files, byte for byte. Districts differ, indicators move
together within a domain, most improve with the years, 2020 is a year of shock, the last year is preliminary, the year
before it was revised, and a few figures are missing. Every row says that it is fictional.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from shenzhi.kernel.words import Progress, Words
from shenzhi.pipeline.statistics.indicator import DOMAINS
from shenzhi.pipeline.statistics.model_chance import Chance, Numbers
from shenzhi.pipeline.statistics.model_complaints import write_counts

FICTIONAL = "虚构 fictional"
CITY = "990000"
FIRST_YEAR, SHOCK, REBOUND = 2015, 2020, 2021
STATIONS = 2  # in each district
BATCHES, CASES, COMPLAINTS = 300, 500, 300  # in each district and year


@dataclass(frozen=True)
class District:
    """A fictional district: `people` (10,000) and `land` (km² to build on) at the start, `wealth` beside the mean."""

    code: str
    name: str
    people: float
    land: float
    wealth: float


DISTRICTS = (
    District("990001", "松风区", 160, 62, 1.55),
    District("990002", "竹雨区", 145, 58, 1.40),
    District("990003", "梅雪区", 112, 44, 1.15),
    District("990004", "兰露区", 240, 120, 1.00),
    District("990005", "桐月区", 300, 150, 0.92),
    District("990006", "枫霞区", 205, 96, 0.85),
    District("990007", "柳烟区", 95, 40, 0.98),
    District("990008", "桂云区", 78, 70, 0.80),
    District("990009", "荷香区", 22, 18, 1.25),
    District("990010", "榕荫区", 41, 66, 0.70),
)


@dataclass(frozen=True)
class Item:
    """How a figure behaves: `base` at the start in a middling district, `spread` between a weak and a strong district,
    `drift` over ten years, `noise` from year to year, `shock` in 2020, and the limits it cannot pass."""

    code: str
    name: str
    unit: str
    domain: str
    base: float
    spread: float
    drift: float
    noise: float
    shock: float = 0.0
    low: float = 0.0
    high: float = float("inf")
    decimals: int = 1


ITEMS = (
    Item("gdp_growth", "地区生产总值增速", "%", "economy", 7.6, 1.4, -2.2, 0.5, -4.6, -20, 30),
    Item("rd_intensity", "全社会研发投入占比", "%", "economy", 3.6, 1.7, 1.6, 0.08, 0, 0, 20, 2),
    Item("ent_rd_share", "企业研发投入占比", "%", "economy", 84, 7, 4, 0.8, 0, 0, 100),
    Item("inv_pat_pc", "每万人口发明专利拥有量", "件", "economy", 62, 38, 55, 2.5, 0, 0),
    Item(
        "tech_contract_ratio",
        "技术合同成交额与地区生产总值之比",
        "%",
        "economy",
        2.1,
        1.2,
        1.9,
        0.12,
        0,
        0,
        100,
        2,
    ),
    Item("new_firms_1000", "每千人新登记企业数", "家", "economy", 16, 5, 4, 0.9, -3.5, 0),
    Item("joint_research_share", "规上企业开展产学研合作比重", "%", "economy", 17, 6, 9, 0.8, 0, 0, 100),
    Item("modern_service_share", "现代服务业占第三产业比重", "%", "economy", 63, 9, 7, 0.5, 0, 0, 100),
    Item("private_investment_share", "民间投资占比", "%", "economy", 52, 7, -3, 1.4, -3, 0, 100),
    Item("service_trade_share", "服务贸易占对外贸易比重", "%", "economy", 11, 4.5, 5, 0.5, -2, 0, 100),
    Item("sei_share", "战略性新兴产业增加值占比", "%", "economy", 33, 9, 9, 0.6, 0, 0, 100),
    Item("digital_share", "数字经济核心产业增加值占比", "%", "economy", 21, 8, 8, 0.5, 0, 0, 100),
    Item("retail_growth", "社会消费品零售总额增速", "%", "economy", 8.4, 1.3, -2.6, 0.9, -12, -40, 40),
    Item(
        "foreign_marks_1000", "每千家企业马德里商标注册量", "件", "economy", 0.9, 0.5, 0.8, 0.06, 0, 0, 100, 2
    ),
    Item("ip_case_days", "专利侵权纠纷平均办案天数", "天", "economy", 88, -14, -30, 3, 9, 10, 365, 0),
    Item("integrity_rate", "市民守信评价得分", "分", "culture", 76, 4, 6, 0.7, 0, 0, 100),
    Item("volunteer_share", "注册志愿者占常住人口比重", "%", "culture", 11, 3, 7, 0.4, 1.2, 0, 100),
    Item("culture_events_10k", "每万人公共文化活动场次", "场", "culture", 9.5, 3, 5, 0.6, -5.5, 0),
    Item("heritage_good_share", "文物保护单位保存完好比重", "%", "culture", 88, 4, 6, 1.0, 0, 0, 100),
    Item("reading_rate", "居民综合阅读率", "%", "culture", 80, 4, 9, 0.7, 1.5, 0, 100),
    Item("library_loans_pc", "人均图书外借量", "册次", "culture", 1.1, 0.5, 0.7, 0.06, -0.55, 0, 50, 2),
    Item("new_media_share", "政务新媒体按期更新比重", "%", "culture", 84, 5, 12, 1.0, 0, 0, 100),
    Item(
        "culture_space_10k", "每万人公共文化设施面积", "平方米", "culture", 1150, 360, 420, 18, 0, 0, 99999, 0
    ),
    Item("cult_share", "文化产业增加值占比", "%", "culture", 6.1, 2.1, 1.6, 0.15, -0.4, 0, 100, 2),
    Item("culture_firms_10k", "每万家企业中规上文化企业数", "家", "culture", 14, 6, 6, 0.6, -0.8, 0),
    Item("income_pc_growth", "居民人均可支配收入增速", "%", "society", 8.6, 0.8, -2.8, 0.4, -3.4, -20, 30),
    Item("unemp_survey", "城镇调查失业率", "%", "society", 4.9, -0.5, -0.2, 0.15, 1.1, 0.5, 30),
    Item("kindergarten_public_share", "普惠性幼儿园在园儿童占比", "%", "society", 71, 6, 19, 1.2, 0, 0, 100),
    Item("school_years", "劳动年龄人口平均受教育年限", "年", "society", 11.2, 0.9, 0.8, 0.04, 0, 0, 20, 2),
    Item("doctors_1000", "每千人口执业（助理）医师数", "人", "society", 2.5, 0.6, 0.9, 0.04, 0, 0, 20, 2),
    Item("life_expectancy", "人均预期寿命", "岁", "society", 80.6, 0.9, 2.6, 0.06, 0, 60, 95, 2),
    Item("affordable_home_share", "保障性住房覆盖率", "%", "society", 31, 6, 16, 0.9, 0, 0, 100),
    Item("pension_cover", "基本养老保险参保率", "%", "society", 90, 3, 6, 0.4, -0.5, 0, 100),
    Item("elder_beds_100", "每百名老人养老床位数", "张", "society", 2.6, 0.6, 1.2, 0.07, 0, 0, 50, 2),
    Item("charity_pc", "人均慈善捐赠额", "元", "society", 42, 15, 26, 3, 14, 0),
    Item("social_workers_10k", "每万人持证社工数", "人", "society", 6.2, 1.8, 6.5, 0.3, 0, 0),
    Item(
        "gdp_death",
        "亿元地区生产总值生产安全事故死亡率",
        "人/亿元",
        "society",
        0.021,
        -0.004,
        -0.013,
        0.0012,
        0,
        0,
        1,
        4,
    ),
    Item("mediation_rate", "人民调解成功率", "%", "society", 95.5, 1.2, 1.8, 0.3, -0.6, 0, 100),
    Item("green_rate", "建成区绿化覆盖率", "%", "ecology", 42.5, 3.4, 2.2, 0.25, 0, 0, 100),
    Item(
        "energy_intensity",
        "万元地区生产总值能耗",
        "吨标准煤/万元",
        "ecology",
        0.29,
        -0.05,
        -0.09,
        0.004,
        0.004,
        0.02,
        5,
        3,
    ),
    Item(
        "water_per_gdp",
        "万元地区生产总值水耗",
        "立方米/万元",
        "ecology",
        11.6,
        -2.4,
        -4.6,
        0.25,
        0,
        1,
        100,
        2,
    ),
    Item("env_cases_closed", "环境违法案件按期办结率", "%", "ecology", 91, 3, 6, 0.9, -2, 0, 100),
    Item("river_good", "河流水质优良比例", "%", "ecology", 52, 13, 38, 2.2, 0, 0, 100),
    Item("sewage_rate", "城市生活污水集中收集处理率", "%", "ecology", 86, 5, 9, 0.7, 0, 0, 100),
    Item("waste_recycle", "生活垃圾回收利用率", "%", "ecology", 27, 4, 19, 1.0, -1, 0, 100),
    Item(
        "carbon_intensity",
        "万元地区生产总值二氧化碳排放",
        "吨/万元",
        "ecology",
        0.52,
        -0.09,
        -0.19,
        0.008,
        0,
        0.02,
        9,
        3,
    ),
    Item("plan_cover", "法定图则覆盖率", "%", "urban", 86, 5, 9, 0.6, 0, 0, 100),
    Item("park_500m", "公园绿地500米服务半径覆盖率", "%", "urban", 78, 7, 11, 0.5, 0, 0, 100),
    Item("facility_15min_share", "15分钟生活圈公共设施达标率", "%", "urban", 61, 10, 17, 1.2, 0, 0, 100),
    Item("renewal_public_share", "城市更新配建公共设施用地比重", "%", "urban", 24, 4, 6, 1.4, 0, 0, 100),
    Item("construction_pass", "工程质量监督抽查合格率", "%", "urban", 93, 2.2, 3, 0.6, 0, 0, 100),
    Item("prefab_share", "装配式建筑占新建建筑比例", "%", "urban", 9, 4, 36, 1.6, -2, 0, 100),
    Item("gigabit_share", "千兆宽带用户占比", "%", "urban", 6, 3, 47, 1.1, 0, 0, 100),
    Item("metro_800m_share", "轨道站点800米人口覆盖率", "%", "urban", 36, 15, 19, 0.7, 0, 0, 100),
    Item("peak_speed", "工作日晚高峰平均车速", "公里/小时", "urban", 26.5, -1.8, -1.2, 0.4, 2.2, 5, 80),
    Item("water_leak_rate", "公共供水管网漏损率", "%", "urban", 10.8, -1.3, -3.6, 0.25, 0, 1, 60),
    Item("gas_cover", "管道燃气普及率", "%", "urban", 62, 12, 27, 1.1, 0, 0, 100),
    Item("documents_cut_share", "申请材料精简率", "%", "government", 14, 6, 48, 1.5, 0, 0, 100),
    Item("review_upheld_rate", "行政复议维持率", "%", "government", 86, 3, 4, 1.3, 0, 0, 100),
    Item("legal_check_share", "重大决策合法性审查率", "%", "government", 88, 4, 10, 1.0, 0, 0, 100),
    Item("online_share", "政务服务事项全程网办率", "%", "government", 34, 8, 52, 1.8, 5, 0, 100),
    Item("budget_open_rate", "预决算按期公开率", "%", "government", 90, 4, 8, 0.8, -1, 0, 100),
    Item("budget_goal_share", "预算绩效目标达成率", "%", "government", 79, 5, 9, 1.2, -4, 0, 100),
    Item("audit_rectified_rate", "审计问题整改率", "%", "government", 84, 5, 9, 1.4, -2, 0, 100),
)
REVISED = (
    "gdp",
    "gdp_pri",
    "gdp_sec",
    "gdp_ter",
    "gdp_pc",
    "land_output",
    "rd_intensity",
    "sei_share",
    "digital_share",
)
MISSING = 14  # cells of the annual figures that nobody handed in
# µg/m³ above or below the year's mean, January to December: the wind comes from the sea in summer
SEASON = (11, 6, 2, -1, -5, -8, -9, -7, -2, 4, 8, 12)
TREND_IN_DAYS = 3650.0
PRODUCTS = (
    "食品 food",
    "电子电器 electrical",
    "纺织服装 textiles",
    "建材家居 building",
    "儿童用品 for children",
    "交通用品 transport",
)
HARDER = (0.0, -0.012, -0.02, -0.028, -0.016, -0.008)  # how much less often such a product passes
SERVICES = (
    "开办企业 starting a firm",
    "社保医保 insurance",
    "户政 registration",
    "建设许可 building permits",
    "教育入学 schooling",
)
PROMISED = (2, 3, 4, 10, 5)  # working days
TOPICS = ("质量 quality", "城市管理 city management", "民生 livelihood")
LIMITS = (7, 5, 5)  # days to answer
FILES = {name: f"fictional_{name}.csv" for name in (
    "annual_figures", "air_daily", "product_inspections", "service_items", "public_complaints", "complaint_counts",
)}  # fmt: skip


def generate(
    folder: Path, *, seed: int = 2026, years: range = range(2015, 2025), progress: Progress | None = None
) -> list[Path]:
    """Write the model city's files into `folder`; the same seed and years give the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    # how good each district is in each domain, -1 to 1, and how that moves from the first to the last year
    traits = Chance(seed, "traits").normal(len(DISTRICTS), len(DOMAINS)) * 0.55
    wealth = np.array([district.wealth - 1.0 for district in DISTRICTS])[:, None]
    traits = np.clip(traits + wealth * 0.8, -1.2, 1.2)
    writers = {
        "annual_figures": _annual_figures,
        "air_daily": _air_daily,
        "product_inspections": _product_inspections,
        "service_items": _service_items,
        "public_complaints": _public_complaints,
        "complaint_counts": _complaint_counts,
    }
    paths = []
    for done, (name, write) in enumerate(writers.items()):
        if progress:
            progress(Words("生成模型市数据", "generating the model city"), done, len(writers))
        path = folder / FILES[name]
        draft = path.with_suffix(".draft")
        write(draft, Chance(seed, name), {code: traits[:, n] for n, code in enumerate(DOMAINS)}, years)
        draft.replace(path)
        paths.append(path)
    return paths


def _decades(years: range) -> Numbers:
    return (np.array(years) - FIRST_YEAR) / 10.0


def _annual_figures(path: Path, chance: Chance, traits: dict[str, Numbers], years: range) -> None:
    figures: dict[str, Numbers] = {}  # item -> districts x years
    pace = chance.normal(len(DISTRICTS)) * 0.12  # some districts improve faster than others
    shocked = np.array([year == SHOCK for year in years])
    for item in ITEMS:
        own = traits[item.domain] + chance.normal(len(DISTRICTS)) * 0.45
        level = item.base + item.spread * own[:, None] + item.drift * (1 + pace[:, None]) * _decades(years)
        level = level + item.noise * chance.normal(len(DISTRICTS), len(years)) + item.shock * shocked
        figures[item.code] = np.clip(level, item.low, item.high)
    figures["gdp_growth"][:, [year == REBOUND for year in years]] += 2.4
    units = {item.code: (item.name, item.unit, item.decimals) for item in ITEMS} | _totals(
        figures, chance, years
    )
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(("fictional", "area", "area_name", "year", "item", "item_name", "value", "unit", "status",
                      "revision", "known_on", "document"))  # fmt: skip
        out.writerows(_lines(figures, units, chance, years))


def _totals(figures: dict[str, Numbers], chance: Chance, years: range) -> dict[str, tuple[str, str, int]]:
    """GDP and what follows from it, added to the figures; returns name, unit and decimals of each."""
    people = np.array([one.people for one in DISTRICTS])[:, None] * (1 + 0.14 * _decades(years))
    start = np.array([one.people * one.wealth for one in DISTRICTS])[:, None] * 12.0
    gdp = start * np.cumprod(1 + (figures["gdp_growth"] + 1.5) / 100, axis=1)  # 1.5: prices
    primary = 0.0006 * gdp
    tertiary = gdp * (0.46 + 0.10 * (figures["modern_service_share"] - 55) / 20)
    income = (36_000 + 26_000 * (np.array([one.wealth for one in DISTRICTS])[:, None] - 0.7)) * np.cumprod(
        1 + figures["income_pc_growth"] / 100, axis=1
    )
    land = np.array([one.land for one in DISTRICTS])[:, None] * (1 + 0.04 * _decades(years))
    figures |= {
        "gdp": gdp, "gdp_pri": primary, "gdp_sec": gdp - primary - tertiary, "gdp_ter": tertiary, "pop": people,
        "gdp_pc": gdp / people * 10_000, "income_pc": income, "land_output": gdp / land,
        "firms": gdp * 95 + people * 210,
    }  # fmt: skip
    return {
        "gdp": ("地区生产总值", "亿元", 2), "gdp_pri": ("第一产业增加值", "亿元", 2),
        "gdp_sec": ("第二产业增加值", "亿元", 2), "gdp_ter": ("第三产业增加值", "亿元", 2),
        "pop": ("年末常住人口", "万人", 2), "gdp_pc": ("人均地区生产总值", "元", 0),
        "income_pc": ("居民人均可支配收入", "元", 0), "land_output": ("地均地区生产总值", "亿元/平方公里", 2),
        "firms": ("年末实有企业数", "家", 0),
    }  # fmt: skip


def _lines(
    figures: dict[str, Numbers], units: dict[str, tuple[str, str, int]], chance: Chance, years: range
) -> Iterator[tuple[str, ...]]:
    """The rows of the long table: the last year preliminary, the one before it revised, a few figures missing."""
    last = years[-1]
    scored = [item.code for item in ITEMS]
    holes = set(
        zip(
            chance.below(len(DISTRICTS), MISSING).tolist(),
            chance.below(len(years), MISSING).tolist(),
            [scored[n] for n in chance.below(len(scored), MISSING).tolist()],
            strict=True,
        )
    )
    for d, district in enumerate(DISTRICTS):
        for y, year in enumerate(years):
            for item, (name, unit, decimals) in units.items():
                if (d, y, item) in holes:
                    continue
                value = float(figures[item][d, y])
                head = (FICTIONAL, district.code, district.name, str(year), item, name)
                first = f"模型市{year}年统计公报（虚构）"
                if year == last:
                    yield *head, f"{value:.{decimals}f}", unit, "preliminary", "1", f"{year + 1}-03-15", first
                elif year == last - 1 and item in REVISED:
                    early = value * 0.985
                    yield *head, f"{early:.{decimals}f}", unit, "preliminary", "1", f"{year + 1}-03-15", first
                    later = f"模型市{year}年最终核实公报（虚构）"
                    yield *head, f"{value:.{decimals}f}", unit, "final", "2", f"{year + 1}-11-20", later
                else:
                    yield *head, f"{value:.{decimals}f}", unit, "final", "1", f"{year + 1}-03-15", first


def _air_daily(path: Path, chance: Chance, traits: dict[str, Numbers], years: range) -> None:
    begin = dt.date(years[0], 1, 1)
    days = (dt.date(years[-1] + 1, 1, 1) - begin).days
    dates = [begin + dt.timedelta(days=n) for n in range(days)]
    month = np.array([day.month - 1 for day in dates])
    year = np.array([day.year for day in dates])
    count = len(DISTRICTS) * STATIONS
    age = (np.arange(days) + (begin - dt.date(FIRST_YEAR, 1, 1)).days) / TREND_IN_DAYS
    weather = chance.normal(days)
    for n in range(1, days):  # yesterday's air is still there today
        weather[n] = 0.72 * weather[n - 1] + 0.69 * weather[n]
    mean = 31.0 - 3.2 * np.repeat(traits["ecology"], STATIONS)[None, :] - 13.0 * age[:, None]
    mean = (
        mean - 3.0 * (year == SHOCK)[:, None] + np.array(SEASON)[month][:, None] * (1 - 0.35 * age[:, None])
    )
    pm25 = mean + 7.5 * weather[:, None] + 3.0 * chance.normal(days, count)
    pm25 = np.clip(np.rint(pm25), 3, 260).astype(np.int64)
    sunny = 62 + 17 * chance.normal(days, 1) + 5 * chance.normal(days, count)
    ozone = (
        sunny
        + 18 * np.isin(month, (7, 8, 9, 10))[:, None]
        - 6.0 * np.repeat(traits["ecology"], STATIONS)[None, :]
    )
    aqi = np.maximum(_aqi_of_pm25(pm25), np.clip(np.rint(ozone), 10, 300).astype(np.int64))
    silent = chance.uniform(days, count) < 0.008  # the station was down or being serviced
    codes = [district.code for district in DISTRICTS for _ in range(STATIONS)]
    stations = [f"{code}-{'AB'[n % STATIONS]}" for n, code in enumerate(codes)]
    mask = silent.reshape(-1)
    _write(path, {
        "day": pa.array(np.repeat(np.array(dates, dtype="datetime64[D]"), count)),
        "station": pa.array(stations * days),
        "area": pa.array(codes * days),
        "pm25": pa.array(pm25.reshape(-1), mask=mask),
        "aqi": pa.array(aqi.reshape(-1), mask=mask),
    })  # fmt: skip


def _aqi_of_pm25(pm25: Numbers) -> Numbers:
    """The sub-index of a day's PM2.5 by the steps of HJ 633-2012, rounded up."""
    steps = np.interp(pm25, (0, 35, 75, 115, 150, 250, 350), (0, 50, 100, 150, 200, 300, 400))
    return np.ceil(steps).astype(np.int64)


def _events(chance: Chance, years: range, each: int) -> tuple[Numbers, Numbers, Numbers]:
    """Districts and days of `each` events for every district and year, and how many years have passed, in decades."""
    district = np.tile(np.repeat(np.arange(len(DISTRICTS)), each), len(years))
    year = np.repeat(np.array(years), len(DISTRICTS) * each)
    day = np.array([f"{one}-01-01" for one in years], dtype="datetime64[D]").repeat(len(DISTRICTS) * each)
    day = day + chance.below(365, len(day)).astype("timedelta64[D]")
    order = np.argsort(day, kind="stable")
    return district[order], day[order], (year[order] - FIRST_YEAR) / 10.0


def _product_inspections(path: Path, chance: Chance, traits: dict[str, Numbers], years: range) -> None:
    district, day, age = _events(chance, years, BATCHES)
    group = chance.below(len(PRODUCTS), len(day))
    rate = 0.925 + 0.022 * traits["economy"][district] + 0.035 * age + np.array(HARDER)[group]
    _write(path, {
        "batch": pa.array([f"P{n:06d}" for n in range(1, len(day) + 1)]),
        "day": pa.array(day),
        "area": _codes(district),
        "product_group": pa.array(np.array(PRODUCTS)[group]),
        "passed": pa.array(chance.uniform(len(day)) < np.minimum(rate, 0.998)),
    })  # fmt: skip


def _service_items(path: Path, chance: Chance, traits: dict[str, Numbers], years: range) -> None:
    district, day, age = _events(chance, years, CASES)
    service = chance.below(len(SERVICES), len(day))
    promised = np.array(PROMISED)[service]
    shocked = (day >= np.datetime64(f"{SHOCK}-02-01")) & (day < np.datetime64(f"{SHOCK}-06-01"))
    pace = 0.78 - 0.11 * traits["government"][district] - 0.26 * age + 0.22 * shocked
    taken = np.maximum(np.rint(promised * (pace + 0.28 * chance.normal(len(day)))), 0).astype(np.int64)
    stuck = chance.uniform(len(day)) < 0.006 * (1.2 - traits["government"][district]) * (1.1 - 0.6 * age)
    taken = np.where(stuck, promised * 3, taken)
    mood = 4.1 + 0.25 * traits["government"][district] + 0.5 * age - 0.9 * (taken > promised)
    rating = np.clip(np.rint(mood + 0.8 * chance.normal(len(day))), 1, 5).astype(np.int64)
    online = chance.uniform(len(day)) < 0.35 + 0.45 * age + 0.1 * shocked
    _write(path, {
        "case": pa.array([f"S{n:06d}" for n in range(1, len(day) + 1)]),
        "accepted_on": pa.array(day),
        "area": _codes(district),
        "service": pa.array(np.array(SERVICES)[service]),
        "channel": pa.array(np.where(online, "网上 online", "窗口 counter")),
        "promised_days": pa.array(promised),
        "work_days": pa.array(taken),
        "rating": pa.array(rating, mask=chance.uniform(len(day)) < 0.4),  # many do not rate
    })  # fmt: skip


def _public_complaints(path: Path, chance: Chance, traits: dict[str, Numbers], years: range) -> None:
    district, day, age = _events(chance, years, COMPLAINTS)
    topic = chance.below(len(TOPICS), len(day))
    limit = np.array(LIMITS)[topic]
    ability = np.column_stack([traits["government"], traits["urban"], traits["society"]])[district, topic]
    pace = 0.74 - 0.10 * ability - 0.16 * age
    taken = np.maximum(np.rint(limit * (pace + 0.27 * chance.normal(len(day)))), 0).astype(np.int64)
    _write(path, {
        "complaint": pa.array([f"C{n:06d}" for n in range(1, len(day) + 1)]),
        "received_on": pa.array(day),
        "area": _codes(district),
        "topic": pa.array(np.array(TOPICS)[topic]),
        "limit_days": pa.array(limit),
        "answer_days": pa.array(taken),
        "settled": pa.array(chance.uniform(len(day)) < 0.80 + 0.05 * ability + 0.09 * age - 0.12 * (taken > limit)),
    })  # fmt: skip


def _complaint_counts(path: Path, chance: Chance, traits: dict[str, Numbers], years: range) -> None:
    good = {
        one.code: (one.people, float(traits["economy"][n]), float(traits["government"][n]))
        for n, one in enumerate(DISTRICTS)
    }
    write_counts(path, chance, good, years, fictional=FICTIONAL, whole=CITY)


def _codes(district: Numbers) -> pa.Array:
    return pa.array(np.array([one.code for one in DISTRICTS])[district])


def _write(path: Path, columns: dict[str, pa.Array]) -> None:
    length = len(next(iter(columns.values())))
    table = pa.table({"fictional": pa.array([FICTIONAL] * length), **columns})
    arrow_csv.write_csv(table, path, arrow_csv.WriteOptions(quoting_style="needed"))
