"""Indicators of the quality of the economy (articles 11-24)."""

from __future__ import annotations

from ibis.expr.types import Table

from shenzhi.pipeline.statistics.indicator import Figure, figures, indicator, latest
from shenzhi.pipeline.statistics.terms import (
    CENSUS,
    COMMERCE,
    DAYS,
    DEVELOPMENT,
    FIRMS,
    INDUSTRY,
    MARKET,
    PERCENT,
    PIECES,
    POINTS,
    STATISTICS,
    TECHNOLOGY,
    YI_YUAN,
    YUAN,
)

# fmt: off
figures("economy", table="annual_figures", source=STATISTICS, rows=[
    # 11: growth driven by innovation
    Figure("gdp", ("地区生产总值", "Gross domestic product"), YI_YUAN, 0, "11",
           ("按当年价格计算的地区生产总值；反映规模，不参加评分。", "GDP at current prices; shows size and is not scored."), 2),
    Figure("gdp_growth", ("地区生产总值增速", "GDP growth"), PERCENT, 1, "11",
           ("地区生产总值按可比价格计算，比上年增长的百分比。", "Growth of GDP on the year before, at comparable prices."), 1),
    Figure("gdp_pc", ("人均地区生产总值", "GDP per person"), YUAN, 1, "11",
           ("地区生产总值除以年平均常住人口，按当年价格计算。", "GDP divided by the mean resident population of the year, at current prices."), 0),
    Figure("gdp_pc_growth", ("人均地区生产总值增速", "Growth of GDP per person"), PERCENT, 1, "11",
           ("人均地区生产总值按可比价格计算，比上年增长的百分比。", "Growth of GDP per person on the year before, at comparable prices."), 1),
    Figure("rd_intensity", ("全社会研发投入占地区生产总值比重", "R&D spending as a share of GDP"), PERCENT, 1, "11",
           ("全社会研究与试验发展经费支出占地区生产总值的百分比。", "All spending on research and experimental development, in percent of GDP."), 2, source=TECHNOLOGY),
    Figure("rd", ("全社会研发投入经费", "R&D spending"), YI_YUAN, 0, "11",
           ("全社会研究与试验发展经费支出总额；反映规模，不参加评分。", "All spending on research and experimental development; shows size and is not scored."), 2, source=TECHNOLOGY),
    Figure("rd_growth", ("研发经费增速", "Growth of R&D spending"), PERCENT, 1, "11",
           ("全社会研究与试验发展经费支出比上年增长的百分比。", "Growth of R&D spending on the year before."), 1, source=TECHNOLOGY),
    # 12-14: sources of technology, enterprise, cooperation
    Figure("ent_rd_share", ("企业研发投入占全社会研发投入比重", "Enterprises' share of R&D spending"), PERCENT, 1, "12",
           ("企业研究与试验发展经费支出占全社会支出的百分比。", "R&D spending by enterprises, in percent of all R&D spending."), 1, source=TECHNOLOGY),
    Figure("hte", ("国家高新技术企业数", "National high-tech enterprises"), FIRMS, 1, "12",
           ("有效期内的国家高新技术企业数。", "Enterprises that hold a valid national high-tech certificate."), 0, source=TECHNOLOGY),
    Figure("hte_new", ("新增国家高新技术企业", "New national high-tech enterprises"), FIRMS, 1, "12",
           ("当年净增或新认定的国家高新技术企业数，以出处文件的说法为准。", "National high-tech enterprises added in the year, as the cited document counts them."), 0, source=TECHNOLOGY),
    Figure("inv_pat_pc", ("每万人口发明专利拥有量", "Invention patents per 10,000 people"), PIECES, 1, "12",
           ("年末有效发明专利数除以常住人口（万人）。", "Invention patents in force at year end, per 10,000 residents."), 1, source=MARKET),
    Figure("inv_pat_share", ("发明专利占全市比重", "Share of the city's invention patents"), PERCENT, 0, "12",
           ("该区发明专利占全市的百分比；反映分布，不参加评分。", "The district's share of the city's invention patents; shows where they are and is not scored."), 1, source=MARKET),
    Figure("pat_grant", ("国内专利授权量", "Patents granted"), PIECES, 1, "12",
           ("当年授权的国内专利件数。", "Domestic patents granted in the year."), 0, source=MARKET),
    Figure("tech_contract_ratio", ("技术合同成交额与地区生产总值之比", "Technology contracts relative to GDP"), PERCENT, 1, "12",
           ("当年登记的技术合同成交额除以地区生产总值。", "Value of technology contracts registered in the year, in percent of GDP."), 2, source=TECHNOLOGY),
    Figure("new_firms_1000", ("每千人新登记企业数", "New firms per 1,000 people"), FIRMS, 1, "13",
           ("当年新登记企业数除以常住人口（千人）。", "Firms newly registered in the year, per 1,000 residents."), 1, source=MARKET),
    Figure("joint_research_share", ("规上企业开展产学研合作比重", "Firms that do research with universities"), PERCENT, 1, "14",
           ("规模以上企业中当年与高校、科研机构合作研发的企业所占百分比。", "Firms above the reporting threshold that did joint research with universities or institutes, in percent."), 1, source=TECHNOLOGY),
    # 15, 19, 20, 21: structure of industry
    Figure("gdp_pri", ("第一产业增加值", "Value added, primary sector"), YI_YUAN, 0, "15",
           ("第一产业增加值，当年价格；不参加评分。", "Value added of the primary sector at current prices; not scored."), 2),
    Figure("gdp_sec", ("第二产业增加值", "Value added, secondary sector"), YI_YUAN, 0, "15",
           ("第二产业增加值，当年价格；不参加评分。", "Value added of the secondary sector at current prices; not scored."), 2),
    Figure("gdp_ter", ("第三产业增加值", "Value added, tertiary sector"), YI_YUAN, 0, "15",
           ("第三产业增加值，当年价格；不参加评分。", "Value added of the tertiary sector at current prices; not scored."), 2),
    Figure("gdp_pri_growth", ("第一产业增加值增速", "Growth of the primary sector"), PERCENT, 0, "15",
           ("第一产业增加值按可比价格计算，比上年增长的百分比；不参加评分。", "Growth of value added of the primary sector at comparable prices; not scored."), 1),
    Figure("gdp_sec_growth", ("第二产业增加值增速", "Growth of the secondary sector"), PERCENT, 1, "15",
           ("第二产业增加值按可比价格计算，比上年增长的百分比。", "Growth of value added of the secondary sector at comparable prices."), 1),
    Figure("gdp_ter_growth", ("第三产业增加值增速", "Growth of the tertiary sector"), PERCENT, 1, "15",
           ("第三产业增加值按可比价格计算，比上年增长的百分比。", "Growth of value added of the tertiary sector at comparable prices."), 1),
    Figure("gdp_sec_share", ("第二产业增加值占比（公布数）", "Secondary sector's share of GDP (published)"), PERCENT, 0, "15",
           ("公布的第二产业增加值占地区生产总值的百分比；反映结构，不参加评分。", "Published share of the secondary sector in GDP; shows structure and is not scored."), 1),
    Figure("gdp_ter_share", ("第三产业增加值占比（公布数）", "Tertiary sector's share of GDP (published)"), PERCENT, 0, "15",
           ("公布的第三产业增加值占地区生产总值的百分比；反映结构，不参加评分。", "Published share of the tertiary sector in GDP; shows structure and is not scored."), 1),
    Figure("modern_service_share", ("现代服务业占第三产业比重", "Modern services in the tertiary sector"), PERCENT, 1, "15",
           ("现代服务业增加值占第三产业增加值的百分比。", "Value added of modern services, in percent of the tertiary sector."), 1),
    Figure("ind_va", ("规模以上工业增加值", "Industrial value added"), YI_YUAN, 0, "19",
           ("规模以上工业企业增加值；反映规模，不参加评分。", "Value added of industrial firms above the reporting threshold; shows size and is not scored."), 2, source=INDUSTRY),
    Figure("ind_va_growth", ("规模以上工业增加值增速", "Growth of industrial value added"), PERCENT, 1, "19",
           ("规模以上工业增加值按可比价格计算，比上年增长的百分比。", "Growth of industrial value added at comparable prices."), 1, source=INDUSTRY),
    Figure("ind_output", ("规模以上工业总产值", "Industrial output"), YI_YUAN, 0, "19",
           ("规模以上工业企业总产值；反映规模，不参加评分。", "Gross output of industrial firms above the reporting threshold; shows size and is not scored."), 2, source=INDUSTRY),
    Figure("mfg_qci", ("制造业质量竞争力指数", "Manufacturing quality competitiveness index"), POINTS, 1, "19",
           ("国家统一方法测算的制造业质量竞争力指数，满分 100。", "The national index of the quality competitiveness of manufacturing, at most 100."), 2, source=MARKET),
    Figure("sei_va", ("战略性新兴产业增加值", "Value added, strategic emerging industries"), YI_YUAN, 0, "20",
           ("战略性新兴产业增加值；反映规模，不参加评分。", "Value added of strategic emerging industries; shows size and is not scored."), 2),
    Figure("sei_share", ("战略性新兴产业增加值占地区生产总值比重", "Strategic emerging industries' share of GDP"), PERCENT, 1, "20",
           ("战略性新兴产业增加值占地区生产总值的百分比。", "Value added of strategic emerging industries, in percent of GDP."), 1),
    Figure("sei_growth", ("战略性新兴产业增加值增速", "Growth of strategic emerging industries"), PERCENT, 1, "20",
           ("战略性新兴产业增加值按可比价格计算，比上年增长的百分比。", "Growth of value added of strategic emerging industries at comparable prices."), 1),
    Figure("zjtx", ("专精特新“小巨人”企业数", "Specialised “little giant” firms"), FIRMS, 1, "20",
           ("国家级专精特新“小巨人”企业数。", "Firms on the national list of specialised small giants."), 0, source=INDUSTRY),
    Figure("listed", ("上市企业总数", "Listed companies"), FIRMS, 0, "20",
           ("境内外上市企业总数；反映规模，不参加评分。", "Companies listed at home and abroad; shows size and is not scored."), 0),
    Figure("digital_share", ("数字经济核心产业增加值占比", "Core digital industries' share of GDP"), PERCENT, 1, "21",
           ("数字经济核心产业增加值占地区生产总值的百分比。", "Value added of core digital industries, in percent of GDP."), 1),
    # 16-18: consumption, investment, trade
    Figure("retail", ("社会消费品零售总额", "Retail sales of consumer goods"), YI_YUAN, 0, "16",
           ("社会消费品零售总额；反映规模，不参加评分。", "Retail sales of consumer goods; shows size and is not scored."), 2, source=COMMERCE),
    Figure("retail_growth", ("社会消费品零售总额增速", "Growth of retail sales"), PERCENT, 1, "16",
           ("社会消费品零售总额比上年增长的百分比。", "Growth of retail sales on the year before."), 1, source=COMMERCE),
    Figure("tour_income", ("旅游收入", "Income from tourism"), YI_YUAN, 0, "16",
           ("当年旅游总收入；反映规模，不参加评分。", "Income from tourism in the year; shows size and is not scored."), 2),
    Figure("tour_visits", ("接待游客", "Visitors received"), ("万人次", "10,000 visits"), 0, "16",
           ("当年接待游客人次；反映规模，不参加评分。", "Visits received in the year; shows size and is not scored."), 2),
    Figure("fai", ("固定资产投资额", "Fixed-asset investment"), YI_YUAN, 0, "17",
           ("固定资产投资完成额；反映规模，不参加评分。", "Fixed-asset investment; shows size and is not scored."), 2, source=DEVELOPMENT),
    Figure("fai_growth", ("固定资产投资增速", "Growth of fixed-asset investment"), PERCENT, 0, "17",
           ("固定资产投资比上年增长的百分比；多投并不就是投得好，不参加评分。", "Growth of investment; more is not always better, so it is not scored."), 1, source=DEVELOPMENT),
    Figure("ind_fai_growth", ("工业投资增速", "Growth of industrial investment"), PERCENT, 0, "17",
           ("工业投资比上年增长的百分比；不参加评分。", "Growth of industrial investment; not scored."), 1, source=DEVELOPMENT),
    Figure("private_investment_share", ("民间投资占比", "Private share of investment"), PERCENT, 1, "17",
           ("民间投资占固定资产投资的百分比。", "Private investment, in percent of fixed-asset investment."), 1, source=DEVELOPMENT),
    Figure("fdi", ("实际利用外资", "Foreign investment used"), ("亿美元", "100 million US dollars"), 1, "17",
           ("当年实际使用外资金额。", "Foreign direct investment actually used in the year."), 2, source=COMMERCE),
    Figure("trade", ("进出口总额", "Imports and exports"), YI_YUAN, 0, "18",
           ("货物进出口总额；反映规模，不参加评分。", "Goods imported and exported; shows size and is not scored."), 2, source=COMMERCE),
    Figure("trade_growth", ("进出口总额增速", "Growth of imports and exports"), PERCENT, 1, "18",
           ("货物进出口总额（人民币计）比上年增长的百分比。", "Growth of goods trade, in yuan, on the year before."), 1, source=COMMERCE),
    Figure("export", ("出口总额", "Exports"), YI_YUAN, 0, "18",
           ("货物出口总额；反映规模，不参加评分。", "Goods exported; shows size and is not scored."), 2, source=COMMERCE),
    Figure("service_trade_share", ("服务贸易占对外贸易比重", "Services in foreign trade"), PERCENT, 1, "18",
           ("服务进出口额占货物和服务进出口总额的百分比。", "Trade in services, in percent of trade in goods and services."), 1, source=COMMERCE),
    # 23, 24, 9, 86: brands, market order, products
    Figure("foreign_marks_1000", ("每千家企业马德里商标注册量", "International trade marks per 1,000 firms"), PIECES, 1, "23",
           ("有效的马德里体系国际注册商标数除以企业数（千家）。", "Trade marks registered under the Madrid system, per 1,000 firms."), 2, source=MARKET),
    Figure("ip_case_days", ("专利侵权纠纷平均办案天数", "Days to settle a patent dispute"), DAYS, -1, "24",
           ("当年办结的专利侵权行政裁决案件从立案到结案的平均天数。", "Mean days from filing to closing of patent disputes settled by the administration in the year."), 0, source=MARKET),
    Figure("prod_pass", ("生产领域产品质量抽查合格率", "Products that pass sampling at the maker"), PERCENT, 1, "9",
           ("生产领域产品质量监督抽查中合格批次所占百分比（公布数）。", "Batches that passed official sampling at the maker, in percent (as published)."), 1, source=MARKET),
    Figure("qi_econ", ("深圳质量指数：经济质量（公布数）", "Official quality index: economy"), POINTS, 0, "86",
           ("政府公布的深圳质量指数中经济质量分项；方法未公开，只作对照，不参加评分。", "The economy part of the quality index that the government published; its method is not public, so it is shown for comparison only."), 2, source=MARKET),
])

