"""Indicators of Shenzhen standards, awards and the official quality index (articles 72-82, 85, 86)."""

from __future__ import annotations

from shenzhi.pipeline.statistics.indicator import Figure, figures
from shenzhi.pipeline.statistics.terms import FIRMS, MARKET, POINTS, STANDARDS

# fmt: off
figures("standards", table="annual_figures", source=MARKET, rows=[
    Figure("std_cn", ("累计参与研制国内标准", "National and sector standards, all years"), STANDARDS, 1, "72",
           ("累计参与研制的国家标准和行业标准。",
            "National and sector standards that the city helped to write, all years together."), 0),
    Figure("std_cn_year", ("当年研制国家和行业标准", "National and sector standards, this year"),
           STANDARDS, 1, "72",
           ("当年参与研制的国家标准和行业标准。",
            "National and sector standards that the city helped to write in the year."), 0),
    Figure("std_local", ("累计发布地方标准", "Local standards, all years"), STANDARDS, 1, "74",
           ("累计发布的深圳地方标准。",
            "Local standards published, all years together."), 0),
    Figure("std_local_year", ("当年发布地方标准", "Local standards, this year"), STANDARDS, 1, "74",
           ("当年发布的深圳地方标准。",
            "Local standards published in the year."), 0),
    Figure("std_group", ("累计发布团体标准", "Group standards, all years"), STANDARDS, 1, "76",
           ("本地社会团体累计发布的团体标准。",
            "Group standards published by local associations, all years together."), 0),
    Figure("szstd_firms", ("深圳标准认证企业数", "Firms with Shenzhen Standard certification"),
           FIRMS, 1, "78",
           ("获得深圳标准认证的企业数；是当年数还是累计数以出处文件为准。",
            "Firms certified under the Shenzhen Standard; in the year or in all, as the cited document "
            "counts."), 0),
    Figure("szstd_prod",
           ("深圳标准认证产品或服务数", "Products and services with Shenzhen Standard certification"),
           ("个", "products and services"), 1, "78",
           ("获得深圳标准认证的产品或服务数；是当年数还是累计数以出处文件为准。",
            "Products and services certified under the Shenzhen Standard; in the year or in all, as the "
            "cited document counts."), 0),
    Figure("std_fund", ("标准资助金额", "Grants for standards"), ("万元", "10,000 yuan"), 0, "80",
           ("当年对标准研制项目的资助金额。",
            "Grants made in the year for work on standards."), 0),
    Figure("std_fund_items", ("标准资助项目数", "Standards projects granted"), ("个", "projects"), 0, "80",
           ("当年得到资助的标准研制项目数。",
            "Projects on standards that got a grant in the year."), 0),
    Figure("std_int", ("累计参与研制国际标准", "International standards, all years"), STANDARDS, 1, "82",
           ("累计参与研制的国际标准。",
            "International standards that the city helped to write, all years together."), 0),
    Figure("std_int_year", ("当年研制国际标准", "International standards, this year"), STANDARDS, 1, "82",
           ("当年参与研制的国际标准。",
            "International standards that the city helped to write in the year."), 0),
    Figure("std_org", ("落户国际和国家级标准化组织机构", "Standards bodies seated here"),
           ("个", "bodies"), 1, "82",
           ("在本地落户的国际和国家级标准化组织机构数。",
            "International and national standards bodies with their seat here."), 0),
    Figure("mq_applicants", ("市长质量奖申报单位数", "Applicants for the Mayor's Quality Award"),
           ("家", "applicants"), 0, "85",
           ("当届申报市长质量奖的单位数。",
            "Organisations that applied for the Mayor's Quality Award in that round."), 0),
    Figure("mq_winners", ("市长质量奖获奖单位（项目）数", "Winners of the Mayor's Quality Award"),
           ("个", "winners"), 0, "85",
           ("当届获得市长质量奖的单位和项目数。",
            "Organisations and projects that won the Mayor's Quality Award in that round."), 0),
    Figure("cn_quality_award", ("累计获中国质量奖企业数（含提名）", "China Quality Awards, all years"),
           FIRMS, 1, "85",
           ("累计获得中国质量奖或提名奖的企业数。",
            "Firms that won or were nominated for the China Quality Award, all years together."), 0),
    Figure("gd_quality_award", ("累计获广东省政府质量奖企业数", "Guangdong Quality Awards, all years"),
           FIRMS, 1, "85",
           ("累计获得广东省政府质量奖的企业数。",
            "Firms that won the Guangdong Government Quality Award, all years together."), 0),
    Figure("qi", ("深圳质量指数（公布数）", "Official Shenzhen quality index"), POINTS, 0, "86",
           ("政府公布的深圳质量指数；方法未公开，只作对照，不与本站试算的指数相混。",
            "The Shenzhen quality index as the government published it; its method is not public, so it "
            "is shown for comparison and never mixed with the trial index computed here."), 2),
])
# fmt: on
