"""Indicators of the quality of culture (articles 25-35)."""

from __future__ import annotations

from shenzhi.pipeline.statistics.indicator import Figure, figures
from shenzhi.pipeline.statistics.terms import CENSUS, CULTURE, PERCENT, STATISTICS, YI_YUAN

# fmt: off
figures("culture", table="annual_figures", source=CULTURE, rows=[
    Figure("integrity_rate", ("市民守信评价得分", "Citizens' rating of good faith"),
           ("分", "points"), 1, "26",
           ("市民调查中对身边人和单位守信程度的平均评分，满分 100。",
            "Mean rating, out of 100, that residents give the good faith of people and firms around them."), 1),
    Figure("volunteer_share", ("注册志愿者占常住人口比重", "Registered volunteers"), PERCENT, 1, "27",
           ("年末实名注册志愿者占常住人口的百分比。",
            "Volunteers registered under their own name at year end, in percent of residents."), 1),
    Figure("culture_events_10k", ("每万人公共文化活动场次", "Public cultural events per 10,000 people"),
           ("场", "events"), 1, "28",
           ("当年公共文化活动（节庆、演出、展览、讲座等）场次除以常住人口（万人）。",
            "Festivals, performances, exhibitions, talks and other public events in the year, per 10,000 "
            "residents."), 1),
    Figure("heritage_good_share", ("文物保护单位保存完好比重", "Protected sites in good state"),
           PERCENT, 1, "29",
           ("年度巡查评为完好的文物保护单位所占百分比。",
            "Protected sites that the yearly inspection found in good state, in percent."), 1),
    Figure("reading_rate", ("居民综合阅读率", "Residents who read"), PERCENT, 1, "30",
           ("调查中过去一年读过书报刊或电子读物的居民所占百分比。",
            "Residents who, in a survey, had read a book, paper, journal or e-book in the past year, in "
            "percent."), 1),
    Figure("library_loans_pc", ("人均图书外借量", "Library loans per person"), ("册次", "loans"), 1, "31",
           ("当年公共图书馆外借册次除以常住人口。",
            "Loans of public libraries in the year, per resident."), 2),
    Figure("new_media_share", ("政务新媒体按期更新比重", "Official channels kept up to date"),
           PERCENT, 1, "32",
           ("年度检查中按期更新的政务新媒体账号所占百分比。",
            "Official online channels that the yearly check found up to date, in percent."), 1),
    Figure("culture_space_10k", ("每万人公共文化设施面积", "Public cultural space per 10,000 people"),
           ("平方米", "m²"), 1, "33",
           ("图书馆、文化馆、美术馆、博物馆等公共文化设施建筑面积除以常住人口（万人）。",
            "Floor space of libraries, cultural centres, galleries, museums and the like, per 10,000 "
            "residents."), 0),
    Figure("cult_spend_share", ("文化娱乐支出占居民消费支出比重", "Culture in household spending"),
           PERCENT, 1, "33",
           ("居民人均文化娱乐消费支出占人均消费支出的百分比。",
            "Spending on culture and recreation, in percent of household consumption."), 1, source=STATISTICS),
    Figure("cult_va", ("文化产业增加值", "Value added, cultural industries"), YI_YUAN, 0, "34",
           ("文化及相关产业增加值。",
            "Value added of culture and related industries."), 2, source=STATISTICS),
    Figure("cult_creative", ("文化创意产业增加值", "Value added, cultural and creative industries"),
           YI_YUAN, 0, "34",
           ("文化创意产业增加值。",
            "Value added of cultural and creative industries."), 2, source=STATISTICS),
    Figure("cult_share", ("文化产业增加值占地区生产总值比重", "Cultural industries' share of GDP"),
           PERCENT, 1, "34",
           ("文化及相关产业增加值占地区生产总值的百分比。",
            "Value added of culture and related industries, in percent of GDP."), 2, source=STATISTICS),
    Figure("culture_firms_10k", ("每万家企业中规上文化企业数", "Larger cultural firms per 10,000 firms"),
           ("家", "firms"), 1, "35",
           ("规模以上文化企业数除以企业总数（万家）。",
            "Cultural firms above the reporting threshold, per 10,000 firms."), 1, source=STATISTICS),
])

figures("culture", table="census", source=CENSUS, wide=True, area="code", period="2020", rows=[
    Figure("cult_culture_sport_emp_share",
           ("文化体育娱乐业就业比重", "Workers in culture, sport and recreation"),
           PERCENT, 1, "34",
           ("文化、体育和娱乐业就业人口占全部就业人口的百分比（长表）。",
            "Workers in culture, sport and recreation, in percent of all workers (long form)."), 2),
    Figure("cult_bachelor_plus_share", ("大学本科及以上比重", "People with a bachelor's degree or more"),
           PERCENT, 1, "30",
           ("大学本科及以上文化程度人口占常住人口的百分比。",
            "People who hold a bachelor's degree or more, in percent of residents."), 1),
])
# fmt: on