figures("economy", table="census", source=CENSUS, wide=True, area="code", period="2020", rows=[
    Figure("population", ("普查常住人口", "Resident population (census)"), ("人", "people"), 0, "11",
           ("2020 年 11 月 1 日零时的常住人口；反映规模，不参加评分。", "Residents on 1 November 2020; shows size and is not scored."), 0),
    Figure("econ_knowledge_industry_emp_share", ("知识密集行业就业比重", "Workers in knowledge industries"), PERCENT, 1, "14",
           ("信息、金融、科研、商务等知识密集行业就业人口占全部就业人口的百分比（长表）。", "Workers in information, finance, research, business services and the like, in percent of all workers (long form)."), 1),
    Figure("econ_manufacturing_emp_share", ("制造业就业比重", "Workers in manufacturing"), PERCENT, 0, "19",
           ("制造业就业人口占全部就业人口的百分比（长表）；反映结构，不参加评分。", "Workers in manufacturing, in percent of all workers (long form); shows structure and is not scored."), 1),
    Figure("econ_professionals_share", ("专业技术人员比重", "Professional and technical workers"), PERCENT, 1, "12",
           ("专业技术人员占全部就业人口的百分比（长表）。", "Professional and technical workers, in percent of all workers (long form)."), 1),
])
# fmt: on


