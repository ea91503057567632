"""Units, and the offices that hand in figures, that more than one indicator names (article 84)."""

from __future__ import annotations

from typing import Final

Pair = tuple[str, str]

PERCENT: Final[Pair] = ("%", "%")
YI_YUAN: Final[Pair] = ("亿元", "100 million yuan")
YUAN: Final[Pair] = ("元", "yuan")
WAN_PEOPLE: Final[Pair] = ("万人", "10,000 people")
MICROGRAM: Final[Pair] = ("微克/立方米", "µg/m³")
DAYS: Final[Pair] = ("天", "days")
FIRMS: Final[Pair] = ("家", "firms")
PIECES: Final[Pair] = ("件", "items")
STANDARDS: Final[Pair] = ("项", "standards")
PLACES: Final[Pair] = ("座", "places")
POINTS: Final[Pair] = ("分", "points")

STATISTICS: Final[Pair] = (
    "统计部门：统计公报、统计年鉴、政府工作报告",
    "Statistics: communiqués, yearbooks, work reports",
)
TECHNOLOGY: Final[Pair] = ("科技创新部门", "Science, technology and innovation")
COMMERCE: Final[Pair] = ("商务部门", "Commerce")
INDUSTRY: Final[Pair] = ("工业和信息化部门", "Industry and information technology")
MARKET: Final[Pair] = ("市场监督管理部门", "Market supervision")
CULTURE: Final[Pair] = ("文化旅游体育部门", "Culture, tourism and sport")
CIVIL: Final[Pair] = ("民政部门", "Civil affairs")
LABOUR: Final[Pair] = ("人力资源和社会保障部门", "Human resources and social security")
EDUCATION: Final[Pair] = ("教育部门", "Education")
HEALTH: Final[Pair] = ("卫生健康部门", "Health")
HOUSING: Final[Pair] = ("住房和建设部门", "Housing and construction")
SAFETY: Final[Pair] = ("应急管理部门", "Emergency management")
JUSTICE: Final[Pair] = ("司法行政部门", "Justice")
ENVIRONMENT: Final[Pair] = ("生态环境部门", "Ecology and environment")
WATER: Final[Pair] = ("水务部门", "Water")
PLANNING: Final[Pair] = ("规划和自然资源部门", "Planning and natural resources")
DEVELOPMENT: Final[Pair] = ("发展和改革部门", "Development and reform")
TRANSPORT: Final[Pair] = ("交通运输部门", "Transport")
CITY_MANAGEMENT: Final[Pair] = ("城市管理部门", "City management")
FINANCE: Final[Pair] = ("财政部门", "Finance")
SERVICE: Final[Pair] = ("政务服务和数据管理部门", "Government service and data")
AUDIT: Final[Pair] = ("审计部门", "Audit")
CENSUS: Final[Pair] = ("全国人口普查分县资料", "Population census by county")
