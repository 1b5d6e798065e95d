"""What an invented proposal asks for: objects, units and costs as budget offices know them, figures that stand for
nothing (decision D19). Each line takes a part of what its class may come to, so that the whole fits any ceiling."""

from dataclasses import dataclass
from decimal import Decimal

from bmms.models.proposals import Sphere

EVENLY: tuple[int, ...] = ()
AT_ONCE, IN_THE_MIDDLE, RISING = (100, 0, 0, 0), (0, 50, 50, 0), (10, 20, 30, 40)  # percent of each quarter


@dataclass(frozen=True)
class Ware:
    """One line: what, in which unit at how many pesos, and how many percent of its class it takes."""

    code: str
    words: str
    unit: str
    cost: int
    weight: Decimal
    gender: int = 0  # percent for gender and development
    sphere: Sphere | None = None
    quarters: tuple[int, ...] = EVENLY

    @property
    def is_capital(self) -> bool:
        """Does it need three prices and an entry in the procurement plan?"""
        return self.code.startswith("506")

    def quantity(self, budget: Decimal, among: int) -> Decimal:
        """How much of it: a round number, at least one.

        Args:
            budget: pesos of its class.
            among: so many programs share it.
        """
        exact = int(budget * self.weight / 100 / among / self.cost)
        whole = 10 ** max(len(str(exact)) - 2, 0)
        return Decimal(max(exact // whole * whole, 1))


def _ware(code: str, words: str, unit: str, cost: int, weight: str, **more: object) -> Ware:
    return Ware(code, words, unit, cost, Decimal(weight), **more)  # type: ignore[arg-type]


OFFICE = (
    _ware("5010101001", "Salaries of regular staff", "person-month", 38_000, "50"),
    _ware("5010201001", "Personnel economic relief allowance", "person-month", 2_000, "4"),
    _ware("5010216001", "Mid-year bonus", "person", 38_000, "4", quarters=(0, 100, 0, 0)),
    _ware("5010214001", "Year-end bonus", "person", 38_000, "4", quarters=(0, 0, 0, 100)),
    _ware("5010301000", "Retirement and life insurance premiums", "person-month", 4_560, "6"),
    _ware("5010303001", "Health insurance contributions", "person-month", 950, "2"),
    _ware("5020301000", "Office supplies of all divisions", "person-year", 9_000, "3", quarters=IN_THE_MIDDLE),
    _ware("5020309000", "Fuel of service vehicles", "liter", 75, "3"),
    _ware("5020402000", "Electricity of the offices", "office-month", 60_000, "4"),
    _ware("5020503000", "Internet of the offices", "office-month", 12_000, "1"),
    _ware("5021202000", "Janitors by contract", "person-month", 18_000, "2"),
    _ware("5021203000", "Guards by contract", "person-month", 28_000, "3"),
    _ware("5060405003", "Servers and network", "set", 180_000, "10", sphere=Sphere.ICT, quarters=IN_THE_MIDDLE),
    _ware("5060406001", "Service vehicles", "unit", 1_900_000, "15", quarters=AT_ONCE),
)
SERVICES = (  # of each program
    _ware("5010102000", "Contractual staff in the provinces", "person-month", 19_000, "14", gender=10),
    _ware("5020101000", "Travel to the municipalities", "trip", 4_500, "8"),
    _ware("5020201000", "Training of local staff", "person", 6_000, "15", gender=60, quarters=IN_THE_MIDDLE),
    _ware("5029902000", "Guides for the people served", "copy", 120, "3", quarters=AT_ONCE),
)
GOODS: dict[str, tuple[Ware, ...]] = {  # of each program, by organization
    "MOH": (
        _ware("5020307000", "Medicines of rural health units", "kit", 2_500, "20", gender=30, quarters=RISING),
        _ware("5020308000", "Medical and dental supplies", "set", 1_800, "12", gender=30),
        _ware("5060405011", "Diagnostic equipment", "unit", 450_000, "55", quarters=IN_THE_MIDDLE),
    ),
    "MOLE": (
        _ware("5020202000", "Scholarships for skills", "scholar", 15_000, "20", gender=50, quarters=RISING),
        _ware("5021601000", "Emergency work for displaced workers", "person", 8_000, "12", gender=30),
        _ware("5060405001", "Machines of training centers", "unit", 95_000, "55", quarters=IN_THE_MIDDLE),
    ),
    "MAFAR": (
        _ware("5020310000", "Certified seeds and fingerlings", "bag", 1_600, "20", gender=30, quarters=AT_ONCE),
        _ware("5020321004", "Hand tools of farmers' groups", "set", 9_500, "12", gender=30),
        _ware("5060405004", "Hand tractors with trailers", "unit", 165_000, "55", quarters=IN_THE_MIDDLE),
    ),
}
ELSEWHERE = (
    _ware("5020399000", "Supplies for the people served", "set", 2_000, "20", gender=30, quarters=RISING),
    _ware("5021199000", "Services of experts", "person-month", 35_000, "12", gender=30),
    _ware("5060404001", "Field offices", "building", 2_400_000, "55", sphere=Sphere.INFRASTRUCTURE, quarters=RISING),
)
LUMP = _ware("5020399000", "Various supplies and materials", "lot", 1_200_000, "0")  # of a draft with gaps (C-22)