@indicator(
    title=("第三产业增加值占比（计算）", "Tertiary sector's share of GDP (computed)"),
    unit=PERCENT,
    direction=0,
    article="15",
    source=STATISTICS,
    decimals=1,
    definition=(
        "同一份文件、同一次公布的第三产业增加值除以地区生产总值；不同文件的数不相除。反映结构，不参加评分。",
        "Value added of the tertiary sector divided by GDP, both from the same document; figures of different "
        "documents are never divided. Shows structure and is not scored.",
    ),
)
def ter_share(annual_figures: Table) -> Table:
    tertiary = annual_figures.filter(annual_figures.item == "gdp_ter")
    whole = annual_figures.filter(annual_figures.item == "gdp").select("area", "year", "document", gdp="value")
    both = tertiary.inner_join(whole, ["area", "year", "document"])
    return both.select(
        area=both.area,
        period=both.year.cast("string"),
        value=both.value / both.gdp * 100,
        status=both.status,
        revision=both.revision,
        known_on=both.known_on,
    )


@indicator(
    title=("每平方公里地区生产总值的年增量", "Rise of GDP per km² on the year before"),
    unit=("亿元/平方公里", "100 million yuan per km²"),
    direction=0,
    article="55",
    domain="urban",
    source=STATISTICS,
    decimals=3,
    looks_back=1,
    definition=(
        "本年与上年地均地区生产总值（现行最新数）之差；反映土地利用效益的变化，不参加评分。",
        "GDP per km² of this year less that of the year before, both as known now; shows the change and is not scored.",
    ),
)
def land_output_rise(annual_figures: Table) -> Table:
    now = latest(annual_figures.filter(annual_figures.item == "land_output"))
    before = now.select("area", year_after=(now.period.cast("int64") + 1).cast("string"), earlier="value")
    both = now.inner_join(before, ["area", now.period == before.year_after])
    return both.select(area=both.area, period=both.period, value=both.value - both.earlier, status=both.status)


@indicator(
    title=("产品质量监督抽查合格率", "Products that pass official sampling"),
    unit=PERCENT,
    direction=1,
    article="9",
    source=MARKET,
    decimals=1,
    definition=(
        "当年监督抽查的工业产品批次中合格批次所占百分比，食品除外（食品另列）。",
        "Batches of products sampled in the year that passed, in percent; food is counted apart.",
    ),
)
def product_pass_rate(product_inspections: Table) -> Table:
    products = product_inspections.filter(product_inspections.product_group != "食品 food")
    return products.group_by("area", period=products.day.year().cast("string")).agg(
        value=products.passed.cast("int64").mean() * 100
    )
